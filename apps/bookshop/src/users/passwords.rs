//! What the accounts ask of whoever keeps passwords.

use std::{future::Future, pin::Pin};

use purlin::auth::password::{Passwords, PolicyViolation};
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

impl PasswordKeeper for Passwords {
    fn judge(&self, password: &str) -> Result<(), FieldError> {
        let fault =
            |why: PolicyViolation| FieldError::pointer("#/password", "password", why.to_string());
        self.check_policy(password).map_err(fault)
    }

    fn hash<'a>(&'a self, password: &'a str) -> Hashing<'a> {
        Box::pin(async move {
            let hash = Passwords::hash(self, password).await;
            hash.map_err(|error| -> HashError { Box::new(error) })
        })
    }
}
