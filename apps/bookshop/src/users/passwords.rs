//! What the accounts ask of whoever keeps passwords.

use std::{future::Future, pin::Pin};

use purlin_base::{Classified, FieldError};

/// Judges new passwords and hashes them.
pub trait PasswordKeeper: Send + Sync {
    /// Whether `password` may be chosen; if not, why: a fault of the field `#/password`.
    ///
    /// # Errors
    ///
    /// The fault, which does not repeat the password.
    fn judge(&self, password: &str) -> Result<(), FieldError>;

    /// The hash of `password`, as a PHC string.
    fn hash<'a>(&'a self, password: &'a str) -> Hashing<'a>;
}

/// A hash under way.
pub type Hashing<'a> = Pin<Box<dyn Future<Output = Result<String, HashError>> + Send + 'a>>;

/// Why there is no hash: mostly because too many others wait for theirs.
pub type HashError = Box<dyn Classified + Send + Sync>;

/// Keeps no password: every account that is made with it can be found, and nobody can sign in to
/// it.
#[derive(Clone, Copy, Debug, Default)]
pub struct UnusablePasswords;

impl PasswordKeeper for UnusablePasswords {
    fn judge(&self, password: &str) -> Result<(), FieldError> {
        match password.chars().count() {
            12..=128 => Ok(()),
            _ => Err(FieldError::pointer(
                "#/password",
                "length",
                "has not 12 to 128 characters",
            )),
        }
    }

    /// No PHC string begins so, and no password has it as its hash.
    fn hash<'a>(&'a self, _password: &'a str) -> Hashing<'a> {
        Box::pin(std::future::ready(Ok("!".to_owned())))
    }
}
