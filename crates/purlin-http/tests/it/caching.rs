//! Who may keep an answer: `Cache-Control` and `Vary`.

use std::sync::Arc;

use http::Request;
use purlin_base::Principal;
use purlin_http::{
    ETag, Guard, GuardRequest, Json, Mount, Problem, Raw, Route, Router, Routes, Tagged,
    controller, mount::MountError,
};

use crate::support::{Answer, ask, get, request, served};

/// Knows who shows anything, and lets everybody pass.
struct VisitorGuard;

impl Guard for VisitorGuard {
    const FIELDS: &'static [&'static str] = &["Authorization", "Cookie", "not a name"];

    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        if request.headers().contains_key("authorization") {
            request.identify(Principal::new("staff", ["staff"]));
        }
        Ok(())
    }
}

fn tagged() -> Tagged<Json<u32>> {
    Tagged::new(ETag::strong(7), Json(7))
}

struct Things;

#[controller("/")]
#[cache_control("no-cache")]
impl Things {
    #[get("/of-block")]
    #[public]
    async fn of_block(&self) -> Json<u32> {
        Json(7)
    }

    #[post("/of-block")]
    #[public]
    async fn write(&self) -> Json<u32> {
        Json(7)
    }

    #[get("/of-method")]
    #[public]
    #[cache_control("public, max-age=60")]
    async fn of_method(&self) -> Tagged<Json<u32>> {
        tagged()
    }
}

fn router() -> Router {
    let guard = || Arc::new(VisitorGuard);
    let said = |path: &str, value| Route::get(path).cache_control(value);
    let own = async || tagged().cache_control("max-age=5");
    let failing = async || {
        Raw(http::Response::builder()
            .status(404)
            .body("no".into())
            .unwrap())
    };
    let kept = async || {
        let answer = http::Response::builder()
            .status(410)
            .header("cache-control", "max-age=9");
        Raw(answer.body("gone".into()).unwrap())
    };
    let routes = Routes::at("/")
        .merge(<Things as purlin_http::Controller>::routes(
            Arc::new(Things),
            (),
        ))
        .route(Route::get("/public").public().handler(async || Json(7)))
        .route(Route::get("/tagged").public().handler(async || tagged()))
        .route(said("/own", "no-store").public().handler(own))
        .route(said("/failing", "max-age=60").public().handler(failing))
        .route(Route::get("/kept").public().handler(kept))
        .route(
            Route::get("/guarded")
                .guard(guard())
                .handler(async || Json(7)),
        )
        .route(
            Route::post("/guarded")
                .guard(guard())
                .handler(async || Json(7)),
        )
        .route(
            Route::get("/guarded/tagged")
                .guard(guard())
                .handler(async || tagged()),
        )
        .route(
            said("/guarded/said", "no-cache")
                .guard(guard())
                .handler(async || tagged()),
        )
        .route(
            said("/guarded/shared", "max-age=1, S-MaxAge=9")
                .guard(guard())
                .handler(async || tagged()),
        )
        .route(
            said("/guarded/twice", "no-cache")
                .guard(guard())
                .guard(guard())
                .handler(async || {
                    Raw(http::Response::builder()
                        .header("vary", "cookie, Accept")
                        .body("x".into())
                        .unwrap())
                }),
        );
    served(routes)
}

async fn as_staff(uri: &str) -> Answer {
    let mut request = request("GET", uri);
    request
        .headers_mut()
        .insert("authorization", "Bearer x".parse().unwrap());
    ask(&router(), request).await
}

#[tokio::test]
async fn the_handler_says_who_may_keep_an_answer_else_the_route_else_the_default() {
    for (uri, value) in [
        ("/public", ""),
        ("/tagged", "no-cache"),
        ("/own", "max-age=5"),
        ("/of-block", "no-cache"),
        ("/of-method", "public, max-age=60"),
        ("/guarded", "private, no-cache"),
        ("/guarded/tagged", "private, no-cache"),
        ("/guarded/said", "no-cache"),
        ("/guarded/shared", "max-age=1, S-MaxAge=9"),
    ] {
        assert_eq!(
            get(&router(), uri).await.header("cache-control"),
            value,
            "{uri}"
        );
        let head = ask(&router(), request("HEAD", uri)).await;
        assert_eq!(head.header("cache-control"), value, "{uri}");
    }
}

#[tokio::test]
async fn an_answer_to_somebody_known_is_private_unless_the_route_says_who_may_keep_it() {
    for (uri, value) in [
        ("/guarded", "private, no-cache"),
        ("/guarded/said", "private, no-cache"),
        ("/guarded/shared", "max-age=1, S-MaxAge=9"),
    ] {
        assert_eq!(as_staff(uri).await.header("cache-control"), value, "{uri}");
    }
}

#[tokio::test]
async fn answers_to_writes_say_nothing_of_caches() {
    for uri in ["/of-block", "/guarded"] {
        let answer = ask(&router(), request("POST", uri)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, "")
        );
    }
}

#[tokio::test]
async fn a_failure_is_not_kept_unless_it_says_so_itself() {
    for uri in ["/nothing", "/failing", "/own?%00"] {
        let answer = get(&router(), uri).await;
        assert!(answer.status.is_client_error(), "{uri}");
        assert_eq!(answer.header("cache-control"), "no-store", "{uri}");
    }
    let refused = ask(&router(), request("DELETE", "/public")).await;
    assert_eq!(refused.header("cache-control"), "no-store");
    assert_eq!(
        get(&router(), "/kept").await.header("cache-control"),
        "max-age=9"
    );
}

#[tokio::test]
async fn an_answer_varies_by_what_its_guards_look_at() {
    let vary = |answer: &Answer| {
        let fields = answer.headers.get_all("vary").iter();
        let mut names: Vec<String> = fields
            .flat_map(|field| field.to_str().unwrap().split(','))
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(vary(&get(&router(), "/public").await), "");
    assert_eq!(
        vary(&get(&router(), "/guarded").await),
        "authorization cookie"
    );
    assert_eq!(
        vary(&get(&router(), "/guarded/twice").await),
        "accept authorization cookie"
    );
    let known = Request::get("/guarded/tagged").header("if-none-match", "\"7\"");
    let answer = ask(&router(), known.body("".into()).unwrap()).await;
    assert_eq!(
        (answer.status.as_u16(), &*vary(&answer)),
        (304, "authorization cookie")
    );
    assert_eq!(answer.header("cache-control"), "private, no-cache");
}

#[test]
fn a_route_whose_cache_control_is_no_list_of_directives_stops_the_start() {
    for value in ["", "no cache", "max-age=1\r\nx: y"] {
        let route = Route::get("/")
            .operation("read")
            .cache_control(value)
            .public();
        let route = route.handler(async || Json(7));
        let error = Mount::new()
            .routes(Routes::at("/things").route(route))
            .build()
            .unwrap_err();
        assert_eq!(error.code(), "HTTP_ROUTE_CACHE_CONTROL");
        let named = matches!(&error, MountError::CacheControl { handler, .. } if handler == "read");
        assert!(named, "{error}");
    }
}
