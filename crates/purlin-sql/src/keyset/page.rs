//! One page: its statement, and what its rows become.

use purlin_base::{
    Page,
    page::{CursorInfo, PageInfo},
};

use super::{Keyset, PageError};
use crate::{
    Query,
    cursor::{CursorSigner, FilterHash, Place, Walk},
};

/// One page that was asked for: the statement to run, then [`finish`](Self::finish) with its rows.
#[derive(Debug)]
#[must_use = "run the query and finish the page with its rows"]
pub struct PageQuery<'a, T> {
    keyset: &'a Keyset<T>,
    signer: &'a CursorSigner,
    limit: u32,
    filter: FilterHash,
    /// Where the page begins; `None` at the beginning of the list.
    from: Option<Place>,
    query: Query,
}

impl<'a, T> PageQuery<'a, T> {
    pub(super) fn new(
        keyset: &'a Keyset<T>,
        signer: &'a CursorSigner,
        limit: u32,
        filter: FilterHash,
        from: Option<Place>,
        base: Query,
    ) -> Self {
        let is_backward = from.as_ref().is_some_and(|place| place.walk.is_backward);
        let condition = from.as_ref().map(|place| keyset.condition(place));
        let query = keyset
            .ordered(base, condition, is_backward)
            .push(Query::new(" limit $1").bind(i64::from(limit) + 1));
        Self {
            keyset,
            signer,
            limit,
            filter,
            from,
            query,
        }
    }

    /// The statement: at most one row more than the page holds, nearest to the cursor first.
    pub fn query(&self) -> Query {
        self.query.clone()
    }

    /// The page made of `rows`, all rows of [`query`](Self::query) in the order they came.
    ///
    /// # Errors
    ///
    /// [`PageError::KeyDoesNotFit`] if the key of a row at an end is too long for a cursor.
    pub fn finish(self, mut rows: Vec<T>) -> Result<Page<T>, PageError> {
        let limit = self.limit as usize;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        if self.is_backward() {
            rows.reverse();
        }
        let (has_previous, has_next) = self.neighbours(has_more);
        let info = CursorInfo {
            limit: self.limit,
            next_cursor: self.cursor(has_next, rows.last(), false)?,
            prev_cursor: self.cursor(has_previous, rows.first(), true)?,
        };
        Ok(Page {
            items: rows,
            page: PageInfo::Cursor(info),
        })
    }

    fn is_backward(&self) -> bool {
        self.from.as_ref().is_some_and(|from| from.walk.is_backward)
    }

    /// Whether there is a page before and one after.
    ///
    /// Ahead, the row beyond the limit says it. Behind, the row the cursor was made of is there by
    /// construction, unless the page includes it: then nothing was beyond it.
    fn neighbours(&self, has_more: bool) -> (bool, bool) {
        match &self.from {
            None => (false, has_more),
            Some(from) if from.walk.is_backward => (has_more, !from.walk.is_inclusive),
            Some(from) => (!from.walk.is_inclusive, has_more),
        }
    }

    fn cursor(
        &self,
        is_there: bool,
        edge: Option<&T>,
        is_backward: bool,
    ) -> Result<Option<String>, PageError> {
        if !is_there {
            return Ok(None);
        }
        let place = match (edge, &self.from) {
            (Some(row), _) => self.place(row, is_backward)?,
            (None, Some(from)) => turned(from, is_backward),
            (None, None) => return Ok(None),
        };
        let cursor = self.signer.sign(&place);
        cursor.map(Some).ok_or_else(|| self.does_not_fit())
    }

    fn place(&self, row: &T, is_backward: bool) -> Result<Place, PageError> {
        let keys = self.keyset.keys(row);
        if !self.keyset.takes(&keys) {
            return Err(self.does_not_fit());
        }
        Ok(Place {
            walk: Walk {
                is_backward,
                is_inclusive: false,
            },
            sort: self.keyset.sort,
            filter: self.filter,
            keys,
        })
    }

    fn does_not_fit(&self) -> PageError {
        let list = self.keyset.name();
        PageError::KeyDoesNotFit { list }
    }
}

/// The way back from an empty page: every row beyond the cursor was deleted since, so the page
/// behind it begins with the row the cursor was made of.
fn turned(from: &Place, is_backward: bool) -> Place {
    let walk = Walk {
        is_backward,
        is_inclusive: true,
    };
    Place {
        walk,
        ..from.clone()
    }
}
