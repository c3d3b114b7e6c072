//! Forgotten passwords on pages that need no scripts.

use std::sync::Arc;

use axum::{Extension, http::StatusCode};
use purlin::{
    auth::session::PreSession,
    http::{Form, Raw, client_address::ClientAddress, csrf::CsrfToken, openapi::Operation},
    prelude::*,
};

use super::pages::{LinkPage, Note, RecoveryPages, shows_the_form};
use crate::{
    identity::{
        SignInFormGuard,
        browser::{LOGIN, form, html, page, page_or_problem, with_cookies},
        input::{ForgotForm, LinkQuery, ResetForm},
    },
    users::{FORGOT_PATH, NewPasswordService},
};

const SENT: Note = Note {
    title: "Look into your mail",
    text: "If there is an account with this address, a mail with a link to set a new password is \
           on its way to it. The link is good for ten minutes.",
    next: (LOGIN, "Sign in"),
};

const SET: Note = Note {
    title: "Your password is set",
    text: "All devices were signed out. Sign in with the new password.",
    next: (LOGIN, "Sign in"),
};

const STALE: Note = Note {
    title: "This link is not good any more",
    text: "A link to set a password is good for ten minutes, and once. Ask for a new one.",
    next: (FORGOT_PATH, "Ask for a new link"),
};

/// Forgotten passwords on pages.
#[injectable]
pub struct PasswordPagesController {
    resets: Arc<NewPasswordService>,
    pages: Arc<RecoveryPages>,
}

#[controller("/password")]
#[cache_control("no-store")]
impl PasswordPagesController {
    /// Shows the page to ask for a link on.
    #[get("/forgot")]
    #[describe(page)]
    #[guard(SignInFormGuard)]
    async fn ask(
        &self,
        csrf: CsrfToken,
        Extension(before): Extension<PreSession>,
    ) -> Result<Raw, Problem> {
        let page = self.pages.forgot(&csrf).await?;
        Ok(Raw(with_cookies(page, [before.cookie()])))
    }

    /// Sends the link, and says the same whether there is such an account or not.
    #[post("/forgot")]
    #[describe(sends)]
    #[guard(SignInFormGuard)]
    async fn send(
        &self,
        from: ClientAddress,
        Form(asked): Form<ForgotForm>,
    ) -> Result<Raw, Problem> {
        self.resets.forgot(&from, &asked.email).await?;
        Ok(Raw(self.pages.note(SENT).await?))
    }

    /// Shows the page that a link leads to. It does not use the link up.
    #[get("/reset")]
    #[describe(shows_the_form)]
    #[guard(SignInFormGuard)]
    async fn show(
        &self,
        csrf: CsrfToken,
        Extension(before): Extension<PreSession>,
        Query(link): Query<LinkQuery>,
    ) -> Result<Raw, Problem> {
        let page = match self.resets.look_at(&link.token).await {
            Ok(()) => self.pages.reset(LinkPage::new(&csrf, &link.token)).await?,
            Err(error) => {
                self.pages
                    .stale(STALE, error, StatusCode::NOT_FOUND)
                    .await?
            }
        };
        Ok(Raw(with_cookies(page, [before.cookie()])))
    }

    /// Sets the password, by the form of that page, and ends all sessions and sign-ins.
    #[post("/reset")]
    #[describe(sets)]
    #[guard(SignInFormGuard)]
    async fn reset(
        &self,
        from: ClientAddress,
        csrf: CsrfToken,
        Form(form): Form<ResetForm>,
    ) -> Result<Raw, Problem> {
        let set = self.resets.reset(&from, &form.token, &form.password).await;
        let Err(error) = set else {
            return Ok(Raw(self.pages.note(SET).await?));
        };
        match LinkPage::new(&csrf, &form.token).again(&error) {
            Some(page) => {
                let mut page = self.pages.reset(page).await?;
                *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
                Ok(Raw(page))
            }
            None => Ok(Raw(self
                .pages
                .stale(STALE, error, StatusCode::BAD_REQUEST)
                .await?)),
        }
    }
}

fn sends(operation: &mut Operation<'_>) {
    form(operation);
    let sent = "That a mail is on its way if there is such an account.";
    operation
        .fails(ErrorClass::RateLimited)
        .answer_as(200, html(sent));
}

fn sets(operation: &mut Operation<'_>) {
    form(operation);
    operation
        .fails(ErrorClass::RateLimited)
        .answer_as(200, html("The password is set."))
        .answer_as(
            400,
            page_or_problem("The link is not good, or not any more."),
        )
        .answer_as(
            422,
            page_or_problem("The page again: the password may not be chosen."),
        );
}
