//! How a part says that it can work.

use std::future::Future;

use crate::{BoxError, BoxFuture};

/// Something that the application cannot work without, and that can be away: a database, a broker.
///
/// Asked by the readiness check, at most once at a time; the check has a deadline of its own, so
/// the future must be safe to drop.
pub trait HealthIndicator: Send + Sync + 'static {
    /// A short stable name, such as `database`.
    fn name(&self) -> &'static str;

    /// Does the least that shows the thing works. The error is logged and never shown to callers.
    fn check(&self) -> impl Future<Output = Result<(), BoxError>> + Send;
}

/// [`HealthIndicator`] behind a pointer; implemented for every indicator.
pub trait DynHealthIndicator: Send + Sync {
    /// See [`HealthIndicator::name`].
    fn name(&self) -> &'static str;
    /// See [`HealthIndicator::check`].
    fn check(&self) -> BoxFuture<'_, Result<(), BoxError>>;
}

impl<T: HealthIndicator> DynHealthIndicator for T {
    fn name(&self) -> &'static str {
        HealthIndicator::name(self)
    }
    fn check(&self) -> BoxFuture<'_, Result<(), BoxError>> {
        Box::pin(HealthIndicator::check(self))
    }
}
