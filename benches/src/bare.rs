//! The same three endpoints in bare axum: what a controller is compared with.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use garde::Validate;

use crate::{
    books::{Greeting, HelloService, NewBook, accept},
    rows::Reader,
};

/// What the handlers share, each part behind an `Arc` as an injected service is.
#[derive(Clone, Debug)]
pub struct Services {
    hello: Arc<HelloService>,
    reader: Option<Arc<Reader>>,
}

/// The bare router.
pub fn router(reader: Option<Reader>) -> Router {
    Router::new()
        .route("/hello/{name}", get(greet))
        .route("/books", post(create))
        .route("/books/{id}", get(read))
        .with_state(Services {
            hello: Arc::new(HelloService),
            reader: reader.map(Arc::new),
        })
}

async fn greet(State(services): State<Services>, Path(name): Path<String>) -> Json<Greeting> {
    Json(services.hello.greet(&name))
}

async fn create(Json(book): Json<NewBook>) -> Response {
    match book.validate() {
        Ok(()) => (StatusCode::CREATED, Json(accept(book))).into_response(),
        Err(report) => (StatusCode::UNPROCESSABLE_ENTITY, report.to_string()).into_response(),
    }
}

async fn read(State(services): State<Services>, Path(id): Path<String>) -> Response {
    let Some(reader) = services.reader else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match reader.by_id(&id) {
        Ok(Some(book)) => Json(book).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}
