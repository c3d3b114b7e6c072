//! Forged requests: what browsers are made to send by pages of others, and what stands against it.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use axum::body::Body;
use http::Request;
use purlin_base::{ErrorClass, random::SeededRng};
use purlin_http::{
    Edge, Form, Guard, GuardRequest, Html, Json, NoContent, Problem, Route, Router, Routes,
    csrf::{CrossOrigin, CsrfBinding, CsrfToken, CsrfTokens},
};

use crate::support::{Answer, served_by};

mod forms;
mod origins;
mod random;
mod tokens;

const SECRET: &str = "a secret for tests, of more than 32 bytes";

fn tokens() -> CsrfTokens {
    CsrfTokens::new(SECRET).unwrap()
}

/// Lets in who shows `sid=…`, or the bearer token `good`.
struct SessionGuard {
    tokens: Arc<CsrfTokens>,
}

impl Guard for SessionGuard {
    const FIELDS: &'static [&'static str] = &["cookie", "authorization"];

    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        if request.bearer() == Some("good") {
            return Ok(());
        }
        let cookie = request.header("cookie").unwrap_or_default();
        let Some(id) = cookie.strip_prefix("sid=") else {
            return Err(Problem::new(ErrorClass::Unauthenticated, "NOBODY"));
        };
        let binding = CsrfBinding::new(Arc::clone(&self.tokens), id);
        request.parts().extensions.insert(binding);
        Ok(())
    }
}

/// Signs in: gives a cookie, and so asks by itself where the request comes from.
struct SignInGuard;

impl Guard for SignInGuard {
    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        let (method, uri) = (request.method(), request.uri());
        CrossOrigin::current().check_at(method, uri, request.headers())?;
        Ok(())
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Name {
    name: String,
}

/// A router, and how often one of its handlers was called.
fn router(edge: &Edge) -> (Router, Arc<AtomicUsize>) {
    let guard = || {
        Arc::new(SessionGuard {
            tokens: Arc::new(tokens()),
        })
    };
    let calls = Arc::new(AtomicUsize::new(0));
    let count = || {
        let calls = Arc::clone(&calls);
        move || _ = calls.fetch_add(1, SeqCst)
    };
    // None of the handlers has heard of tokens.
    let (raw, json, form, public) = (count(), count(), count(), count());
    let routes =
        Routes::at("/")
            .route(Route::post("/raw").guard(guard()).handler(async move || {
                raw();
                NoContent
            }))
            .route(Route::put("/json").guard(guard()).handler(
                async move |Json(name): Json<Name>| {
                    json();
                    Json(name.name)
                },
            ))
            .route(Route::post("/form").guard(guard()).handler(
                async move |Form(form_of): Form<Name>| {
                    form();
                    Json(form_of.name)
                },
            ))
            .route(
                Route::get("/page")
                    .guard(guard())
                    .handler(async |token: CsrfToken| -> Html {
                        Html::builder()
                            .html(&token.field())
                            .html(&token.meta())
                            .build()
                    }),
            )
            .route(
                Route::post("/session")
                    .guard(Arc::new(SignInGuard))
                    .handler(async || NoContent),
            )
            .route(Route::post("/public").public().handler(async move || {
                public();
                NoContent
            }))
            .route(Route::get("/public").public().handler(async || NoContent));
    (served_by(edge, routes), calls)
}

fn post(path: &str, fields: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method("POST").uri(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

#[track_caller]
fn assert_refused(answer: &Answer, code: &str) {
    assert_eq!(answer.problem(403), code);
    assert_eq!(answer.header("cache-control"), "no-store");
}

fn token(id: &str) -> String {
    tokens().issue(id, &SeededRng::new(7))
}
