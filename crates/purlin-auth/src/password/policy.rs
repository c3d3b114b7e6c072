//! Which new passwords are taken.

use std::collections::BTreeSet;

use purlin_base::{Classified, ErrorClass, ErrorClasses, FieldError};

use super::{PASSWORD_BYTES_MAX, PasswordOptionError, common, text};

/// Which new passwords are taken: by length, and not a common one. No rules of composition, which
/// make passwords worse.
///
/// Default: 12 to 128 code points. Where the password is the only factor, NIST asks for 15.
///
/// # Source
///
/// NIST SP 800-63B-4, section 3.1.1.2; OWASP ASVS 5, chapter 6.2.
#[derive(Clone, Debug)]
pub struct PasswordPolicy {
    chars_min: usize,
    chars_max: usize,
    refused: BTreeSet<String>,
}

/// Words that may be refused besides the common ones.
const REFUSED_MAX: usize = 1_000;

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            chars_min: 12,
            chars_max: 128,
            refused: BTreeSet::new(),
        }
    }
}

impl PasswordPolicy {
    /// Takes passwords of `min` to `max` code points, counted in NFC.
    ///
    /// # Errors
    ///
    /// [`PasswordOptionError`] if `min` is not 8 to 64, or `max` not 64 to 1024.
    pub fn new(min: usize, max: usize) -> Result<Self, PasswordOptionError> {
        PasswordOptionError::unless((8..=64).contains(&min), "chars_min", min, "8 to 64")?;
        PasswordOptionError::unless((64..=1_024).contains(&max), "chars_max", max, "64 to 1024")?;
        Ok(Self {
            chars_min: min,
            chars_max: max,
            refused: BTreeSet::new(),
        })
    }

    /// Refuses these words too, in any case, such as the name of the application. The whole
    /// password is compared.
    ///
    /// # Errors
    ///
    /// [`PasswordOptionError`] for more than 1000 words.
    pub fn refuse<W: AsRef<str>>(
        mut self,
        words: impl IntoIterator<Item = W>,
    ) -> Result<Self, PasswordOptionError> {
        for word in words {
            self.refused.insert(folded(word.as_ref()));
            let count = self.refused.len();
            PasswordOptionError::unless(count <= REFUSED_MAX, "refused", count, "at most 1000")?;
        }
        Ok(self)
    }

    /// Whether `password` may become somebody's. Not for signing in: old passwords stay valid.
    ///
    /// Takes microseconds, also for a password of a megabyte.
    ///
    /// # Errors
    ///
    /// The first [`PolicyViolation`] found.
    pub fn check(&self, password: &str) -> Result<(), PolicyViolation> {
        let (min, max) = (self.chars_min, self.chars_max);
        if password.len() > PASSWORD_BYTES_MAX {
            return Err(PolicyViolation::TooLong { max });
        }
        let password = text::prepared(password);
        if password.contains('\0') {
            return Err(PolicyViolation::Nul);
        }
        match password.chars().count() {
            chars if chars < min => return Err(PolicyViolation::TooShort { min }),
            chars if chars > max => return Err(PolicyViolation::TooLong { max }),
            _ => {}
        }
        let folded = folded(&password);
        if common::is_common(&folded) || self.refused.contains(&folded) {
            return Err(PolicyViolation::Common);
        }
        Ok(())
    }
}

/// Lower case, and in one form again.
fn folded(text: &str) -> String {
    text::prepared(&text::prepared(text).to_lowercase())
}

/// Why a new password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyViolation {
    /// Too few code points.
    #[error("use at least {min} characters")]
    TooShort {
        /// The least.
        min: usize,
    },
    /// Too many code points.
    #[error("use at most {max} characters")]
    TooLong {
        /// The most.
        max: usize,
    },
    /// One of those that everybody tries first.
    #[error("this password is one of the most common: choose another")]
    Common,
    /// There is a NUL in it, at which other systems stop reading.
    #[error("a password may not contain the character NUL")]
    Nul,
}

impl PolicyViolation {
    /// The stable word for a field error.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "password_too_short",
            Self::TooLong { .. } => "password_too_long",
            Self::Common => "password_common",
            Self::Nul => "password_nul",
        }
    }

    /// The violation as that of the field at `pointer`, such as `#/password`.
    ///
    /// # Examples
    ///
    /// ```
    /// use purlin_auth::password::PasswordPolicy;
    ///
    /// let violation = PasswordPolicy::default().check("short").unwrap_err();
    /// assert_eq!(violation.at("#/password").code, "password_too_short");
    /// ```
    pub fn at(&self, pointer: impl Into<String>) -> FieldError {
        FieldError::pointer(pointer, self.word(), self.to_string())
    }
}

impl Classified for PolicyViolation {
    fn class(&self) -> ErrorClass {
        ErrorClass::Invalid
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Invalid.into()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::TooShort { .. } => "PASSWORD_TOO_SHORT",
            Self::TooLong { .. } => "PASSWORD_TOO_LONG",
            Self::Common => "PASSWORD_COMMON",
            Self::Nul => "PASSWORD_NUL",
        }
    }
}
