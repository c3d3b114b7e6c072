//! Who is staff, until people can sign in: whoever shows the token that is printed at the start.
//!
//! There is a new token for each process. In production there is none, so nobody is staff there.

use std::{fmt::Write, sync::Arc};

use purlin::{
    auth::{Role, RoleSet},
    http::{
        AccessRule,
        guard::BearerToken,
        openapi::{Operation, SecurityScheme},
    },
    prelude::*,
};
use purlin_base::random::Rng;

use crate::{
    roles::{Staff, roles},
    settings::{Environment, Settings},
    world::WorldModule,
};

/// The role of those who look after the catalogue.
pub const STAFF: &str = Staff::NAME;

/// Guards that know staff by a token.
#[module(
    imports(ConfigModule<Settings>, WorldModule),
    providers(
        StaffToken = factory(token),
        RoleSet = factory(roles),
        StaffGuard,
        VisitorGuard,
    ),
    exports(StaffGuard, VisitorGuard),
)]
pub struct StaffModule;

/// The token of this process; none in production.
pub struct StaffToken(Option<String>);

impl StaffToken {
    /// The token, to be shown to whoever started the program.
    pub fn shown(&self) -> Option<&str> {
        self.0.as_deref()
    }

    fn is(&self, shown: &str) -> bool {
        let token = self.0.as_deref();
        token.is_some_and(|token| BearerToken::new(token).is(shown))
    }
}

fn token(settings: Arc<Settings>, rng: Arc<dyn Rng>) -> StaffToken {
    let is_open = settings.app_env != Environment::Production;
    StaffToken(is_open.then(|| {
        let mut bytes = [0; 24];
        rng.fill(&mut bytes);
        hex(&bytes)
    }))
}

/// Lets staff pass, and nobody else.
#[injectable]
pub struct StaffGuard {
    token: Arc<StaffToken>,
}

/// Lets everybody pass and recognises staff; a token that is shown must be good all the same.
#[injectable]
pub struct VisitorGuard {
    token: Arc<StaffToken>,
}

/// No token, or not the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StaffError {
    /// Nothing was shown.
    #[error("staff only: send `Authorization: Bearer` with the token printed at the start")]
    Missing,
    /// What was shown is not the token of this process.
    #[error("the token is not that of this process")]
    Wrong,
}

impl Classified for StaffError {
    fn class(&self) -> ErrorClass {
        ErrorClass::Unauthenticated
    }

    fn classes() -> purlin_base::ErrorClasses {
        ErrorClass::Unauthenticated.into()
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "STAFF_TOKEN_MISSING",
            Self::Wrong => "STAFF_TOKEN_WRONG",
        }
    }
}

impl Guard for StaffGuard {
    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        match recognise(&self.token, request)? {
            true => Ok(()),
            false => Err(StaffError::Missing.into()),
        }
    }

    fn describe(operation: &mut Operation<'_>) {
        operation
            .require(SecurityScheme::bearer())
            .fails(StaffError::classes());
    }

    fn rule() -> AccessRule {
        AccessRule::Role(STAFF)
    }
}

impl Guard for VisitorGuard {
    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        recognise(&self.token, request)?;
        Ok(())
    }

    fn describe(operation: &mut Operation<'_>) {
        operation
            .accept(SecurityScheme::bearer())
            .fails(StaffError::classes());
    }

    fn rule() -> AccessRule {
        AccessRule::Anybody
    }
}

/// Whether staff is asking; false if nothing was shown.
fn recognise(token: &StaffToken, request: &mut GuardRequest<'_>) -> Result<bool, StaffError> {
    if !request.headers().contains_key("authorization") {
        return Ok(false);
    }
    if !request.bearer().is_some_and(|shown| token.is(shown)) {
        return Err(StaffError::Wrong);
    }
    request.identify(Principal::new(STAFF, [STAFF]));
    Ok(true)
}

/// `bytes` as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
