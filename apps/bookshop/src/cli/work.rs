//! `bookshop work`.

use std::ffi::OsString;

use purlin::{core::config::take_flag, http::Signals};

use super::{Failure, print, serve};
use crate::{
    announce::{ENGINE, WORKING},
    jobs::{QUEUES, Role},
    settings::Settings,
};

/// Takes `--queues a,b` out of `arguments`.
pub(super) fn take_queues(arguments: &mut Vec<OsString>) -> Result<Vec<String>, Failure> {
    let Some(named) = take_flag(arguments, "queues")? else {
        return Ok(Vec::new());
    };
    let named = named.to_string_lossy().into_owned();
    let queues: Vec<String> = named
        .split(',')
        .map(|name| name.trim().to_owned())
        .collect();
    match queues.iter().find(|name| !QUEUES.contains(&name.as_str())) {
        None => Ok(queues),
        Some(unknown) => Err(Failure::wrong(format!(
            "queues: there is no queue `{}`; there are {}",
            unknown.escape_debug(),
            QUEUES.join(", ")
        ))),
    }
}

/// Works jobs until it is told to stop, and serves nothing.
pub(super) async fn run(settings: Settings, queues: Vec<String>) -> Result<(), Failure> {
    purlin::logging::start_with(&settings.rust_log);
    let mut signals = Signals::listen().map_err(|error| Failure {
        code: 1,
        message: format!("signals cannot be heard: {error}"),
    })?;
    let shown = match queues.is_empty() {
        true => QUEUES.join(", "),
        false => queues.join(", "),
    };
    let app = serve::app_as(settings, Role::Works(queues))?
        .build()
        .await?;
    app.start().await?;
    print(&format!("{ENGINE}jobs {}", serve::jobs_engine(&app)));
    print(&format!("{WORKING}{shown}"));
    let reason = signals.next().await;
    tracing::info!(%reason, "stopping");
    tokio::select! {
        () = app.stop() => tracing::info!("stopped"),
        reason = signals.next() => tracing::warn!(%reason, "stopped at once"),
    }
    Ok(())
}
