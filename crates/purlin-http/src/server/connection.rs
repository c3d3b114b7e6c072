//! One connection, from its first byte to its last.

use std::{pin::pin, sync::Arc, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::net::TcpStream;

use super::{
    Bounds,
    accept::{Stopping, begun},
    activity::{Activity, Watched},
};
use crate::{edge::EdgeService, mount::Routed};

/// Bytes that the head of a request may take before hyper itself refuses it. More than the edge
/// allows, so that the refusal is a problem that can be read.
const HEAD_BYTES_MAX: usize = 256 * 1024;
/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 200;
/// How often a silent HTTP/2 client is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(30);

pub(super) async fn serve(
    stream: TcpStream,
    service: EdgeService<Routed>,
    bounds: Bounds,
    stopping: Stopping,
) {
    // A small answer must not wait for the caller's acknowledgement of the one before.
    let _best_effort = stream.set_nodelay(true);
    let activity = Arc::new(Activity::default());
    let service = Watched {
        activity: Arc::clone(&activity),
        service,
    };
    let builder = builder();
    let mut connection =
        pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    // In a set of one, which is polled only when it has been woken itself and not whenever the
    // connection is.
    let mut ends = FuturesUnordered::from_iter([end(&activity, bounds.header_timeout, stopping)]);
    let end = tokio::select! {
        biased;
        _ended = connection.as_mut() => return,
        end = ends.next() => end,
    };
    if let Some(End::Silence) = end {
        return;
    }
    connection.as_mut().graceful_shutdown();
    let _ended = connection.await;
}

/// Why a connection must end.
enum End {
    /// The server stops.
    Stop,
    /// The caller says nothing.
    Silence,
}

async fn end(activity: &Activity, timeout: Duration, mut stopping: Stopping) -> End {
    tokio::select! {
        () = begun(&mut stopping) => End::Stop,
        () = activity.silence(timeout) => End::Silence,
    }
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .header_read_timeout(None)
        .max_buf_size(HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_BYTES_MAX as u32)
        .keep_alive_interval(PING_EVERY);
    builder
}
