//! An address and a password become a user.

use std::sync::Arc;

use purlin::{
    auth::{
        audit::AuditEvent,
        password::{Passwords, Verdict},
    },
    http::client_address::ClientAddress,
    prelude::*,
};

use super::SignInError;
use crate::{
    audit::{AuditTrail, kind},
    limits::{SignInLimit, network},
    users::{EmailAddress, User, UserStore},
};

/// Finds out whose address and password these are.
#[injectable]
pub struct SignInService {
    users: Arc<UserStore>,
    passwords: Arc<Passwords>,
    limit: Arc<SignInLimit>,
    trail: Arc<AuditTrail>,
}

impl SignInService {
    /// The user with the address `email` and the password `password`, which `from` has sent.
    ///
    /// An address that nobody has gets the same answer after the same work. A hash that is not made
    /// as we make them today is replaced, unless the password was changed meanwhile. A try that
    /// fails is written down, without the address where nobody has it: people type passwords into
    /// the wrong field.
    ///
    /// # Errors
    ///
    /// [`SignInError::Wrong`], [`SignInError::Limited`], [`SignInError::Password`],
    /// [`SignInError::Audit`], [`SignInError::Sql`].
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
        self.compare(from, user, password).await
    }

    /// Whether `password` is that of `user`, who is signed in and is asked for it once more. It
    /// counts as a try to sign in.
    ///
    /// # Errors
    ///
    /// Those of [`check`](Self::check).
    ///
    /// # Cancel safety
    ///
    /// That of [`check`](Self::check).
    pub async fn confirm(
        &self,
        from: &ClientAddress,
        user: &User,
        password: &str,
    ) -> Result<(), SignInError> {
        let email = user.email.as_str();
        self.limit.check(&network(from), email).await?;
        let compared = self.compare(from, Some(user.clone()), password).await;
        compared.map(drop)
    }

    async fn compare(
        &self,
        from: &ClientAddress,
        user: Option<User>,
        password: &str,
    ) -> Result<User, SignInError> {
        let stored = user.as_ref().map(|user| user.password_hash.as_str());
        let verdict = self.passwords.verify(password, stored).await?;
        if !verdict.is_right() {
            self.trail
                .record_alone(&failed(from, user.as_ref()))
                .await?;
        }
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

fn failed(from: &ClientAddress, user: Option<&User>) -> AuditEvent {
    let event = AuditTrail::event_from(kind::SIGN_IN_FAILED, from);
    match user {
        Some(user) => {
            let event = event.user(&user.id.to_string());
            event.detail("reason", "wrong password")
        }
        None => event.detail("reason", "no such account"),
    }
}
