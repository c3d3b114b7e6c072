//! Uploads and covers in the database: the statements.

use std::sync::Arc;

use purlin::{prelude::*, sql::Tx};
use uuid::Uuid;

use super::{CoverSize, Thumbnail};

/// Uploads and covers in the database.
#[injectable]
pub struct CoverStore {
    db: Arc<Db>,
}

/// A cover, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Cover {
    /// `image/png` or `image/jpeg`.
    pub media_type: String,
    /// A hash of the content.
    pub tag: String,
    /// The file.
    pub content: Vec<u8>,
}

impl CoverStore {
    /// Keeps an image until its thumbnails are made, in `tx`; false if there is no such book.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn keep(
        &self,
        tx: &mut Tx,
        upload: Uuid,
        book: Uuid,
        content: Vec<u8>,
        now: Timestamp,
    ) -> Result<bool, SqlError> {
        let insert = "insert into cover_uploads (id, book_id, content, created_at)
             select $1, id, $3, $4 from books where id = $2";
        let insert = tx.query(insert).bind(upload).bind(book).bind(content);
        Ok(insert.bind(now).execute().await? > 0)
    }

    /// The image of an upload, and the book it is of; `None` once it is done or cleared away.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn upload(&self, upload: Uuid) -> Result<Option<(Uuid, Vec<u8>)>, SqlError> {
        let select = "select book_id, content from cover_uploads where id = $1";
        self.db
            .read()
            .query(select)
            .bind(upload)
            .fetch_optional()
            .await
    }

    /// Puts the thumbnails of an upload in the place of those of an earlier one, in `tx`, and lets
    /// go of the upload.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn replace(
        &self,
        tx: &mut Tx,
        (upload, book): (Uuid, Uuid),
        made: &[Thumbnail],
    ) -> Result<(), SqlError> {
        let insert = "insert into covers (book_id, size, upload, media_type, tag, content)
             select id, $2, $3, $4, $5, $6 from books where id = $1
             on conflict (book_id, size) do update set upload = excluded.upload,
             media_type = excluded.media_type, tag = excluded.tag, content = excluded.content
             where covers.upload <= excluded.upload";
        for thumbnail in made {
            let insert = tx.query(insert).bind(book).bind(thumbnail.size.name());
            let insert = insert.bind(upload).bind(thumbnail.media_type);
            let insert = insert.bind(&thumbnail.tag).bind(thumbnail.content.clone());
            insert.execute().await?;
        }
        let done = tx.query("delete from cover_uploads where id = $1");
        done.bind(upload).execute().await?;
        Ok(())
    }

    /// The cover of a book.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn cover(&self, book: Uuid, size: CoverSize) -> Result<Option<Cover>, SqlError> {
        let select = "select media_type, tag, content from covers where book_id = $1 and size = $2";
        let select = self.db.read().query(select).bind(book).bind(size.name());
        select.fetch_optional().await
    }

    /// Lets go of at most `max` uploads from before `before`; how many it were.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn clear(&self, before: Timestamp, max: u32) -> Result<u64, SqlError> {
        let delete = "delete from cover_uploads where id in
             (select id from cover_uploads where created_at < $1 order by id limit $2)";
        let delete = self.db.write(delete).bind(before).bind(i64::from(max));
        delete.execute().await
    }
}
