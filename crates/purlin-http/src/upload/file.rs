//! One file, as it comes.

use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use super::{SavedFile, UploadError, feed::Feed, reader::Rules, saved::Saving, walk::Walk};
use crate::{
    edge::current,
    files::{FileName, FileType},
};

/// A file that is coming in. Its type is known; its content is read by one of
/// [`save_in`](Self::save_in), [`copy_to`](Self::copy_to), [`bytes`](Self::bytes) and
/// [`chunk`](Self::chunk).
pub struct UploadedFile<'a> {
    data: Data<'a>,
    rules: Rules,
    field: String,
    name: Option<FileName>,
    file_type: Option<FileType>,
    /// What was read to know the type, and was not given out yet.
    head: Bytes,
    bytes: u64,
    hash: Option<Sha256>,
    has_ended: bool,
}

/// Where the bytes come from.
pub(super) enum Data<'a> {
    /// The body itself.
    Raw(Feed),
    /// The one file that is wanted of a form.
    Only(Walk),
    /// One of the parts of a form.
    OneOf(&'a mut Walk),
}

/// What was read of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// Its bytes.
    pub bytes: u64,
    /// Their SHA-256, if [`UploadReader::sha256`](super::UploadReader::sha256) asked for it: a
    /// strong [`ETag`](crate::ETag), and a name to store under.
    pub sha256: Option<[u8; 32]>,
}

impl Received {
    /// The hash as 64 lower-case digits.
    pub fn sha256_hex(&self) -> Option<String> {
        let hex = |hash: [u8; 32]| hash.iter().map(|byte| format!("{byte:02x}")).collect();
        self.sha256.map(hex)
    }
}

impl<'a> UploadedFile<'a> {
    /// Reads as much as shows the type.
    pub(super) async fn begin(
        data: Data<'a>,
        field: String,
        rules: Rules,
    ) -> Result<Self, UploadError> {
        let mut file = Self {
            data,
            rules,
            field,
            name: None,
            file_type: None,
            head: Bytes::new(),
            bytes: 0,
            hash: rules.sha256.then(Sha256::new),
            has_ended: false,
        };
        let mut head = BytesMut::new();
        while head.len() < FileType::HEAD_BYTES {
            match file.pull().await? {
                Some(chunk) => head.extend_from_slice(&chunk),
                None => break,
            }
        }
        file.file_type = FileType::of(&head);
        file.head = head.freeze();
        Ok(file)
    }

    /// Refuses it unless its type is welcome.
    pub(super) fn welcome(mut self, name: Option<FileName>) -> Result<Self, UploadError> {
        self.name = name;
        let is_welcome = |accepted: &[FileType]| {
            self.file_type
                .is_some_and(|found| accepted.contains(&found))
        };
        match self.rules.accepted {
            Some(accepted) if !is_welcome(accepted) => {
                Err(UploadError::TypeNotAccepted { accepted })
            }
            _ => Ok(self),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    /// The field of the form, or the one that was asked for if the body is the file.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What its sender calls it, made harmless.
    pub fn name(&self) -> Option<&FileName> {
        self.name.as_ref()
    }

    /// What it is by its first bytes. It is one of those accepted, if only some are.
    pub fn file_type(&self) -> Option<FileType> {
        self.file_type
    }

    /// The next bytes, at most about 128 KiB and not empty; `None` at the end.
    ///
    /// # Errors
    ///
    /// [`UploadError::FileTooLarge`], or what is wrong with the body. Until the end has come
    /// without an error, the file is not whole.
    ///
    /// # Cancel safety
    ///
    /// Safe: no bytes are lost.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, UploadError> {
        if !self.head.is_empty() {
            return Ok(Some(std::mem::take(&mut self.head)));
        }
        if self.has_ended {
            return Ok(None);
        }
        let next = self.pull().await?;
        if let (None, Data::Only(walk)) = (&next, &mut self.data) {
            walk.finish(&self.field, self.rules.parts_max).await?;
        }
        self.has_ended = next.is_none();
        Ok(next)
    }

    /// The whole file, in memory.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk).
    pub async fn bytes(mut self) -> Result<Bytes, UploadError> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.freeze())
    }

    /// Writes it to `writer`, piece by piece, and flushes.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk), and [`UploadError::NotStored`] if `writer` fails. What was
    /// written so far is the caller's to remove.
    pub async fn copy_to<W>(mut self, writer: &mut W) -> Result<Received, UploadError>
    where
        W: AsyncWrite + Unpin + ?Sized,
    {
        while let Some(chunk) = self.chunk().await? {
            let written = writer.write_all(&chunk).await;
            written.map_err(UploadError::NotStored)?;
        }
        writer.flush().await.map_err(UploadError::NotStored)?;
        Ok(self.received())
    }

    /// Stores it in a temporary file in `folder`, which must be there.
    ///
    /// The file has a name of chance that begins with a dot, and on Unix only its owner may read
    /// it. It is removed unless [`SavedFile::persist`] gives it a name. A process that is killed
    /// leaves it: clean such a folder at start.
    ///
    /// # Errors
    ///
    /// As [`chunk`](Self::chunk), and [`UploadError::NotStored`]. Nothing stays in `folder`.
    ///
    /// # Cancel safety
    ///
    /// Safe: a future that is dropped removes the file.
    pub async fn save_in(mut self, folder: impl Into<PathBuf>) -> Result<SavedFile, UploadError> {
        let saving = Saving::begin(folder.into()).await?;
        while let Some(chunk) = self.chunk().await? {
            saving.write(chunk).await?;
        }
        let (name, file_type) = (self.name.clone(), self.file_type);
        Ok(saving.end(self.received(), file_type, name))
    }

    fn received(self) -> Received {
        Received {
            bytes: self.bytes,
            sha256: self.hash.map(|hash| hash.finalize().into()),
        }
    }

    /// More of the file, counted and hashed.
    async fn pull(&mut self) -> Result<Option<Bytes>, UploadError> {
        loop {
            let next = match &mut self.data {
                Data::Raw(feed) => {
                    let reading = current::Reading::begin();
                    let next = feed.next().await;
                    reading.end();
                    next.transpose()?
                }
                Data::Only(walk) => walk.chunk().await?,
                Data::OneOf(walk) => walk.chunk().await?,
            };
            match next {
                Some(chunk) if chunk.is_empty() => {}
                Some(chunk) => return self.count(chunk).map(Some),
                None => return Ok(None),
            }
        }
    }

    fn count(&mut self, chunk: Bytes) -> Result<Bytes, UploadError> {
        let bytes_max = self.rules.file_bytes_max;
        self.bytes += chunk.len() as u64;
        if self.bytes > bytes_max {
            return Err(UploadError::FileTooLarge { bytes_max });
        }
        if let Some(hash) = &mut self.hash {
            hash.update(&chunk);
        }
        Ok(chunk)
    }
}

impl std::fmt::Debug for UploadedFile<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadedFile")
            .field("field", &self.field)
            .field("name", &self.name)
            .field("file_type", &self.file_type)
            .finish_non_exhaustive()
    }
}
