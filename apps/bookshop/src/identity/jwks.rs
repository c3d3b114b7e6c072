//! The public keys of access tokens.

use std::sync::Arc;

use purlin::{
    auth::token::{Jwks, SigningKeys},
    prelude::*,
};
use purlin_base::time::Clock;

/// The public keys of access tokens, for whoever verifies them elsewhere.
#[injectable]
pub struct JwksController {
    keys: Arc<SigningKeys>,
    clock: Arc<dyn Clock>,
}

// A key is published for two minutes before it signs: a copy of a minute is never too old.
#[controller("/.well-known")]
#[cache_control("public, max-age=60")]
impl JwksController {
    /// Shows the public keys that access tokens are signed with, now or soon.
    #[get("/jwks.json")]
    #[public]
    async fn keys(&self) -> Json<Jwks> {
        Json(self.keys.ring().jwks(self.clock.now()))
    }
}
