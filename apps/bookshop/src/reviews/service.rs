//! What can be done with reviews.

use std::sync::Arc;

use purlin::{http::html::sanitize, prelude::*, runtime::CpuPool, sql::keyset::ListRequest};
use purlin_base::{id::IdMaker, time::Clock};
use uuid::Uuid;

use super::{Review, ReviewError, ReviewInput, ReviewStore};
use crate::{
    books::{BookError, BookService},
    users::{User, UserStore},
};

/// Markup up to this length is cleaned where it is, in well below a millisecond; longer markup on
/// the CPU pool, so that nobody else waits for it.
const AT_ONCE_BYTES_MAX: usize = 1024;

/// What can be done with reviews.
#[injectable]
pub struct ReviewService {
    store: Arc<ReviewStore>,
    books: Arc<BookService>,
    users: Arc<UserStore>,
    pool: Arc<CpuPool>,
    ids: Arc<IdMaker>,
    clock: Arc<dyn Clock>,
}

impl ReviewService {
    /// One page of the reviews of the book `book`, the oldest first.
    ///
    /// # Errors
    ///
    /// [`ReviewError::Book`] if there is no such book; [`ReviewError::List`].
    pub async fn list(
        &self,
        book: Uuid,
        request: ListRequest<'_>,
    ) -> Result<purlin_base::Page<Review>, ReviewError> {
        self.books.read(book).await?;
        Ok(self.store.list(book, request).await?)
    }

    /// Writes what `who` says about the book `book`, cleaned.
    ///
    /// # Errors
    ///
    /// [`ReviewError::NoAccount`] if `who` has no account; [`ReviewError::Book`] if there is no
    /// such book; [`ReviewError::Again`]; [`ReviewError::Markup`]; [`ReviewError::Cpu`],
    /// [`ReviewError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have written the review or not.
    pub async fn create(
        &self,
        book: Uuid,
        who: &Principal,
        said: ReviewInput,
    ) -> Result<Review, ReviewError> {
        let user = self.account(who).await?;
        self.books.read(book).await?;
        let review = Review {
            id: self.ids.make(),
            rating: said.rating.into(),
            body_html: self.cleaned(said.body_html).await?,
            user_name: user.name,
            created_at: self.clock.now(),
        };
        match self.store.insert(book, user.id, &review).await {
            Ok(true) => Ok(review),
            Ok(false) => Err(ReviewError::Again),
            // Deleted since it was looked at.
            Err(SqlError::ForeignKey { .. }) => Err(BookError::NotFound.into()),
            Err(error) => Err(error.into()),
        }
    }

    async fn account(&self, who: &Principal) -> Result<User, ReviewError> {
        let id = Uuid::try_parse(who.id()).map_err(|_| ReviewError::NoAccount)?;
        let user = self.users.find(id).await?;
        user.ok_or(ReviewError::NoAccount)
    }

    async fn cleaned(&self, markup: String) -> Result<String, ReviewError> {
        let cleaned = match markup.len() {
            0..=AT_ONCE_BYTES_MAX => sanitize(&markup),
            _ => {
                self.pool
                    .run("clean a review", move || sanitize(&markup))
                    .await?
            }
        };
        Ok(cleaned?.into_string())
    }
}
