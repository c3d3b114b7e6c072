//! What stands in for a session before anybody is signed in.

use http::{HeaderMap, HeaderValue};
use purlin_base::random::Rng;

use super::{CookiePolicy, SessionId};

/// What stands in for a session before anybody is signed in: a random cookie, and nothing on the
/// server. It gives the login form something to bind its CSRF token to.
///
/// # Examples
///
/// ```
/// # use {http::HeaderMap, purlin_auth::session::{CookiePolicy, PreSession}, purlin_base::random::OsRng};
/// let policy = CookiePolicy::for_public_url("https://books.example")?;
/// let pre_session = PreSession::read(&HeaderMap::new(), &policy, &OsRng);
/// assert!(pre_session.cookie().is_some());
/// # Ok::<(), purlin_auth::session::SessionOptionError>(())
/// ```
#[derive(Clone, Debug)]
pub struct PreSession {
    id: SessionId,
    cookie: Option<HeaderValue>,
}

impl PreSession {
    /// The one that the request shows, or a new one from `rng`. Its cookie is called as that of
    /// `policy`, with `.pre` behind.
    ///
    /// [`Sessions::pre_session`](super::Sessions::pre_session) calls it; call it yourself beside
    /// sessions that are shared with Express.
    ///
    /// # Panics
    ///
    /// When the name in `policy` is out of its bounds.
    pub fn read(headers: &HeaderMap, policy: &CookiePolicy, rng: &dyn Rng) -> Self {
        policy.check().expect("the policy is good");
        let policy = policy.before_sign_in();
        if let Some(id) = policy.read(headers).and_then(SessionId::parse) {
            return Self { id, cookie: None };
        }
        let id = SessionId::new(rng);
        let cookie = Some(policy.set(&id.reveal()));
        Self { id, cookie }
    }

    /// The `Set-Cookie` header that must go out with the answer; `None` if the browser has it.
    pub fn cookie(&self) -> Option<&HeaderValue> {
        self.cookie.as_ref()
    }

    /// What a CSRF token is bound to. At sign-in it changes to that of the
    /// [`Session`](super::Session::csrf_binding), so no token from before is good after.
    pub fn csrf_binding(&self) -> String {
        self.id.csrf_binding()
    }
}
