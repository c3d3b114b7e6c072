//! Policies asked from handlers: what callers see of a row that is not theirs.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use http::Request;
use purlin_auth::access::{
    AccessError, BearerAuthenticator, Role, RoleSet, Verified, VerifyToken, VisitorGuard,
};
use purlin_auth::token::VerifiedToken;
use purlin_base::{
    Classified, ErrorClass, Principal, Timestamp,
    policy::{Decision, Refused, authorize, authorize_found},
};
use purlin_http::{Edge, Json, Mount, Path, Problem, Route, Router, Routes};
use serde_json::Value;
use tower::ServiceExt;

struct Reader;
impl Role for Reader {
    const NAME: &'static str = "reader";
}

/// The token is the name of whoever shows it.
struct Names;

impl VerifyToken for Names {
    async fn verify(&self, token: &str) -> Result<Verified, AccessError> {
        let principal = Principal::new(token, ["reader"]);
        let then = Timestamp::UNIX_EPOCH;
        Ok(Verified {
            token: Arc::new(VerifiedToken::new(principal.clone(), "t", None, then, then)),
            principal,
        })
    }
}

#[derive(Debug, thiserror::Error)]
enum OrderError {
    #[error("there is no order of this number")]
    Missing,
    #[error(transparent)]
    Refused(#[from] Refused),
}

impl Classified for OrderError {
    fn class(&self) -> ErrorClass {
        match self {
            Self::Missing => ErrorClass::NotFound,
            Self::Refused(refused) => refused.class(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Missing => "ORDER_MISSING",
            Self::Refused(refused) => refused.code(),
        }
    }
}

/// Order 7 is Ada's. Reading is a secret, cancelling is not.
async fn orders(who: Option<&Principal>, action: &str, owner: &&str) -> Decision {
    let is_owner = who.is_some_and(|who| who.id() == *owner);
    match action {
        "read" => Decision::hide_unless(is_owner),
        _ => Decision::allow_if(is_owner),
    }
}

async fn read(Path(id): Path<u32>) -> Result<Json<u32>, Problem> {
    let found = (id == 7).then_some("ada");
    authorize_found(&orders, "read", found, || OrderError::Missing).await?;
    Ok(Json(id))
}

async fn cancel(Path(id): Path<u32>) -> Result<Json<u32>, Problem> {
    let refused = authorize(&orders, "cancel", &"ada").await;
    refused.map_err(OrderError::from)?;
    Ok(Json(id))
}

fn router() -> Router {
    let names = BearerAuthenticator::new(Names, RoleSet::of::<Reader>());
    let visitor = Arc::new(VisitorGuard::new(Arc::new(names)));
    let read = Route::get("/orders/{id}")
        .guard(Arc::clone(&visitor))
        .handler(read);
    let cancel = Route::delete("/orders/{id}").guard(visitor).handler(cancel);
    let routes = Routes::at("/").route(read).route(cancel);
    Edge::new().router(Mount::new().routes(routes).build().unwrap().router)
}

/// The status, and the problem without what is of this request alone.
async fn ask(method: &str, id: u32, who: Option<&str>) -> (u16, Value) {
    let request = Request::builder()
        .method(method)
        .uri(format!("/orders/{id}"));
    let request = match who {
        Some(who) => request.header("authorization", format!("Bearer {who}")),
        None => request,
    };
    let request = request.body(Body::empty()).unwrap();
    let answer = router().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    let mut body: Value = serde_json::from_slice(&body).unwrap();
    for member in ["instance", "request_id", "trace_id"] {
        body.as_object_mut().and_then(|body| body.remove(member));
    }
    (status, body)
}

#[tokio::test]
async fn a_row_that_is_hidden_cannot_be_told_from_one_that_is_missing() {
    for who in [None, Some("bob")] {
        let hidden = ask("GET", 7, who).await;
        assert_eq!(hidden, ask("GET", 8, who).await, "{who:?}");
        assert_eq!(hidden.0, 404);
        assert_eq!(hidden.1["type"], "urn:purlin:error:ORDER_MISSING");
    }
}

#[tokio::test]
async fn what_is_denied_is_told_to_people_and_strangers_are_asked_to_sign_in() {
    let (denied, stranger) = (
        ask("DELETE", 7, Some("bob")).await,
        ask("DELETE", 7, None).await,
    );
    assert_eq!((denied.0, stranger.0), (403, 401));
    assert_eq!(denied.1["type"], "urn:purlin:error:POLICY_DENIED");
    assert_eq!(stranger.1["type"], "urn:purlin:error:POLICY_SIGN_IN");
}

#[tokio::test]
async fn whoever_may_is_let_through() {
    let status = async |method| {
        let request = Request::builder().method(method).uri("/orders/7");
        let request = request.header("authorization", "Bearer ada");
        let answer = router().oneshot(request.body(Body::empty()).unwrap()).await;
        answer.unwrap().status().as_u16()
    };
    assert_eq!((status("GET").await, status("DELETE").await), (200, 200));
}
