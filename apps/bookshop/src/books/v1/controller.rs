//! Books over HTTP, version 1.

use std::sync::Arc;

use purlin::prelude::*;
use uuid::Uuid;

use super::{
    super::{
        Book, BookError, BookFilter, BookService,
        controller::{Sorted, of_no_book},
        service::tag_v1,
    },
    BookInputV1, BookViewV1, view,
};
use crate::identity::{StaffGuard, VisitorGuard};

/// Books over HTTP, version 1.
#[injectable]
pub struct BookControllerV1 {
    books: Arc<BookService>,
}

#[controller("/api/books")]
#[version("1")]
#[cache_control("no-cache")]
#[xml("book", "books")]
impl BookControllerV1 {
    /// Lists books.
    ///
    /// A walk by `cursor` finds every book that was there when it began, exactly once.
    #[get]
    #[describe(of_no_book)]
    #[guard(VisitorGuard)]
    async fn list(
        &self,
        page: PageRequest,
        ValidQuery(filter): ValidQuery<BookFilter>,
        Query(order): Query<Sorted>,
    ) -> Result<Page<BookViewV1>, BookError> {
        let request = page.asked().into();
        let books = self.books.list(&filter, order.sort, request).await?;
        Ok(page.answer(books.map(BookViewV1::from)))
    }

    /// Shows a book.
    #[get("/{id}")]
    #[guard(VisitorGuard)]
    async fn read(&self, Path(id): Path<Uuid>) -> Result<Tagged<Json<BookViewV1>>, BookError> {
        Ok(tagged(self.books.read(id).await?))
    }

    /// Adds a book to the catalogue.
    #[post]
    #[describe(of_no_book)]
    #[guard(StaffGuard)]
    async fn create(
        &self,
        Valid(content): Valid<BookInputV1>,
    ) -> Result<Created<BookViewV1>, BookError> {
        let book = self.books.create(content.into()).await?;
        let (location, tag) = (view::path(book.id), tag_v1(book.version));
        Ok(Created::at(location, book.into()).tagged(tag))
    }

    /// Replaces all that was written into a book.
    #[put("/{id}")]
    #[guard(StaffGuard)]
    async fn replace(
        &self,
        Path(id): Path<Uuid>,
        seen: IfMatch,
        Valid(content): Valid<BookInputV1>,
    ) -> Result<Tagged<Json<BookViewV1>>, BookError> {
        Ok(tagged(
            self.books.replace(id, &content.into(), &seen).await?,
        ))
    }

    /// Deletes a book.
    #[delete("/{id}")]
    #[guard(StaffGuard)]
    async fn delete(
        &self,
        Path(id): Path<Uuid>,
        seen: Preconditions,
    ) -> Result<NoContent, BookError> {
        self.books.delete(id, &seen).await?;
        Ok(NoContent)
    }
}

fn tagged(book: Book) -> Tagged<Json<BookViewV1>> {
    let tag = tag_v1(book.version);
    Tagged::new(tag, Json(book.into()))
}
