//! One connection, from its first byte to its last.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::Router;
use http::Request;
use hyper::{body::Incoming, service::Service};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use tokio::net::TcpStream;

use super::{
    Bounds,
    accept::{Stopping, begun},
};
use crate::edge::{EdgeFuture, EdgeService};

/// Bytes that the head of a request may take before hyper itself refuses it. More than the edge
/// allows, so that the refusal is a problem that can be read.
const HEAD_BYTES_MAX: usize = 256 * 1024;
/// Requests at once on one HTTP/2 connection.
const STREAMS_MAX: u32 = 200;
/// How often a silent HTTP/2 client is asked whether it is still there.
const PING_EVERY: Duration = Duration::from_secs(30);

pub(super) async fn serve(
    stream: TcpStream,
    service: EdgeService<Router>,
    bounds: Bounds,
    mut stopping: Stopping,
) {
    // A small answer must not wait for the caller's acknowledgement of the one before.
    let _best_effort = stream.set_nodelay(true);
    let asked = Arc::new(AtomicBool::new(false));
    let service = Asked {
        asked: Arc::clone(&asked),
        service,
    };
    let builder = builder(bounds);
    let mut connection =
        pin!(builder.serve_connection_with_upgrades(TokioIo::new(stream), service));
    // hyper's own timer begins only once it knows the version of HTTP.
    let mut silence = pin!(tokio::time::sleep(bounds.header_timeout));
    let mut unheard = true;
    loop {
        tokio::select! {
            biased;
            _ended = connection.as_mut() => return,
            () = begun(&mut stopping) => break,
            () = silence.as_mut(), if unheard => {
                if !asked.load(Ordering::Relaxed) {
                    return;
                }
                unheard = false;
            }
        }
    }
    connection.as_mut().graceful_shutdown();
    let _ended = connection.await;
}

fn builder(bounds: Bounds) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.header_timeout)
        .max_buf_size(HEAD_BYTES_MAX);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEAD_BYTES_MAX as u32)
        .keep_alive_interval(PING_EVERY);
    builder
}

/// The service, and whether the connection has ever asked it.
struct Asked {
    asked: Arc<AtomicBool>,
    service: EdgeService<Router>,
}

impl Service<Request<Incoming>> for Asked {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = EdgeFuture;

    fn call(&self, request: Request<Incoming>) -> EdgeFuture {
        self.asked.store(true, Ordering::Relaxed);
        Service::call(&self.service, request)
    }
}
