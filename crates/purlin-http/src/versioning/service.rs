//! The thin service in front of the router.

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

use super::resolve::{After, Refusal, Resolver};

/// Finds out the version of each request, and hands it to the router under the address of that
/// version.
#[derive(Clone, Debug)]
pub(crate) struct VersionService {
    resolver: Arc<Resolver>,
    router: Router,
}

impl VersionService {
    pub(crate) fn new(resolver: Resolver, router: Router) -> Self {
        Self {
            resolver: Arc::new(resolver),
            router,
        }
    }
}

impl Service<Request> for VersionService {
    type Response = Response;
    type Error = Infallible;
    type Future = VersionFuture;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Service::<Request>::poll_ready(&mut self.router, context)
    }

    fn call(&mut self, mut request: Request) -> VersionFuture {
        match self.resolver.resolve(&mut request) {
            Ok(after) => VersionFuture::Answering {
                answer: self.router.call(request),
                complete: (!after.is_nothing()).then(|| (Arc::clone(&self.resolver), after)),
            },
            Err(refusal) => {
                let Refusal { problem, after } = *refusal;
                let mut response = problem.into_response();
                self.resolver.complete(after, response.headers_mut());
                VersionFuture::Refused(Some(response))
            }
        }
    }
}

/// The answer to come.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every request is answered, and a box would cost each an allocation"
)]
pub(crate) enum VersionFuture {
    Answering {
        answer: RouteFuture<Infallible>,
        complete: Option<(Arc<Resolver>, After)>,
    },
    Refused(Option<Response>),
}

impl Future for VersionFuture {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Answering { answer, complete } => {
                let mut response = ready!(Pin::new(answer).poll(context))?;
                if let Some((resolver, after)) = complete.take() {
                    resolver.complete(after, response.headers_mut());
                }
                Poll::Ready(Ok(response))
            }
            // Asked again after its end, which nobody does, it stays silent.
            Self::Refused(response) => response
                .take()
                .map_or(Poll::Pending, |it| Poll::Ready(Ok(it))),
        }
    }
}
