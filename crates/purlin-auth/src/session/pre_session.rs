//! What stands in for a session before anybody is signed in.

use http::HeaderValue;

use super::SessionId;

/// What stands in for a session before anybody is signed in: a random cookie, and nothing on the
/// server. It gives the login form something to bind its CSRF token to.
#[derive(Clone, Debug)]
pub struct PreSession {
    pub(super) id: SessionId,
    pub(super) cookie: Option<HeaderValue>,
}

impl PreSession {
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
