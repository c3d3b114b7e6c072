//! REST and open routes: an answer carries its status by type, every failure is problem+json, and a
//! route that says nothing about who may call it does not compile.
//!
//! Take `#[guard(KeyGuard)]` away, and read what the compiler says.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "an example has no public interface"
)]

use purlin::{
    http::{Router, guard::GuardRequest},
    prelude::*,
};
use tower::ServiceExt;

#[derive(serde::Deserialize, schemars::JsonSchema, garde::Validate)]
#[serde(deny_unknown_fields)]
pub struct NewNote {
    #[garde(length(chars, min = 1, max = 80))]
    pub title: String,
}

#[derive(serde::Serialize, schemars::JsonSchema)]
pub struct Note {
    pub id: u32,
    pub title: String,
}

#[injectable]
pub struct KeyGuard {}

impl Guard for KeyGuard {
    async fn check(&self, request: &mut GuardRequest<'_>) -> Result<(), Problem> {
        match request.bearer() {
            Some("let-me-in") => Ok(()),
            _ => Err(Problem::new(
                ErrorClass::Unauthenticated,
                "HTTP_UNAUTHENTICATED",
            )),
        }
    }
}

#[injectable]
pub struct NoteController {}

#[controller("/notes")]
impl NoteController {
    #[get("/{id}")]
    #[public]
    async fn read(&self, Path(id): Path<u32>) -> Json<Note> {
        Json(Note {
            id,
            title: "Buy milk".to_owned(),
        })
    }

    #[post("/")]
    #[guard(KeyGuard)]
    async fn create(&self, Valid(note): Valid<NewNote>) -> Created<Note> {
        Created::at(
            "/notes/1",
            Note {
                id: 1,
                title: note.title,
            },
        )
    }
}

#[module(providers(KeyGuard), controllers(NoteController))]
pub struct NoteModule;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let app = App::of::<NoteModule>().build().await?;
    let router = app.router();
    show(&router, "GET", "/notes/7", "", "").await?;
    show(&router, "POST", "/notes", "", r#"{"title":"Read"}"#).await?;
    show(
        &router,
        "POST",
        "/notes",
        "let-me-in",
        r#"{"title":"Read"}"#,
    )
    .await?;
    show(
        &router,
        "POST",
        "/notes",
        "let-me-in",
        r#"{"title":"","colour":1}"#,
    )
    .await?;
    show(&router, "DELETE", "/notes/7", "", "").await?;
    app.stop().await;
    Ok(())
}

async fn show(
    router: &Router,
    method: &str,
    path: &str,
    key: &str,
    body: &'static str,
) -> Result<(), Box<dyn std::error::Error>> {
    let request = axum::http::Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {key}"))
        .header("content-type", "application/json")
        .body(axum::body::Body::from(body))?;
    let (head, body) = router.clone().oneshot(request).await?.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024).await?;
    println!("{method} {path}");
    println!("  {} {}\n", head.status, String::from_utf8_lossy(&body));
    Ok(())
}
