//! Gives each route its versions and the addresses it is served at.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use axum::{extract::Request, middleware, middleware::Next, routing::MethodRouter};
use http::Method;

use super::{
    Versioning, VersioningError, Versions,
    notice::{Notice, Successor},
    resolve::Resolver,
};
use crate::{
    RouteInfo,
    mount::template::{join, shape},
    route::Entry,
};

/// A route at one address of the router.
pub(crate) struct Placement {
    /// Where the router has it. It differs from the template where the path says no version.
    pub(crate) address: String,
    pub(crate) info: RouteInfo,
    make: Arc<dyn Fn(Arc<RouteInfo>) -> MethodRouter + Send>,
    notice: Option<Notice>,
}

impl Placement {
    /// What answers at the address.
    pub(crate) fn router(self, info: Arc<RouteInfo>) -> MethodRouter {
        let router = (self.make)(info);
        let Some(notice) = self.notice.map(Arc::new) else {
            return router;
        };
        router.route_layer(middleware::from_fn(move |request: Request, next: Next| {
            let (notice, uri) = (Arc::clone(&notice), request.uri().clone());
            async move {
                let mut response = next.run(request).await;
                notice.apply(response.headers_mut(), Some(&uri));
                response
            }
        }))
    }
}

/// The routes of an application without versions.
pub(crate) fn place_without(entries: Vec<Entry>) -> Result<Vec<Placement>, VersioningError> {
    let place = |entry: Entry| match entry.info.versions.names_any() {
        true => Err(outside(&entry.info, "there are none: give `Versioning`")),
        false => plain(entry),
    };
    entries.into_iter().map(place).collect()
}

/// The routes of an application with versions, each once for each of its own.
pub(crate) fn place(
    versioning: &Versioning,
    entries: Vec<Entry>,
) -> Result<(Vec<Placement>, Resolver), VersioningError> {
    versioning.check()?;
    let mut plan = Plan::new(versioning);
    for entry in entries {
        plan.add(entry)?;
    }
    plan.check_neutral()?;
    let neutral = plan.neutral.into_keys().collect();
    let resolver = Resolver::new(versioning, neutral)?;
    Ok((notify(versioning, plan.placed), resolver))
}

struct Plan<'v> {
    versioning: &'v Versioning,
    placed: Vec<Placed>,
    /// What neutral paths begin with, and one handler of each.
    neutral: HashMap<String, String>,
    /// The same for paths with a version.
    versioned: HashMap<String, String>,
}

/// A placement that is not yet compared with its successors.
struct Placed {
    placement: Placement,
    /// The place of its version.
    version: Option<usize>,
    /// Its path below the API, without the names of parameters.
    shape: String,
}

impl<'v> Plan<'v> {
    fn new(versioning: &'v Versioning) -> Self {
        Self {
            versioning,
            placed: Vec::new(),
            neutral: HashMap::new(),
            versioned: HashMap::new(),
        }
    }

    fn add(&mut self, entry: Entry) -> Result<(), VersioningError> {
        let info = &entry.info;
        let Some(rest) = self.versioning.rest_of(&info.template) else {
            return self.add_outside(entry);
        };
        let (rest, first) = (rest.to_owned(), first_segment(rest).to_owned());
        if self.versioning.holds_version(&first) {
            return Err(VersioningError::InPath {
                handler: info.name(),
                template: info.template.clone(),
                segment: first,
            });
        }
        match info.versions {
            Versions::Unnamed => Err(VersioningError::Missing {
                handler: info.name(),
                template: info.template.clone(),
            }),
            Versions::Neutral => {
                self.neutral.insert(first, info.name());
                self.push(plain(entry)?, None, String::new());
                Ok(())
            }
            _ => {
                self.versioned.insert(first, info.name());
                self.add_versioned(entry, &rest)
            }
        }
    }

    fn add_outside(&mut self, entry: Entry) -> Result<(), VersioningError> {
        if entry.info.versions.names_any() {
            let why = format!("versions are below `{}`", self.versioning.base);
            return Err(outside(&entry.info, &why));
        }
        self.push(plain(entry)?, None, String::new());
        Ok(())
    }

    fn add_versioned(&mut self, entry: Entry, rest: &str) -> Result<(), VersioningError> {
        let versioning = self.versioning;
        let Entry { info, mount } = entry;
        check_deprecation(&info)?;
        let places = info.versions.places(&versioning.versions);
        let places = places.map_err(|fault| VersioningError::Unknown {
            handler: info.name(),
            fault,
        })?;
        let make = Arc::from(mount);
        for place in places {
            let address = join(&versioning.mount_base(place), rest);
            let mut info = info.clone();
            info.version = Some(versioning.versions[place]);
            if versioning.forms.path.is_some() {
                info.template.clone_from(&address);
            }
            if info.deprecation.is_none() {
                info.deprecation = versioning.deprecation_of(place).cloned();
            }
            let placement = Placement {
                address,
                info,
                make: Arc::clone(&make),
                notice: None,
            };
            self.push(placement, Some(place), shape(rest));
        }
        Ok(())
    }

    fn push(&mut self, placement: Placement, version: Option<usize>, shape: String) {
        self.placed.push(Placed {
            placement,
            version,
            shape,
        });
    }

    /// A neutral address is known by its first segment alone.
    fn check_neutral(&self) -> Result<(), VersioningError> {
        for (first, neutral) in &self.neutral {
            let parameter = first.starts_with('{').then_some(neutral);
            if let Some(versioned) = self.versioned.get(first).or(parameter) {
                return Err(VersioningError::Neutral {
                    neutral: neutral.clone(),
                    versioned: versioned.clone(),
                    shared: join(self.versioning.base, &format!("/{first}")),
                });
            }
        }
        Ok(())
    }
}

impl Versioning {
    /// What follows the path of the API in `path`, if it is below: nothing, or `/…`.
    pub(super) fn rest_of<'p>(&self, path: &'p str) -> Option<&'p str> {
        rest_below(self.base, path)
    }

    /// Where the router has the routes of a version: `/api/v2`, whether or not callers ask so.
    pub(super) fn mount_base(&self, place: usize) -> String {
        let segment = format!("/{}{}", self.mount_prefix(), self.versions[place]);
        join(self.base, &segment)
    }

    pub(super) fn mount_prefix(&self) -> &'static str {
        self.forms.path.unwrap_or("v")
    }

    pub(super) fn deprecation_of(&self, place: usize) -> Option<&super::Deprecation> {
        let name = self.versions[place];
        let mut all = self.deprecated.iter();
        all.find(|(version, _)| *version == name).map(|(_, it)| it)
    }

    fn holds_version(&self, segment: &str) -> bool {
        let rest = segment.strip_prefix(self.mount_prefix());
        rest.is_some_and(|rest| {
            super::resolve::looks_like_version(rest) || self.versions.contains(&rest)
        })
    }
}

pub(super) fn rest_below<'p>(base: &str, path: &'p str) -> Option<&'p str> {
    let base = base.strip_suffix('/').unwrap_or(base);
    let rest = path.strip_prefix(base)?;
    match rest {
        "/" if base.is_empty() => Some(""),
        "" => Some(""),
        _ => rest.starts_with('/').then_some(rest),
    }
}

fn first_segment(rest: &str) -> &str {
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    rest.split('/').next().unwrap_or_default()
}

fn plain(entry: Entry) -> Result<Placement, VersioningError> {
    check_deprecation(&entry.info)?;
    Ok(Placement {
        address: entry.info.template.clone(),
        notice: entry
            .info
            .deprecation
            .as_ref()
            .map(|it| Notice::new(it, None)),
        info: entry.info,
        make: Arc::from(entry.mount),
    })
}

fn check_deprecation(info: &RouteInfo) -> Result<(), VersioningError> {
    let fault = info.deprecation.as_ref().and_then(|it| it.fault());
    fault.map_or(Ok(()), |fault| {
        Err(VersioningError::Deprecation {
            what: format!("`{}`", info.name()),
            fault,
        })
    })
}

fn outside(info: &RouteInfo, why: &str) -> VersioningError {
    VersioningError::Outside {
        handler: info.name(),
        template: info.template.clone(),
        why: why.to_owned(),
    }
}

/// Gives the deprecated routes their notices, now that it is known what comes after them.
fn notify(versioning: &Versioning, placed: Vec<Placed>) -> Vec<Placement> {
    let alive = |it: &&Placed| it.placement.info.deprecation.is_none();
    let key = |it: &Placed| {
        Some((
            it.version?,
            it.placement.info.method.clone(),
            it.shape.clone(),
        ))
    };
    let alive: HashSet<(usize, Method, String)> =
        placed.iter().filter(alive).filter_map(key).collect();
    let notify = |placed: Placed| {
        let successor = placed.version.and_then(|version| {
            let method = &placed.placement.info.method;
            let mut later = version + 1..versioning.versions.len();
            let there = |it: &usize| alive.contains(&(*it, method.clone(), placed.shape.clone()));
            later
                .find(there)
                .and_then(|later| versioning.successor(version, later))
        });
        let mut placement = placed.placement;
        if placed.version.is_some() {
            let deprecation = placement.info.deprecation.as_ref();
            placement.notice = deprecation.map(|it| Notice::new(it, successor));
        }
        placement
    };
    placed.into_iter().map(notify).collect()
}

impl Versioning {
    /// Where a resource of the version `from` is in the version `to`; `None` if no address says it.
    fn successor(&self, from: usize, to: usize) -> Option<Successor> {
        let base = self.base.strip_suffix('/').unwrap_or(self.base);
        let by_query = |name: &str| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair(name, self.versions[to]).finish()
        };
        let (to, query) = match (self.forms.path, self.forms.query) {
            (Some(_), _) => (self.mount_base(to), None),
            (None, Some(name)) => (base.to_owned(), Some(by_query(name))),
            (None, None) => return None,
        };
        let from = self.mount_base(from);
        Some(Successor { from, to, query })
    }
}
