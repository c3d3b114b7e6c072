//! The documents that operators are served, compared with what the shop does and with the file
//! that is kept of them.

use std::{collections::HashSet, env, fs, path::Path};

use serde_json::Value;

use crate::{
    http::Response,
    server::Server,
    shop::{BOOKS, a_book, with},
};

const V2: &str = "/openapi/v2.json";

fn document(server: &Server, version: &str) -> Value {
    let path = format!("/openapi/{version}.json");
    server.management.get(path).expect(200).json()
}

/// Every operation with its path and method.
fn operations(document: &Value) -> Vec<(&str, &str, &Value)> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path item") {
            all.push((&**path, &**method, operation));
        }
    }
    all
}

#[test]
fn the_documents_are_those_that_are_kept() {
    for version in ["v1", "v2"] {
        is_kept(version);
    }
}

fn is_kept(version: &str) {
    let mut served = document(&Server::for_reading(), version);
    // Where it listens is another place each time.
    served
        .as_object_mut()
        .expect("a document")
        .remove("servers");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi");
    let path = folder.join(format!("{version}.json"));
    if env::var_os("BLESS_OPENAPI").is_some() {
        fs::write(&path, format!("{served:#}\n")).expect("the document is written");
    }
    let kept = fs::read_to_string(path).unwrap_or_default();
    let kept: Value = serde_json::from_str(&kept).unwrap_or_default();
    let broken =
        purlin::http::openapi_check::breaking_changes(&kept, &served).expect("both are documents");
    assert!(
        broken.is_empty(),
        "{version} breaks its clients: {broken:#?}"
    );
    let (served, kept) = (format!("{served:#}"), format!("{kept:#}"));
    let first = served.lines().zip(kept.lines()).find(|(a, b)| a != b);
    assert!(
        served == kept,
        "{version} has changed (served, kept): {first:?}; if that is meant, run this test with \
         BLESS_OPENAPI=1 and commit the file"
    );
}

#[test]
fn the_document_is_for_operators_alone_and_is_not_sent_twice() {
    let server = Server::for_reading();
    server.client.get(V2).problem(404);
    let first = server.management.get(V2).expect(200);
    assert_eq!(first.header("content-type"), Some("application/json"));
    assert_eq!(first.header("cache-control"), Some("no-cache"));
    let tag = first.header("etag").expect("an ETag");
    let again = server.management.request("GET", V2);
    let again = again.header("if-none-match", tag).send();
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[test]
fn the_page_of_the_documents_is_where_the_start_says() {
    let server = Server::for_reading();
    let page = server.management.get("/docs").expect(200).text();
    for version in ["v1", "v2"] {
        assert!(page.contains(&format!("/openapi/{version}.json")), "{page}");
    }
    server.client.get("/docs").problem(404);
}

#[test]
fn every_answer_of_the_books_is_in_the_document_by_its_status() {
    let server = Server::for_reading();
    for version in ["v1", "v2"] {
        says_all(&document(&server, version));
    }
    let document = document(&server, "v2");
    let of = |path: &str, method: &str| document["paths"][path][method]["responses"].clone();
    let put = of("/api/v2/books/{id}", "put");
    for status in [
        "200", "400", "401", "404", "408", "412", "413", "415", "422", "428",
    ] {
        assert!(put[status].is_object(), "PUT names {status}");
    }
    let list = of(BOOKS, "get");
    let never = [&list["404"], &put["409"]];
    assert!(
        never.iter().all(|it| it.is_null()),
        "what cannot happen is not in it"
    );
    assert!(of("/api/v2/books/{id}", "get")["304"].is_object());
}

/// Each operation of `document` says what it does, and what it can answer.
fn says_all(document: &Value) {
    let all = operations(document);
    for (path, method, operation) in &all {
        let statuses = operation["responses"].as_object().expect("responses");
        assert!(
            statuses.keys().any(|it| it.starts_with(['2', '3'])),
            "{method} {path}"
        );
        assert!(
            !statuses.contains_key("default"),
            "{method} {path} is not known"
        );
        assert!(
            operation["summary"].is_string(),
            "{method} {path} says nothing"
        );
    }
    let ids: HashSet<_> = all.iter().map(|(_, _, it)| &it["operationId"]).collect();
    assert_eq!(ids.len(), all.len(), "operation ids are unique");
}

#[test]
fn no_answer_has_a_status_that_the_document_does_not_name() {
    let server = Server::start();
    provoke(&server);
    assert!(
        !server.said().contains("does not name"),
        "{}",
        server.said()
    );
}

/// Asks for every status that a caller can have from books.
fn provoke(server: &Server) {
    let statuses = |answers: &[Response]| answers.iter().map(|it| it.status).collect::<Vec<_>>();
    let book = a_book();
    let (path, etag) = server.create(&book);
    let put = |tag: &str, body: &Value| {
        let request = server.staff("PUT", &path).header("if-match", tag);
        request.json(body).send()
    };
    let known = server.client.request("GET", &path);
    let reading = [
        known.header("if-none-match", &etag).send(),
        server.client.get(format!("{BOOKS}/none")),
        server.client.get(format!("{BOOKS}?limit=0")),
        server.client.get(format!("{BOOKS}?cursor=forged")),
        server.client.get(format!("{BOOKS}?q=%00")),
        server.client.request("HEAD", &path).send(),
        server.client.request("GET", &path).bearer("wrong").send(),
    ];
    assert_eq!(statuses(&reading), [304, 404, 400, 400, 400, 200, 401]);
    let writing = [
        put("\"9\"", &book),
        put("none", &book),
        put(&etag, &with(book.clone(), "year", 9999.into())),
        put(&etag, &book),
        server.staff("PUT", &path).json(&book).send(),
        server.staff("POST", BOOKS).text("{").send(),
        server.staff("POST", BOOKS).body("x").send(),
        server.client.request("POST", BOOKS).json(&book).send(),
        server.staff("DELETE", &path).send(),
        server.staff("DELETE", &path).send(),
    ];
    let expected = [412, 400, 422, 200, 428, 400, 415, 401, 204, 404];
    assert_eq!(statuses(&writing), expected);
}
