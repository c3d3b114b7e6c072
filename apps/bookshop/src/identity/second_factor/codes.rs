//! Asks for codes, and takes them.

use std::sync::Arc;

use purlin::{
    auth::totp::{Totp, TotpError},
    http::client_address::ClientAddress,
    prelude::*,
    sql::Tx,
};

use crate::{
    audit::{AuditTrail, kind},
    identity::SignInError,
    limits::CodeLimit,
    users::User,
};

/// The second factors of accounts, as a sign-in sees them.
#[injectable]
pub struct Codes {
    totp: Arc<Totp>,
    limit: Arc<CodeLimit>,
    trail: Arc<AuditTrail>,
    db: Arc<Db>,
}

impl Codes {
    /// Whether `user`, whose password was right, has to show a code as well. Not to be asked
    /// before that: it would tell a stranger.
    ///
    /// # Errors
    ///
    /// [`SignInError::Factor`].
    pub(in crate::identity) async fn are_asked(&self, user: &User) -> Result<bool, SignInError> {
        let id = user.id.to_string();
        Ok(self.totp.is_enrolled(&self.db, &id).await?)
    }

    /// The code that is to be taken, if one is asked for; counts the try.
    ///
    /// # Errors
    ///
    /// [`SignInError::CodeNeeded`] if none was `shown`, [`SignInError::Limited`],
    /// [`SignInError::Factor`].
    pub(in crate::identity) async fn asked<'c>(
        &self,
        user: &User,
        shown: Option<&'c str>,
    ) -> Result<Option<&'c str>, SignInError> {
        if !self.are_asked(user).await? {
            return Ok(None);
        }
        let shown = shown.filter(|code| !code.is_empty());
        let shown = shown.ok_or(SignInError::CodeNeeded)?;
        self.admit(user).await?;
        Ok(Some(shown))
    }

    /// Counts a try: before the code is looked at, so that many at once do not get more.
    ///
    /// # Errors
    ///
    /// [`SignInError::Limited`], after too many.
    pub(super) async fn admit(&self, user: &User) -> Result<(), SignInError> {
        Ok(self.limit.check(&user.id.to_string()).await?)
    }

    /// Takes a code of the app, or else a recovery code, once.
    ///
    /// # Errors
    ///
    /// [`SignInError::CodeWrong`], [`SignInError::Factor`]; return it from the transaction.
    pub(in crate::identity) async fn take(
        &self,
        tx: &mut Tx,
        user: &User,
        code: &str,
    ) -> Result<(), SignInError> {
        let id = user.id.to_string();
        let taken = match self.totp.verify(tx, &id, code).await {
            Err(TotpError::Wrong) => self.totp.recover(tx, &id, code).await.map(drop),
            taken => taken,
        };
        taken.map_err(|error| match error {
            TotpError::Wrong => SignInError::CodeWrong,
            error => error.into(),
        })
    }

    /// `outcome`, once it is written down if the code was wrong: by itself, since the transaction
    /// was rolled back.
    ///
    /// # Errors
    ///
    /// That of `outcome`.
    pub(in crate::identity) async fn noted<T>(
        &self,
        from: &ClientAddress,
        user: &User,
        outcome: Result<T, SignInError>,
    ) -> Result<T, SignInError> {
        if let Err(SignInError::CodeWrong) = outcome {
            let failed = AuditTrail::event_from(kind::SIGN_IN_FAILED, from);
            let failed = failed.user(&user.id.to_string());
            let failed = failed.detail("reason", "wrong code");
            self.trail.record_alone(&failed).await?;
        }
        outcome
    }
}
