//! The routes of one controller, or of any group.

use std::sync::Arc;

use axum::{handler::Handler, routing::MethodRouter};

use super::{Route, RouteInfo, SaysWho};
use crate::{limit::Limit, mount::template::join};

/// A group of routes below one path. [`Mount`](crate::Mount) turns groups into a router.
#[derive(Default)]
#[must_use = "routes do nothing until they are mounted"]
pub struct Routes {
    prefix: String,
    controller: &'static str,
    entries: Vec<Entry>,
    limits: Vec<Limit>,
}

/// A route whose handler is made once its whole path is known, for each version anew.
pub(crate) struct Entry {
    pub(crate) info: RouteInfo,
    pub(crate) mount: Box<dyn Fn(Arc<RouteInfo>) -> MethodRouter + Send>,
}

impl Routes {
    /// An empty group at `prefix`: `/books`, or `/` for the root.
    pub fn at(prefix: impl Into<String>) -> Self {
        Self {
            prefix: prefix.into(),
            ..Self::default()
        }
    }

    /// Names the controller that the routes added from now on belong to.
    pub fn controller(mut self, name: &'static str) -> Self {
        self.controller = name;
        self
    }

    /// Bounds what one caller may ask of all routes of the group together: those that were added and
    /// those that will be. Asked before the routes' own limits.
    pub fn limit(mut self, limit: impl Into<Limit>) -> Self {
        let limit = limit.into();
        for entry in &mut self.entries {
            entry.info.limits.insert(self.limits.len(), limit.clone());
        }
        self.limits.push(limit);
        self
    }

    /// Adds a route; its path is taken below the group's.
    ///
    /// A path that is not well formed, or that is taken, is found by
    /// [`Mount::build`](crate::Mount::build).
    pub fn route<A, H, T>(mut self, route: Route<A, H, T>) -> Self
    where
        A: SaysWho,
        H: Handler<T, ()>,
        T: 'static,
    {
        let Route {
            mut info,
            access,
            handler,
            ..
        } = route;
        info.template = join(&self.prefix, &info.template);
        info.controller = self.controller;
        info.limits.splice(0..0, self.limits.iter().cloned());
        info.access = A::access();
        info.rules = A::rules();
        info.vary = A::vary();
        info.description.access = Some(A::describe);
        let mount = Box::new(move |info| access.clone().mount(info, handler.clone()));
        self.entries.push(Entry { info, mount });
        self
    }

    /// Adds the routes of `other` below this group's path.
    pub fn merge(mut self, other: Self) -> Self {
        let (prefix, limits) = (&self.prefix, &self.limits);
        self.entries
            .extend(other.entries.into_iter().map(|mut entry| {
                entry.info.template = join(prefix, &entry.info.template);
                entry.info.limits.splice(0..0, limits.iter().cloned());
                entry
            }));
        self
    }

    /// What is known of each route, in the order they were added.
    pub fn info(&self) -> Vec<&RouteInfo> {
        self.entries.iter().map(|entry| &entry.info).collect()
    }

    pub(crate) fn into_entries(self) -> Vec<Entry> {
        self.entries
    }
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.info()).finish()
    }
}
