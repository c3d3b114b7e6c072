//! The pages of the account that look after its second factor.

use std::sync::Arc;

use axum::{Extension, response::Response};
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

use super::SecondFactorService;
use crate::{
    identity::{
        BrowserGuard, SignInError,
        browser::{
            LOGIN, form, html, kept_by_nobody, page_or_login, see_other, unauthenticated,
            with_cookies,
        },
        input::{CodeForm, PasswordAndCodeForm, PasswordForm},
    },
    users::{User, UserStore},
};

/// The second factor of an account, on pages that need no scripts.
#[injectable]
pub struct SecondFactorController {
    factor: Arc<SecondFactorService>,
    users: Arc<UserStore>,
    sessions: Arc<Sessions>,
    templates: Arc<Templates>,
}

/// What the page shows.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
enum Shown {
    /// None: it may be begun.
    Off,
    /// Begun: this is to be put into an app. Nothing, once a code was wrong: it is shown once.
    Begun { secret: String, uri: String },
    /// There is one.
    On,
    /// There is one since now, or new recovery codes.
    Codes { codes: Vec<String> },
}

#[derive(Serialize)]
struct FactorPage {
    csrf: String,
    wrong: Option<&'static str>,
    #[serde(flatten)]
    shown: Shown,
}

type Asked = Option<Extension<Session>>;
type Token = Result<CsrfToken, Problem>;

#[controller("/account/second-factor")]
#[cache_control("no-store")]
impl SecondFactorController {
    /// Shows whether the account has a second factor; whoever is not signed in is sent to do so.
    #[get]
    #[describe(page_or_login)]
    #[guard(BrowserGuard)]
    async fn show(&self, session: Asked, token: Token) -> Result<Raw, Problem> {
        let Some((_, user)) = self.asks(session).await? else {
            return Ok(Raw(see_other(LOGIN, [])));
        };
        self.answer(token, &user, Ok(None)).await
    }

    /// Begins a second factor by the password: shows what is to be put into an app, once.
    #[post]
    #[describe(changes)]
    #[guard(BrowserGuard)]
    async fn begin(
        &self,
        session: Asked,
        from: ClientAddress,
        token: Token,
        Form(shown): Form<PasswordForm>,
    ) -> Result<Raw, Problem> {
        let Some((_, user)) = self.asks(session).await? else {
            return Ok(Raw(see_other(LOGIN, [])));
        };
        let begun = self.factor.begin(&from, &user, &shown.password).await;
        let begun = begun.map(|enrolment| {
            Some(Shown::Begun {
                secret: enrolment.secret().to_owned(),
                uri: enrolment.uri().to_owned(),
            })
        });
        self.answer(token, &user, begun).await
    }

    /// Turns the second factor on by a first code of the app: shows the recovery codes, once.
    #[post("/confirm")]
    #[describe(changes)]
    #[guard(BrowserGuard)]
    async fn confirm(
        &self,
        session: Asked,
        from: ClientAddress,
        token: Token,
        Form(shown): Form<CodeForm>,
    ) -> Result<Raw, Problem> {
        let Some((session, user)) = self.asks(session).await? else {
            return Ok(Raw(see_other(LOGIN, [])));
        };
        match self.factor.turn_on(&from, &user, &shown.code).await {
            Ok(codes) => {
                // What it takes to be here has changed: so does the id.
                let new = self.sessions.rotate(session.id()).await?;
                let codes = codes.reveal().to_vec();
                let page = self.page(token, None, Shown::Codes { codes }).await?;
                let cookie = new.as_ref().map(|new| &new.cookie);
                Ok(Raw(with_cookies(page, [cookie])))
            }
            Err(SignInError::CodeWrong) => {
                let begun = Shown::Begun {
                    secret: String::new(),
                    uri: String::new(),
                };
                let mut page = self.page(token, Some("code"), begun).await?;
                unauthenticated(&mut page);
                Ok(Raw(page))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes new recovery codes by the password and a code, and shows them, once.
    #[post("/recovery-codes")]
    #[describe(changes)]
    #[guard(BrowserGuard)]
    async fn new_codes(
        &self,
        session: Asked,
        from: ClientAddress,
        token: Token,
        Form(shown): Form<PasswordAndCodeForm>,
    ) -> Result<Raw, Problem> {
        let Some((_, user)) = self.asks(session).await? else {
            return Ok(Raw(see_other(LOGIN, [])));
        };
        let PasswordAndCodeForm { password, code } = &shown;
        let codes = self.factor.new_recovery_codes(&from, &user, password, code);
        let codes = codes.await.map(|codes| {
            let codes = codes.reveal().to_vec();
            Some(Shown::Codes { codes })
        });
        self.answer(token, &user, codes).await
    }

    /// Turns the second factor off by the password and a code.
    #[post("/disable")]
    #[describe(changes)]
    #[guard(BrowserGuard)]
    async fn disable(
        &self,
        session: Asked,
        from: ClientAddress,
        token: Token,
        Form(shown): Form<PasswordAndCodeForm>,
    ) -> Result<Raw, Problem> {
        let Some((_, user)) = self.asks(session).await? else {
            return Ok(Raw(see_other(LOGIN, [])));
        };
        let PasswordAndCodeForm { password, code } = &shown;
        let off = self.factor.turn_off(&from, &user, password, code).await;
        self.answer(token, &user, off.map(|()| None)).await
    }
}

impl SecondFactorController {
    /// Who asks, if the session is that of an account.
    async fn asks(&self, session: Asked) -> Result<Option<(Session, User)>, Problem> {
        let Some(Extension(session)) = session else {
            return Ok(None);
        };
        let Ok(id) = session.user().parse::<Uuid>() else {
            return Ok(None);
        };
        let user = self.users.find(id).await?;
        Ok(user.map(|user| (session, user)))
    }

    /// The page with what was done, or with what was wrong; `None` shows how the account stands.
    async fn answer(
        &self,
        token: Token,
        user: &User,
        done: Result<Option<Shown>, SignInError>,
    ) -> Result<Raw, Problem> {
        let wrong = match done {
            Ok(Some(shown)) => return Ok(Raw(self.page(token, None, shown).await?)),
            Ok(None) => None,
            Err(SignInError::Wrong) => Some("password"),
            Err(SignInError::CodeWrong) => Some("code"),
            Err(error) => return Err(error.into()),
        };
        let stands = match self.factor.is_on(user).await? {
            true => Shown::On,
            false => Shown::Off,
        };
        let mut page = self.page(token, wrong, stands).await?;
        if wrong.is_some() {
            unauthenticated(&mut page);
        }
        Ok(Raw(page))
    }

    async fn page(
        &self,
        token: Token,
        wrong: Option<&'static str>,
        shown: Shown,
    ) -> Result<Response, Problem> {
        let page = FactorPage {
            csrf: token?.as_str().to_owned(),
            wrong,
            shown,
        };
        let page = self.templates.render("second_factor.html", page).await?;
        Ok(kept_by_nobody(page.reply()))
    }
}

fn changes(operation: &mut Operation<'_>) {
    form(operation);
    let wrong = html("The page again: the password or the code is wrong.");
    let login = Answer::new("Nobody is signed in: to the page to do so.");
    operation
        .fails(ErrorClass::RateLimited)
        .fails(ErrorClass::Conflict)
        .answer_as(200, html("The page, with what was asked for."))
        .answer_as(303, login)
        .answer_as(401, wrong);
}
