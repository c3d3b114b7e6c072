//! Confirms that an address is its account's owner's, by the link that it was sent.

use std::sync::Arc;

use purlin::{
    auth::one_time::{OneTimeError, OneTimeTokens, Purpose, Redeemed},
    http::client_address::ClientAddress,
    prelude::*,
    sql::Tx,
};
use purlin_base::time::Clock;

use super::{User, UserError, UserStore};
use crate::audit::{AuditTrail, kind};

/// The page that the link leads to.
pub const VERIFY_PATH: &str = "/email/verify";

const VERIFY: Purpose = Purpose::VERIFY_EMAIL;

/// Confirms addresses.
#[injectable]
pub struct VerifyService {
    store: Arc<UserStore>,
    tokens: Arc<OneTimeTokens>,
    trail: Arc<AuditTrail>,
    clock: Arc<dyn Clock>,
}

impl VerifyService {
    /// Whether `token` could be used now.
    ///
    /// # Errors
    ///
    /// [`UserError::Token`] if not.
    pub async fn look_at(&self, token: &str) -> Result<(), UserError> {
        let seen = self.tokens.peek(&self.store.db, &VERIFY, token).await;
        Ok(seen.map(drop)?)
    }

    /// Notes that the owner of the account that `token` is for has its address.
    ///
    /// # Errors
    ///
    /// [`UserError::Token`], [`UserError::Audit`], [`UserError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have used the token or not.
    pub async fn verify(&self, from: &ClientAddress, token: &str) -> Result<(), UserError> {
        let event = AuditTrail::event_from(kind::EMAIL_VERIFIED, from);
        let noted = self.store.db.transaction(async |tx| {
            let redeemed = self.tokens.redeem(tx, &VERIFY, token).await?;
            let owner = owner(&self.store, tx, &redeemed).await?;
            self.store.verify(tx, owner.id, self.clock.now()).await?;
            let event = event.user(&owner.id.to_string());
            self.trail.record(tx, &event).await?;
            Ok::<_, UserError>(())
        });
        noted.await
    }
}

/// The account that a token was issued to, if it has the address still that the token was sent to.
pub(super) async fn owner(
    store: &UserStore,
    tx: &mut Tx,
    redeemed: &Redeemed,
) -> Result<User, UserError> {
    let id = redeemed.user.parse().map_err(|_| OneTimeError::Invalid)?;
    let owner = store.find_in(tx, id).await?;
    let owner = owner.filter(|owner| owner.email.key() == redeemed.about);
    Ok(owner.ok_or(OneTimeError::Invalid)?)
}
