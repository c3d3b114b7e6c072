//! Where to work: read from the environment.

use std::{env, sync::Arc};

use purlin_base::time::SystemClock;
use purlin_queue::{
    Queue, Store,
    redis::{RedisOptions, RedisStore},
    sql::{MIGRATIONS, SqlStore},
};
use purlin_sql::Db;

use crate::error::Failure;

/// Where to work.
pub(crate) struct Setting {
    url: String,
    queue: String,
    prefix: String,
    pub(crate) concurrency: u32,
}

impl Setting {
    pub(crate) fn from_env() -> Result<Self, Failure> {
        let url = text("QUEUE_URL").ok_or(Failure::Setting {
            variable: "QUEUE_URL",
            rule: "sqlite://FILE, postgres://… or redis://…",
        })?;
        let concurrency = text("CONCURRENCY").map_or(Ok(1), |number| number.parse());
        Ok(Self {
            url,
            queue: text("QUEUE").unwrap_or_else(|| "conformance".to_owned()),
            prefix: text("PREFIX").unwrap_or_else(|| "bull".to_owned()),
            concurrency: concurrency.map_err(|_| Failure::Setting {
                variable: "CONCURRENCY",
                rule: "a whole number",
            })?,
        })
    }

    pub(crate) async fn queue(&self) -> Result<Queue, Failure> {
        Ok(Queue::new(self.store().await?, &self.queue)?)
    }

    async fn store(&self) -> Result<Arc<dyn Store>, Failure> {
        if self.url.starts_with("redis://") || self.url.starts_with("rediss://") {
            let options = RedisOptions {
                prefix: self.prefix.clone(),
                ..RedisOptions::default()
            };
            return Ok(Arc::new(RedisStore::connect(&self.url, options).await?));
        }
        let db = Db::connect(self.database()).await?;
        db.migrate(&MIGRATIONS).await?;
        Ok(Arc::new(SqlStore::new(db, Arc::new(SystemClock))))
    }
}

impl Setting {
    /// The database's address; `sqlite:FILE` is understood too.
    fn database(&self) -> String {
        match self.url.strip_prefix("sqlite:") {
            Some(file) if !file.starts_with("//") && !file.starts_with(':') => {
                format!("sqlite://{file}")
            }
            _ => self.url.clone(),
        }
    }
}

fn text(variable: &str) -> Option<String> {
    env::var(variable).ok().filter(|value| !value.is_empty())
}
