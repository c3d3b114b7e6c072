//! What people can be in the bookshop: readers, staff who are readers too, admins who are staff too.

use purlin::auth::{Role, RoleRef, RoleSet};

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
