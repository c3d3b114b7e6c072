//! A file that came in whole, on disk.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use tempfile::TempPath;

use super::{Received, UploadError};
use crate::files::{FileName, FileType};

/// A file that came in whole and lies in a temporary file, which is removed when this is dropped.
#[derive(Debug)]
pub struct SavedFile {
    saving: Saving,
    received: Received,
    file_type: Option<FileType>,
    name: Option<FileName>,
}

/// A temporary file that is being written.
#[derive(Debug)]
pub(super) struct Saving {
    file: Arc<File>,
    path: TempPath,
}

impl Saving {
    pub(super) async fn begin(folder: PathBuf) -> Result<Self, UploadError> {
        let made = blocking(move || {
            let mut named = tempfile::Builder::new();
            named.prefix(".upload-").tempfile_in(folder)
        });
        let (file, path) = made.await?.into_parts();
        let file = Arc::new(file);
        Ok(Self { file, path })
    }

    /// Writes `chunk` behind the others. The path stays here meanwhile, so that whoever drops
    /// this in the middle removes the file at once.
    pub(super) async fn write(&self, chunk: Bytes) -> Result<(), UploadError> {
        let file = Arc::clone(&self.file);
        blocking(move || (&*file).write_all(&chunk)).await
    }

    pub(super) fn end(
        self,
        received: Received,
        file_type: Option<FileType>,
        name: Option<FileName>,
    ) -> SavedFile {
        SavedFile {
            saving: self,
            received,
            file_type,
            name,
        }
    }
}

impl SavedFile {
    /// Where it lies until it is dropped.
    pub fn path(&self) -> &Path {
        &self.saving.path
    }

    /// How much it is.
    pub fn received(&self) -> &Received {
        &self.received
    }

    /// What it is by its first bytes.
    pub fn file_type(&self) -> Option<FileType> {
        self.file_type
    }

    /// What its sender calls it, made harmless.
    pub fn name(&self) -> Option<&FileName> {
        self.name.as_ref()
    }

    /// Gives it the name `path`, on the same disk, in place of a file that may be there: readers
    /// see the one or the other, whole. It lies safely on the disk afterwards, if the power fails
    /// too.
    ///
    /// # Errors
    ///
    /// [`UploadError::NotStored`]; the file is removed.
    ///
    /// # Cancel safety
    ///
    /// Not safe: once begun, it goes on.
    pub async fn persist(self, path: impl Into<PathBuf>) -> Result<(), UploadError> {
        let (Saving { file, path: from }, to) = (self.saving, path.into());
        blocking(move || {
            file.sync_all()?;
            from.persist(&to).map_err(io::Error::from)?;
            sync_folder(&to)
        })
        .await
    }
}

/// The new name is kept in the folder, and so that is written too.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Runs `work`, which waits for a disk, where it holds nobody up.
async fn blocking<T, F>(work: F) -> Result<T, UploadError>
where
    T: Send + 'static,
    F: FnOnce() -> io::Result<T> + Send + 'static,
{
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(io::Error::other)
        .flatten()
        .map_err(UploadError::NotStored)
}
