//! Sets passwords anew: one that was forgotten by a link that the owner of the address is sent,
//! another by the old one.

use std::sync::Arc;

use purlin::{
    auth::{
        one_time::{OneTimeError, OneTimeToken, OneTimeTokens, Purpose},
        refresh::RefreshTokens,
        session::{SessionChanges, SessionRemoval},
        standing::Notice,
        totp::Totp,
    },
    http::client_address::ClientAddress,
    prelude::*,
    sql::Tx,
};
use purlin_base::{id::IdMaker, time::Clock};
use uuid::Uuid;

use super::{EmailAddress, PasswordKeeper, User, UserError, UserStore, verify::owner};
use crate::{
    audit::{AuditTrail, kind},
    mails::{Links, Mail, MailOutbox},
};

/// The page that a link is asked for on.
pub const FORGOT_PATH: &str = "/password/forgot";

/// The page that the link leads to.
pub const RESET_PATH: &str = "/password/reset";

const RESET: Purpose = Purpose::RESET_PASSWORD;

/// Sets passwords anew.
#[injectable]
pub struct NewPasswordService {
    store: Arc<UserStore>,
    passwords: Arc<dyn PasswordKeeper>,
    tokens: Arc<OneTimeTokens>,
    totp: Arc<Totp>,
    refresh: Arc<RefreshTokens>,
    sessions: Arc<SessionChanges>,
    mails: Arc<MailOutbox>,
    links: Arc<Links>,
    trail: Arc<AuditTrail>,
    ids: Arc<IdMaker>,
    clock: Arc<dyn Clock>,
}

impl NewPasswordService {
    /// Sends the owner of the account with the address `email` a link to set a new password, at
    /// most 5 within an hour.
    ///
    /// Whether there is such an account is not told: for an address that nobody has a token is
    /// issued and an event written down all the same, in a transaction of its own.
    ///
    /// # Errors
    ///
    /// [`UserError::Token`], [`UserError::Audit`], [`UserError::Sql`]: the database.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have sent the mail or not.
    pub async fn forgot(&self, from: &ClientAddress, email: &str) -> Result<(), UserError> {
        let owner = match email.parse::<EmailAddress>() {
            Ok(email) => self.store.find_by_email(&email).await?,
            Err(_) => None,
        };
        let event = AuditTrail::event_from(kind::PASSWORD_FORGOTTEN, from);
        let sent = self.store.db.transaction(async |tx| {
            let token = self.issue(tx, owner.as_ref()).await?;
            let event = match &owner {
                Some(owner) => event.user(&owner.id.to_string()),
                None => event.detail("reason", "no such account"),
            };
            if let (Some(owner), Some(token)) = (&owner, token) {
                let link = self.links.with_token(RESET_PATH, &token);
                self.mails.add(tx, forgotten(owner, &link)).await?;
            }
            self.trail.record(tx, &event).await?;
            Ok::<_, UserError>(())
        });
        sent.await
    }

    /// A token for `owner`, or for nobody, who has a row then that a sweep takes away; `None` when
    /// as many were issued as may be.
    async fn issue(
        &self,
        tx: &mut Tx,
        owner: Option<&User>,
    ) -> Result<Option<OneTimeToken>, UserError> {
        let id = owner.map_or_else(|| self.ids.make(), |owner| owner.id);
        let about = owner.map(|owner| owner.email.key()).unwrap_or_default();
        match self.tokens.issue(tx, &RESET, &id.to_string(), &about).await {
            Ok(token) => Ok(Some(token)),
            Err(OneTimeError::TooMany) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether `token` could be used now.
    ///
    /// # Errors
    ///
    /// [`UserError::Token`] if not.
    pub async fn look_at(&self, token: &str) -> Result<(), UserError> {
        let seen = self.tokens.peek(&self.store.db, &RESET, token).await;
        Ok(seen.map(drop)?)
    }

    /// Sets the password of the account that `token` is for, and ends everything that the old one
    /// has begun: sessions, sign-ins, access tokens and other links, in one transaction.
    ///
    /// The owner has shown to have the address by it. If that had not been shown before, a second
    /// factor is taken away: whoever opened the account may have been somebody else, who must not
    /// keep its owner out.
    ///
    /// # Errors
    ///
    /// [`UserError::Password`]: the token is good still; [`UserError::Token`] if it is not;
    /// [`UserError::Hash`], [`UserError::Session`], [`UserError::Factor`], [`UserError::Audit`],
    /// [`UserError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have set the password or not; with it, all is done.
    pub async fn reset(
        &self,
        from: &ClientAddress,
        token: &str,
        password: &str,
    ) -> Result<(), UserError> {
        self.passwords
            .judge(password)
            .map_err(UserError::Password)?;
        // Before the work of a hash: tokens can be made up for nothing.
        let seen = self.tokens.peek(&self.store.db, &RESET, token).await?;
        let hash = self.passwords.hash(password).await;
        let hash = hash.map_err(UserError::Hash)?;
        let event = AuditTrail::event_from(kind::PASSWORD_RESET, from);
        let ended = self.sessions.remove_all(&seen.user, None).await?;
        let set = self.store.db.transaction(async |tx| {
            let redeemed = self.tokens.redeem(tx, &RESET, token).await?;
            let owner = owner(&self.store, tx, &redeemed).await?;
            self.store.set_hash(tx, owner.id, &hash).await?;
            self.prove_address(tx, &owner).await?;
            let notice = self.end_all(tx, &ended).await?;
            self.mails.add(tx, changed(&owner, &self.links)).await?;
            let event = event.user(&owner.id.to_string());
            self.trail.record(tx, &event).await?;
            Ok::<_, UserError>(notice)
        });
        set.await?.committed();
        ended.committed().await;
        Ok(())
    }

    /// Gives `user`, who has shown the old password, a new one, and ends everything that the old
    /// one has begun but for the session `kept`; false if the password was changed meanwhile.
    ///
    /// # Errors
    ///
    /// [`UserError::Password`], [`UserError::Hash`], [`UserError::Session`], [`UserError::Audit`],
    /// [`UserError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// That of [`reset`](Self::reset).
    pub async fn change(
        &self,
        from: &ClientAddress,
        user: &User,
        password: &str,
        kept: Uuid,
    ) -> Result<bool, UserError> {
        self.passwords
            .judge(password)
            .map_err(UserError::Password)?;
        let hash = self.passwords.hash(password).await;
        let hash = hash.map_err(UserError::Hash)?;
        let event = AuditTrail::event_from(kind::PASSWORD_CHANGED, from);
        let id = user.id.to_string();
        let event = event.user(&id);
        let ended = self.sessions.remove_all(&id, Some(kept)).await?;
        let changed = self.store.db.transaction(async |tx| {
            let held = self.store.hold(tx, user.id, &user.password_hash).await?;
            let Some(owner) = held else {
                return Ok(None);
            };
            self.store.set_hash(tx, owner.id, &hash).await?;
            let notice = self.end_all(tx, &ended).await?;
            self.mails.add(tx, changed(&owner, &self.links)).await?;
            self.trail.record(tx, &event).await?;
            Ok::<_, UserError>(Some(notice))
        });
        let notice = changed.await?;
        ended.committed().await;
        Ok(notice.map(Notice::committed).is_some())
    }

    /// The owner has the address. If that was not known, whoever set a second factor had not shown
    /// it, and may be somebody else.
    async fn prove_address(&self, tx: &mut Tx, owner: &User) -> Result<(), UserError> {
        if owner.verified_at.is_none() {
            self.totp.remove(tx, &owner.id.to_string()).await?;
            self.store.verify(tx, owner.id, self.clock.now()).await?;
        }
        Ok(())
    }

    /// Ends what was begun with the old password: all that is not a session, and the sessions that
    /// are `ended`.
    async fn end_all(&self, tx: &mut Tx, ended: &SessionRemoval<'_>) -> Result<Notice, UserError> {
        self.tokens.void_all(tx, ended.user()).await?;
        let notice = self.refresh.revoke_all(tx, ended.user()).await?;
        ended.write_in(tx).await?;
        Ok(notice)
    }
}

fn forgotten(owner: &User, link: &str) -> Mail {
    Mail {
        recipient: owner.email.to_string(),
        subject: "Set a new password at the bookshop",
        body: format!(
            "Somebody asked for a new password for the account with this address. If it was you, \
             set one within ten minutes:\n\n{link}\n\nIf not, there is nothing to do: nothing was \
             changed.\n"
        ),
        kind: "password.forgotten",
        once_key: None,
    }
}

fn changed(owner: &User, links: &Links) -> Mail {
    let again = links.page(FORGOT_PATH);
    Mail {
        recipient: owner.email.to_string(),
        subject: "Your password at the bookshop was changed",
        body: format!(
            "The password of your account was set anew, and all other devices were signed out. If \
             it was not you, see that nobody else reads your mail, and then set another:\n\n\
             {again}\n"
        ),
        kind: "password.changed",
        once_key: None,
    }
}
