//! Rate limits: callers are counted by an address that they cannot make up, and an edge between two
//! windows lets nobody pass twice.
//!
//! Time is moved by hand. Without `.clock(…)` it is the machine's.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::{error::Error, net::SocketAddr, time::Duration};

use axum::{
    body::Body,
    extract::{ConnectInfo, Request},
    response::Response,
};
use purlin::{
    base::time::{Clock, ManualClock, SystemClock},
    http::{
        Edge, Mount, Route, Router, Routes,
        limit::{Algorithm, Limit, LimitKey, Quota},
    },
    prelude::*,
};
use tower::ServiceExt;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let clock = ManualClock::new(SystemClock.now());
    let limit = |quota| Limit::builder(quota).clock(Arc::new(clock.clone()));
    // `.shared(…)` counts in Redis, so that four processes do not let four times as much pass.
    let books = limit(Quota::per_minute(3)).build()?;
    let list = Route::get("/books").limit(&books).public();
    let routes = Routes::at("/").route(list.handler(async || NoContent));
    let mounted = Mount::new().routes(routes).build()?;
    let edge = Edge::new().trusted_proxies("10.0.0.0/8".parse()?);
    let router = edge.router(mounted.router);

    for number in 1..=4 {
        let made_up = format!("198.51.100.{number}");
        let answer = ask(&router, "203.0.113.7", &made_up).await?;
        println!(
            "203.0.113.7 says it is {made_up}: {}",
            answer.status().as_u16()
        );
        if number == 4 {
            for name in ["ratelimit-policy", "ratelimit", "retry-after"] {
                println!("  {name}: {}", answer.headers()[name].to_str()?);
            }
        }
    }
    // A proxy that is trusted wrote the right end; what stands left of it came from the caller.
    let behind = ask(&router, "10.0.0.1", "198.51.100.1, 203.0.113.7").await?;
    println!("the same behind our proxy: {}", behind.status().as_u16());
    let other = ask(&router, "10.0.0.1", "203.0.113.8").await?;
    println!("another behind our proxy: {}", other.status().as_u16());
    for address in ["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8::4"] {
        let answer = ask(&router, address, "").await?;
        println!("{address}, of one /64: {}", answer.status().as_u16());
    }
    clock.advance(Duration::from_secs(20));
    let later = ask(&router, "203.0.113.7", "").await?;
    println!("203.0.113.7 after 20 s: {}", later.status().as_u16());

    for algorithm in [Algorithm::FixedWindow, Algorithm::Gcra] {
        let limit = limit(Quota::per_minute(100).algorithm(algorithm)).build()?;
        let passed = around_an_edge(&limit, &clock).await;
        println!("{algorithm:?}: {passed} within two seconds around an edge of windows");
    }
    Ok(())
}

/// How many of 100 requests pass a second before the window ends, and of 100 a second later.
async fn around_an_edge(limit: &Limit, clock: &ManualClock) -> usize {
    let check = || limit.check(LimitKey::of(["ada"]));
    let mut passed = usize::from(check().await.is_ok());
    clock.advance(Duration::from_secs(59));
    for _ in 0..2 {
        for _ in 0..100 {
            passed += usize::from(check().await.is_ok());
        }
        clock.advance(Duration::from_secs(1));
    }
    passed
}

async fn ask(router: &Router, peer: &str, forwarded: &str) -> Result<Response, Box<dyn Error>> {
    let request = Request::get("/books").header("x-forwarded-for", forwarded);
    let mut request = request.body(Body::empty())?;
    // `Server` says by itself who is at the other end.
    let peer = SocketAddr::new(peer.parse()?, 40_000);
    request.extensions_mut().insert(ConnectInfo(peer));
    Ok(router.clone().oneshot(request).await?)
}
