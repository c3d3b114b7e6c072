//! Files on their way in: `multipart/form-data` or the raw body, streamed.
//!
//! [`Upload`] is the extractor. It must be told which types of file are welcome before it gives
//! one out; what the sender calls the type does not count, the first bytes do.
//!
//! Every bound, and what happens beyond it:
//!
//! | bound | default | answer |
//! | --- | --- | --- |
//! | the whole body: [`Route::body_bytes_max`](crate::Route::body_bytes_max), [`Edge::body_bytes_max`](crate::Edge::body_bytes_max) | 1 MiB (in plain axum 2 MB) | 413 `HTTP_BODY_TOO_LARGE` |
//! | one file: [`UploadReader::file_bytes_max`] | 10 MiB | 413 `HTTP_UPLOAD_FILE_TOO_LARGE` |
//! | parts of a form: [`UploadReader::parts_max`] | 32 | 413 `HTTP_UPLOAD_PARTS_TOO_MANY` |
//! | a text field: [`UploadReader::text_bytes_max`] | 64 KiB | 413 `HTTP_UPLOAD_TEXT_TOO_LARGE` |
//! | the head of a part: [`PART_HEAD_BYTES_MAX`] | 8 KiB, 32 fields | 400 `HTTP_MULTIPART_MALFORMED` |
//! | the name of a field: [`FIELD_NAME_BYTES_MAX`] | 256 bytes | 400 `HTTP_MULTIPART_MALFORMED` |
//! | the boundary: [`BOUNDARY_BYTES_MAX`] | 70 bytes (RFC 2046) | 400 `HTTP_MULTIPART_MALFORMED` |
//! | time: [`Edge::timeout`](crate::Edge::timeout) | 30 s | 408 `HTTP_BODY_TIMEOUT` |
//!
//! However large a file is, about two pieces of 64 KiB of it are in memory. What was stored of a
//! file that does not arrive whole is removed: on any error, when the caller hangs up, when the
//! time is over, and when the handler panics.
//!
//! [`files`](crate::files) sends files out.

use axum::{
    RequestExt,
    extract::{FromRequest, Request},
};
use http::{HeaderMap, header};

use crate::{Problem, extract, files::FileType};

mod error;
mod feed;
mod file;
mod parts;
mod reader;
mod saved;
mod walk;

pub use error::UploadError;
pub use file::{Received, UploadedFile};
pub use parts::{Part, UploadParts};
pub use reader::UploadReader;
pub use saved::SavedFile;

use feed::Feed;
use walk::Walk;

/// Bytes of the head of one part of a form, and of what stands before the first.
pub const PART_HEAD_BYTES_MAX: usize = 8 * 1024;
/// Bytes of the name of a field of a form.
pub const FIELD_NAME_BYTES_MAX: usize = 256;
/// Bytes of the boundary between the parts of a form.
pub const BOUNDARY_BYTES_MAX: usize = 70;

/// One or more files, in a form (`multipart/form-data`) or as the raw body.
///
/// As an argument it refuses a body that is coded (415), in parts that are no form (415), or whose
/// boundary is missing or malformed (400). Nothing of the body is read yet.
///
/// # Examples
///
/// The field `file` of a form or the raw body, which must be an image:
///
/// ```
/// use purlin_http::{Accepted, Upload, files::FileType, upload::UploadError};
///
/// const IMAGES: &[FileType] = &[FileType::Png, FileType::Jpeg, FileType::WebP];
///
/// async fn put_cover(upload: Upload) -> Result<Accepted<u64>, UploadError> {
///     let file = upload.accepts(IMAGES).file("file").await?;
///     let saved = file.save_in("covers").await?;
///     let size = saved.received().bytes;
///     saved.persist("covers/7").await?;
///     Ok(Accepted(size))
/// }
/// ```
pub struct Upload(Incoming);

/// What comes in.
enum Incoming {
    Raw(Feed),
    Form(Walk),
}

impl Upload {
    /// Takes files of these types, by their first bytes, and no others: 415.
    pub fn accepts(self, types: &'static [FileType]) -> UploadReader {
        UploadReader::new(self.0, Some(types))
    }

    /// Takes whatever comes: for files that are only stored and given back as attachments.
    pub fn accepts_anything(self) -> UploadReader {
        UploadReader::new(self.0, None)
    }
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        extract::refuse_coding(request.headers())?;
        let boundary = boundary(request.headers())?;
        let feed = Feed::new(request.into_limited_body());
        Ok(Self(match boundary {
            Some(boundary) => Incoming::Form(Walk::new(feed, boundary)),
            None => Incoming::Raw(feed),
        }))
    }
}

/// The boundary of a form; `None` if the body is not in parts.
fn boundary(headers: &HeaderMap) -> Result<Option<String>, UploadError> {
    const MULTIPART: &str = "multipart/";
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return Ok(None);
    };
    let malformed = UploadError::Malformed("the boundary of the form is missing or malformed");
    let family = kind.as_bytes().get(..MULTIPART.len());
    if !family.is_some_and(|family| family.eq_ignore_ascii_case(MULTIPART.as_bytes())) {
        return Ok(None);
    }
    let Ok(kind) = kind.to_str() else {
        return Err(malformed);
    };
    match multer::parse_boundary(kind) {
        Ok(boundary) if (1..=BOUNDARY_BYTES_MAX).contains(&boundary.len()) => Ok(Some(boundary)),
        Err(multer::Error::NoMultipart) => Err(UploadError::NotAForm),
        _ => Err(malformed),
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.0 {
            Incoming::Raw(_) => "Upload(Raw)",
            Incoming::Form(_) => "Upload(Form)",
        })
    }
}
