//! A browser with one cookie jar, and sessions on a clock of its own.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderValue, header::COOKIE};
use purlin_auth::session::{
    CookiePolicy, MemorySessionStore, NewSession, Session, Sessions, SharedSessionStore,
};
use purlin_base::{Timestamp, random::SeededRng, time::ManualClock};

pub(super) const START: Timestamp = Timestamp::from_unix_micros(1_764_000_000_000_000);

/// An application: sessions, and the hand on their clock.
pub(super) struct Site {
    pub(super) sessions: Sessions,
    clock: ManualClock,
}

impl Site {
    pub(super) fn on(store: SharedSessionStore) -> Self {
        let clock = ManualClock::new(START);
        let cookie = CookiePolicy::for_public_url("https://books.example").unwrap();
        let sessions = Sessions::builder(store, cookie)
            .clock(clock.clone())
            .build()
            .unwrap();
        Self { sessions, clock }
    }

    pub(super) fn in_memory() -> Self {
        Self::on(Arc::new(MemorySessionStore::default()))
    }

    pub(super) fn wait(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(60 * minutes));
    }

    pub(super) fn wait_seconds(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(super) async fn sign_in(&self, user: &str) -> NewSession {
        let signed_in = self.sessions.sign_in(None, user, ["reader"], "a browser");
        signed_in.await.unwrap()
    }

    pub(super) async fn load(&self, request: &HeaderMap) -> Option<Session> {
        self.sessions.load(request).await.unwrap()
    }

    pub(super) async fn is_signed_in(&self, request: &HeaderMap) -> bool {
        self.load(request).await.is_some()
    }
}

/// A request with the cookie that `set` set.
pub(super) fn with(set: &HeaderValue) -> HeaderMap {
    let set = set.to_str().unwrap();
    sending(set.split(';').next().unwrap())
}

/// A request with this `Cookie` header.
pub(super) fn sending(cookies: &str) -> HeaderMap {
    HeaderMap::from_iter([(COOKIE, cookies.parse().unwrap())])
}

/// A source that gives the same bytes in every run.
#[allow(dead_code, reason = "only some features need it")]
pub(super) fn seeded(seed: u64) -> SeededRng {
    SeededRng::new(seed)
}
