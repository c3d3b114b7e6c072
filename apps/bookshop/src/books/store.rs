//! Books in the database: the statements, and nothing about who may send them.

use std::sync::Arc;

use purlin::{
    http::conditional::States,
    prelude::*,
    sql::{
        Query,
        cursor::CursorSigner,
        keyset::{Keyset, ListError, ListRequest},
    },
};
use uuid::Uuid;

use super::{
    Book, BookFilter, BookInput, BookSort,
    row::{self, BookRow, ListedRow, RETURNING, SELECT, SELECT_BY_ID, SELECT_LISTED},
};

/// Books in the database.
#[injectable]
pub struct BookStore {
    pub(super) db: Arc<Db>,
    signer: Arc<CursorSigner>,
}

impl BookStore {
    /// One page of the books that `filter` lets through.
    ///
    /// # Errors
    ///
    /// [`ListError`]: no such page, or the database.
    pub async fn list(
        &self,
        filter: &BookFilter,
        sort: BookSort,
        request: ListRequest<'_>,
    ) -> Result<purlin_base::Page<Book>, ListError> {
        let order = order(sort);
        let page = order.fetch(self.db.read(), &self.signer, request, filtered(filter));
        Ok(page.await?.map(Book::from))
    }

    /// The book `id`, if there is one.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn find(&self, id: Uuid) -> Result<Option<Book>, SqlError> {
        let find = self.db.read().query(SELECT_BY_ID).bind(id);
        let row: Option<BookRow> = find.fetch_optional().await?;
        Ok(row.map(Book::from))
    }

    /// The books among `ids` that there are, in no order.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn find_all(&self, ids: &[Uuid]) -> Result<Vec<Book>, SqlError> {
        let ids = Query::list(ids.iter().copied());
        let select = Query::new(SELECT).push(" where id in ").push(ids);
        let rows: Vec<BookRow> = self.db.read().query(select).fetch_all().await?;
        Ok(rows.into_iter().map(Book::from).collect())
    }

    /// The newest books, at most `most`.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn newest(&self, most: u32) -> Result<Vec<Book>, SqlError> {
        let select = Query::new(SELECT).push(Query::new(" order by id desc limit $1").bind(most));
        let rows: Vec<BookRow> = self.db.read().query(select).fetch_all().await?;
        Ok(rows.into_iter().map(Book::from).collect())
    }

    /// Adds `book`.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn insert(&self, book: &Book) -> Result<(), SqlError> {
        self.db.write(row::insert(book)).execute().await?;
        Ok(())
    }

    /// Replaces the content of the book `id` if its version is one that `seen` allows, and returns
    /// the book as it then is. To compare and to write is one statement.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn replace(
        &self,
        id: Uuid,
        content: &BookInput,
        seen: &States<i64>,
    ) -> Result<Option<Book>, SqlError> {
        let update = row::update(id, content)
            .push(of_versions(seen))
            .push(RETURNING);
        let row: Option<BookRow> = self.db.write(update).fetch_optional().await?;
        Ok(row.map(Book::from))
    }

    /// Deletes the book `id` if its version is one that `seen` allows; whether it did.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn delete(&self, id: Uuid, seen: &States<i64>) -> Result<bool, SqlError> {
        let delete = Query::new("delete from books where id = $1").bind(id);
        let delete = delete.push(of_versions(seen));
        Ok(self.db.write(delete).execute().await? > 0)
    }
}

/// The orders of the list; an index stands behind each.
fn order(sort: BookSort) -> Keyset<ListedRow> {
    let by = Keyset::<ListedRow>::named(sort.name());
    let by = match sort {
        BookSort::Id => by,
        BookSort::Title => by.asc("title_key", |b| b.title_key.clone()),
        BookSort::TitleDown => by.desc("title_key", |b| b.title_key.clone()),
        BookSort::Year => by.asc("year", |b| b.book.year),
        BookSort::YearDown => by.desc("year", |b| b.book.year),
        BookSort::Price => by.asc("price_cents", |b| b.book.price_cents),
        BookSort::PriceDown => by.desc("price_cents", |b| b.book.price_cents),
    };
    by.unique("id", |b| b.book.id)
}

fn filtered(filter: &BookFilter) -> Query {
    let subject = filter
        .subject
        .as_ref()
        .map(|it| Query::new("subject = $1").bind(it));
    let language = filter
        .language
        .as_ref()
        .map(|it| Query::new("language = $1").bind(it));
    let from = filter.year_from.map(|it| Query::new("year >= $1").bind(it));
    let to = filter.year_to.map(|it| Query::new("year <= $1").bind(it));
    let like = |pattern: String| Query::new(r"search like $1 escape '\'").bind(pattern);
    let all = [subject, language, from, to, filter.like_pattern().map(like)];
    let mut conditions = all.into_iter().flatten().peekable();
    let where_ = if conditions.peek().is_some() {
        " where "
    } else {
        ""
    };
    Query::new(SELECT_LISTED)
        .push(where_)
        .push(Query::join(conditions, " and "))
}

fn of_versions(seen: &States<i64>) -> Query {
    let list = |versions: &[i64]| Query::list(versions.iter().copied());
    let among = seen.among.as_deref();
    let among = among.map(|versions| Query::new(" and version in ").push(list(versions)));
    let except = match &*seen.except {
        [] => Query::new(""),
        versions => Query::new(" and version not in ").push(list(versions)),
    };
    among.unwrap_or(Query::new("")).push(except)
}
