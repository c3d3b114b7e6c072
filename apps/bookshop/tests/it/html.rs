//! The page of a book: what is hostile in it, who gets a page, and what browsers are told.

use serde_json::json;

use crate::{
    http::Response,
    server::Server,
    shop::{BOOKS, a_book, with},
};

/// The page of the book whose JSON is at `path`.
fn page(server: &Server, path: &str) -> Response {
    let id = path.strip_prefix(BOOKS).expect("a path of the API");
    server.client.get(format!("/books{id}"))
}

fn nonce(page: &Response) -> String {
    let policy = page.header("content-security-policy").unwrap_or_default();
    let tail = policy.split("script-src 'nonce-").nth(1);
    let nonce = tail.and_then(|tail| tail.split('\'').next());
    nonce
        .unwrap_or_else(|| panic!("no nonce in {policy:?}"))
        .to_owned()
}

#[test]
fn a_book_has_a_page_that_reads_without_scripts() {
    let server = Server::for_writing();
    let book = with(
        with(a_book(), "title", json!("Emma")),
        "price_cents",
        json!(123_456),
    );
    let (path, _) = server.create(&book);
    let page = page(&server, &path).expect(200);
    assert_eq!(
        page.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    let text = page.text();
    for part in [
        "<title>Emma – Bookshop</title>",
        "Émile Prüfer",
        "1,234.56",
        "7 in stock",
        "1999",
        "Testing",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("<script"), "{text}");
}

#[test]
fn what_is_hostile_in_a_book_is_text_on_its_page() {
    let server = Server::for_writing();
    for hostile in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' onmouseover='alert(1)",
        "</title><script>alert(1)</script>",
        "</style><script>alert(1)</script>",
        "{{ 1234567 * 9 }}{% include 'layout.html' %}",
        "&lt;script&gt;",
        "<!--",
    ] {
        let book = with(
            with(a_book(), "title", json!(hostile)),
            "subject",
            json!(hostile),
        );
        let book = with(book, "authors", json!([{"name": hostile}]));
        let (path, _) = server.create(&book);
        let text = page(&server, &path).expect(200).text();
        assert!(
            !text.contains(hostile) || hostile.starts_with("{{"),
            "{hostile} in {text}"
        );
        let plain = page(&server, &path).text();
        for sign in ["<script", "<img", "onmouseover='", "<!--", "11111103"] {
            assert!(!plain.contains(sign), "{sign} of {hostile} in {plain}");
        }
    }
}

#[test]
fn signs_that_turn_a_line_around_or_end_one_stay_within_their_element() {
    let server = Server::for_writing();
    for sign in ['\u{202e}', '\u{2028}', '\u{2066}'] {
        let title = format!("abc{sign}def");
        let answer = server.post(&with(a_book(), "title", json!(title)));
        let id = answer.expect(201).json()["id"].as_str().unwrap().to_owned();
        let text = server.client.get(format!("/books/{id}")).expect(200).text();
        assert!(text.contains(&format!("\">{title}</bdi></h1>")), "{text}");
    }
}

#[test]
fn every_answer_has_a_policy_with_a_nonce_of_its_own() {
    let server = Server::for_writing();
    let (path, _) = server.create(&a_book());
    let (first, second) = (page(&server, &path), page(&server, &path));
    assert_ne!(nonce(&first), nonce(&second));
    assert_eq!(nonce(&first).len(), 32);
    assert!(
        first
            .text()
            .contains(&format!("<style nonce=\"{}\">", nonce(&first)))
    );
    let policy = first.header("content-security-policy").unwrap();
    for part in [
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ] {
        assert!(
            policy.split("; ").any(|known| known == part),
            "{part} in {policy}"
        );
    }
    assert_eq!(first.header("referrer-policy"), Some("same-origin"));
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    assert_eq!(first.header("x-content-type-options"), Some("nosniff"));
}

#[test]
fn a_book_that_is_not_there_is_a_page_for_people_and_a_problem_for_programs() {
    let server = Server::for_reading();
    for id in [
        "0191d0f0-0000-7000-8000-000000000000",
        "nonsense",
        "%3Cscript%3E",
    ] {
        let target = format!("/books/{id}");
        let people = server.client.request("GET", &target);
        let people = people
            .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
            .send();
        for page in [people, server.client.get(&target)] {
            let page = page.expect(404);
            assert_eq!(
                page.header("content-type"),
                Some("text/html; charset=utf-8")
            );
            assert_eq!(page.header("vary"), Some("accept"));
            assert!(
                page.text().contains("<h1>No such book</h1>"),
                "{}",
                page.text()
            );
            assert_eq!(nonce(&page).len(), 32);
        }
        let program = server.client.request("GET", &target);
        let program = program.header("accept", "application/json").send();
        program.problem(404);
        assert_eq!(program.header("vary"), Some("accept"));
    }
}
