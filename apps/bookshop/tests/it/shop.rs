//! What books and problems look like from outside.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use serde_json::{Value, json};

use crate::{
    http::{Request, Response},
    server::Server,
};

pub(crate) const BOOKS: &str = "/api/v2/books";

/// A good body, with a title that no other test uses.
pub(crate) fn a_book() -> Value {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Relaxed);
    json!({
        "title": format!("Test book {number}"),
        "authors": [{"name": "Ada Tester"}, {"name": "Émile Prüfer"}],
        "year": 1999, "language": "en", "subject": "Testing",
        "price_cents": 1250, "stock": 7,
    })
}

/// `book` with one field set.
pub(crate) fn with(mut book: Value, field: &str, value: Value) -> Value {
    book[field] = value;
    book
}

impl Server {
    /// A request with the right to do it.
    pub(crate) fn staff(&self, method: &'static str, target: impl Into<String>) -> Request<'_> {
        self.client.request(method, target).bearer(self.token())
    }

    /// As the admin.
    pub(crate) fn admin(&self, method: &'static str, target: impl Into<String>) -> Request<'_> {
        let token = crate::identity::access_token(&self.client, "admin@bookshop.test");
        self.client.request(method, target).bearer(&token)
    }

    pub(crate) fn post(&self, body: &Value) -> Response {
        self.staff("POST", BOOKS).json(body).send()
    }

    /// Creates a book: its path and its ETag.
    #[track_caller]
    pub(crate) fn create(&self, body: &Value) -> (String, String) {
        let id = self.post(body).expect(201).json()["id"].clone();
        let path = format!("{BOOKS}/{}", id.as_str().expect("an id"));
        let etag = self.client.get(&path).expect(200);
        let etag = etag.header("etag").expect("an ETag").to_owned();
        (path, etag)
    }
}

impl Response {
    /// Checks that this is a problem of RFC 9457 with `status`, complete, that gives nothing away.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        let media = self.header("content-type").unwrap_or_default();
        assert!(media.starts_with("application/problem+json"), "{media}");
        let problem = self.json();
        assert_eq!(problem["status"], json!(status), "{problem}");
        for field in [
            "type",
            "title",
            "detail",
            "instance",
            "request_id",
            "trace_id",
        ] {
            let text = problem[field].as_str();
            assert!(text.is_some_and(|t| !t.is_empty()), "{field} in {problem}");
        }
        let id = self.header("x-request-id");
        assert_eq!(problem["request_id"].as_str(), id, "{problem}");
        self.gives_nothing_away();
        problem
    }

    /// Checks that the problem names `pointer` among its errors.
    #[track_caller]
    pub(crate) fn invalid_at(&self, status: u16, pointer: &str) {
        self.names(status, "pointer", pointer);
    }

    /// Checks that the problem names the query parameter or header `parameter`.
    #[track_caller]
    pub(crate) fn bad_parameter(&self, parameter: &str) {
        self.names(400, "parameter", parameter);
    }

    #[track_caller]
    fn names(&self, status: u16, kind: &str, place: &str) {
        let problem = self.problem(status);
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        let found = errors.iter().find(|error| error[kind] == json!(place));
        let found = found.unwrap_or_else(|| panic!("{place} in {problem}"));
        assert!(found["code"].as_str().is_some_and(|code| !code.is_empty()));
        assert!(
            found["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
    }

    #[track_caller]
    fn gives_nothing_away(&self) {
        let text = self.text();
        for sign in [
            "SELECT ", "INSERT ", "UPDATE ", ".rs:", "sqlite", "panicked", "/home/",
        ] {
            assert!(!text.contains(sign), "{sign} in {text}");
        }
    }
}
