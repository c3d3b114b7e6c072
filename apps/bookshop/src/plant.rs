//! Two mistakes, planted for diagnostics to find: a handler that blocks its thread, and one that
//! keeps what it should let go of.
//!
//! Only in programs that are built with the feature `plant`, and there only with `APP_ENV=test`:
//! nobody outside may ever reach them.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use purlin::{
    App,
    http::{NoContent, Route, Routes},
};

use crate::settings::{Environment, Settings};

/// How long the blocking handler blocks.
const BLOCK: Duration = Duration::from_millis(300);
/// What the leaking handler keeps each time, in bytes.
const LEAK_BYTES: usize = 1 << 20;
/// How often it does: even a planted leak has a bound.
const LEAKS_MAX: usize = 256;

static KEPT: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

/// `app` with both mistakes, if this is a test.
pub(crate) fn sow(app: App, settings: &Settings) -> App {
    if settings.app_env != Environment::Test {
        return app;
    }
    let block = Route::get("/block").operation("block").version_neutral();
    let leak = Route::post("/leak").operation("leak").version_neutral();
    let routes = Routes::at("/plant")
        .controller("Plant")
        .route(block.public().handler(async || block_the_thread()))
        .route(leak.public().handler(async || keep()));
    app.routes(routes)
}

#[expect(clippy::disallowed_methods, reason = "this is the mistake")]
#[inline(never)]
fn block_the_thread() -> NoContent {
    std::thread::sleep(BLOCK);
    NoContent
}

fn keep() -> NoContent {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() < LEAKS_MAX {
        kept.push(vec![1; LEAK_BYTES]);
    }
    NoContent
}
