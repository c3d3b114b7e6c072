//! Where the log goes: standard error, as `RUST_LOG` says.

use std::io::IsTerminal;

use tracing_subscriber::{EnvFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Begins to log to standard error: lines for people on a terminal, JSON elsewhere.
///
/// What is logged is said by `RUST_LOG` in the usual form (`info`, `warn,purlin_http=debug`);
/// without it `info`. A subscriber that is there already stays.
pub fn start() {
    start_filtered(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info")));
}

/// As [`start`], with `directives` in the form of `RUST_LOG`, for programs that read it as a
/// setting. What [`check`] refuses is left out.
pub fn start_with(directives: &str) {
    start_filtered(EnvFilter::new(directives));
}

/// Whether `directives` are in the form of `RUST_LOG`: the check of such a setting.
///
/// # Errors
///
/// What is wrong with them.
pub fn check(directives: &str) -> Result<(), String> {
    match EnvFilter::try_new(directives) {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

fn start_filtered(filter: EnvFilter) {
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
