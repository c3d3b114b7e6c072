//! Where settings come from.

use std::{ffi::OsString, fmt, path::PathBuf};

/// Where settings come from. Whatever the order of the calls: files win over defaults, the
/// environment over files, flags over the environment; a later file wins over an earlier one.
#[derive(Clone, Default)]
pub struct Sources {
    pub(super) files: Vec<(PathBuf, bool)>,
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) flags: Vec<OsString>,
}

impl Sources {
    /// No sources: defaults only.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a TOML file of at most [`FILE_BYTES_MAX`](super::FILE_BYTES_MAX) bytes. If it is not
    /// there, that is a problem if it is `required`, and nothing if not.
    pub fn file(mut self, path: impl Into<PathBuf>, required: bool) -> Self {
        self.files.push((path.into(), required));
        self
    }

    /// Adds variables of the environment; for the real ones use [`std::env::vars_os`], since
    /// `vars` panics on text that is not UTF-8.
    pub fn env<K: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let variables = variables.into_iter();
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        self.environment.extend(variables);
        self
    }

    /// Adds flags; without the name of the program and of its command.
    pub fn flags<A: Into<OsString>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.flags.extend(arguments.into_iter().map(Into::into));
        self
    }
}

impl fmt::Debug for Sources {
    /// Shows the files, and of the rest only how much there is: it holds secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sources")
            .field("files", &self.files)
            .field("variables", &self.environment.len())
            .field("arguments", &self.flags.len())
            .finish()
    }
}
