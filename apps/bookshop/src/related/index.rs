//! What of every book is compared, made once for many questions.

use std::cmp::Ordering;

use purlin::runtime::{StopToken, Stopped};
use uuid::Uuid;

use super::likeness::{Rarity, Traits};
use crate::books::Book;

/// Books that are compared without asking whether to stop: well under a millisecond.
const STEP_BOOKS: usize = 256;

/// What of every book is compared. Says nothing of titles or prices: those are read when they are
/// shown.
#[derive(Debug)]
pub(super) struct Index {
    books: Vec<(Uuid, Traits)>,
    rarity: Rarity,
}

/// A book and how like it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    pub(super) id: Uuid,
    pub(super) likeness: f64,
}

impl Index {
    pub(super) fn of(books: &[Book]) -> Self {
        let traits = |book: &Book| (book.id, Traits::of(&book.content));
        let books: Vec<_> = books.iter().map(traits).collect();
        let rarity = Rarity::of(books.iter().map(|(_, traits)| traits));
        Self { books, rarity }
    }

    pub(super) fn len(&self) -> usize {
        self.books.len()
    }

    /// The `most` books of those in `range` that are most like `traits`, without the book `itself`.
    pub(super) fn most_like(
        &self,
        (itself, traits): (Uuid, &Traits),
        range: std::ops::Range<usize>,
        most: usize,
        stop: &StopToken,
    ) -> Result<Vec<Found>, Stopped> {
        let mut best = Vec::new();
        for step in self.books[range].chunks(STEP_BOOKS) {
            stop.check()?;
            let others = step.iter().filter(|(id, _)| *id != itself);
            best.extend(others.map(|(id, other)| Found {
                id: *id,
                likeness: traits.likeness(other, &self.rarity),
            }));
            best = best_of(best, most);
        }
        Ok(best)
    }
}

/// The `most` that are most like, the most like first; among equals the older.
pub(super) fn best_of(mut found: Vec<Found>, most: usize) -> Vec<Found> {
    found.sort_unstable_by(order);
    found.truncate(most);
    found
}

fn order(a: &Found, b: &Found) -> Ordering {
    let by_likeness = b.likeness.total_cmp(&a.likeness);
    by_likeness.then_with(|| a.id.cmp(&b.id))
}
