//! Whether a person or a program is asking.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderValue, header, request::Parts};

use super::Html;
use crate::{Problem, accept::Accept, problem::PROBLEM_JSON};

/// Whether the caller would rather read a page than a problem document: browsers do, and who
/// accepts everything; a caller who asks for JSON does not.
///
/// For routes that answer with [`Html`]: their failures are pages for people and problems for
/// programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrefersHtml(bool);

impl PrefersHtml {
    /// `problem` with `page` to be shown for it, if the caller prefers one. The answer varies with
    /// `Accept`, and says so.
    ///
    /// `page` is asked only then; without one the problem document stays.
    pub async fn explain(
        self,
        problem: Problem,
        page: impl Future<Output = Option<Html>>,
    ) -> Problem {
        let problem = problem.header(header::VARY, HeaderValue::from_static("accept"));
        match self.0 {
            true => match page.await {
                Some(page) => problem.page(page),
                None => problem,
            },
            false => problem,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for PrefersHtml {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let offers = ["text/html", PROBLEM_JSON, "application/json"];
        let best = Accept::of(&parts.headers).best(&offers);
        Ok(Self(best == Some("text/html")))
    }
}
