//! Asks the limits of paths for what no route of ours takes: raw routers, and addresses that are no
//! route.
//!
//! A flood of addresses that are not there must not pass by the limit above them, and a raw router
//! below a limited path must not be a hole in it.

use std::{future::Future, sync::Arc};

use axum::{extract::Request, response::Response};

use super::{Limit, LimitRule, enforce::Asked};
use crate::versioning::asked_uri;

/// The limits of paths, for requests that have no [`RouteInfo`](crate::RouteInfo).
#[derive(Clone, Debug)]
pub(crate) struct PathLimits(Arc<[LimitRule]>);

/// What takes a request that none of our routes takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taker {
    /// A raw router: callers count as on a route without guards.
    Raw,
    /// Nothing: callers count by address, as those whom a guard refuses.
    Nothing,
}

impl PathLimits {
    /// `None` if there are no rules.
    pub(super) fn of(rules: &[LimitRule]) -> Option<Self> {
        let rules: Arc<[LimitRule]> = rules.iter().filter(|it| it.is_enabled()).cloned().collect();
        (!rules.is_empty()).then_some(Self(rules))
    }

    /// What `next` answers, if the limits let the request pass.
    pub(crate) async fn around<F>(
        self,
        taker: Taker,
        request: Request,
        next: impl FnOnce(Request) -> F,
    ) -> Response
    where
        F: Future<Output = Response>,
    {
        let limits = self.limits(&request);
        let (parts, body) = request.into_parts();
        let mut asked = Asked::new(&limits);
        let passed = match (asked.before_guards(&parts).await, taker) {
            (Ok(()), Taker::Raw) => asked.after_guards(&parts).await,
            (Ok(()), Taker::Nothing) => asked.after_refusal(&parts).await,
            (refused, _) => refused,
        };
        match passed {
            Ok(()) => {
                let answer = next(Request::from_parts(parts, body)).await;
                asked.tell(answer)
            }
            Err(refusal) => asked.tell(refusal),
        }
    }

    /// Those of the rules that fit the path as it was asked for: no version was put into it.
    fn limits(&self, request: &Request) -> Vec<Limit> {
        let path = asked_uri(request.uri(), request.extensions()).path();
        let fits = self.0.iter().filter(|rule| rule.fits(path));
        fits.map(|rule| rule.limit().clone()).collect()
    }
}
