//! What callers may write about accounts.

use std::fmt;

use garde::Validate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::email;
use crate::{
    books::{PLAIN, is_plain},
    object::objects_only,
    roles::RoleName,
};

/// Who wants an account. All fields are required, no other is allowed.
///
/// How good a password must be is said by the [`PasswordKeeper`](super::PasswordKeeper).
#[derive(Clone, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(rename = "Registration")]
pub struct Registration {
    /// The address to sign in by: at most 254 bytes of ASCII.
    #[garde(custom(email::is_address))]
    #[schemars(length(min = 3, max = 254), extend("format" = "email"))]
    pub email: String,
    /// 12 to 128 characters, not among common passwords.
    #[garde(skip)]
    #[schemars(length(min = 12, max = 128), pattern(r"^[^\x00]*$"), extend("writeOnly" = true))]
    pub password: String,
    /// What others see: 1 to 100 characters.
    #[garde(length(chars, min = 1, max = 100), custom(is_plain))]
    #[schemars(pattern(PLAIN))]
    pub name: String,
}

/// The roles that an account is to have, in place of those it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, Validate)]
#[serde(remote = "Self", deny_unknown_fields)]
#[schemars(rename = "Roles")]
pub struct RolesInput {
    /// 1 to 3 different roles. One includes those below it: `admin` is `staff` too, and `staff` is
    /// `reader` too.
    #[garde(length(min = 1, max = 3), custom(all_differ))]
    #[schemars(extend("uniqueItems" = true))]
    pub roles: Vec<RoleName>,
}

objects_only!(Registration, RolesInput);

impl RolesInput {
    /// The roles, the least first.
    pub fn sorted(mut self) -> Vec<RoleName> {
        self.roles.sort_unstable();
        self.roles
    }
}

fn all_differ(roles: &[RoleName], _context: &()) -> garde::Result {
    let repeated = |(at, role)| roles[..at].contains(role);
    match roles.iter().enumerate().any(repeated) {
        true => Err(garde::Error::new("names a role twice")),
        false => Ok(()),
    }
}

/// Without the password.
impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registration")
            .field("email", &self.email)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
