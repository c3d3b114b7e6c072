//! Another password, by the old one, on a page that needs no scripts.

use std::sync::Arc;

use axum::{Extension, http::StatusCode, response::Response};
use purlin::{
    auth::session::{Session, Sessions},
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
use uuid::Uuid;

use super::{
    BrowserGuard, SignInError, SignInService,
    browser::{
        ACCOUNT, LOGIN, form, html, page_or_login, page_or_problem, see_other, unauthenticated,
        with_cookies,
    },
    input::ChangePasswordForm,
};
use crate::users::{NewPasswordService, User, UserError, UserStore};

/// Another password, by the old one.
#[injectable]
pub struct ChangePasswordController {
    sign_ins: Arc<SignInService>,
    passwords: Arc<NewPasswordService>,
    users: Arc<UserStore>,
    sessions: Arc<Sessions>,
    templates: Arc<Templates>,
}

#[derive(Default, Serialize)]
struct ChangePage {
    csrf: String,
    is_wrong: bool,
    /// Why the new password may not be chosen.
    fault: Option<String>,
}

#[controller("/account/password")]
#[cache_control("no-store")]
impl ChangePasswordController {
    /// Shows the page to change the password on; whoever is not signed in is sent to do so.
    #[get]
    #[describe(page_or_login)]
    #[guard(BrowserGuard)]
    async fn show(
        &self,
        session: Option<Extension<Session>>,
        token: Result<CsrfToken, Problem>,
    ) -> Result<Raw, Problem> {
        if session.is_none() {
            return Ok(Raw(see_other(LOGIN, [])));
        }
        Ok(Raw(self.page(&token?, ChangePage::default()).await?))
    }

    /// Changes the password by the form of the page: to the account, with a new session id. All
    /// other sessions and sign-ins end.
    #[post]
    #[describe(changes)]
    #[guard(BrowserGuard)]
    async fn change(
        &self,
        session: Option<Extension<Session>>,
        from: ClientAddress,
        token: Result<CsrfToken, Problem>,
        Form(shown): Form<ChangePasswordForm>,
    ) -> Result<Raw, Problem> {
        let Some(Extension(session)) = session else {
            return Ok(Raw(see_other(LOGIN, [])));
        };
        let Some(user) = self.user(&session).await? else {
            return Ok(Raw(see_other(LOGIN, [])));
        };
        let ChangePasswordForm {
            password,
            new_password,
        } = &shown;
        let is_changed = match self.sign_ins.confirm(&from, &user, password).await {
            Ok(()) => {
                let kept = session.public_id();
                let changed = self.passwords.change(&from, &user, new_password, kept);
                changed.await
            }
            Err(SignInError::Wrong) => Ok(false),
            Err(error) => return Err(error.into()),
        };
        match is_changed {
            Ok(true) => {
                let new = self.sessions.rotate(session.id()).await?;
                let cookie = new.as_ref().map(|new| &new.cookie);
                Ok(Raw(with_cookies(see_other(ACCOUNT, []), [cookie])))
            }
            Ok(false) => Ok(Raw(self.wrong(&token?).await?)),
            Err(UserError::Password(fault)) => Ok(Raw(self.faulty(&token?, fault.message).await?)),
            Err(error) => Err(error.into()),
        }
    }
}

impl ChangePasswordController {
    async fn user(&self, session: &Session) -> Result<Option<User>, SqlError> {
        match session.user().parse::<Uuid>() {
            Ok(id) => self.users.find(id).await,
            Err(_) => Ok(None),
        }
    }

    async fn wrong(&self, token: &CsrfToken) -> Result<Response, Problem> {
        let shown = ChangePage {
            is_wrong: true,
            ..ChangePage::default()
        };
        let mut page = self.page(token, shown).await?;
        unauthenticated(&mut page);
        Ok(page)
    }

    async fn faulty(&self, token: &CsrfToken, fault: String) -> Result<Response, Problem> {
        let shown = ChangePage {
            fault: Some(fault),
            ..ChangePage::default()
        };
        let mut page = self.page(token, shown).await?;
        *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        Ok(page)
    }

    async fn page(&self, token: &CsrfToken, shown: ChangePage) -> Result<Response, Problem> {
        let csrf = token.as_str().to_owned();
        let shown = ChangePage { csrf, ..shown };
        let page = self.templates.render("change_password.html", shown).await?;
        Ok(page.reply())
    }
}

fn changes(operation: &mut Operation<'_>) {
    form(operation);
    operation
        .fails(ErrorClass::RateLimited)
        .answer_as(
            303,
            Answer::new("To the account, or to the page to sign in."),
        )
        .answer_as(
            401,
            html("The page again: the password as it is now is wrong."),
        )
        .answer_as(
            422,
            page_or_problem("The page again: the new password may not be chosen."),
        );
}
