//! Books over HTTP, version 2.

use std::sync::Arc;

use purlin::{
    http::{Caller, openapi::Operation},
    prelude::*,
    sql::keyset::{OffsetRequest, PageRequest as CursorRequest},
};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    Book, BookError, BookFilter, BookInput, BookService, BookSort, BookView, service::tag, view,
};
use crate::staff::{STAFF, StaffGuard, VisitorGuard};

/// A copy may be kept, and is asked about before it is used: the price may have changed.
const CACHE_CONTROL: &str = "no-cache";

/// Books over HTTP, version 2.
#[injectable]
pub struct BookController {
    books: Arc<BookService>,
}

/// The order asked for.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Sorted {
    /// By what the list is sorted, backwards with a minus; equal books follow by identifier.
    #[serde(default)]
    sort: BookSort,
}

#[controller("/api/v2/books")]
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
        let limit = Some(page.limit());
        let request = match page.offset() {
            Some(offset) => OffsetRequest::after(offset, limit).into(),
            None => CursorRequest::new(limit, page.cursor()).into(),
        };
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
        let (location, tag) = (view::path(book.id), tag(book.version));
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
        seen: Option<IfMatch>,
    ) -> Result<NoContent, BookError> {
        self.books.delete(id, seen.as_ref()).await?;
        Ok(NoContent)
    }
}

/// It speaks of no single book, so none can be missing or have changed.
fn of_no_book(operation: &mut Operation<'_>) {
    operation
        .never(ErrorClass::NotFound)
        .never(ErrorClass::PreconditionFailed);
}

fn tagged(book: Book, caller: &Option<Caller>) -> Tagged<Json<BookView>> {
    let tag = tag(book.version);
    Tagged::new(tag, Json(shown(book, caller))).cache_control(CACHE_CONTROL)
}

fn shown(book: Book, caller: &Option<Caller>) -> BookView {
    let staff = |Caller(who): &Caller| who.has_role(STAFF);
    BookView::new(book, caller.as_ref().is_some_and(staff))
}
