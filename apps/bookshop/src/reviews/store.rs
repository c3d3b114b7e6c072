//! Reviews in the database: the statements, and nothing about who may send them.

use std::sync::Arc;

use purlin::{
    prelude::*,
    sql::{
        Query,
        cursor::CursorSigner,
        keyset::{Keyset, ListError, ListRequest},
    },
};
use uuid::Uuid;

use super::Review;

/// Reviews in the database.
#[injectable]
pub struct ReviewStore {
    db: Arc<Db>,
    signer: Arc<CursorSigner>,
}

impl ReviewStore {
    /// One page of the reviews of the book `book`, the oldest first.
    ///
    /// # Errors
    ///
    /// [`ListError`]: no such page, or the database.
    pub async fn list(
        &self,
        book: Uuid,
        request: ListRequest<'_>,
    ) -> Result<purlin_base::Page<Review>, ListError> {
        let select = Query::new(
            "select reviews.id, rating, body_html, users.name as user_name, reviews.created_at \
             from reviews join users on users.id = reviews.user_id where reviews.book_id = $1",
        );
        let order = Keyset::<Review>::named("id").unique("id", |review| review.id);
        let page = order.fetch(self.db.read(), &self.signer, request, select.bind(book));
        page.await
    }

    /// Adds `review` of the book `book` by the user `user`; false if there is one by them already.
    ///
    /// # Errors
    ///
    /// [`SqlError::ForeignKey`] if the book or the user is gone; else another [`SqlError`].
    pub async fn insert(&self, book: Uuid, user: Uuid, review: &Review) -> Result<bool, SqlError> {
        let insert = "insert into reviews (id, book_id, user_id, rating, body_html, created_at)
             values ($1, $2, $3, $4, $5, $6) on conflict (book_id, user_id) do nothing";
        let insert = self
            .db
            .write(insert)
            .bind(review.id)
            .bind(book)
            .bind(user)
            .bind(review.rating)
            .bind(&review.body_html)
            .bind(review.created_at);
        Ok(insert.execute().await? > 0)
    }
}
