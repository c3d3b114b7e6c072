//! Puts routes together into one axum router.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use axum::{Router, routing::MethodRouter};
use http::Method;

use crate::{
    RouteInfo, Routes,
    limit::RateLimits,
    openapi,
    route::Entry,
    versioning::{self, Placement, Versioning},
};

mod cache_control;
mod error;
mod raw;
mod routed;
pub(crate) mod template;

use cache_control::is_cache_control;
pub(crate) use cache_control::says_who_keeps;
pub use error::MountError;
pub use routed::{Routed, RoutedFuture};

/// Collects routes and raw axum routers, and puts them together.
///
/// Every path answers OPTIONS with its `Allow`, and HEAD where it answers GET; [`Edge`](crate::Edge)
/// adds OPTIONS itself to the list. A slash at the end
/// of a path makes another path, which is not there.
///
/// # Examples
///
/// ```
/// use purlin_http::{Mount, NoContent, Route, Routes};
///
/// let books = Routes::at("/books")
///     .route(Route::delete("/{id}").operation("remove").public().handler(async || NoContent));
/// let mounted = Mount::new().nest("/api/v2", books).build()?;
/// assert_eq!(mounted.routes[0].template, "/api/v2/books/{id}");
/// let router: axum::Router = mounted.router;
/// # Ok::<(), purlin_http::mount::MountError>(())
/// ```
#[derive(Default)]
#[must_use = "call `build`"]
pub struct Mount {
    entries: Vec<Entry>,
    raw: Vec<(String, Router)>,
    versioning: Option<Versioning>,
    limits: RateLimits,
}

/// Routes put together.
#[derive(Debug)]
#[non_exhaustive]
pub struct Mounted {
    /// What answers, as an axum router. Put [`Edge`](crate::Edge) around it.
    pub router: Router,
    /// What answers, for a [`Server`](crate::Server): the same, a little cheaper.
    pub routed: Routed,
    /// What is known of each route, in the order they were added; with versions, of each route in
    /// each of its versions.
    pub routes: Vec<Arc<RouteInfo>>,
    /// The names of the raw routers: what they serve is not known, and no guard rule holds there.
    pub raw: Vec<String>,
}

/// The methods and handlers of one path.
struct Place {
    address: String,
    methods: Vec<Arc<RouteInfo>>,
    router: MethodRouter,
}

impl Mount {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds routes as they are.
    pub fn routes(self, routes: Routes) -> Self {
        self.nest("", routes)
    }

    /// Adds routes below `prefix`: `/api/v2`.
    pub fn nest(mut self, prefix: &str, routes: Routes) -> Self {
        self.entries
            .extend(Routes::at(prefix).merge(routes).into_entries());
        self
    }

    /// Merges an axum router as it is. Its routes may lack guards, so the start lists it by
    /// `name`.
    pub fn raw(mut self, name: impl Into<String>, router: Router) -> Self {
        self.raw.push((name.into(), router));
        self
    }

    /// Serves several versions of the API. Default: addresses have no version.
    pub fn versioning(mut self, versioning: Versioning) -> Self {
        self.versioning = Some(versioning);
        self
    }

    /// Limits for everything below a path: routes, raw routers, and addresses that are no route.
    /// What is said last counts.
    pub fn limits(mut self, limits: RateLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Puts everything together.
    ///
    /// # Errors
    ///
    /// [`MountError`], for the first route that cannot stand beside the others.
    pub fn build(self) -> Result<Mounted, MountError> {
        let (placed, resolver) = match &self.versioning {
            None => (versioning::place_without(self.entries)?, None),
            Some(versioning) => {
                let (placed, resolver) = versioning::place(versioning, self.entries)?;
                (placed, Some(resolver))
            }
        };
        let mut places = BTreeMap::<String, Place>::new();
        let mut routes = Vec::with_capacity(placed.len());
        for mut placement in placed {
            self.limits.apply(&mut placement.info);
            routes.push(add(&mut places, placement)?);
        }
        openapi::check_ids(&routes)?;
        let mut router = Router::new();
        for place in places.into_values() {
            let first = place.methods.first();
            let name = first.map(|info| info.name()).unwrap_or_default();
            router = guarded(&name, || router.route(&place.address, place.router))?;
        }
        let limits = self.limits.unrouted();
        let (router, raw) = raw::join(router, self.raw, limits.clone())?;
        let routed = Routed::new(resolver, router, limits);
        Ok(Mounted {
            router: routed.clone().into_router(),
            routed,
            routes,
            raw,
        })
    }
}

fn add(
    places: &mut BTreeMap<String, Place>,
    placement: Placement,
) -> Result<Arc<RouteInfo>, MountError> {
    check(&placement.info)?;
    let info = Arc::new(placement.info.clone().sealed());
    let address = placement.address.clone();
    let router = placement.router(Arc::clone(&info));
    let shape = template::shape(&address);
    let Some(place) = places.get_mut(&shape) else {
        let place = Place {
            address,
            methods: vec![Arc::clone(&info)],
            router,
        };
        places.insert(shape, place);
        return Ok(info);
    };
    beside(place, &address, &info)?;
    place.methods.push(Arc::clone(&info));
    place.router = std::mem::take(&mut place.router).merge(router);
    Ok(info)
}

fn check(info: &RouteInfo) -> Result<(), MountError> {
    if let Some(fault) = template::fault(&info.template) {
        let (handler, template) = (info.name(), info.template.clone());
        return Err(MountError::Template {
            handler,
            template,
            fault: fault.into_owned(),
        });
    }
    if let Some(value) = info.cache_control.filter(|value| !is_cache_control(value)) {
        return Err(MountError::CacheControl {
            handler: info.name(),
            value,
        });
    }
    let usual = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ];
    if usual.contains(&info.method) {
        return Ok(());
    }
    Err(MountError::Method {
        handler: info.name(),
        method: info.method.clone(),
    })
}

fn beside(place: &Place, address: &str, info: &RouteInfo) -> Result<(), MountError> {
    if let Some(taken) = place
        .methods
        .iter()
        .find(|other| other.method == info.method)
    {
        return Err(MountError::Duplicate {
            method: info.method.clone(),
            template: info.template.clone(),
            first: taken.name(),
            second: info.name(),
        });
    }
    if let Some(first) = place.methods.first().filter(|_| place.address != address) {
        return Err(MountError::Names {
            first: first.template.clone(),
            first_by: first.name(),
            second: info.template.clone(),
            second_by: info.name(),
        });
    }
    Ok(())
}

/// axum panics where routes overlap; a start error is what a person can read.
fn guarded(what: &str, work: impl FnOnce() -> Router) -> Result<Router, MountError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| MountError::Overlap {
        what: what.to_owned(),
        message: crate::edge::panic_message(&*panic).to_owned(),
    })
}
