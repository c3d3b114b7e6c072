//! Changes, written in the caller's transaction.

use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use purlin_sql::{SqlError, Tx};
use uuid::Uuid;

use super::{
    Notice, Standing,
    deny::{Certainty, Event},
    rows,
};

/// How much longer than its deadline a transaction may take to be committed.
const COMMIT_MARGIN: Duration = Duration::from_secs(5);

impl Standing {
    /// Refuses every access token of one family: of one sign-in.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; return it from the transaction.
    ///
    /// # Cancel safety
    ///
    /// Dropped: the transaction has the row or not. Nothing is refused that it does not have.
    pub async fn revoke_family(&self, tx: &mut Tx, family: Uuid) -> Result<Notice, SqlError> {
        self.write(tx, Event::Family(family)).await
    }

    /// Refuses every access token that `user` has now. `families` are the sign-ins that are ended
    /// with it: by them, tokens of this very second are told apart from those of a new sign-in in
    /// the same second. A token without a family that is issued in this second is refused.
    ///
    /// [`RefreshTokens::revoke_all`](crate::refresh::RefreshTokens::revoke_all) knows the families
    /// and calls this.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; return it from the transaction.
    pub async fn revoke_user(
        &self,
        tx: &mut Tx,
        user: &str,
        families: &[Uuid],
    ) -> Result<Notice, SqlError> {
        let event = Event::User {
            user: user.into(),
            at: self.0.clock.now(),
        };
        let mut notice = self.write(tx, event).await?;
        for family in families {
            notice = notice.and(self.revoke_family(tx, *family).await?);
        }
        Ok(notice)
    }

    /// Gives the access tokens that `user` has now these roles, in place of those they say.
    ///
    /// `roles` are all of them, as tokens carry them. Until the commit the tokens have only the
    /// roles that are in both. Change the user's own row
    /// first: two changes at once then wait for each other there, in one order.
    ///
    /// # Errors
    ///
    /// [`SqlError`]; return it from the transaction.
    pub async fn set_roles<R: AsRef<str>>(
        &self,
        tx: &mut Tx,
        user: &str,
        roles: &[R],
    ) -> Result<Notice, SqlError> {
        rows::order_roles(tx, user).await?;
        let event = Event::Roles {
            user: user.into(),
            roles: roles.iter().map(|role| role.as_ref().to_owned()).collect(),
            seq: 0,
        };
        self.write(tx, event).await
    }

    async fn write(&self, tx: &mut Tx, event: Event) -> Result<Notice, SqlError> {
        let now = self.0.clock.now();
        let until = now.saturating_add(self.0.hold);
        let event = rows::insert(tx, event, now, until).await?;
        let open_for = self.0.db.config().transaction_deadline + COMMIT_MARGIN;
        let lapses = self.0.clock.monotonic() + open_for;
        self.note(&event, Certainty::Tentative { lapses });
        Ok(Notice::of(self, event, Certainty::Firm { until }))
    }

    pub(super) fn note(&self, event: &Event, certainty: Certainty) {
        if !self.0.deny.note(event, certainty) {
            self.set_full(true);
        }
    }

    pub(super) fn set_full(&self, full: bool) {
        match (self.0.full.swap(full, Relaxed), full) {
            (false, true) => tracing::error!(
                entries = self.len(),
                "the deny-list of access tokens is full: every token is refused"
            ),
            (true, false) => tracing::info!("the deny-list of access tokens has room again"),
            _ => {}
        }
    }
}
