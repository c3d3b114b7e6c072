//! `ours bare|layers|guarded`: the greeting, the validated book and one row by id, by the frame;
//! without any layer, served as bare axum is, or as an application with its default layers; or the
//! row behind a token of `ALGORITHM`, a role and a limit.

use std::{error::Error, time::Instant};

use axum::serve::ListenerExt;
use purlin::App;
use purlin_benches::{guarded, ours, serve};

fn main() -> Result<(), Box<dyn Error>> {
    let since = Instant::now();
    match std::env::args().nth(1).as_deref() {
        Some("bare") => serve::runtime()?.block_on(bare(since)),
        Some("layers") => serve::runtime()?.block_on(layers(ours::app(serve::port()), since)),
        Some("guarded") => serve::runtime()?.block_on(layers(guarded::app(serve::port())?, since)),
        _ => Err("say bare, layers or guarded".into()),
    }
}

async fn bare(since: Instant) -> Result<(), Box<dyn Error>> {
    let router = ours::bare_router().await?;
    let listener = serve::listen(since).await?.tap_io(|stream| {
        let _ = stream.set_nodelay(true);
    });
    Ok(axum::serve(listener, router).await?)
}

/// With the log at `warn`, since the loggers of the others are off.
async fn layers(app: App, since: Instant) -> Result<(), Box<dyn Error>> {
    purlin::logging::start_with("warn");
    app.run_with(|serving| serve::announce(serving.address(), since))
        .await
        .map_err(|error| error.report().into())
}
