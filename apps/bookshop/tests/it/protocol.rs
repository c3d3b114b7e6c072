//! What holds for every request: methods, routes, headers, identifiers, sizes, health.

use std::io::{Read, Write};

use crate::{
    http::Response,
    server::Server,
    shop::{BOOKS, a_book},
};

#[test]
fn a_route_that_does_not_exist_is_a_404() {
    let server = Server::for_reading();
    for path in [
        "/",
        "/api",
        "/api/v2",
        "/api/v2/book",
        "/api/v2/books/",
        "/api/v3/books",
        "//",
    ] {
        server.client.get(path).problem(404);
    }
    server.client.get("/%00").problem(400);
    server
        .client
        .request("POST", "/nowhere")
        .json(&a_book())
        .send()
        .problem(404);
}

#[test]
fn a_method_that_a_route_does_not_take_is_a_405_that_lists_those_it_takes() {
    let server = Server::for_reading();
    let one = format!("{BOOKS}/01890000-0000-7000-8000-000000000000");
    for (method, path, allowed) in [
        ("DELETE", BOOKS, &["GET", "POST"][..]),
        ("PATCH", BOOKS, &["GET", "POST"]),
        ("POST", one.as_str(), &["GET", "PUT", "DELETE"]),
    ] {
        let answer = server.client.request(method, path).send();
        answer.problem(405);
        let allow = answer.header("allow").unwrap().to_owned();
        let found: Vec<_> = allow.split(',').map(str::trim).collect();
        for method in allowed {
            assert!(found.contains(method), "{method} in {allow}");
        }
        assert!(!found.contains(&method), "{method} in {allow}");
    }
}

#[test]
fn a_method_that_is_known_nowhere_is_refused() {
    let server = Server::for_reading();
    let answer = server.client.request("BREW", BOOKS).send();
    assert!(matches!(answer.status, 405 | 501), "{}", answer.status);
    answer.problem(answer.status);
}

#[test]
fn options_lists_the_methods() {
    let server = Server::for_reading();
    let answer = server.client.request("OPTIONS", BOOKS).send();
    assert!(matches!(answer.status, 200 | 204), "{}", answer.status);
    let allow = answer.header("allow").unwrap();
    assert!(allow.contains("GET") && allow.contains("POST"), "{allow}");
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let server = Server::for_reading();
    let page = server.client.get(BOOKS).json();
    let path = format!("{BOOKS}/{}", page["items"][0]["id"].as_str().unwrap());
    let get = server.client.get(&path).expect(200);
    let head = server.client.request("HEAD", &path).send().expect(200);
    for name in ["etag", "content-type", "content-length", "cache-control"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    server.client.request("HEAD", "/nowhere").send().expect(404);
}

#[test]
fn a_request_id_is_kept_if_it_is_good_and_replaced_if_not() {
    let server = Server::for_reading();
    let id_of = |sent: &str| {
        let request = server.client.request("GET", "/nowhere");
        let answer = request.header("x-request-id", sent).send();
        answer.problem(404)["request_id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    for good in ["a", "A-b_c.9", &"x".repeat(128)] {
        assert_eq!(id_of(good), good);
    }
    for bad in [
        "",
        "two words",
        "a/b",
        "a\"b",
        "é",
        "<script>",
        &"x".repeat(129),
    ] {
        let id = id_of(bad);
        assert_ne!(id, bad);
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        assert!(
            (1..=128).contains(&id.len()) && id.chars().all(plain),
            "{id}"
        );
    }
    let ids = [id_of(""), id_of("")];
    assert_ne!(ids[0], ids[1]);
    let good = server.client.get(BOOKS).expect(200);
    assert!(
        good.header("x-request-id").is_some(),
        "good answers carry it too"
    );
}

#[test]
fn a_trace_is_continued_if_it_is_one() {
    let server = Server::for_reading();
    let trace_of = |parent: &str| {
        let request = server.client.request("GET", "/nowhere");
        let problem = request.header("traceparent", parent).send().problem(404);
        problem["trace_id"].as_str().unwrap().to_owned()
    };
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    assert_eq!(trace_of(&format!("00-{trace}-00f067aa0ba902b7-01")), trace);
    for bad in [
        format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
        format!("00-{trace}-0000000000000000-01"),
        format!("ff-{trace}-00f067aa0ba902b7-01"),
        format!("00-{}-00f067aa0ba902b7-01", trace.to_uppercase()),
        "nonsense".to_owned(),
        String::new(),
    ] {
        let id = trace_of(&bad);
        assert_ne!(id, trace, "{bad}");
        assert!(
            id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()),
            "{id}"
        );
    }
}

#[test]
fn an_address_or_headers_of_too_great_a_length_are_refused() {
    let server = Server::for_reading();
    let get = |path: &str| server.client.get(path);
    for path in [
        format!("/{}", "a".repeat(20_000)),
        format!("{BOOKS}/{}", "a".repeat(5_000)),
    ] {
        let answer = get(&path);
        assert!(matches!(answer.status, 404 | 414), "{}", answer.status);
    }
    get(&format!("{BOOKS}?q={}", "a".repeat(20_000))).is_refused(&[400, 414]);
    let large = server
        .client
        .request("GET", BOOKS)
        .header("x-large", "a".repeat(1_000_000));
    large.send().is_refused(&[431]);
    let mut many = server.client.request("GET", BOOKS);
    for n in 0..2_000 {
        many = many.header(&format!("x-{n}"), "1");
    }
    many.send().is_refused(&[431]);
}

impl Response {
    #[track_caller]
    fn is_refused(&self, statuses: &[u16]) {
        assert!(
            statuses.contains(&self.status),
            "{} {}",
            self.status,
            self.text()
        );
    }
}

#[test]
fn what_is_not_http_is_refused_and_the_server_lives() {
    let server = Server::for_reading();
    for bytes in [
        &b"nonsense\r\n\r\n"[..],
        b"GET /api/v2/books HTTP/9.9\r\nhost: x\r\n\r\n",
        b"GET /api/v2/books\0 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
        b"GET /api/v2/books HTTP/1.1\r\nhost: x\r\nbad header\r\nconnection: close\r\n\r\n",
        b"POST /api/v2/books HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /api/v2/books HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
        b"POST /api/v2/books HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ] {
        let mut stream = server.client.connect();
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        if !answer.is_empty() {
            let status = Response::parse(&answer).status;
            let shown = String::from_utf8_lossy(bytes);
            assert!((400..500).contains(&status) || status == 505, "{status} for {shown}");
        }
    }
    server.client.get(BOOKS).expect(200);
}

#[test]
fn a_body_that_stops_half_way_leaves_nothing_behind() {
    let server = Server::for_reading();
    let body = a_book().to_string();
    let request = server.staff("POST", BOOKS).text(body.as_str()).bytes();
    let mut stream = server.client.connect();
    stream.write_all(&request[..request.len() - 10]).unwrap();
    drop(stream);
    let title = a_book()["title"].as_str().unwrap().replace(' ', "%20");
    let page = server
        .client
        .get(format!("{BOOKS}?q={title}"))
        .expect(200)
        .json();
    assert_eq!(page["items"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_json_answer_cannot_be_taken_for_a_page() {
    let server = Server::for_reading();
    let answer = server.client.get("/%3Cscript%3Ealert(1)%3C/script%3E");
    answer.problem(404);
    let sniff = answer.header("x-content-type-options");
    assert_eq!(sniff, Some("nosniff"));
}

#[test]
fn it_says_that_it_is_alive_and_ready() {
    let server = Server::for_reading();
    server.client.get("/healthz").expect(200);
    server.client.get("/readyz").expect(200);
}

#[test]
fn nothing_of_the_management_listener_is_on_the_public_port_nor_the_other_way_round() {
    let server = Server::for_reading();
    assert_ne!(server.client.address, server.management.address);
    server.client.get("/metrics").problem(404);
    server.management.get(BOOKS).expect(404);
}
