//! Who may call a route.
//!
//! A guard is asked before the handler, and before the body is read. All guards of a route must
//! let the request pass; they are asked in the order they are named, the controller's first.

mod bearer;
mod rule;

pub use bearer::{BearerToken, bearer_token};
pub use rule::AccessRule;

use std::{future::Future, sync::Arc};

use http::{HeaderMap, HeaderName, Method, Uri, request::Parts};
use purlin_base::{Context, ErrorClass, Principal};

use crate::{
    Problem, RouteInfo,
    openapi::{Operation, SecurityScheme},
};

/// Lets a request pass, or refuses it.
///
/// # Examples
///
/// ```
/// use purlin_base::{ErrorClass, Principal};
/// use purlin_http::{Guard, GuardRequest, Problem, guard::BearerToken};
///
/// struct TokenGuard { token: BearerToken }
///
/// impl Guard for TokenGuard {
///     async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
///         if !self.token.is_shown(request.headers()) {
///             return Err(Problem::new(ErrorClass::Unauthenticated, "TOKEN_INVALID"));
///         }
///         request.identify(Principal::new("staff", ["staff"]));
///         Ok(())
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a guard",
    note = "implement `Guard` for `{Self}`"
)]
pub trait Guard: Send + Sync + 'static {
    /// The header fields that it looks at. Answers depend on them, and say so in `Vary`.
    const FIELDS: &'static [&'static str] = &["authorization"];

    /// Lets `request` pass, or says why not. Any [`Classified`](purlin_base::Classified) error
    /// becomes a [`Problem`] with `?`.
    ///
    /// # Errors
    ///
    /// The answer to the caller. Class `Unauthenticated` when nobody is signed in, `Forbidden`
    /// when somebody is and may not.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when the caller hangs up or the request times out.
    fn check(
        &self,
        request: &mut GuardRequest<'_>,
    ) -> impl Future<Output = Result<(), Problem>> + Send;

    /// Says in the OpenAPI document what it asks of callers and how it refuses. Default: a bearer
    /// token, 401 and 403.
    ///
    /// ```
    /// # use purlin_base::ErrorClass;
    /// # use purlin_http::{Guard, GuardRequest, Problem, openapi::{Operation, SecurityScheme}};
    /// # struct VisitorGuard;
    /// # impl Guard for VisitorGuard {
    /// #     async fn check(&self, _: &mut GuardRequest<'_>) -> Result<(), Problem> { Ok(()) }
    /// // Lets everybody pass, but nobody with a bad token.
    /// fn describe(operation: &mut Operation<'_>) {
    ///     operation.accept(SecurityScheme::bearer()).fails(ErrorClass::Unauthenticated);
    /// }
    /// # }
    /// ```
    fn describe(operation: &mut Operation<'_>)
    where
        Self: Sized,
    {
        operation
            .require(SecurityScheme::bearer())
            .fails(ErrorClass::Unauthenticated)
            .fails(ErrorClass::Forbidden);
    }

    /// Says whom it lets pass, for tables of who may call what. Default: that only the guard
    /// knows.
    fn rule() -> AccessRule
    where
        Self: Sized,
    {
        AccessRule::Other(crate::route::short_name::<Self>())
    }
}

/// What a guard sees of a request: everything but its body.
#[derive(Debug)]
pub struct GuardRequest<'a> {
    parts: &'a mut Parts,
    route: &'a RouteInfo,
}

impl<'a> GuardRequest<'a> {
    /// The request with the head `parts` on its way to `route`.
    pub fn new(parts: &'a mut Parts, route: &'a RouteInfo) -> Self {
        Self { parts, route }
    }

    /// The method asked for; HEAD for a GET route is HEAD.
    pub fn method(&self) -> &Method {
        &self.parts.method
    }

    /// The address asked for, with its query.
    pub fn uri(&self) -> &Uri {
        &self.parts.uri
    }

    /// All header fields.
    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The first value of the header field `name`, if it is visible ASCII.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.parts.headers.get(name)?.to_str().ok()
    }

    /// The token of an `Authorization: Bearer` field. `None` also if there are two such fields.
    pub fn bearer(&self) -> Option<&str> {
        bearer_token(&self.parts.headers)
    }

    /// The route that is asked for.
    pub fn route(&self) -> &RouteInfo {
        self.route
    }

    /// The whole head of the request, to read or to hang an extension on.
    pub fn parts(&mut self) -> &mut Parts {
        self.parts
    }

    /// Who is asking, if an earlier guard or layer has found out.
    pub fn principal(&self) -> Option<Principal> {
        Context::with_current(|context| context.principal().cloned()).flatten()
    }

    /// Says who is asking, in the [`Context`] of the request. The first proof stays: a later one
    /// changes nothing.
    pub fn identify(&mut self, principal: Principal) {
        Context::with_current(|context| context.set_principal(principal).ok());
    }
}

/// A list of guard types, and the list of shared guards that stands for it.
pub trait GuardSet {
    /// `(Arc<A>, (Arc<B>, ()))` for `(A, (B, ()))`.
    type Arcs;
}

impl GuardSet for () {
    type Arcs = ();
}

impl<G: Guard, R: GuardSet> GuardSet for (G, R) {
    type Arcs = (Arc<G>, R::Arcs);
}

/// The guards of one route, in the order they are asked: `(((), Arc<A>), Arc<B>)`.
///
/// [`Route::guard`](crate::Route::guard) makes it.
pub trait GuardList: Clone + Send + Sync + 'static {
    /// Asks one after another; the first refusal ends it.
    fn check(
        &self,
        request: &mut GuardRequest<'_>,
    ) -> impl Future<Output = Result<(), Problem>> + Send;

    /// Adds the guards' type names, in order.
    fn names(into: &mut Vec<&'static str>);

    /// Adds what each guard asks, in order.
    fn rules(into: &mut Vec<AccessRule>);

    /// Adds the header fields that the guards look at, each once.
    fn fields(into: &mut Vec<HeaderName>);

    /// Lets each guard describe itself, in order.
    fn describe(operation: &mut Operation<'_>);
}

impl GuardList for () {
    async fn check(&self, _: &mut GuardRequest<'_>) -> Result<(), Problem> {
        Ok(())
    }

    fn names(_: &mut Vec<&'static str>) {}

    fn rules(_: &mut Vec<AccessRule>) {}

    fn fields(_: &mut Vec<HeaderName>) {}

    fn describe(_: &mut Operation<'_>) {}
}

impl<R: GuardList, G: Guard> GuardList for (R, Arc<G>) {
    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        self.0.check(request).await?;
        self.1.check(request).await
    }

    fn names(into: &mut Vec<&'static str>) {
        R::names(into);
        into.push(crate::route::short_name::<G>());
    }

    fn rules(into: &mut Vec<AccessRule>) {
        R::rules(into);
        into.push(G::rule());
    }

    fn fields(into: &mut Vec<HeaderName>) {
        R::fields(into);
        for name in G::FIELDS {
            // A name that is none cannot have been looked at.
            let name = HeaderName::from_bytes(name.as_bytes()).ok();
            into.extend(name.filter(|name| !into.contains(name)));
        }
    }

    fn describe(operation: &mut Operation<'_>) {
        R::describe(operation);
        G::describe(operation);
    }
}
