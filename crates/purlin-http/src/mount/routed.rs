//! What answers for all routes: the version of a request is found out, then the router has it.

use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use axum::{
    Router,
    extract::Request,
    response::{IntoResponse, Response},
    routing::future::RouteFuture,
};
use tower_service::Service;

use crate::versioning::{After, Refusal, Resolver};

/// What answers for all routes of a [`Mount`](crate::Mount): a service of tower.
///
/// The same as the axum router of [`Mounted`](crate::mount::Mounted), without a router around the router
/// where there are versions: [`Server`](crate::Server) is given this one.
#[derive(Clone, Debug)]
pub struct Routed {
    resolver: Option<Arc<Resolver>>,
    router: Router,
}

impl Routed {
    pub(super) fn new(resolver: Option<Resolver>, router: Router) -> Self {
        Self {
            resolver: resolver.map(Arc::new),
            router,
        }
    }

    /// The same as an axum router.
    pub fn into_router(self) -> Router {
        match self.resolver {
            None => self.router,
            Some(_) => Router::new().fallback_service(self),
        }
    }
}

impl From<Router> for Routed {
    fn from(router: Router) -> Self {
        Self::new(None, router)
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
                RoutedFuture(State::Refused(Some(response)))
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
                let mut response = ready!(Pin::new(answer).poll(context))?;
                if let Some((resolver, after)) = complete.take() {
                    resolver.complete(after, response.headers_mut());
                }
                Poll::Ready(Ok(response))
            }
            // Asked again after its end, which nobody does, it stays silent.
            State::Refused(response) => response
                .take()
                .map_or(Poll::Pending, |it| Poll::Ready(Ok(it))),
        }
    }
}
