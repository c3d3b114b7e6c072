//! Whose address and password these are.

use std::sync::Arc;

use purlin::{
    auth::password::{Passwords, Verdict},
    prelude::*,
};

use super::IdentityError;
use crate::users::{EmailAddress, User, UserStore};

/// Finds the account that an address and a password belong to.
#[injectable]
pub struct Credentials {
    users: Arc<UserStore>,
    passwords: Arc<Passwords>,
}

impl Credentials {
    /// The account with this address and this password.
    ///
    /// An address that nobody has, or that is none, takes as long as a wrong password. A hash that
    /// is not as they are made today is replaced.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Credentials`], [`IdentityError::Password`], [`IdentityError::Sql`].
    pub async fn check(&self, email: &str, password: &str) -> Result<User, IdentityError> {
        let user = match email.parse::<EmailAddress>() {
            Ok(email) => self.users.find_by_email(&email).await?,
            Err(_) => None,
        };
        let stored = user.as_ref().map(|user| user.password_hash.as_str());
        let verdict = self.passwords.verify(password, stored).await?;
        let Some(mut user) = user.filter(|_| verdict.is_right()) else {
            return Err(IdentityError::Credentials);
        };
        if let Verdict::RightOutdated(new) = verdict {
            // Not swapped: the password was changed meanwhile, and the sign-in finds that out.
            if self
                .users
                .swap_hash(user.id, &user.password_hash, &new)
                .await?
            {
                user.password_hash = new;
            }
        }
        Ok(user)
    }
}
