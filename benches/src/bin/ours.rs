//! `ours bare|layers`: the greeting, the validated book and one row by id, by the frame; without
//! any layer, served as bare axum is, or as an application with its default layers.

use std::{error::Error, time::Instant};

use axum::serve::ListenerExt;
use purlin_benches::{ours, serve};

fn main() -> Result<(), Box<dyn Error>> {
    let since = Instant::now();
    match std::env::args().nth(1).as_deref() {
        Some("bare") => serve::runtime()?.block_on(bare(since)),
        Some("layers") => serve::runtime()?.block_on(layers(since)),
        _ => Err("say bare or layers".into()),
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
async fn layers(since: Instant) -> Result<(), Box<dyn Error>> {
    purlin::logging::start_with("warn");
    let app = ours::app(serve::port());
    app.run_with(|serving| serve::announce(serving.address(), since))
        .await
        .map_err(|error| error.report().into())
}
