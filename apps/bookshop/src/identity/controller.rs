//! Signing in and out over HTTP.

use std::sync::Arc;

use http::{HeaderMap, header};
use purlin::{
    auth::{Identified, Proof, refresh::Device},
    http::{Caller, WithCookie, client_address::ClientAddress, openapi::Operation},
    prelude::*,
};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use super::{
    AccountView, IdentityError, OwnPagesGuard, RefreshCookie, RegisteredView, SignIn, SignInInput,
    SignInService, TokenView,
};
use crate::{
    access::{ReaderGuard, VisitorGuard},
    limits::{SignInLimit, network},
    users::{RegisterService, Registration, UserError, UserStore},
};

/// Signing in and out over HTTP.
#[injectable]
pub struct IdentityController {
    sign_ins: Arc<SignInService>,
    register: Arc<RegisterService>,
    users: Arc<UserStore>,
    cookie: Arc<RefreshCookie>,
    limit: Arc<SignInLimit>,
}

/// What is to be ended.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct Ending {
    /// Every sign-in of the account, not only this one.
    #[serde(default)]
    everywhere: bool,
}

#[controller("/api/auth")]
#[version_neutral]
impl IdentityController {
    /// Opens an account.
    ///
    /// The answer does not tell whether the address has one already; its owner gets a mail.
    #[post("/register")]
    #[guard(OwnPagesGuard)]
    #[describe(registers)]
    async fn register(
        &self,
        Valid(wanted): Valid<Registration>,
    ) -> Result<Created<RegisteredView>, UserError> {
        let registered = self.register.register(wanted).await?;
        let view = RegisteredView {
            email: registered.email.to_string(),
            name: registered.name,
        };
        // The same for everybody: where whoever signs in finds the account.
        Ok(Created::at("/api/auth/me", view))
    }

    /// Signs in.
    ///
    /// The refresh token comes as a cookie that scripts cannot read.
    #[post("/login")]
    #[guard(OwnPagesGuard)]
    async fn login(
        &self,
        headers: HeaderMap,
        address: ClientAddress,
        Valid(asked): Valid<SignInInput>,
    ) -> Result<WithCookie<Json<TokenView>>, IdentityError> {
        self.limit.check(&network(&address), &asked.email).await?;
        let device = device(&headers);
        let begun = self.sign_ins.begin(&asked.email, &asked.password, &device);
        Ok(self.signed_in(begun.await?))
    }

    /// Gets a new pair of tokens for the refresh token of the cookie.
    #[post("/refresh")]
    #[guard(OwnPagesGuard)]
    async fn refresh(
        &self,
        headers: HeaderMap,
    ) -> Result<WithCookie<Json<TokenView>>, IdentityError> {
        let shown = self.cookie.read(&headers);
        let shown = shown.ok_or(IdentityError::NoRefreshToken)?;
        let carried_on = self.sign_ins.carry_on(shown).await?;
        Ok(self.signed_in(carried_on))
    }

    /// Signs out: refresh tokens end, and access tokens that were issued with them.
    #[post("/logout")]
    #[guard(OwnPagesGuard)]
    #[guard(VisitorGuard)]
    async fn logout(
        &self,
        headers: HeaderMap,
        who: Option<Identified>,
        Query(ending): Query<Ending>,
    ) -> Result<WithCookie<NoContent>, IdentityError> {
        let shown = self.cookie.read(&headers);
        let user = who.as_ref().map(|who| who.principal.id());
        if ending.everywhere {
            self.sign_ins.end_everywhere(shown, user).await?;
        } else {
            let family = who.as_ref().and_then(family);
            self.sign_ins.end(shown, user.zip(family)).await?;
        }
        Ok(WithCookie::new(NoContent, self.cookie.clear()))
    }

    /// Shows who is signed in.
    #[get("/me")]
    #[guard(ReaderGuard)]
    #[cache_control("no-store")]
    async fn me(&self, Caller(who): Caller) -> Result<Json<AccountView>, IdentityError> {
        let id = who.id().parse::<Uuid>();
        let id = id.map_err(|_| IdentityError::NoAccount)?;
        let user = self.users.find(id).await?;
        Ok(Json(user.ok_or(IdentityError::NoAccount)?.into()))
    }

    fn signed_in(&self, sign_in: SignIn) -> WithCookie<Json<TokenView>> {
        let cookie = self.cookie.set(&sign_in.refresh_token, sign_in.ends_at);
        WithCookie::new(Json(sign_in.token), cookie)
    }
}

/// The sign-in that an access token was issued with.
fn family(who: &Identified) -> Option<Uuid> {
    match &who.proof {
        Proof::Bearer(token) => token.family,
        _ => None,
    }
}

fn device(headers: &HeaderMap) -> Device {
    let agent = headers.get(header::USER_AGENT);
    Device::new(agent.and_then(|agent| agent.to_str().ok()).unwrap_or(""))
}

/// There is nothing to be missing.
fn registers(operation: &mut Operation<'_>) {
    operation.never(ErrorClass::NotFound);
}
