//! Who is asking.

use std::sync::Arc;

/// Who is asking, once that has been proved.
///
/// Cheap to clone. Roles are names that mean something to the application; that one role
/// includes another is the business of whoever makes the principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    id: Arc<str>,
    roles: Arc<[Box<str>]>,
}

impl Principal {
    /// A principal with the stable identifier `id` and all of `roles`.
    pub fn new<R: Into<Box<str>>>(id: &str, roles: impl IntoIterator<Item = R>) -> Self {
        Self {
            id: id.into(),
            roles: roles.into_iter().map(Into::into).collect(),
        }
    }

    /// The stable identifier: what rows and records are owned by.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Every role, in the order given.
    pub fn roles(&self) -> impl Iterator<Item = &str> {
        self.roles.iter().map(AsRef::as_ref)
    }

    /// Whether `role` is among the roles; the comparison is exact.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| **held == *role)
    }
}
