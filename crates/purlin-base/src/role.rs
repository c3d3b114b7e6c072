//! Roles: which there are, which includes which, and what each permits.
//!
//! A role is a type, so one that is misspelt does not compile. Which role includes which is said
//! once, at the role; a [`RoleSet`] follows it when a [`Principal`] is made, so that whoever asks
//! afterwards compares one name.

use std::{fmt, sync::Arc};

use crate::Principal;

/// A role that people can have.
///
/// # Examples
///
/// ```
/// use purlin_base::role::{Permission, Role, RoleRef, RoleSet};
///
/// struct WriteBooks;
/// impl Permission for WriteBooks {
///     const NAME: &'static str = "books:write";
/// }
///
/// struct Reader;
/// impl Role for Reader {
///     const NAME: &'static str = "reader";
/// }
///
/// struct Staff;
/// impl Role for Staff {
///     const NAME: &'static str = "staff";
///     const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Reader>()];
///     const PERMISSIONS: &'static [&'static str] = &[WriteBooks::NAME];
/// }
///
/// let roles = RoleSet::of::<Staff>();
/// let ada = roles.principal("ada", ["staff"]);
/// assert!(ada.has_role(Reader::NAME) && ada.has_permission(WriteBooks::NAME));
/// ```
///
/// Roles that include each other in a circle do not compile.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a role",
    label = "not a `Role`",
    note = "implement `Role` for `{Self}`: `const NAME` is what the role is called where it is kept"
)]
pub trait Role: Send + Sync + 'static {
    /// What it is called in tokens, rows and documents. One name is one role.
    const NAME: &'static str;

    /// The roles that whoever has this one has too. What those include is included as well.
    /// Default: none.
    const INCLUDES: &'static [RoleRef] = &[];

    /// The names of the permissions that it gives, beside those of the roles that it includes.
    /// Default: none.
    const PERMISSIONS: &'static [&'static str] = &[];
}

/// Something that somebody may be permitted to do, whatever the role that gives it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a permission",
    label = "not a `Permission`",
    note = "implement `Permission` for `{Self}`: `const NAME` is what the permission is called"
)]
pub trait Permission: Send + Sync + 'static {
    /// What it is called: `books:write`.
    const NAME: &'static str;
}

/// A [`Role`] as a value, for [`Role::INCLUDES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleRef {
    name: &'static str,
    includes: &'static [RoleRef],
    permissions: &'static [&'static str],
}

impl RoleRef {
    /// The role `R`.
    pub const fn of<R: Role>() -> Self {
        Self {
            name: R::NAME,
            includes: R::INCLUDES,
            permissions: R::PERMISSIONS,
        }
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

/// Every role of an application, and what each stands for. Cheap to clone.
#[derive(Clone, Default)]
pub struct RoleSet(Arc<Vec<Known>>);

/// One role with everything that it includes: shared, so that most principals cost no allocation.
#[derive(Clone)]
struct Known {
    role: RoleRef,
    roles: Arc<[Box<str>]>,
    permissions: Arc<[Box<str>]>,
}

impl RoleSet {
    /// No role at all: whoever is signed in has none, whatever a token says.
    pub fn none() -> Self {
        Self::default()
    }

    /// The role `R` and every role that it includes.
    pub fn of<R: Role>() -> Self {
        Self::none().and::<R>()
    }

    /// These roles, and `R` with every role that it includes.
    ///
    /// # Panics
    ///
    /// When two different roles have one name.
    #[track_caller]
    pub fn and<R: Role>(self) -> Self {
        let mut all = (*self.0).clone();
        add(&mut all, RoleRef::of::<R>());
        Self(Arc::new(all))
    }

    /// The names of all roles; each stands behind those that it includes.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|known| known.role.name)
    }

    /// Whether there is a role called `name`.
    pub fn knows(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Whether whoever has `role` has `other` too. A role includes itself.
    pub fn includes(&self, role: &str, other: &str) -> bool {
        let known = self.find(role);
        known.is_some_and(|known| holds(&known.roles, other))
    }

    /// Whether `role` gives `permission`.
    pub fn permits(&self, role: &str, permission: &str) -> bool {
        let known = self.find(role);
        known.is_some_and(|known| holds(&known.permissions, permission))
    }

    /// The principal `id` with `roles` and all that they include and permit. A name that is none
    /// of these roles is left out.
    pub fn principal<'a>(&self, id: &str, roles: impl IntoIterator<Item = &'a str>) -> Principal {
        self.expand(&Principal::new(id, roles))
    }

    /// `principal` with all that its roles include and permit. A name that is none of these roles
    /// is left out, and so is a permission that none of them gives. Does nothing the second time.
    pub fn expand(&self, principal: &Principal) -> Principal {
        let held = || self.0.iter().filter(|k| principal.has_role(k.role.name));
        // Roles stand behind those that they include, so the widest is mostly the last.
        let widest = held().next_back();
        let covers = |wide: &Known| held().all(|k| holds(&wide.roles, k.role.name));
        match widest {
            None => principal.holding(Arc::default(), Arc::default()),
            Some(wide) if covers(wide) => {
                principal.holding(Arc::clone(&wide.roles), Arc::clone(&wide.permissions))
            }
            Some(_) => principal.holding(
                union(held().map(|known| &known.roles)),
                union(held().map(|known| &known.permissions)),
            ),
        }
    }

    fn find(&self, name: &str) -> Option<&Known> {
        self.0.iter().find(|known| known.role.name == name)
    }
}

impl fmt::Debug for RoleSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.names()).finish()
    }
}

fn holds(names: &[Box<str>], name: &str) -> bool {
    names.iter().any(|held| **held == *name)
}

fn union<'a>(lists: impl Iterator<Item = &'a Arc<[Box<str>]>>) -> Arc<[Box<str>]> {
    let mut all = Vec::<Box<str>>::new();
    for name in lists.flat_map(|list| list.iter()) {
        if !holds(&all, name) {
            all.push(name.clone());
        }
    }
    all.into()
}

#[track_caller]
fn add(all: &mut Vec<Known>, role: RoleRef) {
    if let Some(known) = all.iter().find(|known| known.role.name == role.name) {
        let name = role.name;
        assert!(known.role == role, "two roles are called {name:?}");
        return;
    }
    for included in role.includes {
        add(all, *included);
    }
    let included = || {
        let names: Vec<_> = role.includes.iter().map(|role| role.name).collect();
        all.iter()
            .filter(move |known| names.contains(&known.role.name))
    };
    let own = |names: &[&str]| -> Arc<[Box<str>]> { names.iter().map(|&it| it.into()).collect() };
    let roles = [own(&[role.name])];
    let permissions = [own(role.permissions)];
    let known = Known {
        role,
        roles: union(included().map(|known| &known.roles).chain(&roles)),
        permissions: union(
            included()
                .map(|known| &known.permissions)
                .chain(&permissions),
        ),
    };
    all.push(known);
}
