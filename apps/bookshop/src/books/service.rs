//! What can be done with books.

use std::sync::Arc;

use purlin::{prelude::*, sql::keyset::ListRequest};
use purlin_base::{id::IdMaker, time::Clock};
use uuid::Uuid;

use super::{Book, BookError, BookFilter, BookInput, BookSort, BookStore};

/// What can be done with books, by those who may.
#[injectable]
pub struct BookService {
    store: Arc<BookStore>,
    ids: Arc<IdMaker>,
    clock: Arc<dyn Clock>,
}

impl BookService {
    /// One page of the books that `filter` lets through.
    ///
    /// # Errors
    ///
    /// [`BookError::List`].
    pub async fn list(
        &self,
        filter: &BookFilter,
        sort: BookSort,
        request: ListRequest<'_>,
    ) -> Result<purlin_base::Page<Book>, BookError> {
        Ok(self.store.list(filter, sort, request).await?)
    }

    /// The book `id`.
    ///
    /// # Errors
    ///
    /// [`BookError::NotFound`], [`BookError::Sql`].
    pub async fn read(&self, id: Uuid) -> Result<Book, BookError> {
        self.store.find(id).await?.ok_or(BookError::NotFound)
    }

    /// Adds a book to the catalogue.
    ///
    /// # Errors
    ///
    /// [`BookError::Sql`].
    pub async fn create(&self, content: BookInput) -> Result<Book, BookError> {
        let book = Book {
            id: self.ids.make(),
            content,
            created_at: self.clock.now(),
            version: 1,
        };
        self.store.insert(&book).await?;
        Ok(book)
    }

    /// Replaces all that was written into the book `id`, if it is still in a state of `seen`.
    ///
    /// # Errors
    ///
    /// [`BookError::NotFound`], [`BookError::Changed`] if it is in another state,
    /// [`BookError::Sql`].
    pub async fn replace(
        &self,
        id: Uuid,
        content: &BookInput,
        seen: &IfMatch,
    ) -> Result<Book, BookError> {
        let versions = versions(seen);
        match self.store.replace(id, content, versions.as_deref()).await? {
            Some(book) => Ok(book),
            None => Err(self.why_not(id).await?),
        }
    }

    /// Deletes the book `id`, if it is still in a state of `seen` (`None`: in any).
    ///
    /// # Errors
    ///
    /// As [`replace`](Self::replace).
    pub async fn delete(&self, id: Uuid, seen: Option<&IfMatch>) -> Result<(), BookError> {
        let versions = seen.and_then(versions);
        if self.store.delete(id, versions.as_deref()).await? {
            return Ok(());
        }
        Err(self.why_not(id).await?)
    }

    /// Why no book was written: it is in another state, or it is not there.
    async fn why_not(&self, id: Uuid) -> Result<BookError, BookError> {
        let found = self.store.find(id).await?;
        Ok(found.map_or(BookError::NotFound, |_| BookError::Changed))
    }
}

/// The tag of a book's present state.
pub(super) fn tag(version: i64) -> ETag {
    ETag::strong(version)
}

/// The tag of the same state as version 1 of the API shows it: other bytes have another tag.
pub(super) fn tag_v1(version: i64) -> ETag {
    ETag::strong(format_args!("v1-{version}"))
}

/// The versions whose tags the caller has seen; `None` if any will do.
fn versions(seen: &IfMatch) -> Option<Vec<i64>> {
    let version = |seen: &ETag| {
        let opaque = seen.opaque();
        let (make, digits): (fn(i64) -> ETag, _) = match opaque.strip_prefix("v1-") {
            Some(digits) => (tag_v1, digits),
            None => (tag, opaque),
        };
        let version = digits.parse().ok()?;
        make(version).matches_strongly(seen).then_some(version)
    };
    (!seen.is_any()).then(|| seen.tags().iter().filter_map(version).collect())
}
