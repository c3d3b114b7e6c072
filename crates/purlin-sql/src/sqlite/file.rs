//! The file of a database: where it is, whether it is ours, whether it is still there.

use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use uuid::Uuid;

use crate::{OpenError, SqlError};

/// "Purl": what marks a file as one of ours, in SQLite's own field for it.
pub(super) const APPLICATION_ID: i32 = 0x5075_726c;

/// What every SQLite file begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Where the field for the application's mark begins.
const APPLICATION_ID_AT: usize = 68;

/// The file of a database. A temporary one is removed when this is dropped.
#[derive(Debug)]
pub(super) struct DatabaseFile {
    path: PathBuf,
    temporary: bool,
    identity: OnceLock<Identity>,
}

impl DatabaseFile {
    /// Finds the file that `sqlite:` and `place` stand for. Only a temporary one is made.
    pub(super) fn locate(place: &str) -> Result<Self, OpenError> {
        let wrong = |reason: &str| OpenError::Address {
            reason: reason.to_owned(),
        };
        let (path, temporary) = match place {
            ":memory:" => (make_temporary()?, true),
            _ => match place.strip_prefix("//") {
                None => return Err(wrong("`sqlite:` must be followed by `//`")),
                Some("") => return Err(wrong("it names no file")),
                Some(path) if path.contains('?') => {
                    return Err(wrong("a file takes no options"));
                }
                Some(path) if path.contains('\0') => return Err(wrong("it holds NUL")),
                Some(path) => (PathBuf::from(path), false),
            },
        };
        Ok(Self {
            path,
            temporary,
            identity: OnceLock::new(),
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_temporary(&self) -> bool {
        self.temporary
    }

    /// The path for people.
    pub(super) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Refuses a file that is no database, or not one of ours, by its first bytes. Writes nothing.
    pub(super) fn refuse_if_foreign(&self) -> Result<(), OpenError> {
        let head = match self.head() {
            Ok(head) => head,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                return Err(OpenError::Unreadable {
                    path: self.shown(),
                    reason: error.to_string(),
                });
            }
        };
        let path = self.shown();
        if head.is_empty() {
            return Ok(());
        }
        if head.len() < 100 || !head.starts_with(MAGIC) {
            return Err(OpenError::NotADatabase { path });
        }
        let mark = &head[APPLICATION_ID_AT..APPLICATION_ID_AT + 4];
        if mark != APPLICATION_ID.to_be_bytes() {
            return Err(OpenError::Foreign { path });
        }
        Ok(())
    }

    fn head(&self) -> std::io::Result<Vec<u8>> {
        let mut head = Vec::with_capacity(100);
        File::open(&self.path)?.take(100).read_to_end(&mut head)?;
        Ok(head)
    }

    /// Remembers which file this is, so that another put in its place is noticed.
    pub(super) fn remember(&self) {
        if let Ok(found) = fs::metadata(&self.path) {
            let _ = self.identity.set(Identity::of(&found));
        }
    }

    /// Whether the file that was opened is still the one under its name.
    pub(super) fn check(&self) -> Result<(), SqlError> {
        let found =
            fs::metadata(&self.path).map_err(|error| SqlError::Unavailable(Arc::new(error)))?;
        if self.identity.get() != Some(&Identity::of(&found)) {
            let error = std::io::Error::new(ErrorKind::NotFound, "the file was replaced");
            return Err(SqlError::Unavailable(Arc::new(error)));
        }
        Ok(())
    }
}

impl Drop for DatabaseFile {
    fn drop(&mut self) {
        if self.temporary {
            for suffix in ["", "-wal", "-shm", "-journal"] {
                let mut path = self.path.clone().into_os_string();
                path.push(suffix);
                // What is not there needs no removing.
                let _ = fs::remove_file(path);
            }
        }
    }
}

/// Which file it is, whatever its name.
#[derive(Debug, PartialEq, Eq)]
struct Identity(#[cfg(unix)] (u64, u64));

impl Identity {
    #[cfg(unix)]
    fn of(found: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self((found.dev(), found.ino()))
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self()
    }
}

fn make_temporary() -> Result<PathBuf, OpenError> {
    let name = format!("purlin-{}.db", Uuid::now_v7());
    let path = std::env::temp_dir().join(name);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(&path) {
        Ok(_) => Ok(path),
        Err(error) => Err(OpenError::Unreadable {
            path: path.display().to_string(),
            reason: error.to_string(),
        }),
    }
}
