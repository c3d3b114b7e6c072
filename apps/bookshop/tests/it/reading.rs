//! One book: reading it, and not reading it again.

use crate::{catalogue::list, server::Server, shop::BOOKS};

fn any_book(server: &Server) -> serde_json::Value {
    let page = server
        .client
        .get(list(&[("limit", "1")]))
        .expect(200)
        .json();
    page["items"][0].clone()
}

#[test]
fn a_book_has_exactly_the_fields_of_the_contract() {
    let server = Server::for_reading();
    let listed = any_book(&server);
    let id = listed["id"].as_str().unwrap();
    let answer = server.client.get(format!("{BOOKS}/{id}")).expect(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.header("cache-control").is_some());
    let book = answer.json();
    for field in ["title", "language", "subject"] {
        assert!(book[field].is_string(), "{field}: {book}");
    }
    for field in ["year", "price_cents", "stock"] {
        assert!(book[field].is_i64(), "{field}: {book}");
    }
    assert!(book["authors"][0]["name"].is_string());
    let created = book["created_at"].as_str().unwrap();
    assert!(created.ends_with('Z') && created.contains('T'), "{created}");
    assert_eq!(book["_links"]["self"]["href"], format!("{BOOKS}/{id}"));
    assert_eq!(book["_links"]["collection"]["href"], BOOKS);
    assert_eq!(
        book["_links"]["update"],
        serde_json::Value::Null,
        "not for everybody"
    );
    for field in [
        "id",
        "title",
        "authors",
        "year",
        "price_cents",
        "created_at",
    ] {
        assert_eq!(book[field], listed[field], "{field}");
    }
}

#[test]
fn a_book_that_is_known_is_not_sent_again() {
    let server = Server::for_reading();
    let id = any_book(&server)["id"].as_str().unwrap().to_owned();
    let path = format!("{BOOKS}/{id}");
    let full = server.client.get(&path).expect(200);
    let etag = full.header("etag").unwrap().to_owned();
    assert!(
        etag.starts_with('"') && etag.ends_with('"'),
        "strong: {etag}"
    );
    let listed = format!("\"other,one\", {etag}");
    for value in [etag.as_str(), "*", &listed, &format!("W/{etag}")] {
        let request = server.client.request("GET", &path);
        let answer = request.header("if-none-match", value).send().expect(304);
        assert!(answer.body.is_empty());
        assert_eq!(answer.header("etag"), Some(etag.as_str()));
        assert_eq!(answer.header("cache-control"), full.header("cache-control"));
    }
    let request = server.client.request("GET", &path);
    request
        .header("if-none-match", "\"other\"")
        .send()
        .expect(200);
}

#[test]
fn a_book_that_is_not_there_is_a_404() {
    let server = Server::for_reading();
    for id in [
        "01890000-0000-7000-8000-000000000000",
        "1",
        "not-an-id",
        "..%2f..%2fetc%2fpasswd",
        "' OR 1=1",
    ] {
        let path = format!("{BOOKS}/{}", id.replace(' ', "%20"));
        let answer = server.client.get(path);
        answer.problem(404);
    }
    for id in ["%00", "%ff"] {
        let answer = server.client.get(format!("{BOOKS}/{id}"));
        answer.problem(400);
    }
}
