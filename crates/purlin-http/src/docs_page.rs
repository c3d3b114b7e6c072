//! A page that shows OpenAPI 3.1 documents, for the management listener.
//!
//! Plain files built into the program: no network, no framework, no build step. The policy it is
//! served under lets in nothing but what it serves itself, no script or style inside the page, and
//! nobody may frame it. Text from a document becomes text, never markup.
//!
//! | file | shows |
//! | --- | --- |
//! | `page.html` | what is there before a document is read; without scripts, links to them |
//! | `app.js` | contents, operations, search, versions |
//! | `schema.js` | types, bounds, fields |
//! | `example.js` | example values and the `curl` command |
//! | `document.js`, `elements.js` | references and operations; elements of the page |

use std::fmt::Write;

use axum::{
    Router,
    response::{Html, IntoResponse},
    routing::get,
};
use http::{
    HeaderName, HeaderValue,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
        X_CONTENT_TYPE_OPTIONS,
    },
};

/// What the page may load and do: what is served beside it, and nothing else.
pub const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";

const PAGE: &str = include_str!("docs_page/assets/page.html");

/// Where the links to the documents stand in the page.
const DOCUMENTS: &str = "<!-- documents -->";

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Every file of the page but the page itself: path, media type, content.
const FILES: [(&str, &str, &str); 6] = [
    (
        "/docs/app.css",
        STYLE,
        include_str!("docs_page/assets/app.css"),
    ),
    (
        "/docs/app.js",
        SCRIPT,
        include_str!("docs_page/assets/app.js"),
    ),
    (
        "/docs/document.js",
        SCRIPT,
        include_str!("docs_page/assets/document.js"),
    ),
    (
        "/docs/elements.js",
        SCRIPT,
        include_str!("docs_page/assets/elements.js"),
    ),
    (
        "/docs/example.js",
        SCRIPT,
        include_str!("docs_page/assets/example.js"),
    ),
    (
        "/docs/schema.js",
        SCRIPT,
        include_str!("docs_page/assets/schema.js"),
    ),
];

/// The page at `/docs` for `documents`, each with its name and its address on the same listener.
///
/// The last document is the one that is shown first. The documents themselves are served by
/// whoever has them.
///
/// # Panics
///
/// If an address is not a path, such as `/openapi/v2.json`: the policy of the page lets no other
/// address be read.
///
/// # Examples
///
/// ```
/// use purlin_http::docs_page::docs_page;
///
/// let router = docs_page(&[("v1", "/openapi/v1.json"), ("v2", "/openapi/v2.json")]);
/// # let _ = router;
/// ```
pub fn docs_page(documents: &[(&str, &str)]) -> Router {
    let page = PAGE.replace(DOCUMENTS, &links(documents));
    let page = get(move || async move { (headers(), Html(page)) });
    let router = Router::new().route("/docs", page);
    FILES.iter().fold(router, |router, (path, kind, content)| {
        router.route(path, get(move || file(kind, content)))
    })
}

async fn file(kind: &'static str, content: &'static str) -> impl IntoResponse {
    (headers(), [(CONTENT_TYPE, kind)], content)
}

fn headers() -> [(HeaderName, HeaderValue); 4] {
    let says = HeaderValue::from_static;
    [
        (CONTENT_SECURITY_POLICY, says(POLICY)),
        (X_CONTENT_TYPE_OPTIONS, says("nosniff")),
        (REFERRER_POLICY, says("no-referrer")),
        // Asked about each time, so that a new program shows its own page.
        (CACHE_CONTROL, says("no-cache")),
    ]
}

fn links(documents: &[(&str, &str)]) -> String {
    documents
        .iter()
        .fold(String::new(), |mut links, (name, at)| {
            let is_path = at.starts_with('/') && !at.starts_with("//") && !at.starts_with("/\\");
            assert!(
                is_path,
                "the address of the document {name}, {at:?}, is not a path"
            );
            let (name, at) = (escaped(name), escaped(at));
            let _ = write!(links, "<a href=\"{at}\">{name}</a>");
            links
        })
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
