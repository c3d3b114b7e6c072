//! Asking for a page and having it, in one call.

use purlin_base::{
    Classified, ErrorClass, FieldError, Page,
    page::{Asked, Start},
};
use std::{borrow::Cow, future::Future, time::Duration};

use super::{Keyset, OffsetQuery, OffsetRequest, PageError, PageQuery, PageRequest};
use crate::{FromRow, IntoQuery, ReadStatement, Reader, SqlError, cursor::CursorSigner};

/// A page asked for, one way or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListRequest<'a> {
    /// By cursor.
    Cursor(PageRequest<'a>),
    /// By number of rows skipped.
    Offset(OffsetRequest),
}

impl<'a> ListRequest<'a> {
    /// What the parameters `limit`, `cursor`, `offset` and `page` of a request ask for. None of
    /// the last three: the first page of a walk by cursor.
    ///
    /// # Errors
    ///
    /// [`PageError::Contradiction`] for more than one of `cursor`, `offset` and `page`.
    pub fn new(
        limit: Option<u32>,
        cursor: Option<&'a str>,
        offset: Option<u64>,
        page: Option<u64>,
    ) -> Result<Self, PageError> {
        match (cursor, offset, page) {
            (cursor, None, None) => Ok(PageRequest::new(limit, cursor).into()),
            (None, Some(offset), None) => Ok(OffsetRequest::after(offset, limit).into()),
            (None, None, Some(page)) => Ok(OffsetRequest::page(page, limit).into()),
            _ => Err(PageError::Contradiction),
        }
    }
}

impl<'a> From<PageRequest<'a>> for ListRequest<'a> {
    fn from(request: PageRequest<'a>) -> Self {
        Self::Cursor(request)
    }
}

impl From<OffsetRequest> for ListRequest<'_> {
    fn from(request: OffsetRequest) -> Self {
        Self::Offset(request)
    }
}

impl<'a> From<Asked<'a>> for ListRequest<'a> {
    fn from(Asked { limit, start }: Asked<'a>) -> Self {
        match start {
            Start::Cursor(cursor) => PageRequest::new(Some(limit), cursor).into(),
            Start::Offset(offset) => OffsetRequest::after(offset, Some(limit)).into(),
        }
    }
}

/// Why a page could not be fetched: the request, or the database.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// There is no such page.
    #[error(transparent)]
    Page(#[from] PageError),
    /// The statement failed.
    #[error(transparent)]
    Sql(#[from] SqlError),
}

impl ListError {
    fn inner(&self) -> &dyn Classified {
        match self {
            Self::Page(error) => error,
            Self::Sql(error) => error,
        }
    }
}

impl Classified for ListError {
    fn class(&self) -> ErrorClass {
        self.inner().class()
    }

    fn classes() -> purlin_base::ErrorClasses {
        PageError::classes().and(SqlError::classes())
    }

    fn code(&self) -> &'static str {
        self.inner().code()
    }

    fn public_detail(&self) -> Option<Cow<'_, str>> {
        self.inner().public_detail()
    }

    fn fields(&self) -> Vec<FieldError> {
        self.inner().fields()
    }

    fn retry_after(&self) -> Option<Duration> {
        self.inner().retry_after()
    }
}

/// A page whose statements are ready to be sent.
enum Ready<'a, T> {
    Cursor(PageQuery<'a, T>, ReadStatement<'a>),
    Offset(OffsetQuery<T>, ReadStatement<'a>, ReadStatement<'a>),
}

impl<T: FromRow + Send + 'static> Keyset<T> {
    /// Fetches one page of `base`: one statement by cursor, two by offset (the rows, then how
    /// many there are in all, each as things stand when it runs).
    ///
    /// The base statement is as for [`page`](Self::page).
    ///
    /// # Errors
    ///
    /// [`ListError::Page`] before anything is sent, [`ListError::Sql`] from the database.
    ///
    /// # Cancel safety
    ///
    /// Nothing is written; dropping the future gives the page up.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use purlin_sql::{
    ///     Db, FromRow, Query,
    ///     cursor::CursorSigner,
    ///     keyset::{Keyset, ListRequest},
    /// };
    ///
    /// #[derive(FromRow)]
    /// struct Book {
    ///     id: i64,
    ///     year: i32,
    /// }
    ///
    /// let db = Db::connect("sqlite::memory:").await?;
    /// db.write("create table books (id integer primary key, year integer not null)").execute().await?;
    /// db.write("insert into books values (1, 1815), (2, 1847), (3, 1847)").execute().await?;
    ///
    /// let signer = CursorSigner::new([7; 32])?;
    /// let newest = Keyset::<Book>::named("-year").desc("year", |b| b.year).unique("id", |b| b.id);
    /// let request = ListRequest::new(Some(2), None, None, None)?;
    /// let base = Query::new("select id, year from books where year > $1").bind(1800);
    /// let page = newest.fetch(db.read(), &signer, request, base).await?;
    /// assert_eq!(page.items.iter().map(|book| book.id).collect::<Vec<_>>(), [2, 3]);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn fetch<'a>(
        &'a self,
        reader: Reader<'a>,
        signer: &'a CursorSigner,
        request: impl Into<ListRequest<'a>>,
        base: impl IntoQuery,
    ) -> impl Future<Output = Result<Page<T>, ListError>> + Send {
        // Not in the future: the statement remembers the line it was sent from.
        let ready = match request.into() {
            ListRequest::Cursor(request) => self.page(signer, &request, base).map(|page| {
                let rows = reader.query(page.query());
                Ready::Cursor(page, rows)
            }),
            ListRequest::Offset(request) => self.offset(&request, base).map(|page| {
                let (rows, count) = (reader.query(page.rows()), reader.query(page.count()));
                Ready::Offset(page, rows, count)
            }),
        };
        async move {
            match ready? {
                Ready::Cursor(page, rows) => Ok(page.finish(rows.fetch_all().await?)?),
                Ready::Offset(page, rows, count) => {
                    let rows = rows.fetch_all().await?;
                    let (total,) = count.fetch_one::<(u64,)>().await?;
                    Ok(page.finish(rows, total))
                }
            }
        }
    }
}
