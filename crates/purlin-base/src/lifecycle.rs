//! How a thing that runs is started and stopped: one trait for providers, servers and workers.

use std::{fmt, future::Future, sync::Arc};

use crate::{BoxError, BoxFuture};

/// Why the application is stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopReason {
    /// The operating system asked with SIGTERM.
    Terminate,
    /// Somebody pressed Ctrl-C.
    Interrupt,
    /// The program itself asked.
    Requested,
    /// The start failed after some parts had already been started.
    StartFailed,
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terminate => "SIGTERM",
            Self::Interrupt => "SIGINT",
            Self::Requested => "request",
            Self::StartFailed => "failed start",
        })
    }
}

/// The five moments of a thing's life, by Nest's names.
///
/// At start, [`on_module_init`](Self::on_module_init) runs once everything the thing depends on
/// has been initialised, then [`on_application_bootstrap`](Self::on_application_bootstrap) once
/// everything has. At stop the three others run in the exact reverse order of the start. The
/// first error of a start hook stops the start; an error of a stop hook is logged, and the stop
/// goes on.
///
/// A hook that takes longer than the deadline of the start or the stop is abandoned, so a hook
/// must be safe to drop at any `await`.
///
/// # Source
///
/// NestJS's lifecycle events; the reverse order at stop is that of Nest 11 and later.
pub trait Lifecycle: Send + Sync + 'static {
    /// Everything this depends on is ready.
    fn on_module_init(&self) -> impl Future<Output = Result<(), BoxError>> + Send {
        async { Ok(()) }
    }

    /// Every module is initialised; nothing is served yet.
    fn on_application_bootstrap(&self) -> impl Future<Output = Result<(), BoxError>> + Send {
        async { Ok(()) }
    }

    /// The stop has begun; connections are still open.
    fn on_module_destroy(&self) -> impl Future<Output = Result<(), BoxError>> + Send {
        async { Ok(()) }
    }

    /// Every `on_module_destroy` has ended; connections are about to be closed.
    fn before_application_shutdown(
        &self,
        _reason: StopReason,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        async { Ok(()) }
    }

    /// Connections are closed: let go of databases, files and threads.
    fn on_application_shutdown(
        &self,
        _reason: StopReason,
    ) -> impl Future<Output = Result<(), BoxError>> + Send {
        async { Ok(()) }
    }
}

/// [`Lifecycle`] behind a pointer; implemented for everything that has a lifecycle.
pub trait DynLifecycle: Send + Sync {
    /// See [`Lifecycle::on_module_init`].
    fn on_module_init(&self) -> BoxFuture<'_, Result<(), BoxError>>;
    /// See [`Lifecycle::on_application_bootstrap`].
    fn on_application_bootstrap(&self) -> BoxFuture<'_, Result<(), BoxError>>;
    /// See [`Lifecycle::on_module_destroy`].
    fn on_module_destroy(&self) -> BoxFuture<'_, Result<(), BoxError>>;
    /// See [`Lifecycle::before_application_shutdown`].
    fn before_application_shutdown(
        &self,
        reason: StopReason,
    ) -> BoxFuture<'_, Result<(), BoxError>>;
    /// See [`Lifecycle::on_application_shutdown`].
    fn on_application_shutdown(&self, reason: StopReason) -> BoxFuture<'_, Result<(), BoxError>>;
}

impl<T: Lifecycle> DynLifecycle for T {
    fn on_module_init(&self) -> BoxFuture<'_, Result<(), BoxError>> {
        Box::pin(Lifecycle::on_module_init(self))
    }
    fn on_application_bootstrap(&self) -> BoxFuture<'_, Result<(), BoxError>> {
        Box::pin(Lifecycle::on_application_bootstrap(self))
    }
    fn on_module_destroy(&self) -> BoxFuture<'_, Result<(), BoxError>> {
        Box::pin(Lifecycle::on_module_destroy(self))
    }
    fn before_application_shutdown(
        &self,
        reason: StopReason,
    ) -> BoxFuture<'_, Result<(), BoxError>> {
        Box::pin(Lifecycle::before_application_shutdown(self, reason))
    }
    fn on_application_shutdown(&self, reason: StopReason) -> BoxFuture<'_, Result<(), BoxError>> {
        Box::pin(Lifecycle::on_application_shutdown(self, reason))
    }
}

/// A shared thing with a lifecycle, its type forgotten.
pub type SharedLifecycle = Arc<dyn DynLifecycle>;
