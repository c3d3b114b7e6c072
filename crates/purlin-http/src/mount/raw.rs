//! Puts raw routers beside our routes, and limits them and what is left.

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode};

use super::{MountError, guarded};
use crate::limit::{PathLimits, Taker};

/// `router` with the raw routers, and their names.
pub(super) fn join(
    router: Router,
    raw: Vec<(String, Router)>,
    limits: Option<PathLimits>,
) -> Result<(Router, Vec<String>), MountError> {
    let names = raw.iter().map(|(name, _)| name.clone()).collect();
    let router = match limits {
        Some(limits) => limited(router, raw, limits)?,
        // Of all methods of a path only axum knows, as a raw router may have added some: it gives
        // its `Allow` to this answer.
        None => merge(router, raw)?.method_not_allowed_fallback(options),
    };
    Ok((router, names))
}

fn merge(mut router: Router, raw: Vec<(String, Router)>) -> Result<Router, MountError> {
    for (name, other) in raw {
        router = guarded(&name, || router.merge(other))?;
    }
    Ok(router)
}

/// The same, with `limits` around the raw routers, the fallback and wrong methods.
///
/// A raw router may have a fallback of its own, which axum does not show. So all of them together
/// are the fallback too: what comes there fits none of their routes.
fn limited(
    router: Router,
    raw: Vec<(String, Router)>,
    limits: PathLimits,
) -> Result<Router, MountError> {
    let fallback = around(merge(Router::new(), raw.clone())?, &limits, Taker::Nothing);
    let routes = |(name, other): (String, Router)| {
        (name, around(other.reset_fallback(), &limits, Taker::Raw))
    };
    let router = merge(router, raw.into_iter().map(routes).collect())?;
    let router = router.fallback_service(fallback);
    let wrong = move |request: Request| wrong_method(limits.clone(), request);
    Ok(router.method_not_allowed_fallback(wrong))
}

fn around(router: Router, limits: &PathLimits, taker: Taker) -> Router {
    let limits = limits.clone();
    router.layer(middleware::from_fn(move |request: Request, next: Next| {
        limits
            .clone()
            .around(taker, request, |request| next.run(request))
    }))
}

async fn wrong_method(limits: PathLimits, request: Request) -> Response {
    let answer = options(request.method().clone()).await.into_response();
    match answer.status() {
        // Browsers ask by themselves.
        StatusCode::NO_CONTENT => answer,
        _ => {
            limits
                .around(Taker::Nothing, request, |_| std::future::ready(answer))
                .await
        }
    }
}

async fn options(method: Method) -> StatusCode {
    match method {
        Method::OPTIONS => StatusCode::NO_CONTENT,
        _ => StatusCode::METHOD_NOT_ALLOWED,
    }
}
