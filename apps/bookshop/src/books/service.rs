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

    /// The books among `ids` that there are, in no order.
    ///
    /// # Errors
    ///
    /// [`BookError::Sql`].
    pub async fn read_all(&self, ids: &[Uuid]) -> Result<Vec<Book>, BookError> {
        Ok(self.store.find_all(ids).await?)
    }

    /// The newest books, at most `most`.
    ///
    /// # Errors
    ///
    /// [`BookError::Sql`].
    pub async fn newest(&self, most: u32) -> Result<Vec<Book>, BookError> {
        Ok(self.store.newest(most).await?)
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

    /// Replaces all that was written into the book `id`, if it is still in a state that `seen`
    /// allows.
    ///
    /// # Errors
    ///
    /// [`BookError::NotFound`], [`BookError::Changed`] if it is in another state,
    /// [`BookError::Sql`].
    pub async fn replace(
        &self,
        id: Uuid,
        content: &BookInput,
        seen: &Preconditions,
    ) -> Result<Book, BookError> {
        match self.store.replace(id, content, &seen.states()).await? {
            Some(book) => Ok(book),
            None => Err(self.why_not(id).await?),
        }
    }

    /// Deletes the book `id`, if it is still in a state that `seen` allows.
    ///
    /// # Errors
    ///
    /// As [`replace`](Self::replace).
    pub async fn delete(&self, id: Uuid, seen: &Preconditions) -> Result<(), BookError> {
        if self.store.delete(id, &seen.states()).await? {
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

/// The tag of a book's present state, as staff or as everybody else is shown it.
pub(super) fn tag(version: i64, for_staff: bool) -> ETag {
    let tag = ETag::strong(version);
    if for_staff { tag.variant("staff") } else { tag }
}

/// The tag of the same state as version 1 of the API shows it.
pub(super) fn tag_v1(version: i64) -> ETag {
    ETag::strong(version).variant("v1")
}
