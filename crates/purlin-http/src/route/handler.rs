//! The axum handler of a route: notes which route it is, asks the guards, and calls.

use std::{
    future::{Future, ready},
    pin::Pin,
    sync::Arc,
};

use axum::{
    extract::{DefaultBodyLimit, Request},
    handler::Handler,
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter},
};
use futures_util::future::Either;
use purlin_base::Context;

use super::{Public, RouteInfo};
use crate::{GuardRequest, Problem, csrf, edge::current, guard::GuardList};

/// A handler that knows its route. For a public route it adds no allocation and no middleware to
/// what axum does; guards cost one allocation.
#[derive(Clone, Debug)]
pub struct RouteHandler<A, H> {
    info: Arc<RouteInfo>,
    access: A,
    inner: H,
}

impl<A, H> RouteHandler<A, H> {
    pub(super) fn new(info: Arc<RouteInfo>, access: A, inner: H) -> Self {
        Self {
            info,
            access,
            inner,
        }
    }

    fn enter(&self, request: &mut Request) -> Result<(), Problem> {
        current::enter(&self.info)?;
        if let Some(bytes) = self.info.body_bytes_max {
            DefaultBodyLimit::max(bytes).apply(request);
        }
        Ok(())
    }
}

/// What `inner` answers, if the request has the token of its session.
async fn checked<H, T>(inner: H, request: Request) -> Response
where
    H: Handler<T, ()>,
    T: 'static,
{
    match csrf::enforce(request).await {
        Ok(request) => inner.call(request, ()).await,
        Err(refusal) => refusal.into_response(),
    }
}

/// Says that the arguments `T` are those of the handler inside.
pub struct Inside<T>(std::marker::PhantomData<T>);

impl<H, T> Handler<Inside<T>, ()> for RouteHandler<Public, H>
where
    H: Handler<T, ()>,
    T: 'static,
{
    type Future = Either<H::Future, Pin<Box<dyn Future<Output = Response> + Send>>>;

    fn call(self, mut request: Request, state: ()) -> Self::Future {
        if let Err(refusal) = self.enter(&mut request) {
            return Either::Right(Box::pin(ready(refusal.into_response())));
        }
        match csrf::is_due(&request) {
            false => Either::Left(self.inner.call(request, state)),
            true => Either::Right(Box::pin(checked(self.inner, request))),
        }
    }
}

impl<L, H, T> Handler<Inside<T>, ()> for RouteHandler<L, H>
where
    L: GuardList,
    H: Handler<T, ()>,
    T: 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, mut request: Request, (): ()) -> Self::Future {
        if let Err(refusal) = self.enter(&mut request) {
            return Box::pin(ready(refusal.into_response()));
        }
        let work = async move {
            let (mut parts, body) = request.into_parts();
            let mut asked = GuardRequest::new(&mut parts, &self.info);
            if let Err(refusal) = self.access.check(&mut asked).await {
                return refusal.into_response();
            }
            let request = Request::from_parts(parts, body);
            match csrf::is_due(&request) {
                false => self.inner.call(request, ()).await,
                true => checked(self.inner, request).await,
            }
        };
        // A guard says in the Context who is asking, so a bare program needs one too.
        match Context::with_current(|_| ()) {
            Some(()) => Box::pin(work),
            None => Box::pin(Context::builder().build().scope(work)),
        }
    }
}

/// The method router of `handler`, for its route's own method.
pub(super) fn on<A, H, T>(handler: RouteHandler<A, H>) -> MethodRouter
where
    RouteHandler<A, H>: Handler<Inside<T>, ()>,
    T: 'static,
{
    let filter = MethodFilter::try_from(handler.info.method.clone());
    axum::routing::on(filter.unwrap_or(MethodFilter::GET), handler)
}
