//! Forgotten passwords over HTTP, for programs.

use std::sync::Arc;

use purlin::{
    http::{client_address::ClientAddress, openapi::Operation},
    prelude::*,
};

use crate::{
    identity::{
        OwnPagesGuard,
        input::{ForgotInput, ResetInput},
        view::ForgottenView,
    },
    users::{NewPasswordService, UserError},
};

/// Forgotten passwords over HTTP, for programs.
#[injectable]
pub struct PasswordController {
    resets: Arc<NewPasswordService>,
}

#[controller("/api/auth/password")]
#[version_neutral]
#[cache_control("no-store")]
impl PasswordController {
    /// Sends a link to set a new password to the owner of an address.
    ///
    /// The answer is the same whether there is such an account or not, and whether a mail was sent:
    /// at most 5 are within an hour.
    #[post("/forgot")]
    #[describe(of_no_account)]
    #[guard(OwnPagesGuard)]
    async fn forgot(
        &self,
        from: ClientAddress,
        Valid(ForgotInput { email }): Valid<ForgotInput>,
    ) -> Result<Accepted<ForgottenView>, UserError> {
        self.resets.forgot(&from, &email).await?;
        Ok(Accepted(ForgottenView { email }))
    }

    /// Sets a new password by the token of such a link, and ends all sessions and sign-ins.
    ///
    /// The token is good for 10 minutes and once. A password that may not be chosen does not use it
    /// up.
    #[post("/reset")]
    #[describe(of_no_account)]
    #[guard(OwnPagesGuard)]
    async fn reset(
        &self,
        from: ClientAddress,
        Valid(input): Valid<ResetInput>,
    ) -> Result<NoContent, UserError> {
        let ResetInput { token, password } = &input;
        self.resets.reset(&from, token, password).await?;
        Ok(NoContent)
    }
}

/// Nobody is told of accounts here, and so not of what is wrong with one.
fn of_no_account(operation: &mut Operation<'_>) {
    operation
        .never(ErrorClass::NotFound)
        .never(ErrorClass::Conflict);
}
