//! The pages that links of mails lead to, and those around them.

use std::sync::Arc;

use axum::{http::StatusCode, response::Response};
use purlin::{
    auth::one_time::OneTimeError,
    http::{csrf::CsrfToken, html::Templates, openapi::Operation, reply::Reply},
    prelude::*,
};
use serde::Serialize;

use crate::{
    identity::browser::{html, kept_by_nobody, page},
    users::UserError,
};

/// Renders the pages of recovery.
#[injectable]
pub struct RecoveryPages {
    templates: Arc<Templates>,
}

/// A form that a link leads to.
#[derive(Serialize)]
pub(super) struct LinkPage<'a> {
    csrf: &'a str,
    token: &'a str,
    /// Why the password may not be chosen.
    wrong: Option<String>,
}

#[derive(Serialize)]
struct ForgotPage<'a> {
    csrf: &'a str,
}

/// A page that says one thing.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Note {
    pub(super) title: &'static str,
    pub(super) text: &'static str,
    /// Where to go on: the address and its words.
    pub(super) next: (&'static str, &'static str),
}

impl<'a> LinkPage<'a> {
    pub(super) fn new(csrf: &'a CsrfToken, token: &'a str) -> Self {
        Self {
            csrf: csrf.as_str(),
            token,
            wrong: None,
        }
    }

    /// The page again, since `error` is about the password; `None` if it is not.
    pub(super) fn again(mut self, error: &UserError) -> Option<Self> {
        let UserError::Password(fault) = error else {
            return None;
        };
        self.wrong = Some(fault.message.to_string());
        Some(self)
    }
}

impl RecoveryPages {
    pub(super) async fn forgot(&self, csrf: &CsrfToken) -> Result<Response, Problem> {
        let csrf = csrf.as_str();
        self.show("forgot.html", ForgotPage { csrf }).await
    }

    pub(super) async fn reset(&self, page: LinkPage<'_>) -> Result<Response, Problem> {
        self.show("reset.html", page).await
    }

    pub(super) async fn verify(&self, page: LinkPage<'_>) -> Result<Response, Problem> {
        self.show("verify.html", page).await
    }

    pub(super) async fn note(&self, note: Note) -> Result<Response, Problem> {
        self.show("note.html", note).await
    }

    /// `note` with `status`, if `error` is that the link is not good; else the error.
    pub(super) async fn stale(
        &self,
        note: Note,
        error: UserError,
        status: StatusCode,
    ) -> Result<Response, Problem> {
        let UserError::Token(OneTimeError::Invalid) = error else {
            return Err(error.into());
        };
        let mut page = self.note(note).await?;
        *page.status_mut() = status;
        Ok(page)
    }

    async fn show(&self, name: &str, values: impl Serialize) -> Result<Response, Problem> {
        let page = self.templates.render(name, values).await?;
        Ok(kept_by_nobody(page.reply()))
    }
}

/// Describes the page that a link leads to.
pub(super) fn shows_the_form(operation: &mut Operation<'_>) {
    page(operation);
    operation
        .fails(ErrorClass::RateLimited)
        .answer_as(404, html("The link is not good, or not any more."));
}
