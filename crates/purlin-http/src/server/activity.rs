//! Whether a connection still has a use, without a timer for each request.
//!
//! A caller who is silent, or who sends the head of a request byte by byte, holds a connection for
//! nothing. One slow timer for each connection looks whether a request is being answered, or has
//! come since it looked last; timers that begin anew with each request cost several times as much.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, HttpBody},
    response::Response,
};
use bytes::Bytes;
use http::Request;

use hyper::{
    body::{Frame, Incoming, SizeHint},
    service::Service,
};
use pin_project_lite::pin_project;
use tokio::time::MissedTickBehavior;

/// Looks within one timeout, so that a connection is cut at most a quarter of it late.
const LOOKS: u32 = 4;

/// Bodies that are known and no larger are handed over whole; others are watched to their end.
const SMALL_BYTES: u64 = 64 * 1024;

/// What a connection does.
#[derive(Debug, Default)]
pub(super) struct Activity {
    /// Requests so far; wraps.
    asked: AtomicU32,
    /// Requests being answered, and bodies being sent.
    open: AtomicU32,
}

/// One thing that is being done; it ends when this is dropped.
#[derive(Debug)]
struct Open(Arc<Activity>);

impl Activity {
    fn begin(self: &Arc<Self>) -> Open {
        // Only the connection itself counts, one request after another.
        let asked = self.asked.load(Relaxed);
        self.asked.store(asked.wrapping_add(1), Relaxed);
        self.open.fetch_add(1, Relaxed);
        Open(Arc::clone(self))
    }

    /// Ends when nothing was done for `timeout`.
    pub(super) async fn silence(&self, timeout: Duration) {
        let mut looks = tokio::time::interval(timeout / LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        looks.tick().await;
        let (mut known, mut quiet) = (self.asked.load(Relaxed), 0);
        while quiet < LOOKS {
            looks.tick().await;
            let asked = self.asked.load(Relaxed);
            let is_quiet = asked == known && self.open.load(Relaxed) == 0;
            quiet = if is_quiet { quiet + 1 } else { 0 };
            known = asked;
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}

/// A service whose requests are noted.
#[derive(Debug)]
pub(super) struct Watched<S> {
    pub(super) activity: Arc<Activity>,
    pub(super) service: S,
}

impl<S> Service<Request<Incoming>> for Watched<S>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Answering<S::Future>;

    fn call(&self, request: Request<Incoming>) -> Answering<S::Future> {
        Answering {
            open: Some(self.activity.begin()),
            answer: self.service.call(request),
        }
    }
}

pin_project! {
    /// A request that is being answered.
    #[derive(Debug)]
    pub(super) struct Answering<F> {
        open: Option<Open>,
        #[pin]
        answer: F,
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for Answering<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, waker: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        this.answer
            .poll(waker)
            .map_ok(|response| match this.open.take() {
                Some(open) if !is_small(response.body()) => {
                    response.map(|body| Body::new(Sending { body, _open: open }))
                }
                _ => response,
            })
    }
}

fn is_small(body: &Body) -> bool {
    body.size_hint()
        .exact()
        .is_some_and(|bytes| bytes <= SMALL_BYTES)
}

/// A body that is being sent.
struct Sending {
    body: Body,
    _open: Open,
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        waker: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(waker)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
