//! An upload whose rules are said.

use super::{Incoming, UploadError, UploadParts, UploadedFile, file::Data};
use crate::files::{FileName, FileType};

/// An upload that knows what it takes: [`Upload::accepts`](crate::Upload::accepts) makes it.
#[must_use = "nothing is read until a file or the parts are asked for"]
pub struct UploadReader {
    incoming: Incoming,
    rules: Rules,
}

/// What is taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) accepted: Option<&'static [FileType]>,
    pub(super) file_bytes_max: u64,
    pub(super) text_bytes_max: usize,
    pub(super) parts_max: usize,
    pub(super) sha256: bool,
}

impl UploadReader {
    /// Bytes of one file, unless told otherwise: 10 MiB. The bound of the whole body holds too.
    pub const FILE_BYTES_MAX_DEFAULT: u64 = 10 * 1024 * 1024;
    /// Bytes of a field that is text, unless told otherwise: 64 KiB.
    pub const TEXT_BYTES_MAX_DEFAULT: usize = 64 * 1024;
    /// Parts of a form, unless told otherwise: 32.
    pub const PARTS_MAX_DEFAULT: usize = 32;

    pub(super) fn new(incoming: Incoming, accepted: Option<&'static [FileType]>) -> Self {
        let rules = Rules {
            accepted,
            file_bytes_max: Self::FILE_BYTES_MAX_DEFAULT,
            text_bytes_max: Self::TEXT_BYTES_MAX_DEFAULT,
            parts_max: Self::PARTS_MAX_DEFAULT,
            sha256: false,
        };
        Self { incoming, rules }
    }

    /// The largest file in bytes. Default: 10 MiB.
    pub fn file_bytes_max(mut self, bytes: u64) -> Self {
        self.rules.file_bytes_max = bytes;
        self
    }

    /// The largest field in bytes that is text. Default: 64 KiB.
    pub fn text_bytes_max(mut self, bytes: usize) -> Self {
        self.rules.text_bytes_max = bytes;
        self
    }

    /// The most parts of a form. Default: 32.
    pub fn parts_max(mut self, parts: usize) -> Self {
        self.rules.parts_max = parts;
        self
    }

    /// Has each file hashed while it comes: see [`Received::sha256`](super::Received). It costs
    /// about a millisecond for each MiB.
    pub fn sha256(mut self) -> Self {
        self.rules.sha256 = true;
        self
    }

    /// Opens the one file of the request: in the field `field` of a form, whose other fields are
    /// passed over, or the raw body.
    ///
    /// Its first bytes have been read then, and its type is known and welcome. That `field` comes
    /// once only is known when the file has been read to its end.
    ///
    /// # Errors
    ///
    /// [`UploadError::FileMissing`] if there is none or nobody chose one,
    /// [`UploadError::TypeNotAccepted`], and what is wrong with the body.
    pub async fn file(self, field: &str) -> Result<UploadedFile<'static>, UploadError> {
        let Self { incoming, rules } = self;
        let missing = || UploadError::FileMissing {
            field: field.to_owned(),
        };
        let (data, name) = match incoming {
            Incoming::Raw(feed) => {
                let bytes_max = rules.file_bytes_max;
                if feed.length().is_some_and(|length| length > bytes_max) {
                    return Err(UploadError::FileTooLarge { bytes_max });
                }
                (Data::Raw(feed), None)
            }
            Incoming::Form(mut walk) => loop {
                let head = walk.next(rules.parts_max).await?.ok_or_else(missing)?;
                if head.field == field {
                    break (Data::Only(walk), head.file_name);
                }
            },
        };
        let file = UploadedFile::begin(data, field.to_owned(), rules).await?;
        if file.is_empty() && name.as_deref().unwrap_or("").is_empty() {
            return Err(missing());
        }
        file.welcome(name.as_deref().and_then(FileName::of))
    }

    /// Reads a form part by part, in the order they come.
    ///
    /// # Errors
    ///
    /// [`UploadError::NotAForm`] if the body is none.
    pub fn parts(self) -> Result<UploadParts, UploadError> {
        match self.incoming {
            Incoming::Form(walk) => Ok(UploadParts::new(walk, self.rules)),
            Incoming::Raw(_) => Err(UploadError::NotAForm),
        }
    }
}

impl std::fmt::Debug for UploadReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadReader")
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
