//! A trivial route, and one that computes for 200 ms on the CPU pool. The work is a fixed number of
//! steps, found at the start by a clock, so that a busy machine makes it longer and not smaller.
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    error::Error,
    hint::black_box,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use purlin::http::{Edge, Health, Server};
use purlin_benches::serve;
use purlin_runtime::CpuPool;

const COMPUTATION: Duration = Duration::from_millis(200);

fn main() -> Result<(), Box<dyn Error>> {
    let since = Instant::now();
    let steps = steps_in(COMPUTATION);
    serve::runtime()?.block_on(answer(since, steps))
}

/// A chain in which each step needs the one before, so that nothing can be left out.
fn compute(steps: u64) -> u64 {
    (0..steps).fold(1, |state: u64, step| {
        black_box(state.wrapping_mul(6_364_136_223_846_793_005) ^ (step >> 3))
    })
}

/// The quickest of some tries counts: others were disturbed.
fn steps_in(length: Duration) -> u64 {
    const TRIED: u64 = 10_000_000;
    let tries = (0..7).map(|_| {
        let begun = Instant::now();
        black_box(compute(TRIED));
        begun.elapsed()
    });
    let quickest = tries
        .min()
        .unwrap_or_default()
        .max(Duration::from_micros(1));
    (TRIED as f64 * length.as_secs_f64() / quickest.as_secs_f64()) as u64
}

/// `NICENESS` is that of the pool's threads: 19 if nothing is said, as the bookshop has it.
async fn answer(since: Instant, steps: u64) -> Result<(), Box<dyn Error>> {
    let niceness = std::env::var("NICENESS").map_or(Ok(19), |given| given.parse())?;
    let cpu = CpuPool::builder().niceness(niceness).build()?;
    let router = Router::new()
        .route("/hello", get(async || "hello"))
        .route("/compute", get(computed))
        .with_state((cpu, steps));
    let server = Server::bind((Ipv4Addr::LOCALHOST, serve::port()).into()).await?;
    serve::announce(server.address(), since);
    let health = Health::new();
    let _running = server.serve(&Edge::new(), &health, router, Router::new());
    health.set_ready();
    std::future::pending().await
}

async fn computed(State((cpu, steps)): State<(CpuPool, u64)>) -> Result<String, StatusCode> {
    let sum = cpu.run("compute", move || compute(steps)).await;
    sum.map(|sum| sum.to_string())
        .map_err(|_| StatusCode::SERVICE_UNAVAILABLE)
}
