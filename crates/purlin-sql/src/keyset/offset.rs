//! Pages by number of rows skipped, for lists that people leaf through.

use std::{fmt, marker::PhantomData};

use purlin_base::{
    Page,
    page::{OffsetInfo, PageInfo},
};

use super::{Keyset, PageError};
use crate::Query;

/// The most rows that may be skipped, 10 000: the database reads each of them.
pub const OFFSET_MAX: u64 = 10_000;

/// A page asked for by the rows before it, or by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OffsetRequest {
    pub(super) limit: Option<u32>,
    start: Start,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    Offset(u64),
    Page(u64),
}

impl OffsetRequest {
    /// The page after `offset` rows.
    pub fn after(offset: u64, limit: Option<u32>) -> Self {
        let start = Start::Offset(offset);
        Self { limit, start }
    }

    /// Page `number`, counted from 1, of pages of `limit` rows.
    pub fn page(number: u64, limit: Option<u32>) -> Self {
        let start = Start::Page(number);
        Self { limit, start }
    }

    pub(super) fn offset(&self, limit: u32) -> Result<u64, PageError> {
        let given = match self.start {
            Start::Offset(offset) => offset,
            Start::Page(number) => number
                .checked_sub(1)
                .ok_or(PageError::PageNumber)?
                .saturating_mul(limit.into()),
        };
        if given > OFFSET_MAX {
            return Err(PageError::Offset { given });
        }
        Ok(given)
    }
}

/// The statements of a page by offset: its rows, and how many there are in all.
#[derive(Clone)]
#[must_use = "run both queries and finish the page with what they return"]
pub struct OffsetQuery<T> {
    limit: u32,
    offset: u64,
    rows: Query,
    count: Query,
    items: PhantomData<fn() -> T>,
}

impl<T> OffsetQuery<T> {
    pub(super) fn new(keyset: &Keyset<T>, limit: u32, offset: u64, base: Query) -> Self {
        let count = Query::new("select count(*) from (")
            .push(base.clone())
            .push("\n) as listed");
        let skipped = i64::try_from(offset).unwrap_or(i64::MAX);
        let slice = Query::new(" limit $1 offset $2").bind(limit).bind(skipped);
        let rows = keyset.ordered(base, None, false).push(slice);
        let items = PhantomData;
        Self {
            limit,
            offset,
            rows,
            count,
            items,
        }
    }

    /// The rows of the page.
    pub fn rows(&self) -> Query {
        self.rows.clone()
    }

    /// One row, one whole number: the rows of the list.
    pub fn count(&self) -> Query {
        self.count.clone()
    }

    /// The page made of its rows and the number of all rows. A page beyond the end is empty.
    pub fn finish(self, rows: Vec<T>, total: u64) -> Page<T> {
        let (limit, offset) = (self.limit, self.offset);
        Page {
            items: rows,
            page: PageInfo::Offset(OffsetInfo {
                limit,
                offset,
                total,
            }),
        }
    }
}

impl<T> fmt::Debug for OffsetQuery<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OffsetQuery")
            .field("limit", &self.limit)
            .field("offset", &self.offset)
            .finish_non_exhaustive()
    }
}
