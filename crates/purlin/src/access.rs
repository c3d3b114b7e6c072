//! Who may call what: a table made of the routes that are mounted, their guards and the roles.

use std::{fmt, sync::Arc};

use purlin_base::role::RoleSet;
use purlin_http::{Access, AccessRule, RouteInfo};
use serde::Serialize;

mod table;

/// Every route of an application beside everybody who may or may not call it.
///
/// Made by [`Built::access_matrix`](crate::app::Built::access_matrix) and
/// [`App::access_matrix`](crate::App::access_matrix). It cannot drift: it is read from the guards
/// that are really asked. What depends on the thing asked for, such as whose order it is, is
/// decided in handlers and does not stand here.
///
/// Displayed, it is a table for people; [`to_json`](Self::to_json) is for tools.
///
/// # Examples
///
/// ```
/// use purlin::{access::{AccessMatrix, Allowed}, base::role::RoleSet};
/// use purlin::http::{Mount, NoContent, Route, Routes};
///
/// let route = Route::delete("/books/{id}").operation("remove").public().handler(async || NoContent);
/// let mounted = Mount::new().routes(Routes::at("/").route(route)).build()?;
/// let matrix = AccessMatrix::of(&mounted.routes, &mounted.raw, &RoleSet::none());
/// assert_eq!(matrix.allowed("DELETE", "/books/{id}", "visitor"), Some(Allowed::Yes));
/// # Ok::<(), purlin::http::mount::MountError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessMatrix {
    /// Who asks: `visitor`, `signed in` (without a role), then every role.
    pub callers: Vec<&'static str>,
    /// Every route, by path and method.
    pub routes: Vec<RouteAccess>,
    /// The raw routers. What they serve, and to whom, is not known.
    pub unknown: Vec<String>,
}

/// Who may call one route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RouteAccess {
    /// The method. A GET route answers HEAD too.
    pub method: String,
    /// The whole path with its parameters in braces.
    pub path: String,
    /// The handler: `BookController::read`.
    pub handler: String,
    /// Who is let through, in words: `public`, `visitor`, `signed in`, `role staff`,
    /// `permission books:write`, `guard StaffGuard`; several with `and`.
    pub who: String,
    /// The same for each of [`AccessMatrix::callers`].
    pub allowed: Vec<Allowed>,
}

/// Whether somebody is let through to a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Allowed {
    /// Yes.
    Yes,
    /// No: 401 or 403.
    No,
    /// A guard decides that says no more of itself.
    Unknown,
}

/// Somebody who asks.
#[derive(Clone, Copy)]
enum Caller {
    Visitor,
    SignedIn,
    Role(&'static str),
}

impl Caller {
    fn name(self) -> &'static str {
        match self {
            Self::Visitor => "visitor",
            Self::SignedIn => "signed in",
            Self::Role(name) => name,
        }
    }
}

impl AccessMatrix {
    /// The table of `routes` and of the raw routers `raw`; which role includes which is said by
    /// `roles`. A role that only a guard names has a column too.
    pub fn of(routes: &[Arc<RouteInfo>], raw: &[String], roles: &RoleSet) -> Self {
        let callers = callers(routes, roles);
        let of_route = |route: &Arc<RouteInfo>| RouteAccess {
            method: route.method.to_string(),
            path: route.template.clone(),
            handler: route.name(),
            who: who(route),
            allowed: callers
                .iter()
                .map(|caller| allowed(route, *caller, roles))
                .collect(),
        };
        let mut rows: Vec<_> = routes.iter().map(of_route).collect();
        rows.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
        Self {
            callers: callers.iter().map(|caller| caller.name()).collect(),
            routes: rows,
            unknown: raw.to_vec(),
        }
    }

    /// Whether `caller`, one of [`callers`](Self::callers), may call the route of this method and
    /// path. `None` if there is no such route or caller.
    pub fn allowed(&self, method: &str, path: &str, caller: &str) -> Option<Allowed> {
        let column = self.callers.iter().position(|name| *name == caller)?;
        let same = |route: &&RouteAccess| route.method == method && route.path == path;
        let route = self.routes.iter().find(same)?;
        route.allowed.get(column).copied()
    }

    /// The table as JSON, for tools.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("names are always JSON")
    }
}

impl fmt::Display for AccessMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        table::write(self, f)
    }
}

/// Everybody who has a column.
fn callers(routes: &[Arc<RouteInfo>], roles: &RoleSet) -> Vec<Caller> {
    let mut names: Vec<_> = roles.names().collect();
    for rule in routes.iter().flat_map(|route| &route.rules) {
        if let AccessRule::Role(name) = rule
            && !names.contains(name)
        {
            names.push(name);
        }
    }
    let known = [Caller::Visitor, Caller::SignedIn];
    known
        .into_iter()
        .chain(names.into_iter().map(Caller::Role))
        .collect()
}

/// Whether all guards of `route` let `caller` through.
fn allowed(route: &RouteInfo, caller: Caller, roles: &RoleSet) -> Allowed {
    let answers: Vec<_> = route
        .rules
        .iter()
        .map(|rule| answer(*rule, caller, roles))
        .collect();
    // Nobody is let through by a list of guards that is not there.
    let is_silent = answers.is_empty() && route.access != Access::Public;
    if answers.contains(&Allowed::No) {
        Allowed::No
    } else if is_silent || answers.contains(&Allowed::Unknown) {
        Allowed::Unknown
    } else {
        Allowed::Yes
    }
}

fn answer(rule: AccessRule, caller: Caller, roles: &RoleSet) -> Allowed {
    let is_let_through = match (rule, caller) {
        (AccessRule::Anybody, _) => true,
        (AccessRule::SignedIn, caller) => !matches!(caller, Caller::Visitor),
        (AccessRule::Role(asked), Caller::Role(held)) => {
            held == asked || roles.includes(held, asked)
        }
        (AccessRule::Permission(asked), Caller::Role(held)) if roles.knows(held) => {
            roles.permits(held, asked)
        }
        (AccessRule::Permission(_), Caller::Role(_)) => return Allowed::Unknown,
        (AccessRule::Role(_) | AccessRule::Permission(_), _) => false,
        _ => return Allowed::Unknown,
    };
    match is_let_through {
        true => Allowed::Yes,
        false => Allowed::No,
    }
}

fn who(route: &RouteInfo) -> String {
    if route.access == Access::Public {
        return "public".to_owned();
    }
    let mut words = Vec::new();
    for rule in &route.rules {
        let word = match rule {
            AccessRule::Anybody => continue,
            AccessRule::SignedIn => "signed in".to_owned(),
            AccessRule::Role(name) => format!("role {name}"),
            AccessRule::Permission(name) => format!("permission {name}"),
            AccessRule::Other(name) => format!("guard {name}"),
            _ => "a guard".to_owned(),
        };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    match words.is_empty() {
        true => "visitor".to_owned(),
        false => words.join(" and "),
    }
}
