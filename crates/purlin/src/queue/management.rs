//! Queues on the management listener, as JSON.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /queues` | every queue: paused, counts, limits, retention |
//! | `GET /queues/{queue}` | one of them, with its workers, schedules, and what ended in the last hour |
//! | `GET /queues/{queue}/jobs?state=&name=&tag=&offset=&limit=` | jobs, without their payloads |
//! | `GET /queues/{queue}/jobs/{id}` | a job, with its payload, children and the end of its log |
//! | `GET /queues/{queue}/events?after=` | what has happened since a mark, and the next mark |
//! | `POST /queues/{queue}/pause`, `resume` | 204 |
//! | `POST /queues/{queue}/drain`, `retry`, `promote`, `clean`, `obliterate` | `{"jobs": n}`, how many it touched; call again while that is `max` |
//! | `PUT /queues/{queue}/limits`, `retention` | 204 |
//! | `POST /queues/{queue}/jobs/{id}/cancel`, `promote`, `retry`, `bury` | 204 |
//! | `DELETE /queues/{queue}/jobs/{id}` | 204 |
//!
//! Pages of other origins are refused: a browser on an operator's machine can reach the listener.

use std::sync::Arc;

use axum::{
    extract::{Path, Request, State as Shared},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use purlin_base::Classified;
use purlin_http::{Problem, Router, csrf::CrossOrigin};
use purlin_queue::{QueueError, Store};

mod commands;
mod views;

/// What every handler answers with.
type Answer<T> = Result<T, Refused>;

/// The routes, over a store.
pub(super) fn router(store: Arc<dyn Store>) -> Router {
    let one = Router::new()
        .route("/", get(views::queue))
        .route("/events", get(views::events))
        .route("/limits", put(commands::limits))
        .route("/retention", put(commands::retention))
        .route("/{command}", post(commands::of_queue))
        .route("/jobs", get(views::jobs))
        .route("/jobs/{id}", get(views::job).delete(commands::remove))
        .route("/jobs/{id}/{command}", post(commands::of_job));
    Router::new()
        .route("/queues", get(views::queues))
        .nest("/queues/{queue}", one)
        .layer(middleware::from_fn(own_pages))
        .with_state(store)
}

/// Refuses what a page of another origin sends.
async fn own_pages(request: Request, next: Next) -> Response {
    match CrossOrigin::new().check(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => Problem::from(error).into_response(),
    }
}

/// A failure, as a problem.
struct Refused(QueueError);

impl From<QueueError> for Refused {
    fn from(error: QueueError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        if self.0.class().is_ours() {
            tracing::error!(error = %self.0, "a queue could not be operated");
        }
        Problem::from(self.0).into_response()
    }
}

/// It is done, and there is nothing to tell.
const DONE: StatusCode = StatusCode::NO_CONTENT;

type TheStore = Shared<Arc<dyn Store>>;
type Named = Path<String>;
type NamedJob = Path<(String, String)>;
