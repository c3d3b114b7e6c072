//! Where the log goes: standard error, as `RUST_LOG` says.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Begins to log to standard error: lines for people on a terminal, JSON elsewhere.
///
/// What is logged is said by `RUST_LOG` in the usual form (`info`, `warn,purlin_http=debug`);
/// without it `info`. A subscriber that is there already stays.
pub fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let registry = tracing_subscriber::registry().with(filter);
    let lines = fmt::layer().with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() {
        registry.with(lines).try_init()
    } else {
        registry.with(lines.json().flatten_event(true)).try_init()
    };
    if started.is_err() {
        tracing::debug!("a subscriber is there already");
    }
}
