//! What is wrong with the settings, all of it at once.

use std::{borrow::Cow, fmt, sync::Arc};

use purlin_base::{Classified, ErrorClass};

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The default in the program.
    Default,
    /// A line of a file, counted from 1; no line if it is about the whole file.
    File {
        /// The path as it was given.
        path: Arc<str>,
        /// The line.
        line: Option<usize>,
    },
    /// A variable of the environment.
    Environment(String),
    /// A flag, with its dashes.
    Flag(String),
    /// Nowhere: no source has it.
    NotSet,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line: None } => write!(f, "{path}"),
            Self::File {
                path,
                line: Some(line),
            } => write!(f, "{path}:{line}"),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::Flag(flag) => write!(f, "flag {flag}"),
            Self::NotSet => f.write_str("not set"),
        }
    }
}

/// One problem; shows as one line that names the setting and where its value came from.
///
/// The value of a secret is in no part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The setting, if it is about one that there is.
    pub setting: Option<Cow<'static, str>>,
    /// Where it is.
    pub origin: Origin,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setting,
            origin,
            message,
        } = self;
        // One line each, whatever a check function has written.
        let message = message.replace(['\n', '\r'], " ");
        match setting {
            Some(setting) => write!(f, "{setting} ({origin}): {message}"),
            None => write!(f, "{origin}: {message}"),
        }
    }
}

/// Every problem with the settings; shows as one line for each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors {
    problems: Vec<Problem>,
}

impl ConfigErrors {
    pub(super) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// Every problem: those of the sources first, then those of the settings in their order.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The code with which a program that cannot read its settings exits: 2.
    pub fn exit_code(&self) -> u8 {
        2
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, problem) in self.problems.iter().enumerate() {
            let line_end = if number == 0 { "" } else { "\n" };
            write!(f, "{line_end}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

impl Classified for ConfigErrors {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "CONFIG_INVALID"
    }
}

/// What a check of several settings together finds; see the [derive](derive@super::Config).
#[derive(Debug, Default)]
pub struct Problems {
    pub(super) found: Vec<(&'static str, String)>,
}

impl Problems {
    /// Notes that `setting` is wrong and why. Where it came from is added by itself.
    ///
    /// Never write the value of a secret into `message`.
    pub fn add(&mut self, setting: &'static str, message: impl Into<String>) {
        self.found.push((setting, message.into()));
    }
}
