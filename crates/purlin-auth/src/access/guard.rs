//! Guards that ask who is asking.

use std::{fmt, marker::PhantomData, sync::Arc};

use purlin_base::{ErrorClass, Principal};
use purlin_http::{AccessRule, Guard, GuardRequest, Problem, openapi::Operation};

use super::{AccessError, Authenticator, Identified, Permission, Role, Scheme};

/// Lets everybody pass, and recognises who is signed in. A bad token is refused all the same.
pub struct VisitorGuard<A: ?Sized = dyn Authenticator>(Arc<A>);

/// Lets whoever is signed in pass.
pub struct SignedInGuard<A: ?Sized = dyn Authenticator>(Arc<A>);

/// Lets whoever has the role `R` pass, themselves or by a role that includes it.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use purlin_auth::access::{Authenticator, Role, RoleGuard};
/// use purlin_http::{NoContent, Route};
///
/// struct Staff;
/// impl Role for Staff {
///     const NAME: &'static str = "staff";
/// }
///
/// fn clear(authenticator: Arc<dyn Authenticator>) {
///     let staff = Arc::new(RoleGuard::<Staff>::new(authenticator));
///     let _ = Route::delete("/shelf").guard(staff).handler(async || NoContent);
/// }
/// ```
///
/// What is not a role does not compile:
///
/// ```compile_fail,E0277
/// struct Stuff;
/// type StuffGuard = purlin_auth::access::RoleGuard<Stuff>;
/// fn guard(guard: StuffGuard) {}
/// ```
pub struct RoleGuard<R: Role, A: ?Sized = dyn Authenticator>(Arc<A>, PhantomData<fn() -> R>);

/// Lets whoever has the permission `P` pass, by whichever role.
pub struct PermissionGuard<P: Permission, A: ?Sized = dyn Authenticator>(
    Arc<A>,
    PhantomData<fn() -> P>,
);

impl<A: ?Sized> VisitorGuard<A> {
    /// Asks `authenticator`.
    pub fn new(authenticator: Arc<A>) -> Self {
        Self(authenticator)
    }
}

impl<A: ?Sized> SignedInGuard<A> {
    /// Asks `authenticator`.
    pub fn new(authenticator: Arc<A>) -> Self {
        Self(authenticator)
    }
}

impl<R: Role, A: ?Sized> RoleGuard<R, A> {
    /// Asks `authenticator`.
    pub fn new(authenticator: Arc<A>) -> Self {
        Self(authenticator, PhantomData)
    }
}

impl<P: Permission, A: ?Sized> PermissionGuard<P, A> {
    /// Asks `authenticator`.
    pub fn new(authenticator: Arc<A>) -> Self {
        Self(authenticator, PhantomData)
    }
}

impl<A: Scheme + ?Sized> Guard for VisitorGuard<A> {
    const FIELDS: &'static [&'static str] = A::FIELDS;

    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        let found = recognise(&*self.0, request).await;
        found.map(|_| ()).map_err(AccessError::into_problem)
    }

    fn describe(operation: &mut Operation<'_>) {
        operation
            .accept(A::scheme())
            .fails(ErrorClass::Unauthenticated)
            .fails(ErrorClass::Unavailable);
        may_ask_for_token::<A>(operation);
    }

    fn rule() -> AccessRule {
        AccessRule::Anybody
    }
}

impl<A: Scheme + ?Sized> Guard for SignedInGuard<A> {
    const FIELDS: &'static [&'static str] = A::FIELDS;

    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        let found = signed_in(&*self.0, request).await;
        found.map(|_| ()).map_err(AccessError::into_problem)
    }

    fn describe(operation: &mut Operation<'_>) {
        operation
            .require(A::scheme())
            .fails(ErrorClass::Unauthenticated)
            .fails(ErrorClass::Unavailable);
        may_ask_for_token::<A>(operation);
    }

    fn rule() -> AccessRule {
        AccessRule::SignedIn
    }
}

impl<R: Role, A: Scheme + ?Sized> Guard for RoleGuard<R, A> {
    const FIELDS: &'static [&'static str] = A::FIELDS;

    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        let has_role = |principal: &Principal| principal.has_role(R::NAME);
        let refusal = AccessError::Role(R::NAME);
        permitted(&*self.0, request, has_role, refusal).await
    }

    fn describe(operation: &mut Operation<'_>) {
        of_some::<A>(operation);
    }

    fn rule() -> AccessRule {
        AccessRule::Role(R::NAME)
    }
}

impl<P: Permission, A: Scheme + ?Sized> Guard for PermissionGuard<P, A> {
    const FIELDS: &'static [&'static str] = A::FIELDS;

    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        let may = |principal: &Principal| principal.has_permission(P::NAME);
        let refusal = AccessError::Permission(P::NAME);
        permitted(&*self.0, request, may, refusal).await
    }

    fn describe(operation: &mut Operation<'_>) {
        of_some::<A>(operation);
    }

    fn rule() -> AccessRule {
        AccessRule::Permission(P::NAME)
    }
}

/// Whoever is let in by a cookie must show the token of a form, if the method is unsafe.
fn may_ask_for_token<A: Scheme + ?Sized>(operation: &mut Operation<'_>) {
    if A::FIELDS.contains(&"cookie") && !operation.route().method.is_safe() {
        operation.fails(ErrorClass::Forbidden);
    }
}

/// A guard that some of those who are signed in pass.
fn of_some<A: Scheme + ?Sized>(operation: &mut Operation<'_>) {
    operation
        .require(A::scheme())
        .fails(ErrorClass::Unauthenticated)
        .fails(ErrorClass::Forbidden)
        .fails(ErrorClass::Unavailable);
}

async fn permitted<A: Scheme + ?Sized>(
    authenticator: &A,
    request: &mut GuardRequest<'_>,
    may: impl FnOnce(&Principal) -> bool + Send,
    refusal: AccessError,
) -> Result<(), Problem> {
    let principal = signed_in(authenticator, request)
        .await
        .map_err(AccessError::into_problem)?;
    match may(&principal) {
        true => Ok(()),
        false => Err(refusal.into_problem()),
    }
}

async fn signed_in<A: Scheme + ?Sized>(
    authenticator: &A,
    request: &mut GuardRequest<'_>,
) -> Result<Principal, AccessError> {
    let found = recognise(authenticator, request).await?;
    found.ok_or(AccessError::SignIn)
}

/// Asks once for a request, however many guards stand on the same authenticator, and tells the
/// [`Context`](purlin_base::Context) and the handler who was found.
async fn recognise<A: Scheme + ?Sized>(
    authenticator: &A,
    request: &mut GuardRequest<'_>,
) -> Result<Option<Principal>, AccessError> {
    let parts = request.parts();
    if let Some(known) = Identified::known::<A>(parts) {
        return Ok(Some(known.principal.clone()));
    }
    if !authenticator.concerns(parts) {
        return Ok(None);
    }
    let Some(found) = authenticator.authenticate(parts).await? else {
        return Ok(None);
    };
    let principal = found.principal.clone();
    // The context keeps the first proof, and a handler must not act for another than was asked.
    let earlier = request.principal();
    if earlier.is_some_and(|earlier| earlier.id() != principal.id()) {
        return Err(AccessError::TwoCallers);
    }
    request.identify(principal.clone());
    if let Some(csrf) = &found.csrf {
        request.parts().extensions.insert(csrf.clone());
    }
    request.parts().extensions.insert(found.found_by::<A>());
    Ok(Some(principal))
}

macro_rules! shown_by_name {
    ($($name:ident<$($role:ident: $bound:ident)?>),*) => {$(
        impl<$($role: $bound,)? A: ?Sized> fmt::Debug for $name<$($role,)? A> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}

shown_by_name!(VisitorGuard<>, SignedInGuard<>, RoleGuard<R: Role>, PermissionGuard<P: Permission>);
