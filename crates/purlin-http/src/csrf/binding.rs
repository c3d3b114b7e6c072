//! What a guard says of a caller whom it knows by a cookie.

use std::{fmt, sync::Arc};

use purlin_base::random::{OsRng, SharedRng};

use super::CsrfTokens;

/// Says that the request was let in by a cookie, and to what its token is bound.
///
/// A guard (or a layer) puts it into the extensions of the request once it has read a session from
/// a cookie. The route then asks for a token before it calls the handler, if the method is unsafe:
/// see the [module](super).
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use purlin_http::{Guard, GuardRequest, Problem, csrf::{CsrfBinding, CsrfTokens}};
///
/// struct SessionGuard { tokens: Arc<CsrfTokens> }
///
/// impl Guard for SessionGuard {
///     const FIELDS: &'static [&'static str] = &["cookie"];
///
///     async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
///         let session = "the id from the cookie, once it was found in the store";
///         let binding = CsrfBinding::new(Arc::clone(&self.tokens), session);
///         request.parts().extensions.insert(binding);
///         Ok(())
///     }
/// }
/// ```
#[derive(Clone)]
pub struct CsrfBinding(Arc<Inner>);

struct Inner {
    tokens: Arc<CsrfTokens>,
    binding: Box<str>,
    rng: SharedRng,
}

impl CsrfBinding {
    /// Tokens of `tokens`, bound to `binding`: the id of the session, or before sign-in a value
    /// that the caller got by cookie. It must change at sign-in.
    ///
    /// A caller who must show a token and has no such cookie is bound to `""`: no token is right
    /// then. Without a binding none would be asked for.
    pub fn new(tokens: Arc<CsrfTokens>, binding: impl Into<Box<str>>) -> Self {
        Self::with_rng(tokens, binding, Arc::new(OsRng))
    }

    /// As [`new`](Self::new), with chance from `rng`, which must be fit for secrets outside of
    /// tests.
    pub fn with_rng(tokens: Arc<CsrfTokens>, binding: impl Into<Box<str>>, rng: SharedRng) -> Self {
        Self(Arc::new(Inner {
            tokens,
            binding: binding.into(),
            rng,
        }))
    }

    /// A new token, for a page that this caller gets.
    pub fn issue(&self) -> String {
        self.0.tokens.issue(&self.0.binding, &*self.0.rng)
    }

    /// Whether `shown` is a token of this caller.
    pub fn verify(&self, shown: &str) -> bool {
        self.0.tokens.verify(&self.0.binding, shown)
    }
}

/// Does not show the binding: it is the id of a session.
impl fmt::Debug for CsrfBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfBinding")
    }
}
