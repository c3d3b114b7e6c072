//! What a value may be.

use std::borrow::Cow;

use super::FileValue;

mod types;

/// A text or a value of a file is no value of the setting.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Invalid {
    reason: Option<String>,
}

impl Invalid {
    /// Not of the accepted form, which is all that there is to say.
    pub fn new() -> Self {
        Self::default()
    }

    /// Not accepted for a `reason` that the form does not tell. It is not shown for secrets.
    pub fn because(reason: impl Into<String>) -> Self {
        let reason = Some(reason.into());
        Self { reason }
    }

    /// The reason, if there is one beyond the form.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// A type that a setting may have.
///
/// Implemented for `String`, `bool` (also as `on` and `off`), integers, `f64`, [`Duration`]
/// (`500ms`, `10s`, `15m`, `12h`, `30d`), `PathBuf`, addresses, `Option<T>` (may be left out),
/// `Vec<T>` (comma-separated, or a list in the file) and [`Secret<T>`](super::Secret). For an
/// enum, [derive](derive@super::Setting) it.
///
/// [`Duration`]: std::time::Duration
///
/// # Examples
///
/// A type of yours that can be read from text:
///
/// ```
/// use purlin_core::config::{Invalid, Setting};
/// use std::borrow::Cow;
///
/// struct Percent(u8);
///
/// impl Setting for Percent {
///     fn form() -> Cow<'static, str> {
///         "a percentage such as 25%".into()
///     }
///     fn from_text(text: &str) -> Result<Self, Invalid> {
///         let number = text.strip_suffix('%').and_then(|number| number.parse().ok());
///         number.filter(|number| *number <= 100).map(Self).ok_or_else(Invalid::new)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read as a setting",
    label = "not the type of a setting",
    note = "implement `Setting` for `{Self}`, or put `#[config(flatten)]` on the field if it is a group of settings"
)]
pub trait Setting: Sized + 'static {
    /// Whether values are hidden in everything that is printed.
    const SECRET: bool = false;

    /// What is accepted, to follow the word *expected*: `a whole number from 0 to 65535`.
    fn form() -> Cow<'static, str>;

    /// Reads a value from a flag, a variable or a default.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if `text` is not of the [form](Self::form).
    fn from_text(text: &str) -> Result<Self, Invalid>;

    /// Reads a value from a file. By itself, text in quotes is read as [`from_text`](Self::from_text)
    /// does, and nothing else is accepted.
    ///
    /// # Errors
    ///
    /// [`Invalid`] if `value` is not of the [form](Self::form).
    fn from_file(value: &FileValue) -> Result<Self, Invalid> {
        match value {
            FileValue::Text(text) => Self::from_text(text),
            _ => Err(Invalid::new()),
        }
    }

    /// The value if no source has one and there is no default; `None` if that is a problem.
    fn absent() -> Option<Self> {
        None
    }
}
