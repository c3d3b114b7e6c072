//! Sign-ins of programs: access and refresh tokens.

use std::{sync::Arc, time::Duration};

use purlin::{
    auth::{
        refresh::{Device, RefreshError, RefreshTokens},
        session::SessionChanges,
        standing::Standing,
        token::{AccessTokens, IssuedToken, SigningKeys, VerifiedToken},
    },
    http::client_address::ClientAddress,
    prelude::*,
};
use purlin_base::time::Clock;
use uuid::Uuid;

use super::{Codes, SignInError, SignInService, input::SignInInput};
use crate::{
    audit::{AuditTrail, kind},
    users::{User, UserStore},
};

/// Signs programs in and out.
#[injectable]
pub struct TokenService {
    sign_ins: Arc<SignInService>,
    codes: Arc<Codes>,
    trail: Arc<AuditTrail>,
    users: Arc<UserStore>,
    db: Arc<Db>,
    access: Arc<AccessTokens>,
    keys: Arc<SigningKeys>,
    standing: Arc<Standing>,
    refresh: Arc<RefreshTokens>,
    sessions: Arc<SessionChanges>,
    clock: Arc<dyn Clock>,
}

/// What whoever signed in is given.
pub(super) struct Pair {
    /// For `Authorization: Bearer`.
    pub(super) access: IssuedToken,
    /// For the next pair.
    pub(super) refresh: String,
    /// How long that is good.
    pub(super) refresh_ttl: Duration,
}

impl TokenService {
    /// Signs in by address and password, and a code where the account wants one.
    ///
    /// # Errors
    ///
    /// Those of [`SignInService::check`]; [`SignInError::CodeNeeded`], [`SignInError::CodeWrong`],
    /// [`SignInError::Refresh`], [`SignInError::Issue`].
    pub(super) async fn sign_in(
        &self,
        from: &ClientAddress,
        shown: &SignInInput,
        device: &Device,
    ) -> Result<Pair, SignInError> {
        let user = self.sign_ins.check(from, &shown.email, &shown.password);
        let user = user.await?;
        let code = self.codes.asked(&user, shown.code.as_deref()).await?;
        let event = AuditTrail::event_from(kind::SIGN_IN, from).detail("way", "access token");
        let begun = self.db.transaction(async |tx| {
            // Read again: what was changed since the password was compared counts.
            let now = self.users.hold(tx, user.id, &user.password_hash).await?;
            let now = now.ok_or(SignInError::Wrong)?;
            if let Some(code) = code {
                self.codes.take(tx, &now, code).await?;
            }
            let id = now.id.to_string();
            let issued = self.refresh.begin(tx, &id, device).await?;
            self.trail.record(tx, &event.user(&id)).await?;
            Ok::<_, SignInError>((now, issued))
        });
        let begun = begun.await;
        let (user, issued) = self.codes.noted(from, &user, begun).await?;
        self.pair(&user, issued.family, issued.token, issued.expires_at)
    }

    /// A new pair for the refresh token `shown`, which is spent by it. One that was spent before
    /// is written down, once its family has ended.
    ///
    /// # Errors
    ///
    /// [`SignInError::Refresh`], [`SignInError::Nobody`] if the account is gone,
    /// [`SignInError::Issue`], [`SignInError::Audit`], [`SignInError::Sql`].
    pub(super) async fn refresh(
        &self,
        from: &ClientAddress,
        shown: &str,
    ) -> Result<Pair, SignInError> {
        let next = self.refresh.redeem(shown).await;
        if let Err(RefreshError::Reused { user, family }) = &next {
            let event = AuditTrail::event_from(kind::REFRESH_REUSED, from).user(user);
            let event = event.detail("family", &family.to_string());
            self.trail.record_alone(&event).await?;
        }
        let next = next?;
        let id = next.user.parse::<Uuid>().map_err(|_| SignInError::Nobody)?;
        let user = self.users.find(id).await?.ok_or(SignInError::Nobody)?;
        self.pair(&user, next.family, next.token, next.expires_at)
    }

    /// Ends the sign-ins of the refresh token and the access token that are shown, if they are
    /// good; `everywhere`: all sign-ins and sessions of their users.
    ///
    /// # Errors
    ///
    /// [`SignInError::Sql`], [`SignInError::Session`], [`SignInError::Audit`].
    pub(super) async fn sign_out(
        &self,
        from: &ClientAddress,
        refresh: Option<&str>,
        access: Option<&str>,
        everywhere: bool,
    ) -> Result<(), SignInError> {
        let access = match access {
            Some(token) => self.access.verify_fresh(&self.keys, token).await.ok(),
            None => None,
        };
        // Who was signed out must not sign others out.
        let access = access.filter(|token| self.standing.judge(token).is_ok());
        let owners = self.owners(refresh, access.as_deref()).await?;
        let mut removals = Vec::new();
        for user in owners.iter().filter(|_| everywhere) {
            removals.push(self.sessions.remove_all(user, None).await?);
        }
        let ended = self.db.transaction(async |tx| {
            let mut notice = match refresh {
                Some(shown) => self.refresh.revoke_shown(tx, shown).await?,
                None => Default::default(),
            };
            if let Some(token) = &access
                && let Some(family) = token.family
            {
                let user = token.principal.id();
                notice = notice.and(self.refresh.revoke_family(tx, user, family).await?);
            }
            for user in &owners {
                let event = AuditTrail::event_from(kind::SIGN_OUT, from).user(user);
                let event = event.detail("everywhere", &everywhere.to_string());
                self.trail.record(tx, &event).await?;
            }
            for removal in &removals {
                notice = notice.and(self.refresh.revoke_all(tx, removal.user()).await?);
                removal.write_in(tx).await?;
            }
            Ok::<_, SignInError>(notice)
        });
        ended.await?.committed();
        for removal in removals {
            removal.committed().await;
        }
        Ok(())
    }

    /// Whose the refresh token and the access token are: mostly one and the same.
    async fn owners(
        &self,
        refresh: Option<&str>,
        access: Option<&VerifiedToken>,
    ) -> Result<Vec<String>, SignInError> {
        let mut owners = Vec::new();
        if let Some(shown) = refresh {
            let owner = self
                .db
                .transaction(async |tx| self.refresh.owner(tx, shown).await);
            owners.extend(owner.await?);
        }
        owners.extend(access.map(|token| token.principal.id().to_owned()));
        owners.dedup();
        Ok(owners)
    }

    fn pair(
        &self,
        user: &User,
        family: Uuid,
        refresh: String,
        expires_at: Timestamp,
    ) -> Result<Pair, SignInError> {
        let issued = self.access.issue(&user.principal(), Some(family));
        Ok(Pair {
            access: issued.map_err(SignInError::Issue)?,
            refresh,
            refresh_ttl: expires_at.since(self.clock.now()),
        })
    }
}
