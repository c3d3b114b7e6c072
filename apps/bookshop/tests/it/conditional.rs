//! Conditional requests: copies that are still good, and writes that lose a race.

use std::thread;

use serde_json::json;

use crate::{
    http::Response,
    server::Server,
    shop::{BOOKS, a_book, with},
};

fn tag(answer: &Response) -> String {
    answer.header("etag").expect("an ETag").to_owned()
}

#[test]
fn who_has_the_book_already_gets_304_and_no_body() {
    let server = Server::for_writing();
    let (path, etag) = server.create(&a_book());
    let read = |method, field: &str, value: &str| {
        let request = server.client.request(method, path.as_str());
        request.header(field, value).send()
    };
    let whole = server.client.get(&path).expect(200);
    for wanted in [
        &*etag,
        &format!("W/{etag}"),
        &format!("\"x,y\", {etag}"),
        "*",
    ] {
        for method in ["GET", "HEAD"] {
            let answer = read(method, "if-none-match", wanted).expect(304);
            assert!(answer.body.is_empty());
            for name in ["etag", "cache-control", "vary"] {
                assert!(answer.header(name).is_some(), "{name}");
                assert_eq!(answer.header(name), whole.header(name), "{name}");
            }
            assert_eq!(answer.header("content-type"), None);
        }
    }
    for other in ["\"other\"", "1", "", "\"x"] {
        read("GET", "if-none-match", other).expect(200);
    }
    read("GET", "if-match", &etag).expect(200);
    read("GET", "if-match", "\"other\"").problem(412);
    // A book tells no time of its last change, so dates do not count.
    for date in [
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ] {
        read("GET", "if-modified-since", date).expect(200);
        read("GET", "if-unmodified-since", date).expect(200);
    }
}

#[test]
fn staff_and_visitors_are_shown_two_representations_with_a_tag_each() {
    let server = Server::for_writing();
    let (path, public) = server.create(&a_book());
    let staff = |field: &str, value: &str| {
        let request = server.staff("GET", path.as_str());
        request.header(field, value).send()
    };
    let read = staff("x-none", "").expect(200);
    let own = tag(&read);
    assert_ne!(own, public);
    assert_eq!(read.header("cache-control"), Some("private, no-cache"));
    for answer in [&read, &server.client.get(&path)] {
        let vary = answer.header("vary").unwrap_or_default().to_lowercase();
        assert!(vary.contains("authorization"), "{vary}");
    }
    staff("if-none-match", &own).expect(304);
    staff("if-none-match", &public).expect(200);
    let visitor = server.client.request("GET", path.as_str());
    visitor
        .header("if-none-match", own.as_str())
        .send()
        .expect(200);
    assert_eq!(
        server.client.get(&path).header("cache-control"),
        Some("no-cache")
    );
}

#[test]
fn a_book_is_written_under_the_tag_of_either_representation() {
    let server = Server::for_writing();
    let put = |path: &str, etag: &str| {
        let request = server.staff("PUT", path).json(&a_book());
        request.header("if-match", etag).send()
    };
    let (path, public) = server.create(&a_book());
    let own = tag(&put(&path, &public).expect(200));
    assert_eq!(
        own,
        tag(&server.staff("GET", path.as_str()).send().expect(200))
    );
    put(&path, &public).problem(412);
    put(&path, &own).expect(200);
    put(&path, &own).problem(412);
    let created = server.post(&a_book()).expect(201);
    let location = created.header("location").unwrap().to_owned();
    assert_eq!(
        tag(&created),
        tag(&server.staff("GET", location.as_str()).send())
    );
}

#[test]
fn a_write_whose_condition_is_false_changes_nothing() {
    let server = Server::for_writing();
    let (path, etag) = server.create(&a_book());
    for method in ["PUT", "DELETE"] {
        let write = |fields: &[(&str, &str)]| {
            let mut request = server.staff(method, path.as_str()).json(&a_book());
            for (name, value) in fields {
                request = request.header(name, *value);
            }
            request.send()
        };
        write(&[("if-match", "\"stale\"")]).problem(412);
        write(&[("if-match", &format!("W/{etag}"))]).problem(412);
        write(&[("if-match", &etag), ("if-none-match", "*")]).problem(412);
        write(&[("if-match", "*"), ("if-none-match", &etag)]).problem(412);
        write(&[("if-match", "\"unquoted")]).problem(400);
        write(&[("if-match", "*"), ("if-none-match", "x")]).problem(400);
    }
    server
        .staff("PUT", path.as_str())
        .json(&a_book())
        .send()
        .problem(428);
    let date = "Fri, 31 Dec 9999 23:59:59 GMT";
    let dated = server.staff("PUT", path.as_str()).json(&a_book());
    dated
        .header("if-unmodified-since", date)
        .send()
        .problem(428);
    assert_eq!(tag(&server.client.get(&path)), etag);
    // What is not there is 404, and what is invalid 422, whatever the condition.
    let nowhere = format!("{BOOKS}/01890000-0000-7000-8000-000000000000");
    let put = server.staff("PUT", nowhere).json(&a_book());
    put.header("if-match", "\"1\"").send().problem(404);
    let put = server.staff("PUT", path.as_str()).json(&json!({}));
    put.header("if-match", "\"stale\"").send().problem(422);
}

#[test]
fn conditions_of_any_length_and_form_are_no_fault_of_ours() {
    let server = Server::for_writing();
    let (path, _) = server.create(&a_book());
    let thousand: Vec<String> = (0..1000).map(|n| format!("\"{n}x\"")).collect();
    let long = format!("\"{}\"", "x".repeat(8 * 1024));
    for value in [
        &*thousand.join(","),
        &long,
        &",".repeat(4000),
        &"W/".repeat(4000),
        "\"9223372036854775808\"",
        "\"-1\"",
        "\"1\"\"2\"",
        "\"1;staff;\"",
        "\";\"",
        "\"\u{fc}\"",
        "\"1\" or \"1\"=\"1\"",
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            for field in [
                "if-match",
                "if-none-match",
                "if-modified-since",
                "if-unmodified-since",
            ] {
                let request = server
                    .staff(method, path.as_str())
                    .json(&json!({"no": "book"}));
                let status = request.header(field, value).send().status;
                // Without `If-Match` the book may be deleted, which is what was asked.
                assert!(status < 500, "{method} {field}: {value:.40} {status}");
            }
        }
    }
    server.client.get(BOOKS).expect(200);
}

/// Sends many replacements that have all seen the same state, and checks that one is done. The
/// winner's content is what is read afterwards. Every engine must keep this.
pub(crate) fn of_many_writes_with_one_tag_one_is_done(server: &Server) {
    const WRITERS: usize = 16;
    let (path, etag) = server.create(&a_book());
    let book = |stock: usize| with(a_book(), "stock", json!(stock));
    let put = |stock: usize| {
        let request = server.staff("PUT", path.as_str()).json(&book(stock));
        (
            request.header("if-match", etag.as_str()).send().status,
            stock,
        )
    };
    let put = &put;
    let done: Vec<(u16, usize)> = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS).map(|n| scope.spawn(move || put(n))).collect();
        writers.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = done.into_iter().partition(|(status, _)| *status == 200);
    assert_eq!(won.len(), 1, "{won:?}");
    assert!(lost.iter().all(|(status, _)| *status == 412), "{lost:?}");
    let read = server.client.get(&path).expect(200);
    assert_eq!(read.json()["stock"], json!(won[0].1));

    // A replacement and a deletion that have seen the same state: one of them is done.
    let etag = tag(&read);
    let write = |method: &'static str| {
        let request = server.staff(method, path.as_str()).json(&book(1));
        request.header("if-match", etag.as_str()).send().status
    };
    let write = &write;
    let (put, delete) = thread::scope(|scope| {
        let put = scope.spawn(move || write("PUT"));
        let delete = scope.spawn(move || write("DELETE"));
        (put.join().unwrap(), delete.join().unwrap())
    });
    assert!(
        matches!((put, delete), (200, 412) | (404 | 412, 204)),
        "{put} {delete}"
    );
}

#[test]
fn of_many_writes_with_one_tag_one_is_done_on_sqlite() {
    let server = Server::for_writing();
    for _ in 0..5 {
        of_many_writes_with_one_tag_one_is_done(&server);
    }
}

#[test]
fn every_path_tells_its_methods_and_the_server_its_own() {
    let server = Server::for_writing();
    let (path, _) = server.create(&a_book());
    for (target, methods) in [
        (BOOKS, "GET HEAD OPTIONS POST"),
        (&*path, "DELETE GET HEAD OPTIONS PUT"),
        ("/healthz", "GET HEAD OPTIONS"),
        ("*", "DELETE GET HEAD OPTIONS PATCH POST PUT"),
    ] {
        let mut answers = vec![server.client.request("OPTIONS", target).send().expect(204)];
        if target != "*" {
            let refused = server.staff("TRACE", target).send();
            refused.problem(405);
            answers.push(refused);
        }
        for answer in answers {
            let allow = answer.header("allow").unwrap_or_default().to_owned();
            let mut names: Vec<_> = allow.split(',').map(str::trim).collect();
            names.sort_unstable();
            assert_eq!(names.join(" "), methods, "{target}");
        }
    }
}

#[test]
fn other_forms_of_a_target_are_answered_too() {
    let server = Server::for_writing();
    let send = |line: &str| {
        let head = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        server.client.raw(head.as_bytes()).status
    };
    assert_eq!(send(&format!("GET http://x{BOOKS}")), 200);
    assert_eq!(send(&format!("OPTIONS http://x{BOOKS}")), 204);
    for line in [
        "CONNECT x:80",
        "GET *",
        "DELETE *",
        "OPTIONS x:80",
        "GET //",
    ] {
        let status = send(line);
        assert!((400..500).contains(&status), "{line}: {status}");
    }
}
