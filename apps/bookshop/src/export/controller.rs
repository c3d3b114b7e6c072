//! The file over HTTP.

use std::sync::Arc;

use purlin::{
    http::stream::{Csv, StreamCoding},
    prelude::*,
    runtime::CpuPool,
};

use super::{COLUMNS, ExportError, ExportRecord, ExportService};
use crate::identity::StaffGuard;

/// The catalogue as a file, for staff.
#[injectable]
pub struct ExportController {
    exports: Arc<ExportService>,
    pool: Arc<CpuPool>,
}

#[controller("/api/export")]
#[version("2")]
#[guard(StaffGuard)]
impl ExportController {
    /// Sends every book as CSV.
    #[get("/books.csv")]
    async fn csv(&self, coding: StreamCoding) -> Result<Csv<ExportRecord>, ExportError> {
        let books = Csv::new(COLUMNS, self.exports.books().await?);
        Ok(books.filename("books.csv").coded(coding, &self.pool))
    }

    /// Sends every book as CSV in a gzip file.
    #[get("/books.csv.gz")]
    async fn csv_gz(&self) -> Result<Csv<ExportRecord>, ExportError> {
        let books = Csv::new(COLUMNS, self.exports.books().await?);
        Ok(books.filename("books.csv.gz").gz(&self.pool))
    }
}
