//! Reviews over HTTP, version 2.

use std::sync::Arc;

use purlin::{
    http::{Caller, openapi::Operation},
    prelude::*,
};
use uuid::Uuid;

use super::{ReviewError, ReviewInput, ReviewService, ReviewView};
use crate::{
    books::BOOKS_PATH,
    identity::{SignedInGuard, VisitorGuard},
};

/// Reviews over HTTP, version 2.
#[injectable]
pub struct ReviewController {
    reviews: Arc<ReviewService>,
}

#[controller("/api/books/{id}/reviews")]
#[version("2")]
#[cache_control("no-cache")]
#[xml("review", "reviews")]
impl ReviewController {
    /// Lists the reviews of a book, the oldest first.
    #[get]
    #[describe(reads)]
    #[guard(VisitorGuard)]
    async fn list(
        &self,
        Path(book): Path<Uuid>,
        page: PageRequest,
    ) -> Result<Page<ReviewView>, ReviewError> {
        let reviews = self.reviews.list(book, page.asked().into()).await?;
        Ok(page.answer(reviews.map(ReviewView::from)))
    }

    /// Reviews a book, once for each reader.
    ///
    /// Of the HTML stays what may stand in a review: paragraphs, lists, quotations, emphasis, code
    /// and links.
    #[post]
    #[guard(SignedInGuard)]
    async fn create(
        &self,
        Path(book): Path<Uuid>,
        Caller(who): Caller,
        Valid(said): Valid<ReviewInput>,
    ) -> Result<Created<ReviewView>, ReviewError> {
        let review = self.reviews.create(book, &who, said).await?;
        // A review has no address of its own: it is found among those of its book.
        let location = format!("{BOOKS_PATH}/{book}/reviews");
        Ok(Created::at(location, review.into()))
    }
}

/// Nothing is written by reading.
fn reads(operation: &mut Operation<'_>) {
    operation
        .never(ErrorClass::Conflict)
        .never(ErrorClass::Invalid);
}
