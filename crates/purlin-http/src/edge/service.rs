//! The layer at work.

use std::{
    convert::Infallible,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context as Waker, Poll},
    time::Instant,
};

use axum::{
    body::{Body, HttpBody},
    extract::{DefaultBodyLimit, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::FutureExt;
use http::{Method, header};
use purlin_base::{BoxError, Context, ErrorClass};
use tokio::task::JoinHandle;
use tower_service::Service;

use super::{Settings, current, finish::Seen, gate, ids};
use crate::Problem;

/// The layer around a service; [`Edge::around`](crate::Edge::around) makes it. A service of tower
/// and of hyper.
#[derive(Clone)]
pub struct EdgeService<S> {
    settings: Arc<Settings>,
    inner: S,
}

impl<S> std::fmt::Debug for EdgeService<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EdgeService").finish_non_exhaustive()
    }
}

/// The answer to come. Dropping it cuts the handler of a safe method, and no other.
#[derive(Debug)]
pub struct EdgeFuture(At);

enum At {
    Here(Pin<Box<dyn Future<Output = Response> + Send>>),
    Task(JoinHandle<Response>),
}

impl std::fmt::Debug for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Here(_) => "Here",
            Self::Task(_) => "Task",
        })
    }
}

impl Future for EdgeFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Self::Output> {
        let answer = match &mut self.0 {
            At::Here(future) => future.as_mut().poll(waker),
            At::Task(task) => Pin::new(task).poll(waker).map(|joined| {
                // Panics are caught inside; this is a runtime that is shutting down.
                joined.unwrap_or_else(|error| unfinished(&error).into_response())
            }),
        };
        answer.map(Ok)
    }
}

fn unfinished(error: &tokio::task::JoinError) -> Problem {
    Problem::new(ErrorClass::Unavailable, "HTTP_TASK_CUT").cause(error.to_string())
}

impl<S> EdgeService<S> {
    pub(super) fn new(settings: Arc<Settings>, inner: S) -> Self {
        Self { settings, inner }
    }
}

impl<S> EdgeService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Send + 'static,
    S::Future: Send,
{
    fn answer(settings: Arc<Settings>, inner: S, mut request: Request) -> EdgeFuture {
        let outlives = !is_safe(request.method());
        let seen = see(&settings, &mut request);
        let context = context(&settings, &seen, &request, outlives);
        let current = current::Current::new(
            Arc::clone(&settings),
            request.uri().clone(),
            crate::format::unusual(request.headers()),
        );
        let work = async move {
            let response = attempt(&settings, inner, request).await;
            seen.finish(response).await
        };
        let tasks = outlives.then(|| Arc::clone(&current.settings().tasks));
        let work = current.scope(context.scope(work));
        match tasks {
            None => EdgeFuture(At::Here(Box::pin(work))),
            Some(tasks) => EdgeFuture(At::Task(spawn(tasks.begin(), work))),
        }
    }
}

fn is_safe(method: &Method) -> bool {
    !matches!(
        *method,
        Method::POST | Method::PUT | Method::PATCH | Method::DELETE
    )
}

#[expect(
    clippy::disallowed_methods,
    reason = "the future brings its own Context"
)]
fn spawn<F>(running: super::tasks::Running, work: F) -> JoinHandle<Response>
where
    F: Future<Output = Response> + Send + 'static,
{
    tokio::spawn(async move {
        let _running = running;
        work.await
    })
}

fn see(settings: &Settings, request: &mut Request) -> Seen {
    let headers = request.headers();
    let seen = Seen {
        method: request.method().clone(),
        if_none_match: headers.get(header::IF_NONE_MATCH).cloned(),
        request_id: ids::request_id(headers, &*settings.rng),
        #[cfg(feature = "compression")]
        codings: crate::codings::Asked::of(settings.compression, headers),
        started: Instant::now(),
    };
    if !request.body().is_end_stream() {
        DefaultBodyLimit::max(settings.body_bytes_max).apply(request);
    }
    seen
}

fn context(settings: &Settings, seen: &Seen, request: &Request, outlives: bool) -> Context {
    let id = seen.request_id.to_str().unwrap_or_default();
    let context = Context::builder()
        .request_id(id)
        .trace(ids::trace(request.headers(), &*settings.rng))
        .outlives_caller(outlives);
    match settings.timeout {
        Some(timeout) => context.deadline(seen.started + timeout).build(),
        None => context.build(),
    }
}

/// Asks `inner`, with an end to its time and its panics.
async fn attempt<S>(settings: &Settings, mut inner: S, request: Request) -> Response
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    if let Err(refusal) = gate::check(settings, &request) {
        return refusal.into_response();
    }
    let call = AssertUnwindSafe(async move { inner.call(request).await }).catch_unwind();
    let done = match settings.timeout {
        None => Ok(call.await),
        Some(timeout) => tokio::time::timeout(timeout, call).await,
    };
    match done {
        Ok(Ok(Ok(response))) => response,
        Ok(Err(panic)) => Problem::new(ErrorClass::Internal, "HTTP_PANIC")
            .cause(format!(
                "a handler panicked: {}",
                super::panic_message(&*panic)
            ))
            .into_response(),
        Err(_) => too_slow().into_response(),
    }
}

/// The caller's fault if the body was still coming, else ours.
fn too_slow() -> Problem {
    if current::is_reading() {
        return Problem::new(ErrorClass::RequestTimeout, "HTTP_BODY_TIMEOUT")
            .detail("the body did not arrive in time")
            .header(header::CONNECTION, http::HeaderValue::from_static("close"));
    }
    Problem::new(ErrorClass::Timeout, "HTTP_TIMEOUT").cause("no answer within the request's time")
}

impl<S, B> Service<Request<B>> for EdgeService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = EdgeFuture;

    fn poll_ready(&mut self, waker: &mut Waker<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(waker)
    }

    fn call(&mut self, request: Request<B>) -> EdgeFuture {
        let waiting = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, waiting);
        Self::answer(Arc::clone(&self.settings), ready, request.map(Body::new))
    }
}

impl<S, B> hyper::service::Service<Request<B>> for EdgeService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = EdgeFuture;

    /// As tower's, for services that are always ready, which axum's routers are.
    fn call(&self, request: Request<B>) -> EdgeFuture {
        Self::answer(
            Arc::clone(&self.settings),
            self.inner.clone(),
            request.map(Body::new),
        )
    }
}
