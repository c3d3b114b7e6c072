//! What the accounts ask of whoever keeps passwords.

use std::{future::Future, pin::Pin, sync::Arc};

use purlin::auth::password::Passwords;
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

/// As the toolkit keeps them.
impl PasswordKeeper for Passwords {
    fn judge(&self, password: &str) -> Result<(), FieldError> {
        let fits = self.check_policy(password);
        fits.map_err(|violation| violation.at("#/password"))
    }

    fn hash<'a>(&'a self, password: &'a str) -> Hashing<'a> {
        let hash = Passwords::hash(self, password);
        Box::pin(async { hash.await.map_err(|error| Box::new(error) as HashError) })
    }
}

/// The toolkit's, as what accounts ask for.
pub(super) fn keeper(passwords: Arc<Passwords>) -> Arc<dyn PasswordKeeper> {
    passwords
}
