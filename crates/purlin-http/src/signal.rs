//! The operating system's wish that the program stop.

use std::io;

use purlin_base::lifecycle::StopReason;

/// SIGTERM and Ctrl-C, from the moment this is made: one that comes before anybody waits is kept.
///
/// While this is alive they no longer end the process by themselves.
///
/// # Examples
///
/// ```no_run
/// # async fn run() -> std::io::Result<()> {
/// let mut signals = purlin_http::Signals::listen()?;
/// let reason = signals.next().await;
/// println!("stopping: {reason}");
/// tokio::select! {
///     _ = async { /* … drain … */ } => {}
///     _ = signals.next() => {} // A second one: at once.
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// When the operating system refuses.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next signal. Signals of one kind that come close together are one.
    ///
    /// # Cancel safety
    ///
    /// None is lost when the future is dropped.
    pub async fn next(&mut self) -> StopReason {
        tokio::select! {
            biased;
            Some(()) = self.terminate.recv() => StopReason::Terminate,
            Some(()) = self.interrupt.recv() => StopReason::Interrupt,
            else => std::future::pending().await,
        }
    }
}

#[cfg(not(unix))]
impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    ///
    /// Never on this system.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// Waits for Ctrl-C.
    ///
    /// # Cancel safety
    ///
    /// A Ctrl-C that comes while nobody waits is lost.
    pub async fn next(&mut self) -> StopReason {
        match tokio::signal::ctrl_c().await {
            Ok(()) => StopReason::Interrupt,
            Err(_) => std::future::pending().await,
        }
    }
}
