//! Bare axum: the greeting, the validated book, and one row by id with bare rusqlite.

use std::{error::Error, time::Instant};

use axum::serve::ListenerExt;
use purlin_benches::{bare, rows::Reader, serve, shop};

fn main() -> Result<(), Box<dyn Error>> {
    let since = Instant::now();
    serve::runtime()?.block_on(async {
        let router = bare::router(Reader::from_env()).merge(shop::router());
        let listener = serve::listen(since).await?.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        Ok(axum::serve(listener, router).await?)
    })
}
