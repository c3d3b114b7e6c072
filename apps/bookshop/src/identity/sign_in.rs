//! An address and a password become a user.

use std::sync::Arc;

use purlin::{
    auth::password::{Passwords, Verdict},
    http::client_address::ClientAddress,
    prelude::*,
};

use super::SignInError;
use crate::{
    limits::{SignInLimit, network},
    users::{EmailAddress, User, UserStore},
};

/// Finds out whose address and password these are.
#[injectable]
pub struct SignInService {
    users: Arc<UserStore>,
    passwords: Arc<Passwords>,
    limit: Arc<SignInLimit>,
}

impl SignInService {
    /// The user with the address `email` and the password `password`, which `from` has sent.
    ///
    /// An address that nobody has gets the same answer after the same work. A hash that is not made
    /// as we make them today is replaced, unless the password was changed meanwhile.
    ///
    /// # Errors
    ///
    /// [`SignInError::Wrong`], [`SignInError::Limited`], [`SignInError::Password`],
    /// [`SignInError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have replaced the hash or not.
    pub async fn check(
        &self,
        from: &ClientAddress,
        email: &str,
        password: &str,
    ) -> Result<User, SignInError> {
        self.limit.check(&network(from), email).await?;
        let user = match email.parse::<EmailAddress>() {
            Ok(email) => self.users.find_by_email(&email).await?,
            Err(_) => None,
        };
        let stored = user.as_ref().map(|user| user.password_hash.as_str());
        let verdict = self.passwords.verify(password, stored).await?;
        let Some(mut user) = user.filter(|_| verdict.is_right()) else {
            return Err(SignInError::Wrong);
        };
        if let Verdict::RightOutdated(new) = verdict {
            let old = user.password_hash.as_str();
            if self.users.swap_hash(user.id, old, &new).await? {
                user.password_hash = new;
            }
        }
        Ok(user)
    }
}
