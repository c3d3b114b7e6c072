//! A form, part by part.

use super::{UploadError, UploadedFile, file::Data, reader::Rules, walk::Walk};
use crate::files::FileName;

/// The parts of a form, in the order they come; [`UploadReader::parts`](super::UploadReader::parts)
/// makes it.
///
/// # Examples
///
/// ```
/// use purlin_http::{Json, Upload, files::FileType, upload::{Part, UploadError}};
///
/// async fn album(upload: Upload) -> Result<Json<Vec<String>>, UploadError> {
///     let mut parts = upload.accepts(&[FileType::Jpeg]).parts_max(8).parts()?;
///     let mut seen = Vec::new();
///     while let Some(part) = parts.next().await? {
///         match part {
///             Part::Text { field, value } => seen.push(format!("{field}={value}")),
///             Part::File(file) => seen.push(format!("{} bytes", file.bytes().await?.len())),
///         }
///     }
///     Ok(Json(seen))
/// }
/// ```
pub struct UploadParts {
    walk: Walk,
    rules: Rules,
}

/// One part of a form.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a part lives for a moment, and there is one at a time"
)]
pub enum Part<'a> {
    /// A field that is text.
    Text {
        /// Its name.
        field: String,
        /// Its value.
        value: String,
    },
    /// A file. What is not read of it is passed over.
    File(UploadedFile<'a>),
}

impl UploadParts {
    pub(super) fn new(walk: Walk, rules: Rules) -> Self {
        Self { walk, rules }
    }

    /// The next part; `None` at the end of the form. A file that nobody chose is left out.
    ///
    /// # Errors
    ///
    /// [`UploadError::TypeNotAccepted`] for a file of no welcome type, a bound that is reached, or
    /// what is wrong with the body. Nothing can be read after an error.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, UploadError> {
        let Some(head) = self.next_filled().await? else {
            return Ok(None);
        };
        let Some(name) = head.file_name else {
            let (field, value) = (head.field, self.text().await?);
            return Ok(Some(Part::Text { field, value }));
        };
        let data = Data::OneOf(&mut self.walk);
        let file = UploadedFile::begin(data, head.field, self.rules).await?;
        file.welcome(FileName::of(&name)).map(Part::File).map(Some)
    }

    /// The head of the next part that is no file, or a file that somebody chose. A browser sends
    /// a file that nobody chose with an empty name.
    async fn next_filled(&mut self) -> Result<Option<super::walk::Head>, UploadError> {
        loop {
            match self.walk.next(self.rules.parts_max).await? {
                Some(head) if head.file_name.as_deref() == Some("") => {}
                next => return Ok(next),
            }
        }
    }

    async fn text(&mut self) -> Result<String, UploadError> {
        let bytes_max = self.rules.text_bytes_max;
        let mut text = Vec::new();
        while let Some(chunk) = self.walk.chunk().await? {
            if text.len() + chunk.len() > bytes_max {
                return Err(UploadError::TextTooLarge { bytes_max });
            }
            text.extend_from_slice(&chunk);
        }
        String::from_utf8(text).map_err(|_| UploadError::Malformed("a field is not UTF-8"))
    }
}

impl std::fmt::Debug for UploadParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadParts")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
