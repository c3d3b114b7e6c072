//! CSRF and XSS: whose page has sent a request, tokens that no handler can forget, fields that
//! browsers obey, and markup of users without what may harm.
//!
//! For text in pages of your own see `html`.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::error::Error;

use axum::{body::Body, extract::Request, response::Response};
use purlin::{
    base::random::OsRng,
    http::{
        Edge, Mount, Route, Router, Routes,
        csrf::{CsrfBinding, CsrfTokens},
        html,
        security_headers::SecurityHeaders,
    },
    prelude::*,
};
use tower::ServiceExt;

const SESSION: &str = "session=ada";

/// Lets in whoever shows a session; `SessionAuthenticator` does it with real ones.
struct SessionGuard {
    tokens: Arc<CsrfTokens>,
}

impl Guard for SessionGuard {
    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        if request.header("cookie") != Some(SESSION) {
            return Err(Problem::new(ErrorClass::Unauthenticated, "NOBODY"));
        }
        // A cookie was believed: from here on the route asks for a token.
        let binding = CsrfBinding::new(Arc::clone(&self.tokens), SESSION);
        request.parts().extensions.insert(binding);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tokens = Arc::new(CsrfTokens::new("32 bytes of chance, or many more")?);
    let router = router(&tokens)?;
    let token = &*tokens.issue(SESSION, &OsRng);
    let of_eve = &*tokens.issue("session=eve", &OsRng);
    let same = ("sec-fetch-site", "same-origin");
    for (what, fields) in [
        (
            "a page of another site, with the right token",
            [("sec-fetch-site", "cross-site"), ("x-csrf-token", token)],
        ),
        (
            "an old browser, by Origin",
            [("origin", "https://evil.example"), ("x-csrf-token", token)],
        ),
        ("our page, without a token", [same, ("x-other", "1")]),
        ("with a token of eve's", [same, ("x-csrf-token", of_eve)]),
        ("with its own", [same, ("x-csrf-token", token)]),
    ] {
        println!("{what}: {}", post(&router, &fields).await?);
    }

    let page = ask(&router, Request::get("/page").body(Body::empty())?).await?;
    println!("\na page:");
    for name in [
        "content-security-policy",
        "strict-transport-security",
        "cross-origin-opener-policy",
        "x-content-type-options",
        "referrer-policy",
    ] {
        println!("  {name}: {}", page.headers()[name].to_str()?);
    }
    let others = page.headers().get("access-control-allow-origin");
    println!("  pages of other origins may read it: {}", others.is_some());

    let review = "<p onclick=steal()>A <strong>good</strong> book\
                  <script>steal()</script><a href=javascript:steal()>!</a></p>";
    println!("\n{review}\nbecomes\n{}", html::sanitize(review)?.as_str());
    Ok(())
}

fn router(tokens: &Arc<CsrfTokens>) -> Result<Router, Box<dyn Error>> {
    let guard = Arc::new(SessionGuard {
        tokens: Arc::clone(tokens),
    });
    // The handler has heard of no token.
    let pay = Route::post("/pay").guard(guard);
    let routes = Routes::at("/")
        .route(pay.handler(async || NoContent))
        .route(
            Route::get("/page")
                .public()
                .handler(async || Html::text("1 < 2")),
        );
    let mounted = Mount::new().routes(routes).build()?;
    let fields = SecurityHeaders::of_url("https://shop.example");
    Ok(Edge::new().security_headers(fields).router(mounted.router))
}

/// Posts with the cookie that a browser adds by itself: the status, and why.
async fn post(router: &Router, fields: &[(&str, &str)]) -> Result<String, Box<dyn Error>> {
    let mut request = Request::post("/pay").header("host", "shop.example");
    for (name, value) in fields.iter().chain(&[("cookie", SESSION)]) {
        request = request.header(*name, *value);
    }
    let answer = ask(router, request.body(Body::empty())?).await?;
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 64 * 1024).await?;
    let body = String::from_utf8(body.to_vec())?;
    let code = body.split("urn:purlin:error:").nth(1);
    let code = code.and_then(|rest| rest.split('"').next());
    Ok(format!("{status} {}", code.unwrap_or_default()))
}

async fn ask(router: &Router, request: Request) -> Result<Response, Box<dyn Error>> {
    Ok(router.clone().oneshot(request).await?)
}
