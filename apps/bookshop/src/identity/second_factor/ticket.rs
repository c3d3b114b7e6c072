//! Who has shown the right password, until the code comes.
//!
//! Without scripts a page has no memory but its form, so the form of the code carries a ticket: a
//! token that is good once, for ten minutes, and in the browser only that showed the password.

use purlin::{
    auth::{
        one_time::{OneTimeError, OneTimeOptionError, OneTimeTokens, Purpose},
        session::PreSession,
    },
    sql::{Db, Tx},
};
use uuid::Uuid;

/// Sign-ins of one account that may wait for a code within an hour. More than the limit of tries
/// lets through: this bound is the table's.
const ISSUED_MAX: u32 = 100;

const PURPOSE: Purpose = Purpose::new("sign_in_code");

/// Tickets of sign-ins that wait for a code. There is one for each account: a sign-in that begins
/// elsewhere voids it, and then one begins anew.
pub struct SignInTickets(OneTimeTokens);

impl SignInTickets {
    /// Tickets by `tokens`.
    ///
    /// # Errors
    ///
    /// [`OneTimeOptionError`]: a fault of the program.
    pub fn new(tokens: OneTimeTokens) -> Result<Self, OneTimeOptionError> {
        Ok(Self(tokens.issued_max(ISSUED_MAX)?))
    }

    /// A ticket for `user`, in the browser that was seen as `before`.
    ///
    /// # Errors
    ///
    /// [`OneTimeError`].
    pub(super) async fn issue(
        &self,
        tx: &mut Tx,
        user: Uuid,
        before: &PreSession,
    ) -> Result<String, OneTimeError> {
        let (user, browser) = (user.to_string(), before.csrf_binding());
        let token = self.0.issue(tx, &PURPOSE, &user, &browser).await?;
        Ok(token.reveal())
    }

    /// Whose ticket this is, in this browser; it is not used by it.
    ///
    /// # Errors
    ///
    /// [`OneTimeError::Invalid`], [`OneTimeError::Sql`].
    pub(super) async fn peek(
        &self,
        db: &Db,
        shown: &str,
        before: &PreSession,
    ) -> Result<Uuid, OneTimeError> {
        let seen = self.0.peek(db, &PURPOSE, shown).await?;
        let user = seen.user.parse().ok();
        let user = user.filter(|_| seen.about == before.csrf_binding());
        user.ok_or(OneTimeError::Invalid)
    }

    /// Uses a ticket.
    ///
    /// # Errors
    ///
    /// [`OneTimeError::Invalid`], [`OneTimeError::Sql`].
    pub(super) async fn redeem(&self, tx: &mut Tx, shown: &str) -> Result<(), OneTimeError> {
        self.0.redeem(tx, &PURPOSE, shown).await.map(drop)
    }
}
