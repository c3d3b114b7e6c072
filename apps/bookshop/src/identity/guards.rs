//! Who may pass.

use std::sync::Arc;

use purlin::{
    auth::{
        self, RoleGuard,
        session::{Session, Sessions},
    },
    http::{
        AccessRule,
        csrf::{CrossOrigin, CsrfBinding, CsrfError, CsrfTokens},
        openapi::Operation,
    },
    prelude::*,
};

use super::BookshopAuth;
use crate::roles::{Admin, Staff};

pub use auth::{SignedInGuard, VisitorGuard};

/// Lets staff pass, and nobody else.
pub type StaffGuard = RoleGuard<Staff>;

/// Lets admins pass, and nobody else.
pub type AdminGuard = RoleGuard<Admin>;

/// The guards of the bookshop.
#[module(
    imports(BookshopAuth),
    providers(
        AdminGuard,
        BrowserGuard,
        OwnPagesGuard,
        SignInFormGuard,
        SignedInGuard,
        StaffGuard,
        VisitorGuard,
    ),
    exports(
        AdminGuard,
        BrowserGuard,
        OwnPagesGuard,
        SignInFormGuard,
        SignedInGuard,
        StaffGuard,
        VisitorGuard,
    )
)]
pub struct GuardsModule;

/// Lets everybody pass but pages of other sites. For routes that give or take cookies: at a
/// sign-in there is none yet, so nobody else asks.
#[injectable]
pub struct OwnPagesGuard {}

impl Guard for OwnPagesGuard {
    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        own_pages(request)
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.fails(ErrorClass::Forbidden);
    }

    fn rule() -> AccessRule {
        AccessRule::Anybody
    }
}

/// Lets everybody pass but pages of other sites, and has the form of the sign-in show the token of
/// the page that it came from.
#[injectable]
pub struct SignInFormGuard {
    sessions: Arc<Sessions>,
    csrf: Arc<CsrfTokens>,
}

impl Guard for SignInFormGuard {
    const FIELDS: &'static [&'static str] = &["cookie"];

    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        own_pages(request)?;
        // Who has no cookie is bound to a new one, for which there is no token yet.
        let before = self.sessions.pre_session(request.headers());
        let binding = CsrfBinding::new(Arc::clone(&self.csrf), before.csrf_binding());
        let extensions = &mut request.parts().extensions;
        extensions.insert(binding);
        extensions.insert(before);
        Ok(())
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.fails(ErrorClass::Forbidden);
    }

    fn rule() -> AccessRule {
        AccessRule::Anybody
    }
}

/// Lets everybody pass but pages of other sites, and recognises whoever has a session. Their unsafe
/// requests must show a token of it; who has none has nothing to protect.
#[injectable]
pub struct BrowserGuard {
    sessions: Arc<Sessions>,
    csrf: Arc<CsrfTokens>,
}

impl Guard for BrowserGuard {
    const FIELDS: &'static [&'static str] = &["cookie"];

    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        own_pages(request)?;
        let Some(session) = self.sessions.load(request.headers()).await? else {
            return Ok(());
        };
        request.identify(session.principal());
        let binding = CsrfBinding::new(Arc::clone(&self.csrf), session.csrf_binding());
        let extensions = &mut request.parts().extensions;
        extensions.insert(binding);
        extensions.insert::<Session>(session);
        Ok(())
    }

    fn describe(operation: &mut Operation<'_>) {
        operation
            .fails(ErrorClass::Forbidden)
            .fails(ErrorClass::Unavailable);
    }

    fn rule() -> AccessRule {
        AccessRule::Anybody
    }
}

fn own_pages(request: &GuardRequest<'_>) -> Result<(), Problem> {
    let (method, uri) = (request.method(), request.uri());
    let checked: Result<(), CsrfError> =
        CrossOrigin::current().check_at(method, uri, request.headers());
    Ok(checked?)
}
