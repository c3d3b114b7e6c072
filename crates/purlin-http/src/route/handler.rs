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
use crate::{GuardRequest, Problem, csrf, edge::current, guard::GuardList, limit::enforce::Asked};

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

/// What `inner` answers, if the request has the token of its session where one is due.
async fn checked<H, T>(inner: H, request: Request) -> Response
where
    H: Handler<T, ()>,
    T: 'static,
{
    if !csrf::is_due(&request) {
        return inner.call(request, ()).await;
    }
    match csrf::enforce(request).await {
        Ok(request) => inner.call(request, ()).await,
        Err(refusal) => refusal.into_response(),
    }
}

type Boxed = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Says that the arguments `T` are those of the handler inside.
pub struct Inside<T>(std::marker::PhantomData<T>);

impl<H, T> Handler<Inside<T>, ()> for RouteHandler<Public, H>
where
    H: Handler<T, ()>,
    T: 'static,
{
    type Future = Either<H::Future, Boxed>;

    fn call(self, mut request: Request, state: ()) -> Self::Future {
        if let Err(refusal) = self.enter(&mut request) {
            return Either::Right(Box::pin(ready(refusal.into_response())));
        }
        match (self.info.limits.is_empty(), csrf::is_due(&request)) {
            (true, false) => Either::Left(self.inner.call(request, state)),
            (true, true) => Either::Right(Box::pin(checked(self.inner, request))),
            (false, _) => Either::Right(Box::pin(self.limited(request))),
        }
    }
}

impl<L, H, T> Handler<Inside<T>, ()> for RouteHandler<L, H>
where
    L: GuardList,
    H: Handler<T, ()>,
    T: 'static,
{
    type Future = Boxed;

    fn call(self, mut request: Request, (): ()) -> Self::Future {
        if let Err(refusal) = self.enter(&mut request) {
            return Box::pin(ready(refusal.into_response()));
        }
        let is_limited = !self.info.limits.is_empty();
        // A guard says in the Context who is asking, so a bare program needs one too.
        if Context::with_current(|_| ()).is_none() {
            let context = Context::builder().build();
            return match is_limited {
                true => Box::pin(context.scope(self.limited_and_guarded(request))),
                false => Box::pin(context.scope(self.guarded(request))),
            };
        }
        match is_limited {
            true => Box::pin(self.limited_and_guarded(request)),
            false => Box::pin(self.guarded(request)),
        }
    }
}

impl<H> RouteHandler<Public, H> {
    /// Asks the limits, and calls.
    async fn limited<T>(self, request: Request) -> Response
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        let (parts, body) = request.into_parts();
        let mut asked = Asked::new(&self.info.limits);
        if let Err(refusal) = asked.before_guards(&parts).await {
            return asked.tell(refusal);
        }
        if let Err(refusal) = asked.after_guards(&parts).await {
            return asked.tell(refusal);
        }
        let request = Request::from_parts(parts, body);
        let answer = checked(self.inner, request).await;
        asked.tell(answer)
    }
}

impl<L: GuardList, H> RouteHandler<L, H> {
    /// Asks the guards, and calls. Nearly every request goes this way: what it holds while it waits
    /// is the head of the request once, and what is rare is in a box.
    fn guarded<T>(self, request: Request) -> impl Future<Output = Response> + Send
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        let (mut parts, body) = request.into_parts();
        async move {
            let mut asked = GuardRequest::new(&mut parts, &self.info);
            if let Err(refusal) = self.access.check(&mut asked).await {
                return refusal.into_response();
            }
            let request = Request::from_parts(parts, body);
            if csrf::is_due(&request) {
                return Box::pin(checked(self.inner, request)).await;
            }
            self.inner.call(request, ()).await
        }
    }

    /// Asks limits and guards, and calls.
    async fn limited_and_guarded<T>(self, request: Request) -> Response
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        let (mut parts, body) = request.into_parts();
        let mut asked = Asked::new(&self.info.limits);
        if let Err(refusal) = asked.before_guards(&parts).await {
            return asked.tell(refusal);
        }
        let mut guarded = GuardRequest::new(&mut parts, &self.info);
        if let Err(refusal) = self.access.check(&mut guarded).await {
            return match asked.after_refusal(&parts).await {
                Ok(()) => asked.tell(refusal),
                Err(limited) => asked.tell(limited),
            };
        }
        if let Err(refusal) = asked.after_guards(&parts).await {
            return asked.tell(refusal);
        }
        let request = Request::from_parts(parts, body);
        let answer = checked(self.inner, request).await;
        asked.tell(answer)
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
