//! What can be done with covers.

use std::sync::Arc;

use purlin::{prelude::*, queue::Queues};
use purlin_base::{id::IdMaker, time::Clock};
use uuid::Uuid;

use super::{Cover, CoverError, CoverSize, CoverStore, MakeThumbnails};

/// What can be done with covers.
#[injectable]
pub struct CoverService {
    covers: Arc<CoverStore>,
    queues: Arc<Queues>,
    db: Arc<Db>,
    ids: Arc<IdMaker>,
    clock: Arc<dyn Clock>,
}

impl CoverService {
    /// Takes an image for the book `book`; the id of the job that makes its thumbnails. Image and
    /// job are there together or not at all.
    ///
    /// # Errors
    ///
    /// [`CoverError`].
    ///
    /// # Cancel safety
    ///
    /// As the transaction.
    pub async fn put(&self, book: Uuid, image: Vec<u8>) -> Result<String, CoverError> {
        let (upload, now) = (self.ids.make(), self.clock.now());
        let job = self.db.transaction(async |tx| {
            if !self.covers.keep(tx, upload, book, image, now).await? {
                return Err(CoverError::NoBook);
            }
            let added = self
                .queues
                .add(MakeThumbnails { upload })
                .within(tx)
                .await?;
            Ok(added.id)
        });
        job.await
    }

    /// The cover of the book `book`.
    ///
    /// # Errors
    ///
    /// [`CoverError::None`] before one was made; the database.
    pub async fn get(&self, book: Uuid, size: CoverSize) -> Result<Cover, CoverError> {
        self.covers.cover(book, size).await?.ok_or(CoverError::None)
    }
}
