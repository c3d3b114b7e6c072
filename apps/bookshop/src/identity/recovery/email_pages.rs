//! Addresses are confirmed on a page that needs no scripts.

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
        browser::{ACCOUNT, form, html, page_or_problem, with_cookies},
        input::{LinkForm, LinkQuery},
    },
    users::{FORGOT_PATH, VerifyService},
};

const CONFIRMED: Note = Note {
    title: "Your address is confirmed",
    text: "Thank you. There is nothing else to do.",
    next: (ACCOUNT, "To your account"),
};

const STALE: Note = Note {
    title: "This link is not good any more",
    text: "A link to confirm an address is good for a day, and once. If yours is not confirmed \
           yet, set a new password: the link to that confirms it too.",
    next: (FORGOT_PATH, "Ask for a link"),
};

/// Addresses are confirmed.
#[injectable]
pub struct EmailPagesController {
    addresses: Arc<VerifyService>,
    pages: Arc<RecoveryPages>,
}

#[controller("/email/verify")]
#[cache_control("no-store")]
impl EmailPagesController {
    /// Shows the page that a link leads to. It does not use the link up.
    #[get]
    #[describe(shows_the_form)]
    #[guard(SignInFormGuard)]
    async fn show(
        &self,
        csrf: CsrfToken,
        Extension(before): Extension<PreSession>,
        Query(link): Query<LinkQuery>,
    ) -> Result<Raw, Problem> {
        let page = match self.addresses.look_at(&link.token).await {
            Ok(()) => self.pages.verify(LinkPage::new(&csrf, &link.token)).await?,
            Err(error) => {
                self.pages
                    .stale(STALE, error, StatusCode::NOT_FOUND)
                    .await?
            }
        };
        Ok(Raw(with_cookies(page, [before.cookie()])))
    }

    /// Confirms the address, by the form of that page.
    #[post]
    #[describe(confirms)]
    #[guard(SignInFormGuard)]
    async fn confirm(
        &self,
        from: ClientAddress,
        Form(form): Form<LinkForm>,
    ) -> Result<Raw, Problem> {
        match self.addresses.verify(&from, &form.token).await {
            Ok(()) => Ok(Raw(self.pages.note(CONFIRMED).await?)),
            Err(error) => Ok(Raw(self
                .pages
                .stale(STALE, error, StatusCode::BAD_REQUEST)
                .await?)),
        }
    }
}

fn confirms(operation: &mut Operation<'_>) {
    form(operation);
    operation
        .fails(ErrorClass::RateLimited)
        .answer_as(200, html("The address is confirmed."))
        .answer_as(
            400,
            page_or_problem("The link is not good, or not any more."),
        );
}
