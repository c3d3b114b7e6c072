//! Bodies that are no books.

use serde_json::{Value, json};

use crate::{
    http::Response,
    server::Server,
    shop::{BOOKS, a_book, with},
};

/// The limit of a body, in bytes.
const BODY_MAX: usize = 1024 * 1024;

fn send(server: &Server, body: impl Into<Vec<u8>>) -> Response {
    server.staff("POST", BOOKS).text(body).send()
}

#[test]
fn what_is_not_json_is_a_400() {
    let server = Server::for_writing();
    let deep = |open: &str, close: &str| [open.repeat(50_000), close.repeat(50_000)].concat();
    let good = a_book().to_string();
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b" ".to_vec(),
        b"{".to_vec(),
        b"nonsense".to_vec(),
        good[..good.len() - 1].into(),
        format!("{good}{good}").into(),
        format!("{good},").into(),
        good.replace("1999", "1e999").into(),
        good.replace("1999", "01999").into(),
        good.replace("1999", "NaN").into(),
        good.replace("Testing", "\u{1}").into(),
        good.replace("Testing", "\\x").into(),
        good.replace("Testing", "\\ud800").into(),
        [b"\0", good.as_bytes()].concat(),
        [good.as_bytes(), b"\0"].concat(),
        b"{\"title\": \"\xff\xfe\"}".to_vec(),
        deep("[", "]").into(),
        deep("{\"a\":", "}").into(),
        good.replace("1999", &deep("[", "]")).into(),
    ];
    for body in bodies {
        let is_too_large = body.windows(5).any(|part| part == b"1e999");
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = send(&server, body);
        // A number too large for any type is well formed, so either is right.
        let status = if answer.status == 422 && is_too_large {
            422
        } else {
            400
        };
        assert_eq!(answer.status, status, "{shown}: {}", answer.text());
        answer.problem(status);
    }
}

#[test]
fn a_field_of_the_wrong_type_is_told_by_its_pointer() {
    let server = Server::for_writing();
    let others = [
        json!(null),
        json!(true),
        json!([]),
        json!({}),
        json!("x"),
        json!(1.5),
    ];
    for field in ["title", "language", "subject"] {
        for value in others
            .iter()
            .filter(|value| !value.is_string())
            .chain([&json!(7)])
        {
            let answer = server.post(&with(a_book(), field, value.clone()));
            answer.invalid_at(422, &format!("#/{field}"));
        }
    }
    for field in ["year", "price_cents", "stock"] {
        for value in others.iter().chain([&json!("7")]) {
            let answer = server.post(&with(a_book(), field, value.clone()));
            answer.invalid_at(422, &format!("#/{field}"));
        }
    }
    let name = |value: Value| with(a_book(), "authors", json!([{"name": "A"}, {"name": value}]));
    server
        .post(&name(json!(7)))
        .invalid_at(422, "#/authors/1/name");
    let values = with(a_book(), "authors", json!([["Ada"]]));
    server.post(&values).invalid_at(422, "#/authors/0");
    let flat = with(a_book(), "authors", json!("Ada"));
    server.post(&flat).invalid_at(422, "#/authors");
}

#[test]
fn a_value_out_of_bounds_is_told_by_its_pointer() {
    let server = Server::for_writing();
    let name = |length: usize| json!([{"name": "n".repeat(length)}]);
    let many = vec![json!({"name": "n"}); 21];
    for (field, value, pointer) in [
        ("title", json!(""), "#/title"),
        ("title", json!("t".repeat(301)), "#/title"),
        ("title", json!("a\u{0}b"), "#/title"),
        ("title", json!("two\nlines"), "#/title"),
        ("authors", json!([]), "#/authors"),
        ("authors", json!(many), "#/authors"),
        ("authors", name(0), "#/authors/0/name"),
        ("authors", name(201), "#/authors/0/name"),
        ("year", json!(-3001), "#/year"),
        ("year", json!(2101), "#/year"),
        ("year", json!(99_999_999_999_i64), "#/year"),
        ("language", json!("EN"), "#/language"),
        ("language", json!("xx"), "#/language"),
        ("language", json!("eng"), "#/language"),
        ("subject", json!(""), "#/subject"),
        ("subject", json!("s".repeat(101)), "#/subject"),
        ("price_cents", json!(-1), "#/price_cents"),
        ("price_cents", json!(10_000_001), "#/price_cents"),
        ("price_cents", json!(u64::MAX), "#/price_cents"),
        ("stock", json!(-1), "#/stock"),
        ("stock", json!(1_000_001), "#/stock"),
    ] {
        server
            .post(&with(a_book(), field, value))
            .invalid_at(422, pointer);
    }
}

#[test]
fn several_faults_are_told_at_once() {
    let server = Server::for_writing();
    let book = with(with(a_book(), "year", json!(3000)), "stock", json!(-5));
    let answer = server.post(&book);
    answer.invalid_at(422, "#/year");
    answer.invalid_at(422, "#/stock");
}

#[test]
fn a_field_that_is_missing_unknown_or_there_twice_is_refused() {
    let server = Server::for_writing();
    for field in [
        "title",
        "authors",
        "year",
        "language",
        "subject",
        "price_cents",
        "stock",
    ] {
        let mut book = a_book();
        book.as_object_mut().unwrap().remove(field);
        server.post(&book).problem(422);
    }
    server
        .post(&with(a_book(), "id", json!("x")))
        .invalid_at(422, "#/id");
    server
        .post(&with(a_book(), "a/b~", json!(1)))
        .invalid_at(422, "#/a~1b~0");
    let author = json!([{"name": "A", "born": 1900}]);
    server
        .post(&with(a_book(), "authors", author))
        .invalid_at(422, "#/authors/0/born");
    let twice = a_book().to_string().replacen('{', "{\"year\":1,", 1);
    let answer = send(&server, twice);
    assert!(matches!(answer.status, 400 | 422), "{}", answer.text());
    answer.problem(answer.status);
    let values = r#"["T", [{"name": "A"}], 1999, "en", "S", 1, 1]"#;
    for body in [values, "[]", "null", "\"book\"", "7", "true"] {
        send(&server, body).problem(422);
    }
}

#[test]
fn a_body_of_another_type_is_a_415() {
    let server = Server::for_writing();
    let good = a_book().to_string();
    for media in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "json",
        "",
        "a/b/c",
    ] {
        let request = server.staff("POST", BOOKS).header("content-type", media);
        request.body(good.as_str()).send().problem(415);
    }
    server
        .staff("POST", BOOKS)
        .body(good.as_str())
        .send()
        .problem(415);
    let coded = server
        .staff("POST", BOOKS)
        .header("content-encoding", "gzip");
    coded.text(good.as_str()).send().problem(415);
    let media = "application/json; charset=utf-8";
    let request = server.staff("POST", BOOKS).header("content-type", media);
    request.body(good).send().expect(201);
}

#[test]
fn a_body_over_one_mebibyte_is_a_413() {
    let server = Server::for_writing();
    let good = a_book().to_string();
    let padded = |length: usize| format!("{good}{}", " ".repeat(length - good.len()));
    send(&server, padded(BODY_MAX)).expect(201);
    send(&server, padded(BODY_MAX + 1)).problem(413);
    let head = format!(
        "POST {BOOKS} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\
         content-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n",
        server.token()
    );
    let chunk = format!("{:x}\r\n{}\r\n", 256 * 1024, " ".repeat(256 * 1024));
    let chunked = format!("{head}{}0\r\n\r\n", chunk.repeat(5));
    server.client.raw(chunked.as_bytes()).expect(413);
}

#[test]
fn nothing_of_a_refused_book_is_kept() {
    let server = Server::for_writing();
    let subject = json!("Never kept");
    let book = with(with(a_book(), "subject", subject), "stock", json!(-1));
    server.post(&book).problem(422);
    let page = server.client.get(format!("{BOOKS}?subject=Never%20kept"));
    assert_eq!(page.expect(200).json()["items"], json!([]));
}
