//! Keys in the database: on every engine, by several processes.

use std::{sync::Arc, time::Duration};

use purlin_auth::token::{
    AccessTokens, Algorithm, KeyError, SigningKeys, SigningKeysBuilder, TokenError, TokenKey,
};
use purlin_base::{
    Classified, ErrorClass,
    random::SeededRng,
    time::{Clock, ManualClock},
};
use purlin_sql::Db;

use super::support::{builder, clock, reader};

mod cases;
mod engines;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const MINUTE: Duration = Duration::from_secs(60);

/// A process: its view of the keys, and its tokens.
struct Process {
    keys: SigningKeys,
    tokens: AccessTokens,
    clock: ManualClock,
}

impl Process {
    async fn start(db: &Db, clock: &ManualClock) -> Self {
        Self::with(db, clock, Algorithm::EdDsa).await
    }

    async fn with(db: &Db, clock: &ManualClock, algorithm: Algorithm) -> Self {
        let keys = keys(db, clock).algorithm(algorithm).open().await.unwrap();
        let tokens = builder(keys.ring(), clock).build().unwrap();
        let clock = clock.clone();
        Self {
            keys,
            tokens,
            clock,
        }
    }

    fn issue(&self) -> String {
        self.tokens.issue(&reader(), None).unwrap().token
    }

    fn verify(&self, token: &str) -> Result<(), TokenError> {
        self.tokens.verify(token).map(drop)
    }

    /// The names of the keys that are published, the latest first.
    fn published(&self) -> Vec<String> {
        let jwks = self.keys.ring().jwks(self.clock.now());
        jwks.keys.into_iter().map(|jwk| jwk.kid).collect()
    }
}

/// No seed: two processes must not make the same key.
fn keys(db: &Db, clock: &ManualClock) -> SigningKeysBuilder {
    SigningKeys::builder(db.clone(), SECRET).clock(Arc::new(clock.clone()))
}
