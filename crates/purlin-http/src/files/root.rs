//! Files below one folder, and no others.

use std::{
    fs::{File, Metadata},
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use axum::response::{IntoResponse, Response};
use purlin_base::{Classified, ErrorClass};
use sha2::{Digest, Sha256};

use super::{FileReply, FileType, source::DiskFile};
use crate::{ETag, Problem};

/// A folder whose files may be sent.
///
/// Whatever name is asked for, no file outside is opened: names are taken step by step, and no
/// link is followed, whether it was there before or is put there in between. Names that begin with
/// a dot are hidden, and only plain files are sent.
///
/// # Examples
///
/// ```
/// use purlin_http::{FileReply, Path, files::{FileError, FileRoot}};
///
/// async fn read(Path(name): Path<String>) -> Result<FileReply, FileError> {
///     let root = FileRoot::at("covers");
///     Ok(root.open(&name).await?.cache_control("no-cache"))
/// }
/// ```
#[derive(Clone, Debug)]
pub struct FileRoot(Arc<Path>);

/// Why a file is not sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// There is no such file, or none that may be sent. 404.
    #[error("there is no such file")]
    NotFound,
    /// The file is there and cannot be read. 500.
    #[error("the file cannot be read")]
    Unreadable(#[source] io::Error),
}

impl Classified for FileError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::NotFound => ErrorClass::NotFound,
            Self::Unreadable(_) => ErrorClass::Internal,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "HTTP_FILE_NOT_FOUND",
            Self::Unreadable(_) => "HTTP_FILE_UNREADABLE",
        }
    }
}

/// For handlers of plain axum; a controller answers any `Classified` error.
impl IntoResponse for FileError {
    fn into_response(self) -> Response {
        Problem::from(self).into_response()
    }
}

impl FileRoot {
    /// Bytes of a name with its folders: more are not looked for.
    pub const NAME_BYTES_MAX: usize = 1024;

    /// The folder at `path`. It need not be there yet; links in `path` itself are followed.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into().into())
    }

    /// Opens the file `name`, whose folders are divided by `/`: `2026/cat.png`.
    ///
    /// Its media type is that of its extension if that is one of the [`FileType`]s, and its tag is
    /// made of its length, its time of change and its place on the disk. So a file is best
    /// replaced by another, as [`SavedFile::persist`](crate::upload::SavedFile::persist) does, and
    /// not written over.
    ///
    /// # Errors
    ///
    /// [`FileError::NotFound`] if there is no such file, if it is hidden, no plain file, or behind
    /// a link, or if `name` is no name of a file below. [`FileError::Unreadable`] if the operating
    /// system refuses.
    pub async fn open(&self, name: &str) -> Result<FileReply, FileError> {
        if !is_below(name) {
            return Err(FileError::NotFound);
        }
        let (root, path) = (Arc::clone(&self.0), name.to_owned());
        let opened = tokio::task::spawn_blocking(move || {
            let file = open_below(&root, &path)?;
            let metadata = file.metadata()?;
            Ok((file, metadata))
        });
        let opened: io::Result<_> = opened.await.map_err(io::Error::other).flatten();
        let (file, metadata) = opened.map_err(refusal)?;
        if !metadata.is_file() {
            return Err(FileError::NotFound);
        }
        Ok(described(file, &metadata, name))
    }
}

/// Whether every step of `name` goes down, to something that is not hidden.
fn is_below(name: &str) -> bool {
    let is_step = |step: &str| {
        !step.is_empty() && !step.starts_with('.') && !step.contains(['\\', ':', '\0'])
    };
    name.len() <= FileRoot::NAME_BYTES_MAX && name.split('/').all(is_step)
}

/// Opens step by step, each in the folder that was opened before it.
#[cfg(unix)]
fn open_below(root: &Path, name: &str) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};
    let (folders, last) = name
        .rsplit_once('/')
        .map_or((None, name), |(f, l)| (Some(f), l));
    let folder = OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::RDONLY;
    let mut at = openat(CWD, root, folder, Mode::empty())?;
    for step in folders.into_iter().flat_map(|folders| folders.split('/')) {
        at = openat(&at, step, folder | OFlags::NOFOLLOW, Mode::empty())?;
    }
    // A pipe without a writer would hold the thread up for ever.
    let file = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    Ok(File::from(openat(&at, last, file, Mode::empty())?))
}

/// Looks at each step for links, then opens. A link that is made in between is followed: where
/// others may write into the folder, this is no protection against them.
#[cfg(not(unix))]
fn open_below(root: &Path, name: &str) -> io::Result<File> {
    let mut path = root.to_owned();
    for step in name.split('/') {
        path.push(step);
        if path.symlink_metadata()?.is_symlink() {
            return Err(io::ErrorKind::NotFound.into());
        }
    }
    File::open(path)
}

/// Links answer with `ELOOP`, or with `ENOTDIR` where a folder should be; a name that is too long
/// for the disk is no name of a file either.
fn refusal(error: io::Error) -> FileError {
    use io::ErrorKind::{InvalidFilename, InvalidInput, IsADirectory};
    use io::ErrorKind::{NotADirectory, NotFound};
    #[cfg(unix)]
    if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
        return FileError::NotFound;
    }
    match error.kind() {
        NotFound | NotADirectory | IsADirectory | InvalidFilename | InvalidInput => {
            FileError::NotFound
        }
        _ => FileError::Unreadable(error),
    }
}

fn described(file: File, metadata: &Metadata, name: &str) -> FileReply {
    let (length, modified) = (metadata.len(), metadata.modified().ok());
    let file = Arc::new(file);
    let mut reply = FileReply::source(DiskFile { file, length });
    if let Some(file_type) = FileType::of_name(name) {
        reply = reply.file_type(file_type);
    }
    let Some(modified) = modified else {
        return reply;
    };
    let since = modified.duration_since(SystemTime::UNIX_EPOCH);
    let nanos = since.unwrap_or_default().as_nanos();
    // Hashed, because where a file lies on the disk is nobody's business.
    let state = format!("{length}-{nanos}-{}", place(metadata));
    let hash = Sha256::digest(state.as_bytes());
    let tag: String = hash[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    reply.last_modified(modified).etag(ETag::strong(tag))
}

/// Tells a file from one that took its name in the same moment.
#[cfg(unix)]
fn place(metadata: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

#[cfg(not(unix))]
fn place(_: &Metadata) -> u64 {
    0
}
