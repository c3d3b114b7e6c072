//! Turns the second factor of an account on and off.

use std::sync::Arc;

use purlin::{
    auth::totp::{Enrolment, RecoveryCodes, Totp, TotpError},
    http::client_address::ClientAddress,
    prelude::*,
    sql::Tx,
};

use super::Codes;
use crate::{
    audit::{AuditTrail, kind},
    identity::{SignInError, SignInService},
    mails::{Mail, MailOutbox},
    users::User,
};

/// Turns the second factor of an account on and off. Whoever finds a browser open must not, so the
/// password is asked for once more.
#[injectable]
pub struct SecondFactorService {
    totp: Arc<Totp>,
    codes: Arc<Codes>,
    sign_ins: Arc<SignInService>,
    mails: Arc<MailOutbox>,
    trail: Arc<AuditTrail>,
    db: Arc<Db>,
}

impl SecondFactorService {
    /// Whether the account has one.
    ///
    /// # Errors
    ///
    /// [`SignInError::Factor`].
    pub(super) async fn is_on(&self, user: &User) -> Result<bool, SignInError> {
        self.codes.are_asked(user).await
    }

    /// Begins: what is to be put into an app.
    ///
    /// # Errors
    ///
    /// [`SignInError::Wrong`] for a wrong password, [`SignInError::Factor`] if there is a second
    /// factor already, [`SignInError::Limited`].
    pub(super) async fn begin(
        &self,
        from: &ClientAddress,
        user: &User,
        password: &str,
    ) -> Result<Enrolment, SignInError> {
        self.sign_ins.confirm(from, user, password).await?;
        let (id, account) = (user.id.to_string(), user.email.as_str());
        let begun = self
            .db
            .transaction(async |tx| self.totp.enrol(tx, &id, account).await);
        Ok(begun.await?)
    }

    /// Turns it on, by a first code of the app.
    ///
    /// # Errors
    ///
    /// [`SignInError::CodeWrong`], [`SignInError::Limited`], [`SignInError::Factor`].
    pub(super) async fn turn_on(
        &self,
        from: &ClientAddress,
        user: &User,
        code: &str,
    ) -> Result<RecoveryCodes, SignInError> {
        self.codes.admit(user).await?;
        let id = user.id.to_string();
        let event = AuditTrail::event_from(kind::FACTOR_ON, from).user(&id);
        let confirmed = self.db.transaction(async |tx| {
            let codes = self.totp.confirm(tx, &id, code).await;
            let codes = codes.map_err(|error| match error {
                TotpError::Wrong => SignInError::CodeWrong,
                error => error.into(),
            })?;
            self.mails.add(tx, turned(user, true)).await?;
            self.trail.record(tx, &event).await?;
            Ok::<_, SignInError>(codes)
        });
        self.codes.noted(from, user, confirmed.await).await
    }

    /// Turns it off, by the password and a code.
    ///
    /// # Errors
    ///
    /// [`SignInError::Wrong`], [`SignInError::CodeWrong`], [`SignInError::Limited`],
    /// [`SignInError::Factor`].
    pub(super) async fn turn_off(
        &self,
        from: &ClientAddress,
        user: &User,
        password: &str,
        code: &str,
    ) -> Result<(), SignInError> {
        let id = user.id.to_string();
        let event = AuditTrail::event_from(kind::FACTOR_OFF, from).user(&id);
        let off = async |tx: &mut Tx| {
            self.totp.remove(tx, &id).await?;
            self.mails.add(tx, turned(user, false)).await?;
            self.trail.record(tx, &event).await?;
            Ok(())
        };
        self.with_both(from, user, password, code, off).await
    }

    /// New recovery codes, by the password and a code; the old ones are void.
    ///
    /// # Errors
    ///
    /// Those of [`turn_off`](Self::turn_off).
    pub(super) async fn new_recovery_codes(
        &self,
        from: &ClientAddress,
        user: &User,
        password: &str,
        code: &str,
    ) -> Result<RecoveryCodes, SignInError> {
        let id = user.id.to_string();
        let event = AuditTrail::event_from(kind::RECOVERY_CODES_MADE, from).user(&id);
        let renew = async |tx: &mut Tx| {
            let codes = self.totp.new_recovery_codes(tx, &id).await?;
            self.trail.record(tx, &event).await?;
            Ok(codes)
        };
        self.with_both(from, user, password, code, renew).await
    }

    /// Does `work` if password and code are right, in the transaction that takes the code.
    async fn with_both<T>(
        &self,
        from: &ClientAddress,
        user: &User,
        password: &str,
        code: &str,
        work: impl AsyncFnOnce(&mut Tx) -> Result<T, SignInError>,
    ) -> Result<T, SignInError> {
        self.sign_ins.confirm(from, user, password).await?;
        self.codes.admit(user).await?;
        let done = self.db.transaction(async |tx| {
            self.codes.take(tx, user, code).await?;
            work(tx).await
        });
        self.codes.noted(from, user, done.await).await
    }
}

fn turned(user: &User, is_on: bool) -> Mail {
    let (subject, said) = match is_on {
        true => (
            "Two-step sign-in was turned on",
            "From now on a sign-in to your account asks for a code of your app as well.",
        ),
        false => (
            "Two-step sign-in was turned off",
            "From now on a sign-in to your account asks for the password only.",
        ),
    };
    Mail {
        recipient: user.email.to_string(),
        subject,
        body: format!("{said}\n\nIf it was not you, set a new password at once.\n"),
        kind: "account.second-factor",
        once_key: None,
    }
}
