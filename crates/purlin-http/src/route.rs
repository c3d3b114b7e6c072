//! One route: its method, its path, who may call it, and what answers.

use std::{marker::PhantomData, sync::Arc};

use axum::{handler::Handler, routing::MethodRouter};
use http::{HeaderName, HeaderValue, Method, header};
use purlin_base::work::Label;

use crate::{
    Reply,
    guard::{AccessRule, Guard, GuardList},
    limit::Limit,
    mount::says_who_keeps,
    openapi::{Description, Operation},
    versioning::{Deprecation, Versions},
    xml::{self, XmlRoots},
};

mod handler;
mod list;

pub use handler::RouteHandler;
pub(crate) use list::Entry;
pub use list::Routes;

/// What is known of a route without calling it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RouteInfo {
    /// The method. A GET route answers HEAD too.
    pub method: Method,
    /// The whole path with its parameters in braces: `/api/v2/books/{id}`.
    pub template: String,
    /// The name of the handler: `read`.
    pub operation: &'static str,
    /// The name of the controller; empty for a route without one.
    pub controller: &'static str,
    /// Who may call it.
    pub access: Access,
    /// What each guard asks, in the order of [`access`](Self::access): all of it must hold.
    pub rules: Vec<AccessRule>,
    /// The largest body, in bytes; `None`: the default of [`Edge`](crate::Edge).
    pub body_bytes_max: Option<usize>,
    /// `Cache-Control` of the answers to GET and HEAD, where the handler says nothing.
    pub cache_control: Option<&'static str>,
    /// Its limits, in the order they are asked.
    pub limits: Vec<Limit>,
    /// The header fields that answers depend on: those that the guards look at, and `Accept` where
    /// there is XML to choose. Answers name them in `Vary`.
    pub vary: Vec<HeaderName>,
    /// The same as one field, put together once.
    pub(crate) vary_field: Option<HeaderValue>,
    /// Fields that its answers come to, about.
    pub(crate) usual_fields: usize,
    /// Whether `cache_control` says itself which caches may keep an answer.
    pub(crate) says_who_keeps: bool,
    /// The roots of its XML, if it speaks XML beside JSON.
    pub xml: Option<XmlRoots>,
    /// Whether it answers with a value in a format that the caller chooses; `None` if that is not
    /// known.
    pub serialized: Option<bool>,
    /// In which versions it is, as it says.
    pub versions: Versions,
    /// The one version that it is mounted for; `None` before it is mounted, and where there are no
    /// versions.
    pub version: Option<&'static str>,
    /// That it should no longer be used: what the route says, else its version.
    pub deprecation: Option<Deprecation>,
    /// How it describes itself in a document.
    pub description: Description,
    /// The name that its time and memory are counted under: method and template.
    pub(crate) label: Label,
}

impl RouteInfo {
    fn new(method: Method, template: String) -> Self {
        Self {
            method,
            template,
            operation: crate::openapi::UNNAMED,
            controller: "",
            access: Access::Guarded(Vec::new()),
            rules: Vec::new(),
            body_bytes_max: None,
            cache_control: None,
            vary: Vec::new(),
            vary_field: None,
            usual_fields: 0,
            says_who_keeps: false,
            xml: None,
            serialized: None,
            limits: Vec::new(),
            versions: Versions::Unnamed,
            version: None,
            deprecation: None,
            description: Description::default(),
            label: Label::NONE,
        }
    }

    /// With all that can be worked out before a request comes.
    pub(crate) fn sealed(mut self) -> Self {
        if self.xml.is_some() && self.negotiates() && !self.vary.contains(&header::ACCEPT) {
            self.vary.insert(0, header::ACCEPT);
        }
        self.vary_field = crate::reply::vary_field(&self.vary);
        let plain = self.vary.is_empty() && self.cache_control.is_none();
        self.usual_fields = if plain { 6 } else { 9 };
        self.says_who_keeps = self.cache_control.is_some_and(says_who_keeps);
        self.label = Label::route(self.method.as_str(), &self.template);
        self
    }

    /// Whether there is a format to choose: known to be, or named with the roots of XML.
    pub(crate) fn negotiates(&self) -> bool {
        self.serialized.unwrap_or(self.xml.is_some())
    }

    /// The name that the time and memory of the route are counted under, see
    /// [`purlin_base::work`]: `GET /api/v2/books/{id}`. Before it is mounted it has none.
    pub fn label(&self) -> Label {
        self.label
    }

    /// The handler as people name it: `BookController::read`.
    pub fn name(&self) -> String {
        match self.controller {
            "" => self.operation.to_owned(),
            controller => format!("{controller}::{}", self.operation),
        }
    }

    /// Its name in an OpenAPI document: `book_read` for `BookController::read`, `get_books_id` for
    /// `GET /books/{id}` without a name.
    pub fn operation_id(&self) -> String {
        crate::openapi::operation_id(self)
    }
}

/// Who may call a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Those whom all of these guards let pass, by the names of their types.
    Guarded(Vec<&'static str>),
}

/// Nothing was said yet: the state of a new [`Route`], or its handler.
#[derive(Clone, Copy, Debug)]
pub struct Unsaid;

/// Anybody may call the route.
#[derive(Clone, Copy, Debug)]
pub struct Public;

/// Only those may call the route whom all guards of the list `L` let pass.
#[derive(Clone, Debug)]
pub struct Guarded<L>(L);

/// One route, being described. It can be mounted once it says who may call it and what answers:
///
/// ```
/// use purlin_http::{NoContent, Route, Routes};
///
/// let route = Route::delete("/{id}").operation("remove").public().handler(async || NoContent);
/// let routes = Routes::at("/books").route(route);
/// ```
///
/// ```compile_fail
/// # use purlin_http::{NoContent, Route, Routes};
/// let open = Route::delete("/{id}").operation("remove").handler(async || NoContent);
/// let routes = Routes::at("/books").route(open); // Says nothing about who may call it.
/// ```
#[derive(Clone, Debug)]
#[must_use = "a route does nothing until it is added to `Routes`"]
pub struct Route<A = Unsaid, H = Unsaid, T = ()> {
    info: RouteInfo,
    access: A,
    handler: H,
    arguments: PhantomData<fn() -> T>,
}

impl Route {
    /// A route for `method` on `path`, which begins with `/`; parameters stand in braces.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            info: RouteInfo::new(method, path.into()),
            access: Unsaid,
            handler: Unsaid,
            arguments: PhantomData,
        }
    }

    /// A route for GET, and so for HEAD.
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// A route for POST.
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// A route for PUT.
    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    /// A route for PATCH.
    pub fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, path)
    }

    /// A route for DELETE.
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }
}

impl<A, H, T> Route<A, H, T> {
    /// Names the handler, for logs and documents. Default: `handler`.
    pub fn operation(mut self, name: &'static str) -> Self {
        self.info.operation = name;
        self
    }

    /// The largest body in bytes. Default: that of [`Edge`](crate::Edge), 1 MiB.
    pub fn body_bytes_max(mut self, bytes: usize) -> Self {
        self.info.body_bytes_max = Some(bytes);
        self
    }

    /// `Cache-Control` of the answers to GET and HEAD that are no failures, where the handler says
    /// nothing: `no-cache`, `public, max-age=60`. Default: `private, no-cache` if the route is
    /// guarded, else nothing.
    ///
    /// Where a guard has found out who is asking, `private` is put in front, unless the value says
    /// itself who may keep the answer (`public`, `private`, `s-maxage`, `no-store`).
    ///
    /// A value that is not a list of directives is found by [`Mount::build`](crate::Mount::build).
    pub fn cache_control(mut self, value: &'static str) -> Self {
        self.info.cache_control = Some(value);
        self
    }

    /// Bounds what one caller may ask of it, beside the limits that were named before: all must let
    /// the request pass. See [`limit`](mod@crate::limit).
    pub fn limit(mut self, limit: impl Into<Limit>) -> Self {
        self.info.limits.push(limit.into());
        self
    }

    /// Speaks XML beside JSON, in bodies and in answers: `one` is the root of one resource, `many`
    /// that of a page or list. Default: JSON alone.
    ///
    /// # Panics
    ///
    /// When one of them is not a name of XML without a prefix.
    #[track_caller]
    pub fn xml(mut self, one: &'static str, many: &'static str) -> Self {
        for name in [one, many] {
            let fits = xml::name::is_legal(name) && !name.contains(':');
            assert!(fits, "{name:?} cannot be the name of an element");
        }
        self.info.xml = Some(XmlRoots { one, many });
        self
    }

    /// Says that the handler answers with an `R`. If that is a value, a caller who accepts none of
    /// the formats is refused with 406 before anything is done; if not, what the caller accepts is
    /// the handler's matter. Default: only a route with [`xml`](Self::xml) refuses.
    pub fn answers<R: Reply>(mut self) -> Self {
        self.info.serialized = Some(R::SERIALIZED);
        self
    }

    /// In which versions of the API it is: `"1"`, `["1", "3"]`, `"2"..`, `"1"..="3"`. What is said
    /// last counts.
    pub fn version(mut self, versions: impl Into<Versions>) -> Self {
        self.info.versions = versions.into();
        self
    }

    /// It is one route for all versions, and its address has none. What is said last counts.
    pub fn version_neutral(mut self) -> Self {
        self.info.versions = Versions::Neutral;
        self
    }

    /// It should no longer be used: its answers say so.
    pub fn deprecation(mut self, deprecation: Deprecation) -> Self {
        self.info.deprecation = Some(deprecation);
        self
    }

    /// Says what the OpenAPI document tells of it, beside what was said before: see
    /// [`openapi`](crate::openapi). A route of which nothing is said may answer anything.
    pub fn describe(mut self, describe: fn(&mut Operation<'_>)) -> Self {
        self.info.description.steps.push(describe);
        self
    }

    fn with<B, I, U>(self, access: B, handler: I) -> (Route<B, I, U>, A, H) {
        let route = Route {
            info: self.info,
            access,
            handler,
            arguments: PhantomData,
        };
        (route, self.access, self.handler)
    }
}

impl<H, T> Route<Unsaid, H, T> {
    /// Anybody may call it.
    pub fn public(self) -> Route<Public, H, T> {
        let (route, _, handler) = self.with::<_, _, T>(Public, Unsaid);
        route.with(Public, handler).0
    }

    /// Only those may call it whom `guard` lets pass.
    pub fn guard<G: Guard>(self, guard: Arc<G>) -> Route<Guarded<((), Arc<G>)>, H, T> {
        let (route, _, handler) = self.with::<_, _, T>(Unsaid, Unsaid);
        route.with(Guarded(((), guard)), handler).0
    }
}

impl<L: GuardList, H, T> Route<Guarded<L>, H, T> {
    /// Only those may call it whom `guard` lets pass too; it is asked last.
    pub fn guard<G: Guard>(self, guard: Arc<G>) -> Route<Guarded<(L, Arc<G>)>, H, T> {
        let (route, Guarded(list), handler) = self.with::<_, _, T>(Unsaid, Unsaid);
        route.with(Guarded((list, guard)), handler).0
    }
}

impl<A> Route<A> {
    /// What answers: an async function or closure whose arguments are axum extractors.
    pub fn handler<H, T>(self, handler: H) -> Route<A, H, T>
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        let (route, access, _) = self.with::<_, _, T>(Unsaid, Unsaid);
        route.with(access, handler).0
    }
}

/// A description of access that a route can be mounted with: [`Public`] or [`Guarded`].
#[diagnostic::on_unimplemented(
    message = "this route says nothing about who may call it",
    label = "neither public nor guarded",
    note = "add `.public()` if anybody may, else `.guard(…)`"
)]
pub trait SaysWho: Clone + Send + Sync + 'static {
    /// The same, as data.
    #[doc(hidden)]
    fn access() -> Access;
    /// What each guard asks.
    #[doc(hidden)]
    fn rules() -> Vec<AccessRule>;
    /// The header fields that the guards look at.
    #[doc(hidden)]
    fn vary() -> Vec<HeaderName>;
    /// What it asks of callers.
    #[doc(hidden)]
    fn describe(operation: &mut Operation<'_>);
    /// The handler with its guards in front.
    #[doc(hidden)]
    fn mount<H, T>(self, info: Arc<RouteInfo>, handler: H) -> MethodRouter
    where
        H: Handler<T, ()>,
        T: 'static;
}

impl SaysWho for Public {
    fn access() -> Access {
        Access::Public
    }

    fn rules() -> Vec<AccessRule> {
        Vec::new()
    }

    fn vary() -> Vec<HeaderName> {
        Vec::new()
    }
    fn describe(_: &mut Operation<'_>) {}

    fn mount<H, T>(self, info: Arc<RouteInfo>, handler: H) -> MethodRouter
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        handler::on(RouteHandler::new(info, self, handler))
    }
}

impl<L: GuardList> SaysWho for Guarded<L> {
    fn access() -> Access {
        let mut names = Vec::new();
        L::names(&mut names);
        Access::Guarded(names)
    }

    fn rules() -> Vec<AccessRule> {
        let mut rules = Vec::new();
        L::rules(&mut rules);
        rules
    }

    fn vary() -> Vec<HeaderName> {
        let mut fields = Vec::new();
        L::fields(&mut fields);
        fields
    }

    fn describe(operation: &mut Operation<'_>) {
        L::describe(operation);
    }

    fn mount<H, T>(self, info: Arc<RouteInfo>, handler: H) -> MethodRouter
    where
        H: Handler<T, ()>,
        T: 'static,
    {
        handler::on(RouteHandler::new(info, self.0, handler))
    }
}

/// The last part of a type's path, without what stands in angle brackets.
pub(crate) fn short_name<T: ?Sized>() -> &'static str {
    let whole = std::any::type_name::<T>();
    let plain = whole.split('<').next().unwrap_or(whole);
    plain.rsplit("::").next().unwrap_or(plain)
}
