//! Asks the limits of a route, and tells of them in its answer.

use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::{
    Limit,
    fields::{self, Told},
    key::Subject,
};
use crate::Problem;

/// The limits of a route, while one request is answered.
///
/// They are asked in their order; the first that refuses ends it, and what the ones before took
/// stays taken.
pub(crate) struct Asked<'a> {
    limits: &'a [Limit],
    told: Vec<Told<'a>>,
}

impl<'a> Asked<'a> {
    pub(crate) fn new(limits: &'a [Limit]) -> Self {
        Self {
            limits,
            told: Vec::with_capacity(limits.len()),
        }
    }

    /// The limits that need nobody to be known.
    pub(crate) async fn before_guards(&mut self, parts: &Parts) -> Result<(), Problem> {
        for limit in self.limits.iter().filter(|it| it.is_before_guards()) {
            self.ask(limit, limit.address(parts)).await?;
        }
        Ok(())
    }

    /// The other limits.
    pub(crate) async fn after_guards(&mut self, parts: &Parts) -> Result<(), Problem> {
        for limit in self.limits.iter().filter(|it| !it.is_before_guards()) {
            self.ask(limit, limit.subject(parts)).await?;
        }
        Ok(())
    }

    /// The other limits, for a caller whom a guard refused: he counts by his address.
    pub(crate) async fn after_refusal(&mut self, parts: &Parts) -> Result<(), Problem> {
        for limit in self.limits.iter().filter(|it| !it.is_before_guards()) {
            self.ask(limit, limit.address(parts)).await?;
        }
        Ok(())
    }

    async fn ask(&mut self, limit: &'a Limit, subject: Subject) -> Result<(), Problem> {
        if !limit.is_enabled() {
            return Ok(());
        }
        let decision = limit.decide_for(&subject).await?;
        self.told.push(Told {
            limit,
            subject,
            decision,
        });
        limit.passed(decision)?;
        Ok(())
    }

    /// The answer, with the fields of every limit that was asked.
    pub(crate) fn tell(self, answer: impl IntoResponse) -> Response {
        let mut response = answer.into_response();
        fields::write(response.headers_mut(), &self.told);
        response
    }
}
