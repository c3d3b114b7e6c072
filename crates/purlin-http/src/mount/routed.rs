//! What answers for all routes: the version of a request is found out, then the router has it.

use std::{
    convert::Infallible,
    future::{Future, ready},
    pin::Pin,
    sync::Arc,
    task::{self, Context, Poll},
};

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
    routing::future::RouteFuture,
};
use tower_service::Service;

use crate::{
    limit::{PathLimits, Taker},
    versioning::{After, Refusal, Resolver},
};

/// What answers for all routes of a [`Mount`](crate::Mount): a service of tower.
///
/// The same as the axum router of [`Mounted`](crate::mount::Mounted), without a router around the router
/// where there are versions: [`Server`](crate::Server) is given this one.
#[derive(Clone, Debug)]
pub struct Routed {
    resolver: Option<Arc<Resolver>>,
    router: Router,
    /// For what is refused before the router is asked; the router has its own.
    limits: Option<PathLimits>,
}

impl Routed {
    pub(super) fn new(
        resolver: Option<Resolver>,
        router: Router,
        limits: Option<PathLimits>,
    ) -> Self {
        Self {
            resolver: resolver.map(Arc::new),
            // Now, and not for each request: it makes services of handlers.
            router: router.with_state(()),
            limits,
        }
    }

    /// The same as an axum router.
    pub fn into_router(self) -> Router {
        match self.resolver {
            None => self.router,
            Some(_) => Router::new().fallback_service(self).with_state(()),
        }
    }
}

impl From<Router> for Routed {
    fn from(router: Router) -> Self {
        Self::new(None, router, None)
    }
}

impl Service<Request> for Routed {
    type Response = Response;
    type Error = Infallible;
    type Future = RoutedFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, mut request: Request) -> RoutedFuture {
        let Some(resolver) = &self.resolver else {
            return RoutedFuture::answering(self.router.call(request), None);
        };
        match resolver.resolve(&mut request) {
            Ok(after) => {
                let complete = (!after.is_nothing()).then(|| (Arc::clone(resolver), after));
                RoutedFuture::answering(self.router.call(request), complete)
            }
            Err(refusal) => {
                let Refusal { problem, after } = *refusal;
                let mut response = problem.into_response();
                resolver.complete(after, response.headers_mut());
                RoutedFuture(match self.limits.clone() {
                    None => State::Refused(Some(response)),
                    Some(limits) => {
                        let refuse = |_| ready(response);
                        State::Limited(Box::pin(limits.around(Taker::Nothing, request, refuse)))
                    }
                })
            }
        }
    }
}

/// The answer to come.
pub struct RoutedFuture(State);

impl std::fmt::Debug for RoutedFuture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RoutedFuture").finish_non_exhaustive()
    }
}

#[expect(
    clippy::large_enum_variant,
    reason = "nearly every request is answered, and a box would cost each an allocation"
)]
enum State {
    Answering {
        answer: RouteFuture<Infallible>,
        complete: Option<(Arc<Resolver>, After)>,
    },
    Refused(Option<Response>),
    /// Refused, if the limits of paths do not refuse it first.
    Limited(Pin<Box<dyn Future<Output = Response> + Send>>),
}

impl RoutedFuture {
    fn answering(
        answer: RouteFuture<Infallible>,
        complete: Option<(Arc<Resolver>, After)>,
    ) -> Self {
        Self(State::Answering { answer, complete })
    }
}

impl Future for RoutedFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Answering { answer, complete } => {
                let mut response = task::ready!(Pin::new(answer).poll(context))?;
                if let Some((resolver, after)) = complete.take() {
                    resolver.complete(after, response.headers_mut());
                }
                Poll::Ready(Ok(response))
            }
            State::Limited(answer) => answer.as_mut().poll(context).map(Ok),
            // Asked again after its end, which nobody does, it stays silent.
            State::Refused(response) => response
                .take()
                .map_or(Poll::Pending, |it| Poll::Ready(Ok(it))),
        }
    }
}
