//! Who may do what: roles that include others, a policy for rows, and the table of it all.
//!
//! Take `StaffGuard` out of `providers`, or `#[guard(StaffGuard)]` away, and read the compiler's
//! message.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "an example has no public interface"
)]

use purlin::{
    auth::{
        AccessError, Authenticator, Identified, Proof, Role, RoleGuard, RoleRef, RoleSet,
        SignedInGuard,
    },
    base::{
        BoxFuture,
        policy::{Decision, Refused, authorize_found},
    },
    http::Router,
    prelude::*,
};
use tower::ServiceExt;
use uuid::Uuid;

pub struct Reader;

impl Role for Reader {
    const NAME: &'static str = "reader";
}

pub struct Staff;

impl Role for Staff {
    const NAME: &'static str = "staff";
    const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Reader>()];
}

pub type StaffGuard = RoleGuard<Staff>;

/// Believes whatever is said: `X-Key: ada.staff`. A real one checks a token or a session.
#[injectable]
pub struct Keys {
    roles: Arc<RoleSet>,
}

impl Authenticator for Keys {
    fn authenticate<'a>(
        &'a self,
        head: &'a axum::http::request::Parts,
    ) -> BoxFuture<'a, Result<Option<Identified>, AccessError>> {
        let key = head.headers.get("x-key").and_then(|key| key.to_str().ok());
        let found = key.and_then(|key| key.split_once('.')).map(|(id, role)| {
            let principal = self.roles.principal(id, [role]);
            Identified::new(principal, Proof::Session(Uuid::nil()))
        });
        Box::pin(async move { Ok(found) })
    }
}

#[module(
    providers(
        RoleSet = factory(RoleSet::of::<Staff>),
        Keys as dyn Authenticator,
        StaffGuard,
        SignedInGuard,
    ),
    exports(StaffGuard, SignedInGuard)
)]
pub struct AccessModule;

pub struct Order {
    owner: &'static str,
    total: u32,
}

/// The rule, once: for requests, jobs and messages.
async fn orders(who: Option<&Principal>, _: &str, order: &Order) -> Decision {
    let may = who.is_some_and(|who| who.id() == order.owner || who.has_role(Staff::NAME));
    Decision::hide_unless(may)
}

#[injectable]
pub struct OrderController {}

#[controller("/orders")]
impl OrderController {
    /// Another's order answers as one that is not there.
    #[get("/{id}")]
    #[guard(SignedInGuard)]
    async fn read(&self, Path(id): Path<u32>) -> Result<Json<u32>, Refused> {
        let found = (id == 7).then_some(Order {
            owner: "ada",
            total: 4200,
        });
        let order = authorize_found(&orders, "read", found, || Refused::Hidden).await?;
        Ok(Json(order.total))
    }

    #[delete("/{id}")]
    #[guard(StaffGuard)]
    async fn cancel(&self, _id: Path<u32>) -> NoContent {
        NoContent
    }
}

#[module(imports(AccessModule), controllers(OrderController))]
pub struct OrderModule;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = App::of::<OrderModule>().build().await?;
    println!("{}", app.access_matrix());
    let router = app.router();
    for key in ["", "eve.reader", "ada.reader", "bob.staff"] {
        let read = ask(&router, "GET", "/orders/7", key).await?;
        let missing = ask(&router, "GET", "/orders/8", key).await?;
        let cancel = ask(&router, "DELETE", "/orders/7", key).await?;
        println!("{key:12} reads 7: {read}  reads 8: {missing}  cancels 7: {cancel}");
    }
    app.stop().await;
    Ok(())
}

async fn ask(
    router: &Router,
    method: &str,
    path: &str,
    key: &str,
) -> Result<u16, Box<dyn std::error::Error>> {
    let request = axum::extract::Request::builder().method(method).uri(path);
    let request = match key {
        "" => request,
        key => request.header("x-key", key),
    };
    let answer = router
        .clone()
        .oneshot(request.body(axum::body::Body::empty())?)
        .await?;
    Ok(answer.status().as_u16())
}
