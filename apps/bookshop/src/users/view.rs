//! An account as admins see it.

use purlin_base::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::User;
use crate::roles::RoleName;

/// Where accounts are.
pub const USERS_PATH: &str = "/admin/users";

/// An account as admins see it.
#[derive(Clone, Debug, JsonSchema, Serialize)]
pub struct UserView {
    id: Uuid,
    email: String,
    name: String,
    roles: Vec<RoleName>,
    created_at: Timestamp,
}

impl From<User> for UserView {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            email: user.email.to_string(),
            name: user.name,
            roles: user.roles,
            created_at: user.created_at,
        }
    }
}
