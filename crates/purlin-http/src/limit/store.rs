//! What a limit asks of the place where it counts.

use purlin_base::{BoxError, BoxFuture};

use super::{Decision, Quota};

/// Whose requests are counted, and for which limit.
#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq)]
pub struct StoreKey<'a> {
    /// The name of the limit: limits of one name share what they count.
    pub limit: &'a str,
    /// Whose requests.
    pub subject: &'a str,
}

/// A place where several processes count together.
///
/// Each call is atomic: two at once never pass more than the quota allows.
pub trait LimitStore: Send + Sync + 'static {
    /// Takes `cost` from what `key` has left of `quota`, or refuses and takes nothing. A cost of 0
    /// looks and takes nothing.
    ///
    /// # Errors
    ///
    /// [`StoreAway`] if the store does not answer; whether something was taken is not known.
    ///
    /// # Cancel safety
    ///
    /// A call that is dropped may still count.
    fn take<'a>(
        &'a self,
        key: StoreKey<'a>,
        quota: &'a Quota,
        cost: u32,
    ) -> BoxFuture<'a, Result<Decision, StoreAway>>;
}

/// The store could not be reached, or did not answer in time.
#[derive(Debug, thiserror::Error)]
#[error("the store of rate limits is away")]
pub struct StoreAway(#[source] pub BoxError);
