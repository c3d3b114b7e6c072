//! Finding out who asks.

use std::{fmt, sync::Arc};

use http::request::Parts;
use purlin_base::BoxFuture;

use super::{AccessError, Identified};

/// Finds out who asks from the head of a request.
///
/// # Examples
///
/// A key in a header field of its own:
///
/// ```
/// use std::sync::Arc;
///
/// use http::request::Parts;
/// use purlin_auth::access::{AccessError, Authenticator, Identified, Proof};
/// use purlin_base::{BoxFuture, Principal};
/// use uuid::Uuid;
///
/// struct Robots;
///
/// impl Authenticator for Robots {
///     fn authenticate<'a>(
///         &'a self,
///         head: &'a Parts,
///     ) -> BoxFuture<'a, Result<Option<Identified>, AccessError>> {
///         let key = head.headers.get("x-robot");
///         let robot = key.map(|_| Principal::new("robot", ["reader"]));
///         let proof = |principal| Identified::new(principal, Proof::Session(Uuid::nil()));
///         Box::pin(async move { Ok(robot.map(proof)) })
///     }
/// }
/// let any: Arc<dyn Authenticator> = Arc::new(Robots);
/// ```
pub trait Authenticator: Send + Sync + 'static {
    /// Whether `head` shows anything that this authenticator would look at. One that would not is
    /// not asked, so a request of nobody costs a look at its fields. Default: always.
    fn concerns(&self, _head: &Parts) -> bool {
        true
    }

    /// Who asks; `None` if nothing is shown that this authenticator knows.
    ///
    /// # Errors
    ///
    /// [`AccessError::Token`] if a proof is shown and is not good;
    /// [`AccessError::Unavailable`] if it cannot be found out now.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when the caller hangs up.
    fn authenticate<'a>(
        &'a self,
        head: &'a Parts,
    ) -> BoxFuture<'a, Result<Option<Identified>, AccessError>>;
}

/// Several authenticators, asked in order: the first that recognises somebody decides, and the
/// first that fails refuses.
///
/// So whoever shows a bad token is refused, though the cookie beside it is good.
///
/// # Examples
///
/// ```
/// use purlin_auth::access::{Authenticator, Authenticators};
///
/// fn chain(tokens: impl Authenticator, sessions: impl Authenticator) -> Authenticators {
///     Authenticators::first(tokens).then(sessions)
/// }
/// ```
#[derive(Clone, Default)]
pub struct Authenticators(Vec<Arc<dyn Authenticator>>);

impl Authenticators {
    /// `authenticator` alone.
    pub fn first(authenticator: impl Authenticator) -> Self {
        Self::default().then(authenticator)
    }

    /// These, and then `authenticator`.
    pub fn then(mut self, authenticator: impl Authenticator) -> Self {
        self.0.push(Arc::new(authenticator));
        self
    }
}

impl Authenticator for Authenticators {
    fn concerns(&self, head: &Parts) -> bool {
        self.0.iter().any(|it| it.concerns(head))
    }

    fn authenticate<'a>(
        &'a self,
        head: &'a Parts,
    ) -> BoxFuture<'a, Result<Option<Identified>, AccessError>> {
        Box::pin(async move {
            for authenticator in self.0.iter().filter(|it| it.concerns(head)) {
                if let Some(found) = authenticator.authenticate(head).await? {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        })
    }
}

impl fmt::Debug for Authenticators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Authenticators")
            .field(&self.0.len())
            .finish()
    }
}
