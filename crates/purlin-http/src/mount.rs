//! Puts routes together into one axum router.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use axum::{Router, response::IntoResponse, routing::MethodRouter};
use http::{HeaderValue, Method, StatusCode, header};

use crate::{RouteInfo, Routes, openapi, route::Entry};

mod error;
pub(crate) mod template;

pub use error::MountError;

/// Collects routes and raw axum routers, and puts them together.
///
/// Every path answers OPTIONS with its `Allow`, and HEAD where it answers GET. A slash at the end
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
}

/// Routes put together.
#[derive(Debug)]
#[non_exhaustive]
pub struct Mounted {
    /// What answers. Put [`Edge`](crate::Edge) around it.
    pub router: Router,
    /// What is known of each route, in the order they were added.
    pub routes: Vec<Arc<RouteInfo>>,
    /// The names of the raw routers: what they serve is not known, and no guard rule holds there.
    pub raw: Vec<String>,
}

/// The methods and handlers of one path.
struct Place {
    first: Arc<RouteInfo>,
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

    /// Puts everything together.
    ///
    /// # Errors
    ///
    /// [`MountError`], for the first route that cannot stand beside the others.
    pub fn build(self) -> Result<Mounted, MountError> {
        let mut places = BTreeMap::<String, Place>::new();
        let mut routes = Vec::with_capacity(self.entries.len());
        for entry in self.entries {
            routes.push(add(&mut places, entry)?);
        }
        openapi::check_ids(&routes)?;
        let mut router = Router::new();
        for place in places.into_values() {
            let allow = allow(&place.methods);
            let (template, name) = (place.first.template.clone(), place.first.name());
            let methods = place.router.options(async move || options(&allow));
            router = guarded(&name, || router.route(&template, methods))?;
        }
        let mut raw = Vec::with_capacity(self.raw.len());
        for (name, other) in self.raw {
            router = guarded(&name, || router.merge(other))?;
            raw.push(name);
        }
        Ok(Mounted {
            router,
            routes,
            raw,
        })
    }
}

fn add(places: &mut BTreeMap<String, Place>, entry: Entry) -> Result<Arc<RouteInfo>, MountError> {
    check(&entry.info)?;
    let info = Arc::new(entry.info);
    let router = (entry.mount)(Arc::clone(&info));
    let shape = template::shape(&info.template);
    let Some(place) = places.get_mut(&shape) else {
        let (first, methods) = (Arc::clone(&info), vec![Arc::clone(&info)]);
        places.insert(
            shape,
            Place {
                first,
                methods,
                router,
            },
        );
        return Ok(info);
    };
    beside(place, &info)?;
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

fn beside(place: &Place, info: &RouteInfo) -> Result<(), MountError> {
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
    if place.first.template != info.template {
        return Err(MountError::Names {
            first: place.first.template.clone(),
            first_by: place.first.name(),
            second: info.template.clone(),
            second_by: info.name(),
        });
    }
    Ok(())
}

fn allow(methods: &[Arc<RouteInfo>]) -> HeaderValue {
    let mut names: Vec<&str> = methods.iter().map(|info| info.method.as_str()).collect();
    if names.contains(&"GET") {
        names.push("HEAD");
    }
    names.push("OPTIONS");
    HeaderValue::try_from(names.join(",")).unwrap_or(HeaderValue::from_static("OPTIONS"))
}

fn options(allow: &HeaderValue) -> impl IntoResponse + use<> {
    (StatusCode::NO_CONTENT, [(header::ALLOW, allow.clone())])
}

/// axum panics where routes overlap; a start error is what a person can read.
fn guarded(what: &str, work: impl FnOnce() -> Router) -> Result<Router, MountError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| MountError::Overlap {
        what: what.to_owned(),
        message: crate::edge::panic_message(&*panic).to_owned(),
    })
}
