//! Covers over HTTP, version 2.

use std::sync::Arc;

use garde::Validate;
use purlin::{
    http::{Accepted, FileReply, Upload, files::FileType},
    prelude::*,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{CoverError, CoverService, CoverSize};
use crate::identity::{StaffGuard, VisitorGuard};

/// What a cover may be.
const IMAGES: &[FileType] = &[FileType::Png, FileType::Jpeg, FileType::WebP];

/// Covers over HTTP, version 2.
#[injectable]
pub struct CoverController {
    covers: Arc<CoverService>,
}

/// Where to look for what was begun.
#[derive(Debug, Serialize, JsonSchema)]
struct Begun {
    /// The job that makes the thumbnails.
    job: String,
}

/// Which size is asked for.
#[derive(Debug, Default, Deserialize, JsonSchema, Validate)]
struct Wanted {
    /// `small`, `medium` (the default) or `large`: at most 160, 480 and 960 pixels wide.
    #[garde(skip)]
    #[serde(default)]
    size: CoverSize,
}

#[controller("/api/books/{id}/cover")]
#[version("2")]
impl CoverController {
    /// Takes an image for a book, and makes its covers later.
    ///
    /// The field `file` of a form, or the image itself: PNG, JPEG or WebP, up to 10 MiB. The answer
    /// names the job that makes the covers.
    #[put]
    #[body_bytes_max(10 * 1024 * 1024 + 64 * 1024)]
    #[guard(StaffGuard)]
    async fn put(
        &self,
        Path(book): Path<Uuid>,
        upload: Upload,
    ) -> Result<Accepted<Begun>, CoverError> {
        let file = upload.accepts(IMAGES).file("file").await?;
        let image = file.bytes().await?;
        let job = self.covers.put(book, image.into()).await?;
        Ok(Accepted(Begun { job }))
    }

    /// Shows the cover of a book.
    #[get]
    #[cache_control("no-cache")]
    #[guard(VisitorGuard)]
    async fn get(
        &self,
        Path(book): Path<Uuid>,
        ValidQuery(wanted): ValidQuery<Wanted>,
    ) -> Result<FileReply, CoverError> {
        let cover = self.covers.get(book, wanted.size).await?;
        let tag = ETag::strong(&cover.tag);
        Ok(FileReply::bytes(cover.content)
            .media_type(&cover.media_type)
            .etag(tag))
    }
}
