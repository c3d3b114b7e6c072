//! What the tests share: a router to ask, and an answer to look at.

use axum::body::Body;
use http::{HeaderMap, Request, StatusCode};
use purlin_http::{Edge, Mount, Router, Routes};
use serde_json::Value;
use tower::ServiceExt;

/// The answer to one request, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {:?}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Asserts that this is a whole problem with this status, and returns its code.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> String {
        assert_eq!(
            self.status,
            status,
            "{}",
            String::from_utf8_lossy(&self.body)
        );
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        for member in [
            "type",
            "title",
            "detail",
            "instance",
            "request_id",
            "trace_id",
        ] {
            assert!(problem[member].is_string(), "{member} in {problem}");
        }
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        let code = problem["type"]
            .as_str()
            .unwrap()
            .strip_prefix("urn:purlin:error:");
        code.expect("the type holds the code").to_owned()
    }

    /// The first field at fault: its place and its code.
    #[track_caller]
    pub(crate) fn fault(&self) -> (String, String) {
        let fault = &self.json()["errors"][0];
        let place = fault["pointer"].as_str().or(fault["parameter"].as_str());
        (
            place.unwrap().to_owned(),
            fault["code"].as_str().unwrap().to_owned(),
        )
    }
}

pub(crate) async fn ask(router: &Router, request: Request<Body>) -> Answer {
    let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .unwrap()
        .to_vec();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

pub(crate) fn request(method: &str, uri: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(uri)
        .body(Body::empty())
        .unwrap()
}

pub(crate) async fn get(router: &Router, uri: &str) -> Answer {
    ask(router, request("GET", uri)).await
}

pub(crate) async fn send(
    router: &Router,
    method: &str,
    uri: &str,
    body: impl Into<Body>,
) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("content-type", "application/json")
        .body(body.into());
    ask(router, request.unwrap()).await
}

/// The routes behind the default layers.
pub(crate) fn served(routes: Routes) -> Router {
    served_by(&Edge::new(), routes)
}

pub(crate) fn served_by(edge: &Edge, routes: Routes) -> Router {
    edge.router(Mount::new().routes(routes).build().unwrap().router)
}
