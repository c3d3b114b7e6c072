//! Signing in and out over HTTP, for programs.

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, header};
use purlin::{
    auth::{AuthConfig, refresh::Device},
    http::{
        Caller, WithCookie, client_address::ClientAddress, guard::bearer_token, openapi::Operation,
    },
    prelude::*,
};
use uuid::Uuid;

use super::{
    OwnPagesGuard, SignInError, SignedInGuard, TokenService,
    cookie::{self, sets_cookie},
    input::{SignInInput, SignOutQuery},
    tokens::Pair,
    view::{AccessTokenView, MeView, RegisteredView},
};
use crate::users::{RegisterService, Registration, UserError, UserStore};

/// Where whoever signed in is told who that is.
const ME_PATH: &str = "/api/auth/me";

/// Signing in and out over HTTP, for programs.
#[injectable]
pub struct AuthController {
    tokens: Arc<TokenService>,
    register: Arc<RegisterService>,
    users: Arc<UserStore>,
    config: Arc<AuthConfig>,
}

type Issued = WithCookie<Json<AccessTokenView>>;

// Tokens and people are nobody's to keep.
#[controller("/api/auth")]
#[version_neutral]
#[cache_control("no-store")]
impl AuthController {
    /// Opens an account, which can sign in at once.
    ///
    /// An address that has an account gets the same answer, and its owner a mail.
    #[post("/register")]
    #[describe(registers)]
    #[guard(OwnPagesGuard)]
    async fn register(
        &self,
        Valid(wanted): Valid<Registration>,
    ) -> Result<Created<RegisteredView>, UserError> {
        let registered = self.register.register(wanted).await?;
        Ok(Created::at(ME_PATH, registered.into()))
    }

    /// Signs in.
    #[post("/login")]
    #[describe(signs_in)]
    #[guard(OwnPagesGuard)]
    async fn login(
        &self,
        headers: HeaderMap,
        from: ClientAddress,
        Valid(input): Valid<SignInInput>,
    ) -> Result<Issued, Problem> {
        let device = Device::new(user_agent(&headers));
        let pair = self.tokens.sign_in(&from, &input, &device).await;
        pair.map(|pair| self.issued(&pair)).map_err(challenge)
    }

    /// Gives a new pair of tokens for the refresh token in the cookie, which is spent by it.
    #[post("/refresh")]
    #[describe(refreshes)]
    #[guard(OwnPagesGuard)]
    async fn refresh(&self, headers: HeaderMap, from: ClientAddress) -> Result<Issued, Problem> {
        let shown = cookie::shown(&headers, self.config.is_secure());
        let shown = shown.ok_or(SignInError::Nobody).map_err(challenge)?;
        let pair = self.tokens.refresh(&from, shown).await.map_err(challenge)?;
        Ok(self.issued(&pair))
    }

    /// Ends this sign-in, or all of the user's, with the access tokens that were issued.
    #[post("/logout")]
    #[describe(signs_out)]
    #[guard(OwnPagesGuard)]
    async fn logout(
        &self,
        Query(SignOutQuery { everywhere }): Query<SignOutQuery>,
        headers: HeaderMap,
        from: ClientAddress,
    ) -> Result<WithCookie<NoContent>, SignInError> {
        let refresh = cookie::shown(&headers, self.config.is_secure());
        let access = bearer_token(&headers);
        let ended = self.tokens.sign_out(&from, refresh, access, everywhere);
        ended.await?;
        Ok(cookie::clear(NoContent, self.config.is_secure()))
    }

    /// Says who is signed in.
    #[get("/me")]
    #[describe(tells)]
    #[guard(SignedInGuard)]
    async fn me(&self, Caller(who): Caller) -> Result<Json<MeView>, Problem> {
        let id = who.id().parse::<Uuid>();
        let id = id.map_err(|_| challenge(SignInError::Nobody))?;
        let user = self.users.find(id).await?;
        let user = user.ok_or_else(|| challenge(SignInError::Nobody))?;
        Ok(Json(user.into()))
    }
}

impl AuthController {
    fn issued(&self, pair: &Pair) -> Issued {
        cookie::set(Json(pair.into()), pair, self.config.is_secure())
    }
}

fn signs_in(operation: &mut Operation<'_>) {
    refreshes(operation);
    operation
        .fails(ErrorClass::BadRequest)
        .fails(ErrorClass::RequestTimeout)
        .fails(ErrorClass::TooLarge)
        .fails(ErrorClass::UnsupportedMediaType)
        .fails(ErrorClass::Invalid);
}

fn refreshes(operation: &mut Operation<'_>) {
    operation
        .fails_only(SignInError::classes())
        .fails(ErrorClass::Forbidden);
    sets_cookie(operation);
}

/// Whoever is not signed in has nothing to end.
fn signs_out(operation: &mut Operation<'_>) {
    operation.never(ErrorClass::Unauthenticated);
}

fn tells(operation: &mut Operation<'_>) {
    operation.fails_only(SignInError::classes());
}

/// Nothing is there before it is registered, and what is there already is not told.
fn registers(operation: &mut Operation<'_>) {
    operation
        .never(ErrorClass::NotFound)
        .never(ErrorClass::Conflict);
}

/// A 401 says what to show.
fn challenge(error: SignInError) -> Problem {
    let problem = Problem::from(error);
    match problem.class() {
        ErrorClass::Unauthenticated => {
            let bearer = HeaderValue::from_static("Bearer");
            problem.header(header::WWW_AUTHENTICATE, bearer)
        }
        _ => problem,
    }
}

/// What the user will know the device by.
pub(super) fn user_agent(headers: &HeaderMap) -> &str {
    let agent = headers.get(header::USER_AGENT);
    agent
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default()
}
