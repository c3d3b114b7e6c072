//! Refuses what pages of other sites have sent, whether or not it carries a cookie: a sign-in that
//! somebody else has begun in one's browser is as bad as one that they have taken.

use purlin::{
    http::{AccessRule, csrf::CrossOrigin, openapi::Operation},
    prelude::*,
};

/// Lets pass what no page has sent, and what our own pages have.
#[injectable]
pub struct OwnPagesGuard {}

impl Guard for OwnPagesGuard {
    const FIELDS: &'static [&'static str] = &["origin", "sec-fetch-site"];

    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        let (method, uri) = (request.method().clone(), request.uri().clone());
        CrossOrigin::current().check_at(&method, &uri, request.headers())?;
        Ok(())
    }

    fn describe(operation: &mut Operation<'_>) {
        operation.fails(ErrorClass::Forbidden);
    }

    fn rule() -> AccessRule {
        AccessRule::Anybody
    }
}
