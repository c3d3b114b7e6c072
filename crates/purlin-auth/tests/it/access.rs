//! Guards over authenticators, as callers see them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::body::Body;
use http::{HeaderMap, Request, Response, StatusCode};
use purlin_auth::access::{
    AccessError, Authenticator, Authenticators, BearerAuthenticator, FoundSession, Identified,
    LoadSession, Permission, PermissionGuard, Proof, Role, RoleGuard, RoleRef, RoleSet,
    SessionAuthenticator, SignedInGuard, Verified, VerifyToken, VisitorGuard,
};
use purlin_auth::token::VerifiedToken;
use purlin_base::{Principal, Timestamp};
use purlin_http::{AccessRule, Caller, Edge, Json, Mount, Route, Router, Routes, openapi};
use serde_json::{Value, json};
use tower::ServiceExt;
use uuid::Uuid;

struct WriteBooks;
impl Permission for WriteBooks {
    const NAME: &'static str = "books:write";
}

struct Reader;
impl Role for Reader {
    const NAME: &'static str = "reader";
}

struct Staff;
impl Role for Staff {
    const NAME: &'static str = "staff";
    const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Reader>()];
    const PERMISSIONS: &'static [&'static str] = &[WriteBooks::NAME];
}

struct Admin;
impl Role for Admin {
    const NAME: &'static str = "admin";
    const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Staff>()];
}

/// Tokens `name.role` are good; `away` stands for a database that is.
#[derive(Clone, Default)]
struct Tokens(Arc<AtomicUsize>);

impl VerifyToken for Tokens {
    async fn verify(&self, token: &str) -> Result<Verified, AccessError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        if token == "away" {
            return Err(AccessError::Unavailable("the database is away".into()));
        }
        let (name, role) = token
            .split_once('.')
            .ok_or_else(|| AccessError::token("it has no dot: SECRET-REASON"))?;
        let principal = Principal::new(name, [role]);
        Ok(Verified {
            token: Arc::new(VerifiedToken::new(
                principal.clone(),
                format!("t-{name}"),
                None,
                Timestamp::UNIX_EPOCH,
                Timestamp::UNIX_EPOCH,
            )),
            principal,
        })
    }
}

/// Cookies `session=name.role` are good.
struct Sessions;

impl LoadSession for Sessions {
    async fn load(&self, headers: &HeaderMap) -> Result<Option<FoundSession>, AccessError> {
        let cookie = headers.get("cookie").and_then(|it| it.to_str().ok());
        let Some(value) = cookie.and_then(|it| it.strip_prefix("session=")) else {
            return Ok(None);
        };
        if value == "away" {
            return Err(AccessError::Unavailable("the store is away".into()));
        }
        let parts = value.split_once('.');
        Ok(parts.map(|(name, role)| FoundSession {
            principal: Principal::new(name, [role]),
            id: Uuid::from_u128(name.len() as u128),
        }))
    }
}

fn roles() -> RoleSet {
    RoleSet::of::<Admin>()
}

async fn who(caller: Option<Caller>, proof: Option<Identified>) -> Json<Value> {
    let caller = caller.map(|Caller(principal)| principal.id().to_owned());
    let proof = proof.map(|it| match it.proof {
        Proof::Bearer(token) => format!("token {}", token.id),
        Proof::Session(id) => format!("session {}", id.as_u128()),
        _ => String::new(),
    });
    Json(json!([caller, proof]))
}

fn described(operation: &mut openapi::Operation<'_>) {
    operation
        .argument::<Option<Identified>>()
        .reply::<Json<Value>>();
}

fn router_over(tokens: Tokens) -> Router {
    let by_session = Arc::new(SessionAuthenticator::new(Sessions, roles()));
    let chain = Authenticators::first(BearerAuthenticator::new(tokens, roles()))
        .then(SessionAuthenticator::new(Sessions, roles()));
    let any: Arc<dyn Authenticator> = Arc::new(chain);
    let visitor = || Arc::new(VisitorGuard::new(Arc::clone(&any)));
    let staff = || Arc::new(RoleGuard::<Staff>::new(Arc::clone(&any)));
    let routes = Routes::at("/")
        .route(Route::get("/open").guard(visitor()).handler(who))
        .route(
            Route::get("/mine")
                .guard(Arc::new(SignedInGuard::new(Arc::clone(&any))))
                .handler(who),
        )
        .route(Route::get("/staff").guard(staff()).handler(who))
        .route(
            Route::get("/write")
                .guard(Arc::new(PermissionGuard::<WriteBooks>::new(Arc::clone(
                    &any,
                ))))
                .handler(who),
        )
        .route(
            Route::get("/twice")
                .guard(visitor())
                .guard(staff())
                .handler(who),
        )
        .route(
            Route::get("/page")
                .guard(Arc::new(SignedInGuard::new(Arc::clone(&by_session))))
                .handler(who),
        )
        .route(
            Route::get("/both")
                .guard(visitor())
                .guard(Arc::new(RoleGuard::<Staff, _>::new(by_session)))
                .handler(who),
        );
    let mounted = Mount::new().routes(routes).build().unwrap();
    Edge::new().router(mounted.router)
}

fn router() -> Router {
    router_over(Tokens::default())
}

async fn get(path: &str, fields: &[(&str, &str)]) -> Response<Body> {
    ask(router(), path, fields).await
}

async fn ask(router: Router, path: &str, fields: &[(&str, &str)]) -> Response<Body> {
    let request = fields.iter().fold(Request::get(path), |it, (name, value)| {
        it.header(*name, *value)
    });
    let request = request.body(Body::empty()).unwrap();
    router.oneshot(request).await.unwrap()
}

async fn text(answer: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
    String::from_utf8(bytes.unwrap().to_vec()).unwrap()
}

async fn told(path: &str, fields: &[(&str, &str)]) -> Value {
    let answer = get(path, fields).await;
    assert_eq!(answer.status(), 200, "{path} {fields:?}");
    serde_json::from_str(&text(answer).await).unwrap()
}

/// The status and the code of a refusal.
async fn refused(path: &str, fields: &[(&str, &str)]) -> (u16, String) {
    let answer = get(path, fields).await;
    let status = answer.status().as_u16();
    let problem: Value = serde_json::from_str(&text(answer).await).unwrap();
    let code = problem["type"].as_str().unwrap();
    (status, code.replace("urn:purlin:error:", ""))
}

const ADA: (&str, &str) = ("authorization", "Bearer ada.staff");
const BOB: (&str, &str) = ("cookie", "session=bob.reader");

#[tokio::test]
async fn a_visitor_is_let_through_and_recognised() {
    assert_eq!(told("/open", &[]).await, json!([null, null]));
    assert_eq!(told("/open", &[ADA]).await, json!(["ada", "token t-ada"]));
    assert_eq!(told("/open", &[BOB]).await, json!(["bob", "session 3"]));
}

#[tokio::test]
async fn a_stranger_is_asked_to_sign_in_wherever_somebody_must_be_known() {
    for path in ["/mine", "/staff", "/write", "/twice", "/page", "/both"] {
        let answer = get(path, &[]).await;
        assert_eq!(answer.status(), 401, "{path}");
        assert_eq!(answer.headers()["www-authenticate"], "Bearer", "{path}");
        assert!(text(answer).await.contains("ACCESS_SIGN_IN"), "{path}");
    }
}

#[tokio::test]
async fn a_role_is_had_by_those_of_a_role_that_includes_it_and_by_nobody_else() {
    for (token, staff, write) in [
        ("Bearer x.reader", 403, 403),
        ("Bearer x.staff", 200, 200),
        ("Bearer x.admin", 200, 200),
        ("Bearer x.root", 403, 403),
        ("Bearer x.STAFF", 403, 403),
        ("Bearer x.books:write", 403, 403),
        ("Bearer x.", 403, 403),
    ] {
        let field = [("authorization", token)];
        assert_eq!(get("/staff", &field).await.status(), staff, "{token}");
        assert_eq!(get("/write", &field).await.status(), write, "{token}");
        assert_eq!(get("/mine", &field).await.status(), 200, "{token}");
    }
    let reader = [("authorization", "Bearer x.reader")];
    let missing = refused("/staff", &reader).await;
    assert_eq!(missing, (403, "ACCESS_ROLE_MISSING".into()));
    let missing = refused("/write", &reader).await;
    assert_eq!(missing, (403, "ACCESS_PERMISSION_MISSING".into()));
}

#[tokio::test]
async fn a_token_that_is_shown_must_be_good_on_open_routes_too() {
    for value in [
        "Bearer nonsense",
        "Bearer ",
        "Bearer",
        "Basic YWRhOnB3",
        "ada.staff",
        "",
        "Bearer\u{e4}",
    ] {
        for path in ["/open", "/mine", "/staff"] {
            let answer = get(path, &[("authorization", value)]).await;
            assert_eq!(answer.status(), 401, "{path} {value:?}");
            let challenge = &answer.headers()["www-authenticate"];
            assert_eq!(challenge, r#"Bearer error="invalid_token""#, "{value:?}");
            let body = text(answer).await;
            assert!(body.contains("ACCESS_TOKEN_INVALID"), "{body}");
            assert!(!body.contains("SECRET-REASON"), "{body}");
        }
    }
}

#[tokio::test]
async fn two_tokens_are_none() {
    let eve = ("authorization", "Bearer eve.admin");
    let answer = refused("/open", &[ADA, eve]).await;
    assert_eq!(answer, (401, "ACCESS_TOKEN_INVALID".into()));
}

#[tokio::test]
async fn a_bad_token_is_not_healed_by_a_good_cookie() {
    let bad = ("authorization", "Bearer nonsense");
    assert_eq!(refused("/open", &[bad, BOB]).await.0, 401);
    assert_eq!(refused("/mine", &[BOB, bad]).await.0, 401);
    assert_eq!(told("/mine", &[ADA, BOB]).await[0], "ada");
}

#[tokio::test]
async fn a_cookie_that_is_no_session_is_nobodys() {
    for cookie in [
        "session=gone",
        "session=",
        "other=bob.reader",
        ";;=; session",
    ] {
        let answer = told("/open", &[("cookie", cookie)]).await;
        assert_eq!(answer, json!([null, null]), "{cookie}");
        assert_eq!(get("/mine", &[("cookie", cookie)]).await.status(), 401);
    }
}

#[tokio::test]
async fn a_route_for_sessions_takes_no_token() {
    assert_eq!(refused("/page", &[ADA]).await.0, 401);
    assert_eq!(told("/page", &[BOB]).await[0], "bob");
    let staff = ("cookie", "session=carl.staff");
    assert_eq!(refused("/both", &[ADA]).await.0, 401);
    assert_eq!(told("/both", &[staff]).await[0], "carl");
}

#[tokio::test]
async fn one_request_does_not_act_for_two() {
    let eve = ("cookie", "session=eve.admin");
    let answer = refused("/both", &[ADA, eve]).await;
    assert_eq!(answer, (400, "ACCESS_TWO_CALLERS".into()));
}

#[tokio::test]
async fn what_knows_who_asks_is_away_and_nobody_is_let_through() {
    for field in [("authorization", "Bearer away"), ("cookie", "session=away")] {
        for path in ["/open", "/mine", "/staff"] {
            let answer = refused(path, &[field]).await;
            assert_eq!(answer, (503, "ACCESS_UNAVAILABLE".into()), "{path}");
        }
    }
}

#[tokio::test]
async fn two_guards_of_a_route_ask_once() {
    let tokens = Tokens::default();
    let answer = ask(router_over(tokens.clone()), "/twice", &[ADA]).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(tokens.0.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn answers_depend_on_what_was_looked_at_and_say_so() {
    let answer = get("/open", &[]).await;
    let vary: Vec<_> = answer.headers().get_all("vary").iter().collect();
    let vary = format!("{vary:?}").to_lowercase();
    assert!(
        vary.contains("authorization") && vary.contains("cookie"),
        "{vary}"
    );
}

#[test]
fn guards_tell_documents_and_tables_whom_they_let_pass() {
    let any: Arc<dyn Authenticator> = Arc::new(Authenticators::default());
    let visitor = Arc::new(VisitorGuard::new(Arc::clone(&any)));
    let routes = Routes::at("/")
        .route(
            Route::get("/open")
                .guard(visitor.clone())
                .describe(described)
                .handler(who),
        )
        .route(
            Route::get("/staff")
                .guard(visitor)
                .guard(Arc::new(RoleGuard::<Staff>::new(Arc::clone(&any))))
                .guard(Arc::new(PermissionGuard::<WriteBooks>::new(any)))
                .describe(described)
                .handler(who),
        );
    let expected = [
        AccessRule::Anybody,
        AccessRule::Role("staff"),
        AccessRule::Permission("books:write"),
    ];
    assert_eq!(routes.info()[1].rules, expected);
    let mounted = Mount::new().routes(routes).build().unwrap();
    let document = &openapi::documents(&mounted.routes, "Test")[0].json["paths"];
    let open = &document["/open"]["get"];
    assert_eq!(open["security"], json!([{}, {"bearer": []}]));
    assert!(open["responses"]["401"].is_object() && open["responses"]["403"].is_null());
    let staff = &document["/staff"]["get"];
    assert_eq!(staff["security"], json!([{"bearer": []}]));
    assert!(staff["responses"]["401"].is_object() && staff["responses"]["403"].is_object());
}

#[test]
fn what_is_shown_in_logs_holds_no_key() {
    let any: Arc<dyn Authenticator> = Arc::new(Authenticators::default());
    let guard = RoleGuard::<Staff>::new(any);
    assert_eq!(format!("{guard:?}"), "RoleGuard");
    let bearer = BearerAuthenticator::new(Tokens::default(), roles());
    assert_eq!(format!("{bearer:?}"), "BearerAuthenticator");
}
