//! Whether somebody may do something: one shape for HTTP, GraphQL, jobs and messages.

use std::future::Future;

use crate::{BoxFuture, Classified, Context, ErrorClass, ErrorClasses, Principal};

/// What a policy decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Go on.
    Allow,
    /// Refuse, and say so: 403, or 401 to somebody who is not signed in.
    Deny,
    /// Refuse as if there were no such thing: 404, where existence is a secret.
    Hide,
}

impl Decision {
    /// [`Allow`](Self::Allow) if `allowed`, else [`Deny`](Self::Deny).
    pub fn allow_if(allowed: bool) -> Self {
        if allowed { Self::Allow } else { Self::Deny }
    }

    /// [`Allow`](Self::Allow) if `visible`, else [`Hide`](Self::Hide).
    pub fn hide_unless(visible: bool) -> Self {
        if visible { Self::Allow } else { Self::Hide }
    }
}

/// Decides whether `principal` may do `action` to `resource`; `None` is somebody not signed in.
///
/// A plain async function of that shape is a policy; a closure is not. Whoever needs a database to
/// decide implements it for a type:
///
/// ```
/// use purlin_base::{Principal, policy::{Decision, Policy, authorize_as}};
///
/// struct Order { owner: String }
/// enum Action { Read }
///
/// async fn orders(who: Option<&Principal>, _: &Action, order: &Order) -> Decision {
///     Decision::hide_unless(who.is_some_and(|who| who.id() == order.owner))
/// }
///
/// struct StaffToo;
///
/// impl Policy<Action, Order> for StaffToo {
///     async fn decide(&self, who: Option<&Principal>, action: &Action, order: &Order) -> Decision {
///         match who.is_some_and(|who| who.has_role("staff")) {
///             true => Decision::Allow,
///             false => orders(who, action, order).await,
///         }
///     }
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let order = Order { owner: "ada".into() };
/// let bob = Principal::new("bob", ["staff"]);
/// assert!(authorize_as(Some(&bob), &orders, &Action::Read, &order).await.is_err());
/// assert!(authorize_as(Some(&bob), &StaffToo, &Action::Read, &order).await.is_ok());
/// # });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a policy on `{A}` and `{R}`",
    note = "a policy is an `async fn(Option<&Principal>, &{A}, &{R}) -> Decision`, or a type that implements `Policy<{A}, {R}>`"
)]
pub trait Policy<A: ?Sized, R: ?Sized>: Send + Sync {
    /// Decides. A policy that cannot find out must not allow.
    fn decide(
        &self,
        principal: Option<&Principal>,
        action: &A,
        resource: &R,
    ) -> impl Future<Output = Decision> + Send;
}

/// An async function that is a policy. Nobody implements it by hand.
pub trait PolicyFn<'a, A: ?Sized, R: ?Sized>: Send + Sync {
    /// What the function returns.
    type Deciding: Future<Output = Decision> + Send;

    /// Calls the function.
    fn call(
        &self,
        principal: Option<&'a Principal>,
        action: &'a A,
        resource: &'a R,
    ) -> Self::Deciding;
}

#[diagnostic::do_not_recommend]
impl<'a, A, R, F, D> PolicyFn<'a, A, R> for F
where
    A: ?Sized + 'a,
    R: ?Sized + 'a,
    F: Fn(Option<&'a Principal>, &'a A, &'a R) -> D + Send + Sync,
    D: Future<Output = Decision> + Send,
{
    type Deciding = D;

    fn call(&self, principal: Option<&'a Principal>, action: &'a A, resource: &'a R) -> D {
        self(principal, action, resource)
    }
}

#[diagnostic::do_not_recommend]
impl<A, R, F> Policy<A, R> for F
where
    A: ?Sized + Sync,
    R: ?Sized + Sync,
    F: for<'a> PolicyFn<'a, A, R>,
{
    async fn decide(&self, principal: Option<&Principal>, action: &A, resource: &R) -> Decision {
        self.call(principal, action, resource).await
    }
}

/// Why a policy did not allow something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nobody is signed in: 401.
    #[error("sign in first")]
    SignIn,
    /// Somebody is signed in, and may not: 403.
    #[error("you may not do this")]
    Denied,
    /// Whoever asks must not learn that the thing is there: 404.
    #[error("there is no such thing")]
    Hidden,
}

impl Refused {
    /// `missing` where the thing is hidden, so that the answer is that of a thing that is not
    /// there; else this error.
    ///
    /// ```
    /// use purlin_base::policy::Refused;
    ///
    /// #[derive(Debug, PartialEq)]
    /// enum OrderError { NotFound, Refused(Refused) }
    /// impl From<Refused> for OrderError {
    ///     fn from(refused: Refused) -> Self { Self::Refused(refused) }
    /// }
    ///
    /// assert_eq!(Refused::Hidden.or_missing(OrderError::NotFound), OrderError::NotFound);
    /// assert_eq!(
    ///     Refused::Denied.or_missing(OrderError::NotFound),
    ///     OrderError::Refused(Refused::Denied),
    /// );
    /// ```
    pub fn or_missing<E: From<Self>>(self, missing: E) -> E {
        match self {
            Self::Hidden => missing,
            other => other.into(),
        }
    }
}

impl Classified for Refused {
    fn class(&self) -> ErrorClass {
        match self {
            Self::SignIn => ErrorClass::Unauthenticated,
            Self::Denied => ErrorClass::Forbidden,
            Self::Hidden => ErrorClass::NotFound,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::SignIn => "POLICY_SIGN_IN",
            Self::Denied => "POLICY_DENIED",
            // The code of any path that is not there: a code of its own would tell.
            Self::Hidden => "HTTP_NOT_FOUND",
        }
    }

    fn classes() -> ErrorClasses {
        ErrorClasses::of(&[
            ErrorClass::Unauthenticated,
            ErrorClass::Forbidden,
            ErrorClass::NotFound,
        ])
    }
}

/// Asks `policy` whether whoever the running [`Context`] names may do `action` to `resource`.
///
/// The same in a handler, a resolver, a job and a message: outside of any context nobody is
/// signed in. Where the thing is hidden, answer as for one that is not there:
/// [`authorize_found`] does, and [`Refused::or_missing`].
///
/// # Errors
///
/// [`Refused`].
///
/// # Cancel safety
///
/// As the policy's: nothing is kept here.
// Boxed, here and below: of a future that names borrowed types the compiler cannot see, inside a
// handler, that it may be sent to another thread.
pub fn authorize<'a, A, R>(
    policy: &'a impl Policy<A, R>,
    action: &'a A,
    resource: &'a R,
) -> BoxFuture<'a, Result<(), Refused>>
where
    A: ?Sized + Sync,
    R: ?Sized + Sync,
{
    Box::pin(async move {
        let who = Context::with_current(|context| context.principal().cloned()).flatten();
        decided(who.as_ref(), policy, action, resource).await
    })
}

/// As [`authorize`], for `principal`: for a job that says for whom it works.
///
/// # Errors
///
/// [`Refused`].
///
/// # Cancel safety
///
/// As the policy's: nothing is kept here.
pub fn authorize_as<'a, A, R>(
    principal: Option<&'a Principal>,
    policy: &'a impl Policy<A, R>,
    action: &'a A,
    resource: &'a R,
) -> BoxFuture<'a, Result<(), Refused>>
where
    A: ?Sized + Sync,
    R: ?Sized + Sync,
{
    Box::pin(decided(principal, policy, action, resource))
}

async fn decided<A: ?Sized, R: ?Sized>(
    principal: Option<&Principal>,
    policy: &impl Policy<A, R>,
    action: &A,
    resource: &R,
) -> Result<(), Refused> {
    match (policy.decide(principal, action, resource).await, principal) {
        (Decision::Allow, _) => Ok(()),
        (Decision::Deny, Some(_)) => Err(Refused::Denied),
        (Decision::Deny, None) => Err(Refused::SignIn),
        // To nobody too: a 401 would say that there is something to sign in for.
        (Decision::Hide, _) => Err(Refused::Hidden),
    }
}

/// A row that was looked up, if it is there and [`authorize`] lets it through. One that is hidden
/// answers exactly as one that is missing.
///
/// # Errors
///
/// `missing()` if there is no row, or if it is hidden; else [`Refused`] as an `E`.
///
/// # Cancel safety
///
/// As the policy's: nothing is kept here.
///
/// # Examples
///
/// ```
/// use purlin_base::{Principal, policy::{Decision, Refused, authorize_found}};
///
/// async fn own(who: Option<&Principal>, _: &str, owner: &String) -> Decision {
///     Decision::hide_unless(who.is_some_and(|who| who.id() == owner))
/// }
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let of_ada = authorize_found(&own, "read", Some("ada".to_owned()), || Refused::Hidden).await;
/// let of_none = authorize_found(&own, "read", None, || Refused::Hidden).await;
/// assert_eq!(of_ada, of_none);
/// # });
/// ```
pub fn authorize_found<'a, A, R, E, M>(
    policy: &'a impl Policy<A, R>,
    action: &'a A,
    found: Option<R>,
    missing: M,
) -> BoxFuture<'a, Result<R, E>>
where
    A: ?Sized + Sync,
    R: Send + Sync + 'a,
    E: From<Refused>,
    M: FnOnce() -> E + Send + 'a,
{
    Box::pin(async move {
        let Some(row) = found else {
            return Err(missing());
        };
        let who = Context::with_current(|context| context.principal().cloned()).flatten();
        match decided(who.as_ref(), policy, action, &row).await {
            Ok(()) => Ok(row),
            Err(Refused::Hidden) => Err(missing()),
            Err(refused) => Err(refused.into()),
        }
    })
}
