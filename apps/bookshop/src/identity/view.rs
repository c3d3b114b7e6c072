//! What callers are told of their identity.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::tokens::Pair;
use crate::{
    roles::RoleName,
    users::{Registered, User},
};

/// An access token.
#[derive(Clone, JsonSchema, Serialize)]
#[schemars(rename = "AccessToken")]
pub(super) struct AccessTokenView {
    /// For `Authorization: Bearer`.
    access_token: String,
    /// `Bearer`.
    token_type: &'static str,
    /// How long it is good, in seconds.
    expires_in: u64,
}

impl From<&Pair> for AccessTokenView {
    fn from(pair: &Pair) -> Self {
        Self {
            access_token: pair.access.token.clone(),
            token_type: "Bearer",
            expires_in: pair.access.expires_in.as_secs(),
        }
    }
}

/// What whoever forgot a password said, and so nothing about anybody.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[schemars(rename = "ForgottenPasswordAccepted")]
pub(super) struct ForgottenView {
    pub(super) email: String,
}

/// What whoever registered said.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[schemars(rename = "Registered")]
pub(super) struct RegisteredView {
    email: String,
    name: String,
}

impl From<Registered> for RegisteredView {
    fn from(registered: Registered) -> Self {
        Self {
            email: registered.email.to_string(),
            name: registered.name,
        }
    }
}

/// Who asks.
#[derive(Clone, Debug, JsonSchema, Serialize)]
#[schemars(rename = "Me")]
pub(super) struct MeView {
    id: Uuid,
    email: String,
    name: String,
    roles: Vec<RoleName>,
}

impl From<User> for MeView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email.to_string(),
            name: user.name,
            roles: user.roles,
        }
    }
}
