//! What people can be in the bookshop: readers, staff who are readers too, admins who are staff too.

use purlin::auth::{Role, RoleRef, RoleSet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whoever has registered.
pub struct Reader;

/// Those who look after the catalogue.
pub struct Staff;

/// Those who look after people.
pub struct Admin;

impl Role for Reader {
    const NAME: &'static str = "reader";
}

impl Role for Staff {
    const NAME: &'static str = "staff";
    const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Reader>()];
}

impl Role for Admin {
    const NAME: &'static str = "admin";
    const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Staff>()];
}

/// Every role.
pub fn roles() -> RoleSet {
    RoleSet::of::<Admin>()
}

/// A role by its name, as accounts keep it and callers write it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema, Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum RoleName {
    /// [`Reader`].
    Reader,
    /// [`Staff`].
    Staff,
    /// [`Admin`].
    Admin,
}

impl RoleName {
    /// The name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reader => Reader::NAME,
            Self::Staff => Staff::NAME,
            Self::Admin => Admin::NAME,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_written_by_the_name_that_guards_ask_for() {
        for role in [RoleName::Reader, RoleName::Staff, RoleName::Admin] {
            let written = serde_json::to_value(role).unwrap();
            assert_eq!(written, role.as_str());
        }
    }
}
