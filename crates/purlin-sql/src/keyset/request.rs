//! What the caller asks of a list.

use crate::{Query, cursor::FilterHash};

/// A page asked for by cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageRequest<'a> {
    /// Rows of the page; `None` for the list's default.
    pub limit: Option<u32>,
    /// A cursor of another page of the list; `None` for the first page.
    pub cursor: Option<&'a str>,
    filter: Option<FilterHash>,
}

impl<'a> PageRequest<'a> {
    /// A page of at most `limit` rows, where `cursor` says.
    pub fn new(limit: Option<u32>, cursor: Option<&'a str>) -> Self {
        Self {
            limit,
            cursor,
            filter: None,
        }
    }

    /// Ties the cursors to `filter` instead of to the base statement and its values.
    ///
    /// For a statement that holds a value which changes from page to page. `filter` must then tell
    /// apart everything that the caller can choose.
    #[must_use]
    pub fn filter(mut self, filter: FilterHash) -> Self {
        self.filter = Some(filter);
        self
    }

    pub(super) fn filter_of(&self, base: &Query) -> FilterHash {
        self.filter.unwrap_or_else(|| FilterHash::of_query(base))
    }
}
