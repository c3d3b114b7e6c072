//! The page of a sign-in that asks for the code.

use std::sync::Arc;

use axum::{Extension, http::HeaderMap, response::Response};
use purlin::{
    auth::{one_time::OneTimeError, session::PreSession},
    http::{
        Form, Raw,
        client_address::ClientAddress,
        csrf::CsrfToken,
        html::Templates,
        openapi::{Answer, Operation},
        reply::Reply,
    },
    prelude::*,
};
use serde::Serialize;

use super::{Codes, SignInTickets};
use crate::{
    identity::{
        SessionStarter, SignInError, SignInFormGuard,
        browser::{LOGIN, form, html, kept_by_nobody, see_other, unauthenticated},
        input::SignInCodeForm,
    },
    users::{User, UserStore},
};

/// The page that asks for the code, where one is asked for.
#[injectable]
pub struct CodePage {
    codes: Arc<Codes>,
    tickets: Arc<SignInTickets>,
    templates: Arc<Templates>,
    db: Arc<Db>,
}

#[derive(Serialize)]
struct Shown<'a> {
    csrf: &'a str,
    ticket: &'a str,
    is_wrong: bool,
}

impl CodePage {
    /// The page for `user`, whose password was right in the browser seen as `before`; `None` if
    /// no code is asked for.
    pub(in crate::identity) async fn of(
        &self,
        user: &User,
        before: &PreSession,
        csrf: &CsrfToken,
    ) -> Result<Option<Response>, Problem> {
        if !self.codes.are_asked(user).await? {
            return Ok(None);
        }
        let ticket = self
            .db
            .transaction(async |tx| self.tickets.issue(tx, user.id, before).await);
        let page = self.page(csrf, &ticket.await?, false).await?;
        Ok(Some(page))
    }

    async fn page(
        &self,
        csrf: &CsrfToken,
        ticket: &str,
        is_wrong: bool,
    ) -> Result<Response, Problem> {
        let csrf = csrf.as_str();
        let shown = Shown {
            csrf,
            ticket,
            is_wrong,
        };
        let page = self.templates.render("code.html", shown).await?;
        Ok(kept_by_nobody(page.reply()))
    }
}

/// Ends sign-ins of browsers that wait for a code.
#[injectable]
pub struct SignInCodeController {
    page: Arc<CodePage>,
    codes: Arc<Codes>,
    tickets: Arc<SignInTickets>,
    users: Arc<UserStore>,
    sessions: Arc<SessionStarter>,
    db: Arc<Db>,
}

#[controller("/session/code")]
#[cache_control("no-store")]
impl SignInCodeController {
    /// Ends a sign-in by the form of the page that asks for the code: to the account, or back to
    /// the page. If the sign-in has waited too long, back to its beginning.
    #[post]
    #[describe(takes_the_code)]
    #[guard(SignInFormGuard)]
    async fn sign_in(
        &self,
        headers: HeaderMap,
        from: ClientAddress,
        csrf: CsrfToken,
        Extension(before): Extension<PreSession>,
        Form(shown): Form<SignInCodeForm>,
    ) -> Result<Raw, Problem> {
        match self.user(&from, &before, &shown).await {
            Ok(user) => Ok(Raw(self.sessions.begin(&headers, &from, &user).await?)),
            Err(SignInError::CodeWrong) => {
                let mut page = self.page.page(&csrf, &shown.ticket, true).await?;
                unauthenticated(&mut page);
                Ok(Raw(page))
            }
            Err(SignInError::Nobody) => Ok(Raw(see_other(LOGIN, []))),
            Err(error) => Err(error.into()),
        }
    }
}

impl SignInCodeController {
    /// Whose ticket and code these are. A wrong code leaves the ticket as it is.
    async fn user(
        &self,
        from: &ClientAddress,
        before: &PreSession,
        shown: &SignInCodeForm,
    ) -> Result<User, SignInError> {
        let seen = self.tickets.peek(&self.db, &shown.ticket, before).await;
        let user = self.users.find(seen.map_err(stale)?).await?;
        let user = user.ok_or(SignInError::Nobody)?;
        self.codes.admit(&user).await?;
        let done = self.db.transaction(async |tx| {
            // The account before the ticket, as whoever resets a password does.
            let held = self.users.hold(tx, user.id, &user.password_hash).await?;
            held.ok_or(SignInError::Nobody)?;
            let used = self.tickets.redeem(tx, &shown.ticket).await;
            used.map_err(stale)?;
            self.codes.take(tx, &user, &shown.code).await
        });
        let done = done.await;
        self.codes.noted(from, &user, done).await?;
        Ok(user)
    }
}

fn stale(error: OneTimeError) -> SignInError {
    match error {
        OneTimeError::Invalid => SignInError::Nobody,
        error => error.into(),
    }
}

fn takes_the_code(operation: &mut Operation<'_>) {
    form(operation);
    let to = Answer::new("To the account, or to the page to sign in if it has waited too long.");
    operation
        .fails(ErrorClass::RateLimited)
        .answer_as(303, to)
        .answer_as(401, html("The page again: the code is wrong."));
}
