//! Sign-ins of browsers: pages and forms that need no scripts.

use std::sync::Arc;

use axum::{
    Extension,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use purlin::{
    auth::session::{PreSession, Session, SessionError, Sessions},
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
use serde_json::json;
use uuid::Uuid;

use super::{
    BrowserGuard, CodePage, SessionStarter, SignInError, SignInFormGuard, SignInService,
    input::{SignInForm, SignOutForm},
};
use crate::{
    audit::{AuditTrail, kind},
    pages::Moment,
    users::{User, UserStore},
};

pub(super) const LOGIN: &str = "/login";
pub(super) const ACCOUNT: &str = "/account";

/// Sign-ins of browsers.
#[injectable]
pub struct BrowserController {
    sign_ins: Arc<SignInService>,
    code_page: Arc<CodePage>,
    starter: Arc<SessionStarter>,
    trail: Arc<AuditTrail>,
    sessions: Arc<Sessions>,
    users: Arc<UserStore>,
    templates: Arc<Templates>,
}

#[derive(Serialize)]
struct LoginPage {
    csrf: String,
    email: String,
    is_wrong: bool,
}

#[derive(Serialize)]
struct AccountPage {
    csrf: String,
    email: String,
    name: String,
    sessions: Vec<SessionLine>,
}

#[derive(Serialize)]
struct SessionLine {
    id: Uuid,
    device: String,
    created_at: Moment,
    last_used_at: Moment,
    is_this: bool,
}

#[controller("/")]
#[cache_control("no-store")]
impl BrowserController {
    /// Shows the page to sign in.
    #[get("/login")]
    #[describe(page)]
    #[guard(SignInFormGuard)]
    async fn login(
        &self,
        token: CsrfToken,
        Extension(before): Extension<PreSession>,
    ) -> Result<Raw, Problem> {
        let page = self.login_page(&token, "", false).await?;
        Ok(Raw(with_cookies(page, [before.cookie()])))
    }

    /// Signs in by the form of the page: to the account, to the page that asks for a code if the
    /// account wants one, or back to the page.
    #[post("/session")]
    #[describe(signs_in)]
    #[guard(SignInFormGuard)]
    async fn sign_in(
        &self,
        headers: HeaderMap,
        from: ClientAddress,
        token: CsrfToken,
        Extension(before): Extension<PreSession>,
        Form(form): Form<SignInForm>,
    ) -> Result<Raw, Problem> {
        match self
            .sign_ins
            .check(&from, &form.email, &form.password)
            .await
        {
            Ok(user) => match self.code_page.of(&user, &before, &token).await? {
                Some(page) => Ok(Raw(page)),
                None => Ok(Raw(self.starter.begin(&headers, &from, &user).await?)),
            },
            Err(SignInError::Wrong) => {
                let mut page = self.login_page(&token, &form.email, true).await?;
                unauthenticated(&mut page);
                Ok(Raw(page))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Shows the account and its sessions; whoever is not signed in is sent to do so.
    #[get("/account")]
    #[describe(page_or_login)]
    #[guard(BrowserGuard)]
    async fn account(
        &self,
        session: Option<Extension<Session>>,
        token: Result<CsrfToken, Problem>,
    ) -> Result<Raw, Problem> {
        let Some(Extension(session)) = session else {
            return Ok(Raw(see_other(LOGIN, [])));
        };
        let Some(user) = self.user(&session).await? else {
            let gone = self.sessions.sign_out(session.id()).await?;
            return Ok(Raw(see_other(LOGIN, [Some(&gone)])));
        };
        let list = self.sessions.list(session.user()).await?;
        let line = |record: purlin::auth::session::SessionRecord| SessionLine {
            is_this: record.public_id == session.public_id(),
            id: record.public_id,
            device: record.device,
            created_at: record.created_at.into(),
            last_used_at: record.last_used_at.into(),
        };
        let page = AccountPage {
            csrf: token?.as_str().to_owned(),
            email: user.email.to_string(),
            name: user.name,
            sessions: list.into_iter().map(line).collect(),
        };
        Ok(Raw(self
            .templates
            .render("account.html", page)
            .await?
            .reply()))
    }

    /// Ends a session by a form: this one, or another of the user's.
    #[post("/session/sign-out")]
    #[describe(signs_out)]
    #[guard(BrowserGuard)]
    async fn sign_out(
        &self,
        session: Option<Extension<Session>>,
        Form(form): Form<SignOutForm>,
    ) -> Result<Raw, Problem> {
        let Some(Extension(session)) = session else {
            return Ok(Raw(see_other(LOGIN, [])));
        };
        let named = form.session.filter(|id| !id.is_empty());
        let other = match named {
            Some(id) => Some(id.parse::<Uuid>().map_err(|_| SessionError::NotFound)?),
            None => None,
        };
        let event = AuditTrail::event(kind::SIGN_OUT).user(session.user());
        self.trail.record_alone(&event).await?;
        match other.filter(|id| *id != session.public_id()) {
            Some(id) => {
                self.sessions.revoke(session.user(), id).await?;
                Ok(Raw(see_other(ACCOUNT, [])))
            }
            None => {
                let cleared = self.sessions.sign_out(session.id()).await?;
                Ok(Raw(see_other(LOGIN, [Some(&cleared)])))
            }
        }
    }

    /// Ends this session, for scripts.
    #[delete("/session")]
    #[describe(ends)]
    #[guard(BrowserGuard)]
    async fn end(&self, session: Option<Extension<Session>>) -> Result<Raw, Problem> {
        let response = NoContent.into_response();
        let Some(Extension(session)) = session else {
            return Ok(Raw(response));
        };
        let event = AuditTrail::event(kind::SIGN_OUT).user(session.user());
        self.trail.record_alone(&event).await?;
        let cleared = self.sessions.sign_out(session.id()).await?;
        Ok(Raw(with_cookies(response, [Some(&cleared)])))
    }
}

impl BrowserController {
    async fn login_page(
        &self,
        token: &CsrfToken,
        email: &str,
        is_wrong: bool,
    ) -> Result<Response, Problem> {
        let page = LoginPage {
            csrf: token.as_str().to_owned(),
            email: email.to_owned(),
            is_wrong,
        };
        Ok(self.templates.render("login.html", page).await?.reply())
    }

    async fn user(&self, session: &Session) -> Result<Option<User>, SqlError> {
        match session.user().parse::<Uuid>() {
            Ok(id) => self.users.find(id).await,
            Err(_) => Ok(None),
        }
    }
}

pub(super) fn see_other<const N: usize>(
    to: &'static str,
    cookies: [Option<&HeaderValue>; N],
) -> Response {
    let to = [(header::LOCATION, HeaderValue::from_static(to))];
    with_cookies((StatusCode::SEE_OTHER, to).into_response(), cookies)
}

/// A page with what is shown once. The answer to a form: the route's own word is for reads.
pub(super) fn kept_by_nobody(mut page: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    page.headers_mut().insert(header::CACHE_CONTROL, no_store);
    page
}

/// A page whose reader has not shown who they are.
pub(super) fn unauthenticated(page: &mut Response) {
    *page.status_mut() = StatusCode::UNAUTHORIZED;
    let bearer = HeaderValue::from_static("Bearer");
    page.headers_mut().insert(header::WWW_AUTHENTICATE, bearer);
}

pub(super) fn with_cookies<const N: usize>(
    mut response: Response,
    cookies: [Option<&HeaderValue>; N],
) -> Response {
    for cookie in cookies.into_iter().flatten() {
        let mut cookie = cookie.clone();
        cookie.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

pub(super) fn html(sentence: &str) -> Answer {
    Answer::new(sentence).content("text/html", json!({"type": "string"}))
}

/// A page, or the problem of a form that could not be read, which has the same status.
pub(super) fn page_or_problem(sentence: &str) -> Answer {
    let problem = json!({"$ref": "#/components/schemas/Problem"});
    html(sentence).content("application/problem+json", problem)
}

pub(super) fn page(operation: &mut Operation<'_>) {
    operation
        .fails_only(ErrorClass::Forbidden)
        .fails(ErrorClass::Unavailable)
        .answer_as(200, html("The page."));
}

pub(super) fn page_or_login(operation: &mut Operation<'_>) {
    page(operation);
    let login = Answer::new("Nobody is signed in: to the page to do so.");
    operation.answer_as(303, login);
}

pub(super) fn form(operation: &mut Operation<'_>) {
    operation
        .fails_only(ErrorClass::BadRequest)
        .fails(ErrorClass::Forbidden)
        .fails(ErrorClass::RequestTimeout)
        .fails(ErrorClass::TooLarge)
        .fails(ErrorClass::UnsupportedMediaType)
        .fails(ErrorClass::Invalid)
        .fails(ErrorClass::Unavailable);
}

fn signs_in(operation: &mut Operation<'_>) {
    form(operation);
    let wrong = html("The page again: the address or the password is wrong.");
    operation
        .answer_as(
            200,
            html("The page that asks for the code of the second factor."),
        )
        .answer_as(303, Answer::new("To the account."))
        .answer_as(401, wrong);
}

fn signs_out(operation: &mut Operation<'_>) {
    form(operation);
    let to = Answer::new("To the page to sign in, or back to the account.");
    operation.fails(ErrorClass::NotFound).answer_as(303, to);
}

fn ends(operation: &mut Operation<'_>) {
    operation
        .fails_only(ErrorClass::Forbidden)
        .fails(ErrorClass::Unavailable)
        .answer_as(204, Answer::new("The session has ended."));
}
