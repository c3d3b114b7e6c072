//! Goes through the parts of a form, one after the other.

use bytes::Bytes;
use multer::{Field, Multipart};

use super::{FIELD_NAME_BYTES_MAX, PART_HEAD_BYTES_MAX, UploadError, feed::Feed, feed::HeadRoom};
use crate::edge::current;

/// The parts of a form. At most one is open.
pub(super) struct Walk {
    parts: Multipart<'static>,
    open: Option<Field<'static>>,
    room: HeadRoom,
    seen: usize,
}

/// What the head of a part says.
pub(super) struct Head {
    pub(super) field: String,
    pub(super) file_name: Option<String>,
}

impl Walk {
    pub(super) fn new(feed: Feed, boundary: String) -> Self {
        let room = feed.room();
        Self {
            parts: Multipart::new(feed, boundary),
            open: None,
            room,
            seen: 0,
        }
    }

    /// Opens the next part; what is left of the open one is passed over. `None` at the end of the
    /// form.
    pub(super) async fn next(&mut self, parts_max: usize) -> Result<Option<Head>, UploadError> {
        while self.chunk().await?.is_some() {}
        self.room.begin(PART_HEAD_BYTES_MAX);
        let reading = current::Reading::begin();
        let next = self.parts.next_field().await;
        reading.end();
        self.room.end();
        let Some(part) = next? else {
            return Ok(None);
        };
        self.seen += 1;
        if self.seen > parts_max {
            return Err(UploadError::PartsTooMany { parts_max });
        }
        let head = head(&part)?;
        self.open = Some(part);
        Ok(Some(head))
    }

    /// More of the open part; `None` at its end.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, UploadError> {
        let Some(part) = &mut self.open else {
            return Ok(None);
        };
        let reading = current::Reading::begin();
        let chunk = part.chunk().await;
        reading.end();
        let chunk = chunk?;
        if chunk.is_none() {
            self.open = None;
        }
        Ok(chunk)
    }

    /// Goes to the end of the form, where `field` must not come again.
    pub(super) async fn finish(
        &mut self,
        field: &str,
        parts_max: usize,
    ) -> Result<(), UploadError> {
        while let Some(head) = self.next(parts_max).await? {
            if head.field == field {
                let field = field.to_owned();
                return Err(UploadError::FileTwice { field });
            }
        }
        Ok(())
    }
}

fn head(part: &Field<'_>) -> Result<Head, UploadError> {
    let fields = part.headers().iter();
    let bytes: usize = fields
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    // The room is checked piece by piece, and so a head may come that is a little larger.
    if bytes > PART_HEAD_BYTES_MAX {
        return Err(UploadError::Malformed("the head of a part is too large"));
    }
    match part.name() {
        None => Err(UploadError::Malformed("a part has no name")),
        Some(name) if name.len() > FIELD_NAME_BYTES_MAX => {
            Err(UploadError::Malformed("the name of a field is too long"))
        }
        Some(name) => Ok(Head {
            field: name.to_owned(),
            file_name: part.file_name().map(str::to_owned),
        }),
    }
}
