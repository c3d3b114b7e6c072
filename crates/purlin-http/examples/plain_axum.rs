//! Controllers, answers and layers in a plain program: no modules, no injection.
//!
//! `cargo run -p purlin-http --example plain_axum`, then `curl -i http://127.0.0.1:3000/notes/7`.

use std::{error::Error, sync::Arc, time::Duration};

use garde::Validate;
use purlin_base::{Classified, ErrorClass, ErrorClasses};
use purlin_http::{
    Controller, Created, Edge, Health, Json, Mount, Path, Router, Server, Signals, Valid,
    controller,
};

#[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
struct Note {
    #[garde(length(chars, min = 1, max = 300))]
    text: String,
}

#[derive(Debug, thiserror::Error)]
#[error("there is no note {0}")]
struct NoSuchNote(u32);

impl Classified for NoSuchNote {
    fn class(&self) -> ErrorClass {
        ErrorClass::NotFound
    }
    fn classes() -> ErrorClasses {
        ErrorClass::NotFound.into()
    }
    fn code(&self) -> &'static str {
        "NOTE_NOT_FOUND"
    }
}

struct Notes;

#[controller("/notes")]
impl Notes {
    #[get("/{id}")]
    #[public]
    async fn read(&self, Path(id): Path<u32>) -> Result<Json<Note>, NoSuchNote> {
        let text = (id == 7).then(|| "buy bread".to_owned());
        text.map(|text| Json(Note { text })).ok_or(NoSuchNote(id))
    }

    #[post]
    #[public]
    async fn create(&self, Valid(note): Valid<Note>) -> Created<Note> {
        Created::at("/notes/8", note)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let health = Health::new();
    let mounted = Mount::new()
        .routes(Notes::routes(Arc::new(Notes), ()))
        .routes(health.routes())
        .build()?;
    let server = Server::bind("127.0.0.1:3000".parse()?).await?;
    let mut signals = Signals::listen()?;
    tracing::info!("listening on http://{}", server.address());
    let running = server.serve(&Edge::new(), &health, mounted.router, Router::new());
    health.set_ready();
    let reason = signals.next().await;
    tracing::info!("stopping: {reason}");
    tokio::select! {
        drained = running.stop(Duration::from_secs(10)) => tracing::info!(?drained),
        _ = signals.next() => tracing::warn!("stopped at once"),
    }
    Ok(())
}
