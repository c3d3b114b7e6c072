//! Where a subject works: an empty database.

use purlin_base::BoxError;
use purlin_sql::Db;
use tempfile::TempDir;

/// An empty database and a folder for the ledger.
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    pub(crate) url: String,
    pub(crate) folder: TempDir,
}

impl Engine {
    /// `None`: there is no such server here, and there need not be.
    pub(crate) fn prepare(name: &str) -> Result<Option<Self>, BoxError> {
        let folder = tempfile::tempdir()?;
        if name == "sqlite" {
            let url = format!("sqlite://{}", folder.path().join("crash.db").display());
            return Ok(Some(Self {
                name: "sqlite",
                url,
                folder,
            }));
        }
        let Ok(server) = std::env::var("PURLIN_TEST_POSTGRES") else {
            if std::env::var("PURLIN_TEST_REQUIRE").is_ok_and(|value| value == "1") {
                return Err("PURLIN_TEST_POSTGRES is not set".into());
            }
            println!("skipped: PURLIN_TEST_POSTGRES is not set");
            return Ok(None);
        };
        let joint = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joint}options=-c%20search_path%3Dpurlin_crash");
        tokio::runtime::Runtime::new()?.block_on(empty_schema(&server))?;
        Ok(Some(Self {
            name: "postgres",
            url,
            folder,
        }))
    }
}

async fn empty_schema(server: &str) -> Result<(), BoxError> {
    let db = Db::connect(server).await?;
    db.write("drop schema if exists purlin_crash cascade")
        .execute()
        .await?;
    db.write("create schema purlin_crash").execute().await?;
    db.close().await;
    Ok(())
}
