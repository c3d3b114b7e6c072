//! The rows of the file.

use std::{borrow::Cow, sync::Arc, time::Duration};

use purlin::{prelude::*, sql::RowStream};

use super::ExportRecord;

/// The order of creation, which is that of the table: nothing is sorted.
const SELECT: &str = "select id, title, authors, year, language, subject, price_cents, stock \
                      from books order by id";

/// The catalogue as rows of a file.
#[injectable]
pub struct ExportService {
    db: Arc<Db>,
}

/// The rows cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ExportError(#[from] SqlError);

impl ExportService {
    /// Every book as it is now, in the order of creation.
    ///
    /// # Errors
    ///
    /// [`ExportError`]; it is `SQL_EXHAUSTED`, which is worth another try, while as many exports run
    /// as may.
    pub async fn books(&self) -> Result<RowStream<ExportRecord>, ExportError> {
        Ok(self.db.read().query(SELECT).stream().await?)
    }
}

impl Classified for ExportError {
    fn class(&self) -> ErrorClass {
        self.0.class()
    }

    fn classes() -> purlin_base::ErrorClasses {
        SqlError::classes()
    }

    fn code(&self) -> &'static str {
        self.0.code()
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        self.0.public_detail()
    }

    fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after()
    }
}
