//! The start of a server, the same for every Rust contestant.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Instant,
};

use tokio::{net::TcpListener, runtime::Runtime};

/// The runtime `#[tokio::main]` would make: pinned to one core it has one worker.
///
/// # Errors
/// The operating system gives no threads.
pub fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
}

/// The port asked for by `PORT`; 0, a free one, when it is not set or no number.
pub fn port() -> u16 {
    std::env::var("PORT")
        .ok()
        .and_then(|port| port.parse().ok())
        .unwrap_or(0)
}

/// Listens on loopback at [`port`] and says so.
///
/// # Errors
/// The port is taken.
pub async fn listen(since: Instant) -> io::Result<TcpListener> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port())).await?;
    announce(listener.local_addr()?, since);
    Ok(listener)
}

/// The line the runner waits for: the address, and the time since `main` began.
pub fn announce(address: SocketAddr, since: Instant) {
    println!(
        "listening {address} after_us={}",
        since.elapsed().as_micros()
    );
}
