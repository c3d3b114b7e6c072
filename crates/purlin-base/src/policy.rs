//! Whether somebody may do something: one shape for HTTP, GraphQL, jobs and messages.

use std::future::Future;

use crate::Principal;

/// What a policy decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Decision {
    /// Go on.
    Allow,
    /// Refuse, and say so: 403.
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
/// A plain async function of that shape is a policy:
///
/// ```
/// use purlin_base::{Principal, policy::{Decision, Policy}};
///
/// struct Order { owner: String }
/// enum Action { Read }
///
/// async fn orders(who: Option<Principal>, _: &Action, order: &Order) -> Decision {
///     let own = who.is_some_and(|who| who.id() == order.owner || who.has_role("staff"));
///     Decision::hide_unless(own)
/// }
///
/// # struct Orders;
/// # impl Policy<Action, Order> for Orders {
/// #     async fn decide(&self, who: Option<&Principal>, action: &Action, order: &Order) -> Decision {
/// #         orders(who.cloned(), action, order).await
/// #     }
/// # }
/// # let order = Order { owner: "ada".into() };
/// # let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// let bob = Principal::new("bob", ["reader"]);
/// assert_eq!(rt.block_on(Orders.decide(Some(&bob), &Action::Read, &order)), Decision::Hide);
/// ```
pub trait Policy<A: ?Sized, R: ?Sized>: Send + Sync {
    /// Decides. A policy that cannot find out must not allow.
    fn decide(
        &self,
        principal: Option<&Principal>,
        action: &A,
        resource: &R,
    ) -> impl Future<Output = Decision> + Send;
}
