//! Who is asking.

use std::sync::Arc;

/// Who is asking, once that has been proved.
///
/// Cheap to clone. Roles are names that mean something to the application; that one role
/// includes another, or gives a permission, is the business of whoever makes the principal:
/// mostly of a [`RoleSet`](crate::role::RoleSet).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    id: Arc<str>,
    roles: Arc<[Box<str>]>,
    permissions: Arc<[Box<str>]>,
}

impl Principal {
    /// A principal with the stable identifier `id` and all of `roles`, and no permission.
    pub fn new<R: Into<Box<str>>>(id: &str, roles: impl IntoIterator<Item = R>) -> Self {
        Self {
            id: id.into(),
            roles: roles.into_iter().map(Into::into).collect(),
            permissions: Arc::default(),
        }
    }

    /// The same, with `roles` and `permissions` in place of its own.
    pub(crate) fn holding(&self, roles: Arc<[Box<str>]>, permissions: Arc<[Box<str>]>) -> Self {
        Self {
            id: Arc::clone(&self.id),
            roles,
            permissions,
        }
    }

    /// The same, with `permissions` in place of its own.
    pub fn with_permissions<P: Into<Box<str>>>(
        mut self,
        permissions: impl IntoIterator<Item = P>,
    ) -> Self {
        self.permissions = permissions.into_iter().map(Into::into).collect();
        self
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
    /// Every permission, in the order given.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        self.permissions.iter().map(AsRef::as_ref)
    }

    /// Whether `permission` is among the permissions; the comparison is exact.
    pub fn has_permission(&self, permission: &str) -> bool {
        self.permissions.iter().any(|held| **held == *permission)
    }
}
