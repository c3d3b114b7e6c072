//! API versions: two shapes of one answer side by side, and callers of the old one are told that it
//! ends.
//!
//! Take `#[version("1")]` away, and read why the application does not start.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "an example has no public interface"
)]

use purlin::{http::Router, prelude::*};
use tower::ServiceExt;

#[derive(serde::Serialize, schemars::JsonSchema)]
pub struct Author {
    name: &'static str,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
pub struct OldBook {
    author: &'static str,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
pub struct Book {
    authors: Vec<Author>,
}

#[injectable]
pub struct OldBookController {}

#[controller("/api/books")]
#[version("1")]
impl OldBookController {
    #[get("/{id}")]
    #[public]
    async fn read(&self, _id: Path<u32>) -> Json<OldBook> {
        Json(OldBook {
            author: "Terry Pratchett; Neil Gaiman",
        })
    }
}

#[injectable]
pub struct BookController {}

#[controller("/api/books")]
#[version("2"..)]
impl BookController {
    #[get("/{id}")]
    #[public]
    async fn read(&self, _id: Path<u32>) -> Json<Book> {
        let authors = ["Terry Pratchett", "Neil Gaiman"];
        Json(Book {
            authors: authors.map(|name| Author { name }).into(),
        })
    }
}

#[module(controllers(OldBookController, BookController))]
pub struct BookModule;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let versioning = Versioning::below("/api")
        .version("1")
        .version("2")
        .default_version("2")
        .deprecated("1", Deprecation::since("2026-10-01").sunset("2027-10-01"))
        .path("v")
        .header("X-Api-Version");
    let app = App::of::<BookModule>()
        .versioning(versioning)
        .build()
        .await?;
    let router = app.router();
    show(&router, "/api/v1/books/7", "").await?;
    show(&router, "/api/books/7", "").await?;
    show(&router, "/api/books/7", "1").await?;
    show(&router, "/api/v1/books/7", "2").await?;
    show(&router, "/api/v3/books/7", "").await?;
    app.stop().await;
    Ok(())
}

async fn show(
    router: &Router,
    path: &str,
    version: &str,
) -> Result<(), Box<dyn std::error::Error>> {
    let mut request = axum::http::Request::get(path);
    if !version.is_empty() {
        request = request.header("x-api-version", version);
    }
    let request = request.body(axum::body::Body::empty())?;
    let (head, body) = router.clone().oneshot(request).await?.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024).await?;
    println!("GET {path} {version}");
    println!("  {} {}", head.status, String::from_utf8_lossy(&body));
    for name in ["deprecation", "sunset", "link", "vary"] {
        if let Some(value) = head.headers.get(name) {
            println!("  {name}: {}", value.to_str()?);
        }
    }
    println!();
    Ok(())
}
