//! Begins sessions.

use std::sync::Arc;

use axum::{http::HeaderMap, response::Response};
use purlin::{
    auth::session::{NewSession, Sessions},
    http::client_address::ClientAddress,
    prelude::*,
};

use super::{
    SignInError,
    browser::{ACCOUNT, see_other},
    controller::user_agent,
};
use crate::{
    audit::{AuditTrail, kind},
    users::{User, UserStore},
};

/// Begins the session of whoever has shown all that is asked for.
#[injectable]
pub struct SessionStarter {
    sessions: Arc<Sessions>,
    users: Arc<UserStore>,
    trail: Arc<AuditTrail>,
}

impl SessionStarter {
    /// Begins a session with an id of its own, and sends the browser to the account; the id that
    /// the browser showed is dead after it.
    ///
    /// # Errors
    ///
    /// [`SignInError::Wrong`], [`SignInError::Nobody`] if the password was changed or the account
    /// went meanwhile; [`SignInError::Session`], [`SignInError::Audit`], [`SignInError::Sql`].
    pub(super) async fn begin(
        &self,
        headers: &HeaderMap,
        from: &ClientAddress,
        user: &User,
    ) -> Result<Response, SignInError> {
        let old = self.sessions.read(headers);
        let id = user.id.to_string();
        let roles = || user.roles.iter().map(|role| role.as_str());
        let device = user_agent(headers);
        let new = self.sessions.sign_in(old.as_ref(), &id, roles(), device);
        let new: NewSession = new.await?;
        // Whoever changes roles or the password from now on sees the session; who did before is
        // seen here.
        match self.users.find(user.id).await? {
            Some(now) if now.password_hash != user.password_hash => {
                self.sessions.sign_out(new.session.id()).await?;
                return Err(SignInError::Wrong);
            }
            Some(now) if now.roles != user.roles => {
                let roles = now.roles.iter().map(|role| role.as_str());
                self.sessions.set_roles(&id, roles).await?;
            }
            Some(_) => {}
            None => {
                self.sessions.sign_out(new.session.id()).await?;
                return Err(SignInError::Nobody);
            }
        }
        let event = AuditTrail::event_from(kind::SIGN_IN, from).user(&id);
        self.trail
            .record_alone(&event.detail("way", "session"))
            .await?;
        let cookies = [Some(&new.cookie), Some(&new.clear_pre_session)];
        Ok(see_other(ACCOUNT, cookies))
    }
}
