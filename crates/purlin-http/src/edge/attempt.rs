//! One request on its way: refused, or asked of the service inside, with an end to its time and
//! its panics; then completed.
//!
//! A state machine by hand: what an `async` block would hold twice is held once, and a handler
//! that answers at once pays for no timer.

use std::{
    convert::Infallible,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context as Waker, Poll, ready},
    time::Duration,
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{Method, header};
use pin_project_lite::pin_project;
use purlin_base::{Context, ErrorClass};
use tokio::time::Sleep;
use tower_service::Service;

use super::{
    current::{self, Current},
    finish::{self, Seen},
    gate, methods,
};
use crate::Problem;

pin_project! {
    /// The whole way of one request; polled within `context`, which is one of the layer's.
    pub(super) struct Attempt<S: Service<Request>> {
        context: Context,
        seen: Option<Seen>,
        facts: gate::Facts,
        end: Option<Pin<Box<Sleep>>>,
        #[pin]
        stage: Stage<S, S::Future>,
    }
}

pin_project! {
    #[project = StageNow]
    enum Stage<S, F> {
        Begin { inner: S, request: Option<Request> },
        Call { #[pin] call: F },
        Rewrite { rewriting: Rewriting },
    }
}

impl<S> Attempt<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    pub(super) fn new(
        context: Context,
        seen: Seen,
        inner: S,
        request: Request,
        facts: gate::Facts,
    ) -> Self {
        Self {
            context,
            seen: Some(seen),
            facts,
            end: None,
            stage: Stage::Begin {
                inner,
                request: Some(request),
            },
        }
    }

    /// The answer of the service inside, or the reason that there is none.
    fn poll_answer(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Response> {
        let mut this = self.project();
        if let StageNow::Begin { inner, request } = this.stage.as_mut().project() {
            let request = request.take().expect("the call is made once");
            let settings = current(this.context).settings();
            if let Err(refusal) = gate::check(settings, &request, *this.facts) {
                return Poll::Ready(refusal.into_response());
            }
            if let Some(answer) = methods::of_server(&request) {
                return Poll::Ready(answer);
            }
            match catch_unwind(AssertUnwindSafe(|| inner.call(request))) {
                Ok(call) => this.stage.set(Stage::Call { call }),
                Err(panic) => return Poll::Ready(panicked(&*panic)),
            }
        }
        let StageNow::Call { call } = this.stage.project() else {
            unreachable!("an answer that is being rewritten was given");
        };
        match catch_unwind(AssertUnwindSafe(|| call.poll(waker))) {
            Ok(Poll::Ready(Ok(response))) => Poll::Ready(response),
            Ok(Poll::Pending) => {
                poll_end(this.end, current(this.context).settings().timeout, waker)
            }
            Err(panic) => Poll::Ready(panicked(&*panic)),
        }
    }
}

/// An answer that takes a while to be written anew.
type Rewriting = Pin<Box<dyn Future<Output = Response> + Send>>;

/// `answer` if it can be sent as it is; else what becomes of it: a failure is explained, a body is
/// put into the coding that was chosen.
#[cfg_attr(not(feature = "compression"), expect(unused_mut, unused_variables))]
fn rewritten(method: &Method, mut answer: Response) -> Result<Response, Rewriting> {
    if finish::has_failed(&answer) {
        return Err(Box::pin(finish::as_problem(answer)));
    }
    #[cfg(feature = "compression")]
    if let Some(coding) = answer.extensions_mut().remove::<crate::codings::Coding>()
        && answer.status() != http::StatusCode::NOT_MODIFIED
    {
        let method = method.clone();
        return Err(Box::pin(async move {
            crate::codings::apply(coding, &method, answer).await
        }));
    }
    Ok(answer)
}

/// The answer when the time is over. The timer begins with the first wait.
fn poll_end(
    end: &mut Option<Pin<Box<Sleep>>>,
    timeout: Option<Duration>,
    waker: &mut Waker<'_>,
) -> Poll<Response> {
    let Some(timeout) = timeout else {
        return Poll::Pending;
    };
    let end = end.get_or_insert_with(|| Box::pin(tokio::time::sleep(timeout)));
    ready!(end.as_mut().poll(waker));
    Poll::Ready(too_slow().into_response())
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Response {
    let message = super::panic_message(panic);
    Problem::new(ErrorClass::Internal, "HTTP_PANIC")
        .cause(format!("a handler panicked: {message}"))
        .into_response()
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

impl<S> Future for Attempt<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Response> {
        let response = loop {
            if let StageNow::Rewrite { rewriting } = self.as_mut().project().stage.project() {
                break ready!(rewriting.as_mut().poll(waker));
            }
            let answer = ready!(self.as_mut().poll_answer(waker));
            let mut this = self.as_mut().project();
            let seen = this.seen.as_ref().expect(ONCE);
            let answer = seen.judge(current(this.context), answer);
            match rewritten(&seen.method, answer) {
                // The call is dropped first: it may hold what the rewriting waits for.
                Err(rewriting) => this.stage.set(Stage::Rewrite { rewriting }),
                Ok(answer) => break answer,
            }
        };
        let this = self.project();
        let seen = this.seen.take().expect(ONCE);
        Poll::Ready(seen.finish(current(this.context), response))
    }
}

const ONCE: &str = "an answer is given once";

fn current(context: &Context) -> &Current {
    Current::of(context).expect("the layer begins the context")
}
