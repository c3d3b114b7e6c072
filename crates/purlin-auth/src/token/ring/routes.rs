//! Where the public keys are published.

use purlin_base::time::SharedClock;
use purlin_http::{Json, Route, Routes};

use crate::token::{Jwks, KeyRing};

impl KeyRing {
    /// `GET /.well-known/jwks.json`, for anybody, with `Cache-Control: public, max-age=60`: a key
    /// is published at least that long before it signs.
    ///
    /// For a program without `purlin_http`, answer with [`jwks`](Self::jwks) as JSON.
    pub fn routes(&self, clock: SharedClock) -> Routes {
        let ring = self.clone();
        let route = Route::get("/.well-known/jwks.json")
            .operation("jwks")
            .version_neutral()
            .cache_control("public, max-age=60")
            .public()
            .describe(|operation| {
                operation
                    .summary("The public keys that access tokens are signed by")
                    .reply::<Json<Jwks>>();
            });
        Routes::at("/")
            .controller("Keys")
            .route(route.handler(async move || Json(ring.jwks(clock.now()))))
    }
}
