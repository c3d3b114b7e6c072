//! A database with a clock that stands still.

use std::{sync::Arc, time::Duration};

use purlin_auth::{
    refresh::{Device, Issued, Redeemed, RefreshBuilder, RefreshError, RefreshTokens},
    standing::{Notice, Standing},
    token::VerifiedToken,
};
use purlin_base::{
    Principal,
    time::{Clock, ManualClock, Timestamp},
};
use purlin_sql::{Db, SqlError};
use uuid::Uuid;

pub(crate) const SECRET: &[u8] = b"a secret of the tests, long enough";

/// One process on a database.
pub(crate) struct Place {
    pub(crate) db: Db,
    pub(crate) clock: ManualClock,
    pub(crate) standing: Standing,
    pub(crate) tokens: RefreshTokens,
}

impl Place {
    pub(crate) async fn new(db: &Db) -> Self {
        let start = Timestamp::from_unix_micros(1_764_000_000_250_000);
        Self::with(db, &ManualClock::new(start), |builder| builder).await
    }

    pub(crate) async fn with(
        db: &Db,
        clock: &ManualClock,
        set: impl FnOnce(RefreshBuilder) -> RefreshBuilder,
    ) -> Self {
        let standing = Standing::builder(db).clock(Arc::new(clock.clone()));
        let standing = standing.load().await.unwrap();
        Self {
            tokens: set(RefreshTokens::builder(&standing, SECRET))
                .build()
                .unwrap(),
            db: db.clone(),
            clock: clock.clone(),
            standing,
        }
    }

    /// Another process on the same database.
    pub(crate) async fn another(&self) -> Self {
        Self::with(&self.db, &self.clock, |builder| builder).await
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) async fn begin(&self, user: &str) -> Issued {
        let device = Device::new("Firefox").address("192.0.2.7".parse().unwrap());
        let begin = self
            .db
            .transaction(async |tx| self.tokens.begin(tx, user, &device).await);
        begin.await.unwrap()
    }

    pub(crate) async fn redeem(&self, token: &str) -> Result<Redeemed, RefreshError> {
        self.tokens.redeem(token).await
    }

    pub(crate) async fn revoke_all(&self, user: &str) -> Notice {
        let revoke = self
            .db
            .transaction(async |tx| self.tokens.revoke_all(tx, user).await);
        revoke.await.unwrap()
    }

    pub(crate) async fn revoke_shown(&self, token: &str) -> Notice {
        let revoke = self
            .db
            .transaction(async |tx| self.tokens.revoke_shown(tx, token).await);
        revoke.await.unwrap()
    }

    pub(crate) async fn set_roles(&self, user: &str, roles: &[&str]) -> Notice {
        let set = self
            .db
            .transaction(async |tx| self.standing.set_roles(tx, user, roles).await);
        set.await.unwrap()
    }

    /// An access token as one would be issued now.
    pub(crate) fn access(&self, user: &str, family: Option<Uuid>) -> VerifiedToken {
        let second = Timestamp::from_unix_micros(self.clock.now().unix_seconds() * 1_000_000);
        let end = second.saturating_add(Duration::from_secs(900));
        VerifiedToken::new(Principal::new(user, ["reader"]), "jti", family, second, end)
    }

    pub(crate) fn lets(&self, token: &VerifiedToken) -> bool {
        self.standing.judge(token).is_ok()
    }

    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        let read: Result<(i64,), SqlError> = self.db.read().query(query).fetch_one().await;
        read.unwrap().0
    }
}
