//! Pages of a list by keyset: the next page begins after a row, not after a number of rows.
//!
//! A [`Keyset`] is an order over columns that ends in a unique one. It turns a base statement and
//! a [`PageRequest`] into the statement of one page ([`PageQuery`]), and the rows of that statement
//! into a [`Page`](purlin_base::Page) with the cursors of its neighbours; over any way of running a
//! statement. [`Keyset::fetch`] does all of it on a [`Reader`](crate::Reader).
//!
//! What a walk promises, and what it does not, is written in `docs/pagination.md`.

use std::{fmt, marker::PhantomData};

use sha2::{Digest, Sha256};

use crate::{
    IntoQuery, Query, Value,
    cursor::{CursorError, CursorSigner, FilterHash, Place, part, truncated},
};

mod column;
mod error;
mod fetch;
mod key;
mod limits;
mod offset;
mod page;
mod predicate;
mod request;

use column::{Column, Nulls};

pub use error::PageError;
pub use fetch::{ListError, ListRequest};
pub use key::{Key, KeyKind, KeyOf};
pub use limits::{LIMIT_DEFAULT, LIMIT_MAX, Limits};
pub use offset::{OFFSET_MAX, OffsetQuery, OffsetRequest};
pub use page::PageQuery;
pub use request::PageRequest;

/// An order of rows of type `T` that tells every two rows apart.
///
/// Begun with [`Keyset::named`] and ended by a unique column; without one there is no `Keyset`.
/// Each column is a literal expression over the columns that the base statement *returns*, and a
/// closure that reads the same value from a row, for the cursor.
///
/// An index over the columns in this order makes a page as fast at depth a million as at the top,
/// if no column is nullable. A column that can be NULL is followed through the index in order too,
/// but rows before the cursor may have to be skipped.
///
/// # Examples
///
/// A list with several sorts:
///
/// ```
/// use purlin_sql::{
///     Query,
///     cursor::CursorSigner,
///     keyset::{Keyset, PageRequest},
/// };
///
/// #[derive(Clone)]
/// struct Book { id: i64, title_key: String, year: i32 }
///
/// fn sort(name: &str) -> Option<Keyset<Book>> {
///     let by = Keyset::<Book>::named;
///     Some(match name {
///         "id" => by("id").unique("id", |b| b.id),
///         "title" => by("title").asc("title_key", |b| b.title_key.clone()).unique("id", |b| b.id),
///         "-year" => by("-year").desc("year", |b| b.year).unique("id", |b| b.id),
///         _ => return None,
///     })
/// }
///
/// let signer = CursorSigner::new([7; 32])?;
/// let order = sort("-year").ok_or("no such sort")?;
/// let base = Query::new("select id, title_key, year from books where year > $1").bind(1800);
/// let page = order.page(&signer, &PageRequest::new(Some(2), None), base)?;
/// assert_eq!(
///     page.query().text(),
///     "select * from (select id, title_key, year from books where year > $1\n) as listed \
///      order by year desc, id asc limit $2",
/// );
/// // Run it as you like, and hand in the rows: one more than the limit says that there are more.
/// let book = |id, year| Book { id, title_key: String::new(), year };
/// let page = page.finish(vec![book(3, 1900), book(1, 1850), book(2, 1850)])?;
/// assert_eq!(page.items.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An order without a unique column does not compile:
///
/// ```compile_fail
/// # use purlin_sql::keyset::Keyset;
/// struct Book { year: i32 }
/// let order: Keyset<Book> = Keyset::named("year").asc("year", |b: &Book| b.year);
/// ```
///
/// Nor does a column that can be NULL without saying where NULLs go:
///
/// ```compile_fail
/// # use purlin_sql::keyset::Keyset;
/// struct Book { id: i64, year: Option<i32> }
/// let order = Keyset::<Book>::named("year").asc("year", |b| b.year).unique("id", |b| b.id);
/// ```
pub struct Keyset<T> {
    name: &'static str,
    columns: Vec<Column<T>>,
    sort: [u8; 8],
    limits: Limits,
}

/// A [`Keyset`] that still lacks its unique column.
#[must_use = "an order ends with its unique column"]
pub struct KeysetBuilder<T> {
    name: &'static str,
    columns: Vec<Column<T>>,
    rows: PhantomData<fn(&T)>,
}

impl<T> KeysetBuilder<T> {
    /// Then by `expression`, upwards. It is never NULL.
    pub fn asc<K: Key>(self, expression: &'static str, key: impl KeyOf<T, K>) -> Self {
        self.then(Column::new(expression, false, key))
    }

    /// Then by `expression`, downwards. It is never NULL.
    pub fn desc<K: Key>(self, expression: &'static str, key: impl KeyOf<T, K>) -> Self {
        self.then(Column::new(expression, true, key))
    }

    /// Then by `expression`, upwards, rows without one before the others.
    pub fn asc_nulls_first<K: Key>(
        self,
        expression: &'static str,
        key: impl KeyOf<T, Option<K>>,
    ) -> Self {
        self.then(Column::nullable(expression, false, Nulls::First, key))
    }

    /// Then by `expression`, upwards, rows without one after the others.
    pub fn asc_nulls_last<K: Key>(
        self,
        expression: &'static str,
        key: impl KeyOf<T, Option<K>>,
    ) -> Self {
        self.then(Column::nullable(expression, false, Nulls::Last, key))
    }

    /// Then by `expression`, downwards, rows without one before the others.
    pub fn desc_nulls_first<K: Key>(
        self,
        expression: &'static str,
        key: impl KeyOf<T, Option<K>>,
    ) -> Self {
        self.then(Column::nullable(expression, true, Nulls::First, key))
    }

    /// Then by `expression`, downwards, rows without one after the others.
    pub fn desc_nulls_last<K: Key>(
        self,
        expression: &'static str,
        key: impl KeyOf<T, Option<K>>,
    ) -> Self {
        self.then(Column::nullable(expression, true, Nulls::Last, key))
    }

    /// Last by `expression`, upwards: no two rows have the same, and none has NULL.
    pub fn unique<K: Key>(self, expression: &'static str, key: impl KeyOf<T, K>) -> Keyset<T> {
        self.asc(expression, key).end()
    }

    /// Last by `expression`, downwards: no two rows have the same, and none has NULL.
    pub fn unique_desc<K: Key>(self, expression: &'static str, key: impl KeyOf<T, K>) -> Keyset<T> {
        self.desc(expression, key).end()
    }

    fn then(mut self, column: Column<T>) -> Self {
        self.columns.push(column);
        self
    }

    fn end(self) -> Keyset<T> {
        Keyset {
            name: self.name,
            sort: sort_hash(self.name, &self.columns),
            columns: self.columns,
            limits: Limits::default(),
        }
    }
}

impl<T> Keyset<T> {
    /// Begins an order. `name` goes into the cursors, so that one of another sort is refused.
    pub fn named(name: &'static str) -> KeysetBuilder<T> {
        KeysetBuilder {
            name,
            columns: Vec::new(),
            rows: PhantomData,
        }
    }

    /// The same order with other bounds for the rows of a page.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The name given at the beginning.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The statement of one page of `base`.
    ///
    /// `base` is a whole `select` without an order, and returns every column that the order names.
    /// It becomes the inner statement of `select * from (base) …`, which both engines take apart
    /// again; so it may hold conditions, joins and groups.
    ///
    /// # Errors
    ///
    /// [`PageError::Limit`] for a limit that is zero or above the bound, [`PageError::Cursor`] for
    /// a cursor that was not made by this list.
    pub fn page<'a>(
        &'a self,
        signer: &'a CursorSigner,
        request: &PageRequest<'_>,
        base: impl IntoQuery,
    ) -> Result<PageQuery<'a, T>, PageError> {
        let limit = self.limits.check(request.limit)?;
        let base = base.into_query();
        let filter = request.filter_of(&base);
        let from = request
            .cursor
            .map(|cursor| self.open(signer, cursor, filter))
            .transpose()?;
        Ok(PageQuery::new(self, signer, limit, filter, from, base))
    }

    /// The statements of one page of `base` by number of rows skipped, in the same order.
    ///
    /// # Errors
    ///
    /// [`PageError::Limit`] as for [`page`](Self::page), [`PageError::Offset`] beyond
    /// [`OFFSET_MAX`] rows, [`PageError::PageNumber`] for page 0.
    pub fn offset(
        &self,
        request: &OffsetRequest,
        base: impl IntoQuery,
    ) -> Result<OffsetQuery<T>, PageError> {
        let limit = self.limits.check(request.limit)?;
        let offset = request.offset(limit)?;
        Ok(OffsetQuery::new(self, limit, offset, base.into_query()))
    }

    /// `base` in the order of the list, or in the reverse order.
    fn ordered(&self, base: Query, condition: Option<Query>, is_backward: bool) -> Query {
        // A line of its own, so that a comment at the end of the base does not swallow the bracket.
        let mut query = Query::new("select * from (")
            .push(base)
            .push("\n) as listed");
        if let Some(condition) = condition {
            query = query.push(" where ").push(condition);
        }
        let terms = self.columns.iter().map(|column| column.term(is_backward));
        query.push(" order by ").push(Query::join(terms, ", "))
    }

    fn open(
        &self,
        signer: &CursorSigner,
        cursor: &str,
        filter: FilterHash,
    ) -> Result<Place, CursorError> {
        let place = signer.open(cursor)?;
        if place.sort != self.sort {
            return Err(CursorError::OtherSort);
        }
        if place.filter != filter {
            return Err(CursorError::OtherFilter);
        }
        if !self.takes(&place.keys) {
            return Err(CursorError::Keys);
        }
        Ok(place)
    }

    fn takes(&self, keys: &[Value]) -> bool {
        let mut pairs = self.columns.iter().zip(keys);
        keys.len() == self.columns.len() && pairs.all(|(column, key)| column.takes(key))
    }

    fn keys(&self, row: &T) -> Vec<Value> {
        self.columns.iter().map(|column| column.key(row)).collect()
    }

    fn condition(&self, place: &Place) -> Query {
        predicate::after(&self.columns, &place.keys, place.walk)
    }
}

impl<T> fmt::Debug for Keyset<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order: Vec<_> = self
            .columns
            .iter()
            .map(|column| column.term(false))
            .collect();
        f.debug_struct("Keyset")
            .field("name", &self.name)
            .field("order", &Query::join(order, ", ").text())
            .field("limits", &self.limits)
            .finish()
    }
}

/// Tells orders apart, also two of one name in two versions of the program.
fn sort_hash<T>(name: &str, columns: &[Column<T>]) -> [u8; 8] {
    let mut hash = Sha256::new();
    part(&mut hash, b'n', name.as_bytes());
    for column in columns {
        part(&mut hash, b'c', column.term(false).text().as_bytes());
        part(&mut hash, b'k', &[column.kind as u8]);
    }
    truncated(hash)
}
