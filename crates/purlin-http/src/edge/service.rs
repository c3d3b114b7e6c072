//! The layer at work.

use std::{
    convert::Infallible,
    future::Future,
    net::IpAddr,
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context as Waker, Poll},
    time::Instant,
};

use axum::{
    body::{Body, HttpBody},
    extract::{DefaultBodyLimit, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::Method;
use pin_project_lite::pin_project;
use purlin_base::{
    BoxError, Context, ErrorClass,
    context::{ContextBuilder, Scoped},
    work::{self, Label},
};
use tokio::task::JoinHandle;
use tower_service::Service;

use super::{
    Settings, attempt::Attempt, conditional, current::Current, finish::Seen, gate::Facts,
    head::Head,
};
#[cfg(feature = "compression")]
use crate::codings;
use crate::{Problem, cors, files::RangeRequest};

/// The layer around a service; [`Edge::around`](crate::Edge::around) makes it. A service of tower
/// and of hyper.
#[derive(Clone)]
pub struct EdgeService<S> {
    settings: Arc<Settings>,
    peer: Option<IpAddr>,
    inner: S,
}

impl<S> std::fmt::Debug for EdgeService<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EdgeService").finish_non_exhaustive()
    }
}

pin_project! {
    /// The answer to come. Dropping it cuts the handler of a safe method, and no other.
    ///
    /// Not boxed: a connection of hyper has a place for it that is used again and again.
    pub struct EdgeFuture<S: Service<Request>> {
        #[pin]
        at: At<Scoped<work::Scoped<Attempt<S>>>>,
    }
}

pin_project! {
    #[project = AtNow]
    enum At<W> {
        Here { #[pin] work: W },
        Task { task: JoinHandle<Response> },
    }
}

impl<S: Service<Request>> std::fmt::Debug for EdgeFuture<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EdgeFuture").finish_non_exhaustive()
    }
}

impl<S> Future for EdgeFuture<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Self::Output> {
        let answer = match self.project().at.project() {
            AtNow::Here { work } => work.poll(waker),
            AtNow::Task { task } => Pin::new(task).poll(waker).map(|joined| {
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
        Self {
            settings,
            peer: None,
            inner,
        }
    }

    /// The same for one connection, from `peer`.
    pub(crate) fn of_peer(mut self, peer: IpAddr) -> Self {
        self.peer = Some(peer);
        self
    }
}

impl<S> EdgeService<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Send + 'static,
    S::Future: Send,
{
    fn answer(
        settings: Arc<Settings>,
        peer: Option<IpAddr>,
        inner: S,
        mut request: Request,
    ) -> EdgeFuture<S> {
        let outlives = !is_safe(request.method());
        let head = Head::read(request.headers(), &*settings.rng);
        if !request.body().is_end_stream() {
            DefaultBodyLimit::max(settings.body_bytes_max).apply(&mut request);
        }
        let started = Instant::now();
        let tasks = outlives.then(|| Arc::clone(&settings.tasks));
        let facts = Facts::of(request.method(), &head);
        let context = context(&settings, &head, started, outlives);
        let (method, fields) = (request.method(), request.headers());
        let (conditional, ranged) = (head.may_be_conditional, head.has_range);
        let seen = Seen {
            method: method.clone(),
            asked: conditional
                .then(|| conditional::asked(method, fields))
                .flatten(),
            ranges: ranged.then(|| RangeRequest::of(method, fields)),
            cors: (settings.cors.as_ref())
                .map(|cors| Box::new(cors::Asked::of(cors, method, fields))),
            request_id: head.request_id,
            #[cfg(feature = "compression")]
            codings: match settings.compression {
                true => codings::Asked::of(fields, head.has_accept_encoding, head.is_ambient),
                false => codings::Asked::default(),
            },
            started,
        };
        let accept = head.has_accept.then(|| crate::format::unusual(fields));
        let uri = request.uri().clone();
        let current = Current::new(settings, uri, accept.flatten(), peer);
        let context = context.extension(current).build();
        let attempt = Attempt::new(context.clone(), seen, inner, request, facts);
        let work = context.scope(UNROUTED.scope(attempt));
        let at = match tasks {
            None => At::Here { work },
            Some(tasks) => At::Task {
                task: spawn(tasks.begin(), work),
            },
        };
        EdgeFuture { at }
    }
}

/// What a thread works on until the route is known, and where there is none. A handler names its
/// route, see `current::enter`.
static UNROUTED: LazyLock<Label> = LazyLock::new(|| Label::route("", "(no route)"));

/// `body` as axum has it. One without content costs no allocation.
fn body<B>(body: B) -> Body
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    match body.is_end_stream() {
        true => Body::empty(),
        false => Body::new(body),
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

fn context(settings: &Settings, head: &Head, started: Instant, outlives: bool) -> ContextBuilder {
    let context = Context::builder()
        .request_id(std::str::from_utf8(head.request_id.as_bytes()).unwrap_or_default())
        .trace(head.trace)
        .outlives_caller(outlives);
    match settings.timeout {
        Some(timeout) => context.deadline(started + timeout),
        None => context,
    }
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
    type Future = EdgeFuture<S>;

    fn poll_ready(&mut self, waker: &mut Waker<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(waker)
    }

    fn call(&mut self, request: Request<B>) -> EdgeFuture<S> {
        let waiting = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, waiting);
        Self::answer(
            Arc::clone(&self.settings),
            self.peer,
            ready,
            request.map(body),
        )
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
    type Future = EdgeFuture<S>;

    /// As tower's, for services that are always ready, which axum's routers are.
    fn call(&self, request: Request<B>) -> EdgeFuture<S> {
        Self::answer(
            Arc::clone(&self.settings),
            self.peer,
            self.inner.clone(),
            request.map(body),
        )
    }
}
