//! How the frame stops a database and asks whether it is well.

use purlin_base::{
    BoxError,
    health::HealthIndicator,
    lifecycle::{Lifecycle, StopReason},
};

use super::{Db, Engine};

/// Closed last, once nothing uses it any more.
impl Lifecycle for Db {
    async fn on_application_shutdown(&self, _: StopReason) -> Result<(), BoxError> {
        self.close().await;
        Ok(())
    }
}

/// Well if the database is still there and answers. On SQLite a file that was deleted or replaced
/// under its name is noticed.
impl HealthIndicator for Db {
    fn name(&self) -> &'static str {
        "database"
    }

    async fn check(&self) -> Result<(), BoxError> {
        match &self.0.engine {
            Engine::Sqlite(sqlite) => Ok(sqlite.check().await?),
            #[cfg(feature = "postgres")]
            Engine::Postgres(postgres) => Ok(postgres.check().await?),
        }
    }
}
