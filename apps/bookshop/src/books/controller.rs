//! Books over HTTP, version 2.

use std::sync::Arc;

use purlin::{
    auth::Role,
    http::{Caller, openapi::Operation},
    prelude::*,
};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Book, BookError, BookFilter, BookInput, BookService, BookSort, BookView, service::tag, view,
};
use crate::{
    identity::{StaffGuard, VisitorGuard},
    roles::Staff,
};

/// Books over HTTP, version 2.
#[injectable]
pub struct BookController {
    books: Arc<BookService>,
}

/// The order asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct Sorted {
    /// By what the list is sorted, backwards with a minus; equal books follow by identifier.
    #[serde(default)]
    pub(super) sort: BookSort,
}

// A copy may be kept, and is asked about before it is used: the price may have changed.
#[controller("/api/books")]
#[version("2")]
#[cache_control("no-cache")]
#[xml("book", "books")]
impl BookController {
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
        caller: Option<Caller>,
    ) -> Result<Page<BookView>, BookError> {
        let request = page.asked().into();
        let books = self.books.list(&filter, order.sort, request).await?;
        Ok(page.answer(books.map(|book| shown(book, &caller))))
    }

    /// Shows one book.
    #[get("/{id}")]
    #[guard(VisitorGuard)]
    async fn read(
        &self,
        Path(id): Path<Uuid>,
        caller: Option<Caller>,
    ) -> Result<Tagged<Json<BookView>>, BookError> {
        Ok(tagged(self.books.read(id).await?, &caller))
    }

    /// Adds a book to the catalogue.
    #[post]
    #[describe(of_no_book)]
    #[guard(StaffGuard)]
    async fn create(
        &self,
        caller: Option<Caller>,
        Valid(content): Valid<BookInput>,
    ) -> Result<Created<BookView>, BookError> {
        let book = self.books.create(content).await?;
        let (location, tag) = (view::path(book.id), tag(book.version, is_staff(&caller)));
        Ok(Created::at(location, shown(book, &caller)).tagged(tag))
    }

    /// Replaces all that was written into a book.
    ///
    /// `If-Match` names the state that was read: who changes a book must not undo what others did
    /// meanwhile.
    #[put("/{id}")]
    #[guard(StaffGuard)]
    async fn replace(
        &self,
        Path(id): Path<Uuid>,
        seen: IfMatch,
        caller: Option<Caller>,
        Valid(content): Valid<BookInput>,
    ) -> Result<Tagged<Json<BookView>>, BookError> {
        Ok(tagged(
            self.books.replace(id, &content, &seen).await?,
            &caller,
        ))
    }

    /// Takes a book out of the catalogue.
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

/// It speaks of no single book, so none can be missing or have changed.
pub(super) fn of_no_book(operation: &mut Operation<'_>) {
    operation
        .never(ErrorClass::NotFound)
        .never(ErrorClass::PreconditionFailed);
}

fn tagged(book: Book, caller: &Option<Caller>) -> Tagged<Json<BookView>> {
    let tag = tag(book.version, is_staff(caller));
    Tagged::new(tag, Json(shown(book, caller)))
}

fn shown(book: Book, caller: &Option<Caller>) -> BookView {
    BookView::new(book, is_staff(caller))
}

fn is_staff(caller: &Option<Caller>) -> bool {
    let staff = |Caller(who): &Caller| who.has_role(Staff::NAME);
    caller.as_ref().is_some_and(staff)
}
