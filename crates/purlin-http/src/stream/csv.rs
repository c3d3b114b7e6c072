//! A table as CSV, of any number of rows.

use std::{fmt, pin::Pin};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt};
use http::{HeaderValue, header};
use purlin_base::BoxError;
use purlin_runtime::CpuPool;
use serde::Serialize;

use super::{StreamCoding, fault};
use crate::{
    files::{FileName, disposition},
    reply::{Reply, vary},
};

mod cell;
mod gzip;
mod pieces;
mod record;

pub use record::CsvError;

use gzip::Gzip;
use pieces::Pieces;

/// 200 with a table as CSV (RFC 4180), sent while its rows come in.
///
/// | what | the rule |
/// | --- | --- |
/// | a row | a struct, tuple or sequence with a cell for each column |
/// | a cell | a text, number, bool, unit variant, or nothing; empty for `None` and `()` |
/// | first row | the names of the columns, even if nothing follows |
/// | quoting | where a cell holds a comma, a quote or a line break; quotes are doubled; lines end in CRLF |
/// | formulas | a text that begins with `=`, `+`, `-`, `@`, tab or return gets a leading `'`, so that no spreadsheet runs it; numbers stay as they are |
/// | memory | pieces of about 64 KiB; the source is asked for rows only as fast as the caller reads |
/// | compression | on a [`CpuPool`]: as the caller asks ([`coded`](Self::coded)), or as a file ([`gz`](Self::gz)) |
/// | a fault in the middle | the connection is cut, so that a short file is never taken for a whole one, and the cause is logged |
/// | a caller who hangs up | the source is dropped |
///
/// Make the source so that it has begun before it is handed in (as purlin-sql's `stream` does):
/// what fails before that is still a problem with its own status.
///
/// # Examples
///
/// ```
/// use purlin_http::{Reply, stream::Csv};
///
/// let rows = futures_util::stream::iter([Ok::<_, std::io::Error>(("Emma", 1815))]);
/// let answer = Csv::new(&["title", "year"], rows).filename("books.csv").reply();
/// assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8; header=present");
/// assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"books.csv\"");
/// ```
#[must_use = "a table is sent when it is returned from a handler"]
pub struct Csv<T> {
    columns: &'static [&'static str],
    rows: Rows<T>,
    filename: Option<String>,
    form: Form,
}

/// Rows as they come in, whatever makes them.
type Rows<T> = Pin<Box<dyn Stream<Item = Result<T, BoxError>> + Send>>;

enum Form {
    Plain,
    /// Plain, and it depends on what the caller accepts.
    PlainByChoice,
    /// gzip as the content coding of the table.
    Coded(CpuPool),
    /// A file that is gzip itself.
    File(CpuPool),
}

impl<T: Serialize + Send + 'static> Csv<T> {
    /// A table of `rows` with these `columns`, in this order.
    pub fn new<S, E>(columns: &'static [&'static str], rows: S) -> Self
    where
        S: Stream<Item = Result<T, E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        Self {
            columns,
            rows: Box::pin(rows.map(|row| row.map_err(Into::into))),
            filename: None,
            form: Form::Plain,
        }
    }

    /// The name under which the caller keeps it. What cannot stand in the name of a file becomes
    /// `_`; beyond 200 characters it is cut.
    pub fn filename(mut self, name: impl Into<String>) -> Self {
        self.filename = Some(name.into());
        self
    }

    /// Sends it in the coding that the caller would like, compressed on `pool`, and says by `Vary`
    /// that it depends on that.
    pub fn coded(mut self, coding: StreamCoding, pool: &CpuPool) -> Self {
        self.form = match coding {
            StreamCoding::Identity => Form::PlainByChoice,
            StreamCoding::Gzip => Form::Coded(pool.clone()),
        };
        self
    }

    /// Sends a file in gzip, compressed on `pool`, whatever the caller accepts.
    pub fn gz(mut self, pool: &CpuPool) -> Self {
        self.form = Form::File(pool.clone());
        self
    }
}

const CSV: HeaderValue = HeaderValue::from_static("text/csv; charset=utf-8; header=present");
const GZIP_FILE: HeaderValue = HeaderValue::from_static("application/gzip");

impl<T: Serialize + Send + 'static> Reply for Csv<T> {
    fn reply(self) -> Response {
        let request_id = fault::request_id();
        let pieces = Pieces::new(self.columns, self.rows);
        let told = move |error: BoxError| {
            fault::log(&error, &request_id);
            error
        };
        let body = match &self.form {
            Form::Plain | Form::PlainByChoice => {
                Body::from_stream(pieces.map(move |p| p.map_err(&told)))
            }
            Form::Coded(pool) | Form::File(pool) => {
                let packed = Gzip::new(pieces, pool.clone()).into_stream();
                Body::from_stream(packed.map(move |p| p.map_err(&told)))
            }
        };
        let mut response = body.into_response();
        let headers = response.headers_mut();
        let is_file = matches!(self.form, Form::File(_));
        headers.insert(header::CONTENT_TYPE, if is_file { GZIP_FILE } else { CSV });
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(name) = &self.filename {
            let name = FileName::of(name);
            let value = disposition::value("attachment", name.as_ref());
            headers.insert(header::CONTENT_DISPOSITION, value);
        }
        if matches!(self.form, Form::Coded(_)) {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        if matches!(self.form, Form::Coded(_) | Form::PlainByChoice) {
            vary(headers, &header::ACCEPT_ENCODING);
        }
        response
    }
}

impl<T: Serialize + Send + 'static> IntoResponse for Csv<T> {
    fn into_response(self) -> Response {
        self.reply()
    }
}

impl<T> fmt::Debug for Csv<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Csv")
            .field("columns", &self.columns)
            .field("filename", &self.filename)
            .finish_non_exhaustive()
    }
}
