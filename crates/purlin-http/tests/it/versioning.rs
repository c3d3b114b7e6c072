//! Several versions of one API: how they are asked for, told of, and described wrongly.

mod attack;
mod deprecation;
mod forms;
mod mistakes;

use std::sync::Arc;

use axum::body::Body;
use http::Request;
use purlin_http::{
    Controller, Edge, Json, Mount, Path, Query, Router, Versioning, controller,
    mount::Mounted,
    versioning::{AskedUri, Deprecation},
};

use crate::support::{Answer, ask};

struct Shelves;

#[controller("/api/books")]
#[version("1"..)]
impl Shelves {
    #[get]
    #[public]
    #[version("1")]
    async fn list_old(&self) -> Json<&'static str> {
        Json("list of 1")
    }

    #[get]
    #[public]
    #[version("2", "3")]
    async fn list(&self) -> Json<&'static str> {
        Json("list of 2 and 3")
    }

    #[get("/{id}")]
    #[public]
    async fn read(&self, Path(id): Path<String>, AskedUri(uri): AskedUri) -> Json<[String; 2]> {
        Json([id, uri.to_string()])
    }

    #[put("/{id}/cover")]
    #[public]
    #[version("2"..="3")]
    async fn cover(&self, Path(_id): Path<String>) -> Json<&'static str> {
        Json("covered")
    }

    #[get("/strict")]
    #[public]
    #[version(..="2")]
    async fn strict(&self, Query(_nothing): Query<Nothing>) -> Json<&'static str> {
        Json("strict")
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
struct Nothing {}

struct Doors;

#[controller("/api/auth")]
#[version_neutral]
impl Doors {
    #[get("/me")]
    #[public]
    async fn me(&self) -> Json<&'static str> {
        Json("you")
    }
}

struct Pages;

#[controller("/books")]
impl Pages {
    #[get("/{id}")]
    #[public]
    async fn page(&self, Path(id): Path<String>) -> Json<String> {
        Json(id)
    }
}

const ONE_SINCE: &str = "2026-07-01";

/// Versions 1 to 3, of which 2 is the default, by no form.
fn formless() -> Versioning {
    let old = Deprecation::since(ONE_SINCE).sunset("2027-07-01");
    Versioning::below("/api")
        .version("1")
        .version("2")
        .version("3")
        .default_version("2")
        .deprecated("1", old)
}

/// The same by all five forms.
fn all_forms() -> Versioning {
    formless()
        .path("v")
        .media_type("application/vnd.shop")
        .query("version")
        .header("X-Api-Version")
        .host("v")
}

fn mounted(versioning: Versioning) -> Mounted {
    Mount::new()
        .versioning(versioning)
        .routes(Shelves::routes(Arc::new(Shelves), ()))
        .routes(Doors::routes(Arc::new(Doors), ()))
        .routes(Pages::routes(Arc::new(Pages), ()))
        .build()
        .unwrap()
}

fn shop(versioning: Versioning) -> Router {
    Edge::new().router(mounted(versioning).router)
}

/// Asks `uri` with these header fields.
async fn get(router: &Router, uri: &str, fields: &[(&str, &str)]) -> Answer {
    send(router, "GET", uri, fields).await
}

async fn send(router: &Router, method: &str, uri: &str, fields: &[(&str, &str)]) -> Answer {
    let request = Request::builder().method(method).uri(uri);
    let request = fields
        .iter()
        .fold(request, |it, (name, value)| it.header(*name, *value));
    ask(router, request.body(Body::empty()).unwrap()).await
}
