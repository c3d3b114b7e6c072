//! `signins rate SECONDS` prints the hashes a second of one thread, one after another;
//! `signins serve` has a trivial route and one that compares a password, which is always wrong.
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    error::Error,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use axum::{Router, extract::State, http::StatusCode, routing::get};
use purlin::{
    base::Classified,
    http::{Edge, Health, Server},
};
use purlin_auth::password::Passwords;
use purlin_benches::serve;
use purlin_runtime::CpuPool;

const PASSWORD: &str = "correct horse battery staple";

fn main() -> Result<(), Box<dyn Error>> {
    let since = Instant::now();
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("rate") => {
            let seconds = arguments.next().ok_or("say the seconds")?.parse()?;
            serve::runtime()?.block_on(rate(Duration::from_secs(seconds)))
        }
        Some("serve") => serve::runtime()?.block_on(answer(since)),
        _ => Err("say rate or serve".into()),
    }
}

async fn rate(length: Duration) -> Result<(), Box<dyn Error>> {
    let cpu = CpuPool::builder().threads(1).build()?;
    let passwords = Passwords::builder(cpu).build()?;
    passwords.hash(PASSWORD).await?;
    let (begun, mut hashes) = (Instant::now(), 0_u32);
    while begun.elapsed() < length {
        passwords.hash(PASSWORD).await?;
        hashes += 1;
    }
    println!("{:.2}", f64::from(hashes) / begun.elapsed().as_secs_f64());
    Ok(())
}

/// `NICENESS` and `CONCURRENCY` are what is compared.
async fn answer(since: Instant) -> Result<(), Box<dyn Error>> {
    let set = |name: &str| {
        std::env::var(name)
            .ok()
            .and_then(|value| value.parse().ok())
    };
    let cpu = CpuPool::builder()
        .niceness(set("NICENESS").unwrap_or(0))
        .build()?;
    let mut passwords = Passwords::builder(cpu);
    if let Some(concurrency) = set("CONCURRENCY") {
        passwords = passwords.concurrency(concurrency.into());
    }
    let router = Router::new()
        .route("/hello", get(async || "hello"))
        .route("/sign-in", get(sign_in))
        .with_state(passwords.build()?);
    let server = Server::bind((Ipv4Addr::LOCALHOST, serve::port()).into()).await?;
    serve::announce(server.address(), since);
    let health = Health::new();
    let _running = server.serve(&Edge::new(), &health, router, Router::new());
    health.set_ready();
    std::future::pending().await
}

async fn sign_in(State(passwords): State<Passwords>) -> StatusCode {
    match passwords.verify(PASSWORD, None).await {
        Ok(verdict) if verdict.is_right() => StatusCode::OK,
        Ok(_) => StatusCode::UNAUTHORIZED,
        Err(error) => StatusCode::from_u16(error.class().status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
    }
}
