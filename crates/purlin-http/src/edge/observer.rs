//! Who is told of every answer, for counts and times.

use std::time::Duration;

use http::{Method, StatusCode};

use crate::RouteInfo;

/// Is told of every answer that the layer gives, refusals included: what metrics are made of.
///
/// # Examples
///
/// ```
/// use std::sync::{Arc, atomic::{AtomicU64, Ordering::Relaxed}};
/// use purlin_http::{Edge, edge::{Answered, RequestObserver}};
///
/// #[derive(Default)]
/// struct Failures(AtomicU64);
///
/// impl RequestObserver for Failures {
///     fn answered(&self, answer: &Answered<'_>) {
///         if answer.status.is_server_error() {
///             self.0.fetch_add(1, Relaxed);
///         }
///     }
/// }
///
/// let failures = Arc::new(Failures::default());
/// let edge = Edge::new().observer(failures.clone());
/// ```
pub trait RequestObserver: Send + Sync + 'static {
    /// An answer is about to be sent. Called on the thread that answers: be quick, and do not
    /// panic.
    fn answered(&self, answer: &Answered<'_>);
}

/// An answer, before it is sent.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Answered<'a> {
    /// The method.
    pub method: &'a Method,
    /// The route that answered; `None` where there is none, or it was refused before.
    pub route: Option<&'a RouteInfo>,
    /// The status.
    pub status: StatusCode,
    /// From the head of the request to the head of the answer. What a body takes to be sent is not
    /// in it.
    pub took: Duration,
}
