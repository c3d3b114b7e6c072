//! What callers are told of their sign-in.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::{roles::RoleName, users::User};

/// An access token, for `Authorization: Bearer`.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Token")]
pub struct TokenView {
    /// The token.
    pub(super) access_token: String,
    /// Always `Bearer`.
    pub(super) token_type: &'static str,
    /// How long it is good, in seconds.
    pub(super) expires_in: u64,
}

/// An account as its owner sees it.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Account")]
pub struct AccountView {
    id: Uuid,
    email: String,
    name: String,
    roles: Vec<RoleName>,
}

impl From<User> for AccountView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email.to_string(),
            name: user.name,
            roles: user.roles,
        }
    }
}

/// What whoever registered is told.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Registered")]
pub struct RegisteredView {
    pub(super) email: String,
    pub(super) name: String,
}
