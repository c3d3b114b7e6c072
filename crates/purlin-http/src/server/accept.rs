//! The loop that accepts connections of one listener, and drains them.

use std::{io, time::Duration};

use purlin_base::work::Label;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::Instant,
};

use super::{Bounds, connection};
use crate::{edge::EdgeService, mount::Routed};

/// When the stop must have ended, once it has begun.
pub(super) type Stopping = watch::Receiver<Option<Instant>>;

/// Waits for the stop to begin; a server that was dropped has stopped too.
pub(super) async fn begun(stopping: &mut Stopping) {
    let _dropped = stopping.wait_for(Option::is_some).await;
}

/// Serves `listener` until the stop. The task ends with the number of connections it had to cut;
/// when it is aborted, its connections are cut with it.
pub(super) fn spawn(
    listener: TcpListener,
    service: EdgeService<Routed>,
    bounds: Bounds,
    stopping: Stopping,
) -> JoinHandle<usize> {
    #[expect(clippy::disallowed_methods, reason = "a server belongs to no request")]
    tokio::spawn(async move {
        let connections = accept(listener, service, bounds, stopping.clone()).await;
        drain(connections, stopping).await
    })
}

async fn accept(
    listener: TcpListener,
    service: EdgeService<Routed>,
    bounds: Bounds,
    mut stopping: Stopping,
) -> JoinSet<()> {
    let mut connections = JoinSet::new();
    let mut stop = stopping.clone();
    // What is done for no request alone, such as bodies that are made while they are sent.
    let label = Label::task("http connection");
    loop {
        tokio::select! {
            biased;
            () = begun(&mut stop) => return connections,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < bounds.connections_max => {
                match accepted {
                    Ok((stream, peer)) => {
                        let stopping = stopping.clone();
                        let service = service.clone().of_peer(peer.ip());
                        let serve = connection::serve(stream, service, bounds, stopping);
                        connections.spawn(label.scope(serve));
                    }
                    Err(error) => pause(&error, &mut stopping).await,
                }
            }
        }
    }
}

/// Waits a little after a failure that would repeat at once, such as too many open files.
async fn pause(error: &io::Error, stopping: &mut Stopping) {
    const PAUSE: Duration = Duration::from_millis(100);
    let of_one_client = [
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionRefused,
    ];
    if of_one_client.contains(&error.kind()) {
        return;
    }
    tracing::error!(target: "purlin_http::server", %error, "cannot accept connections");
    let _stopped = tokio::time::timeout(PAUSE, begun(stopping)).await;
}

async fn drain(mut connections: JoinSet<()>, stopping: Stopping) -> usize {
    let end = (*stopping.borrow()).unwrap_or_else(Instant::now);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout_at(end, all).await.is_ok() {
        return 0;
    }
    let left = connections.len();
    connections.shutdown().await;
    left
}
