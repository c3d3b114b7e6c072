//! Accounts over HTTP, for admins.

use std::sync::Arc;

use purlin::{http::openapi::Operation, prelude::*};
use uuid::Uuid;

use super::{RolesInput, UserError, UserService, UserView};
use crate::identity::AdminGuard;

/// Accounts over HTTP, for admins.
#[injectable]
pub struct UserController {
    users: Arc<UserService>,
}

// Nobody's cache is to keep who has an account.
#[controller("/admin/users")]
#[cache_control("no-store")]
#[xml("user", "users")]
#[guard(AdminGuard)]
impl UserController {
    /// Lists accounts, the oldest first.
    #[get]
    #[describe(of_no_user)]
    async fn list(&self, page: PageRequest) -> Result<Page<UserView>, UserError> {
        let users = self.users.list(page.asked().into()).await?;
        Ok(page.answer(users.map(UserView::from)))
    }

    /// Replaces the roles of an account.
    #[put("/{id}/roles")]
    async fn set_roles(
        &self,
        Path(id): Path<Uuid>,
        Valid(input): Valid<RolesInput>,
    ) -> Result<Json<UserView>, UserError> {
        let user = self.users.set_roles(id, &input.sorted()).await?;
        Ok(Json(user.into()))
    }
}

/// It speaks of no single account, and takes no body.
fn of_no_user(operation: &mut Operation<'_>) {
    operation
        .never(ErrorClass::NotFound)
        .never(ErrorClass::Conflict)
        .never(ErrorClass::Invalid);
}
