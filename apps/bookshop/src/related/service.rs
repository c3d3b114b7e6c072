//! Keeps the index fresh, and computes on the pool.

use std::{collections::HashMap, sync::Arc, time::Duration};

use purlin::{prelude::*, runtime::CpuPool};
use purlin_base::time::Clock;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::{
    RelatedError,
    index::{Found, Index, best_of},
    likeness::Traits,
};
use crate::books::{Book, BookService};

/// How long the index is used. A new book is found by others after that at the latest; what is
/// shown of a book is always as it is.
pub const FRESH_FOR: Duration = Duration::from_secs(30);

/// Books that are compared, at most: the newest. Of each about 200 bytes are kept.
const COMPARED_MAX: u32 = 10_000;

/// Books that one job compares, so that others have their turns on the pool in between.
const PIECE_BOOKS: usize = 2_048;

/// Finds books that are like a book.
#[injectable]
pub struct RelatedService {
    books: Arc<BookService>,
    pool: Arc<CpuPool>,
    clock: Arc<dyn Clock>,
    /// Whoever finds it stale makes a new one, and others who come meanwhile wait for that one.
    #[default]
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    index: Arc<Index>,
    made_at: Timestamp,
}

/// A book and how like it is, from 0 to 1.
pub struct Related {
    /// The book, as it is now.
    pub book: Book,
    /// How like it is.
    pub likeness: f64,
}

impl RelatedService {
    /// The books that are most like the book `id`, the most like first; at most `most`.
    ///
    /// # Errors
    ///
    /// [`RelatedError`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the computation.
    pub async fn of(&self, id: Uuid, most: usize) -> Result<Vec<Related>, RelatedError> {
        let book = self.books.read(id).await?;
        let index = self.index().await?;
        let found = self.compare(&book, index, most).await?;
        self.shown(found).await
    }

    async fn index(&self) -> Result<Arc<Index>, RelatedError> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        match &*kept {
            Some(kept) if now.since(kept.made_at) < FRESH_FOR => Ok(Arc::clone(&kept.index)),
            _ => {
                let books = self.books.newest(COMPARED_MAX).await?;
                let made = self.pool.run("related index", move || Index::of(&books));
                let index = Arc::new(made.await?);
                let made_at = now;
                *kept = Some(Kept {
                    index: Arc::clone(&index),
                    made_at,
                });
                Ok(index)
            }
        }
    }

    async fn compare(
        &self,
        book: &Book,
        index: Arc<Index>,
        most: usize,
    ) -> Result<Vec<Found>, RelatedError> {
        let (id, traits) = (book.id, Traits::of(&book.content));
        let pieces = (0..index.len()).step_by(PIECE_BOOKS);
        let compare = move |from: usize, stop: &_| {
            let range = from..index.len().min(from + PIECE_BOOKS);
            index.most_like((id, &traits), range, most, stop)
        };
        let found = self.pool.parallel_map("related", pieces, compare).await?;
        Ok(best_of(found.concat(), most))
    }

    /// Books that were deleted since the index was made are left out.
    async fn shown(&self, found: Vec<Found>) -> Result<Vec<Related>, RelatedError> {
        let ids: Vec<Uuid> = found.iter().map(|found| found.id).collect();
        let books = self.books.read_all(&ids).await?;
        let mut books: HashMap<Uuid, Book> =
            books.into_iter().map(|book| (book.id, book)).collect();
        let shown = found.into_iter().filter_map(|found| {
            let book = books.remove(&found.id)?;
            let likeness = found.likeness;
            Some(Related { book, likeness })
        });
        Ok(shown.collect())
    }
}
