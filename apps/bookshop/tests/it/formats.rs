//! Books as XML, both ways.

use serde_json::json;

use crate::{
    http::Response,
    server::Server,
    shop::{BOOKS, a_book, with},
};

const XML: &str = "application/xml";

fn get(server: &Server, target: &str, accept: &str) -> Response {
    let request = server.client.request("GET", target);
    request.header("accept", accept).send()
}

fn post(server: &Server, body: impl Into<Vec<u8>>) -> Response {
    let request = server.staff("POST", BOOKS).header("content-type", XML);
    request.body(body).send()
}

/// A good book, with a title of its own.
fn a_book_in_xml() -> (String, String) {
    let title = a_book()["title"].as_str().unwrap().to_owned();
    let book = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<book>\n  <title>{title} &amp; more</title>\n  \
         <authors><author><name>\u{c9}mile <![CDATA[Pr\u{fc}fer]]></name></author></authors>\n  \
         <year>-44</year><language>en</language><subject>Testing</subject>\n  \
         <price_cents>1250</price_cents><stock> 7 </stock>\n</book>\n"
    );
    (book, format!("{title} & more"))
}

impl Response {
    /// Checks that this is a problem in the XML of RFC 9457.
    #[track_caller]
    fn xml_problem(&self, status: u16) {
        assert_eq!(self.status, status, "{}", self.text());
        let kind = self.header("content-type");
        assert_eq!(kind, Some("application/problem+xml"), "{}", self.text());
        let text = self.text();
        for part in [
            "<problem xmlns=\"urn:ietf:rfc:7807\">",
            &format!("<status>{status}</status>"),
            "<type>",
            "<title>",
            "<detail>",
            "<instance>",
            "<request_id>",
            "<trace_id>",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[track_caller]
    fn xml(self, status: u16) -> String {
        let answer = self.expect(status);
        assert_eq!(
            answer.header("content-type"),
            Some(XML),
            "{}",
            answer.text()
        );
        assert!(
            answer
                .header("vary")
                .is_some_and(|vary| vary.contains("accept"))
        );
        answer.text()
    }
}

#[test]
fn a_book_and_a_page_of_books_are_xml_for_who_asks() {
    let server = Server::for_reading();
    let page = get(&server, &format!("{BOOKS}?limit=2"), XML).xml(200);
    assert!(page.contains("<books><items><item><id>"), "{page}");
    assert!(
        page.contains("<page><limit>2</limit><next_cursor>"),
        "{page}"
    );
    assert!(page.ends_with("</page></books>"), "{page}");
    let path =
        server.client.get(format!("{BOOKS}?limit=1")).json()["items"][0]["_links"]["self"]["href"]
            .as_str()
            .unwrap()
            .to_owned();
    let book = get(&server, &path, "text/html;q=0.9, application/xml").xml(200);
    for part in [
        "<book><id>",
        "<authors><author><name>",
        "<_links><self><href>",
        "</_links></book>",
    ] {
        assert!(book.contains(part), "{part} in {book}");
    }
}

#[test]
fn json_is_the_default_and_nothing_acceptable_is_a_406() {
    let server = Server::for_reading();
    for accept in [
        "*/*",
        "application/json",
        "application/*",
        "application/xml;q=0.9, */*",
    ] {
        let answer = get(&server, BOOKS, accept).expect(200);
        assert_eq!(
            answer.header("content-type"),
            Some("application/json"),
            "{accept}"
        );
    }
    for accept in [
        "text/html",
        "application/json;q=0, application/xml;q=0",
        "image/*",
    ] {
        get(&server, BOOKS, accept).problem(406);
    }
}

#[test]
fn a_problem_is_xml_where_xml_was_asked_for() {
    let server = Server::for_reading();
    for (target, status) in [
        ("/nowhere", 404),
        ("/api/v2/books/01890000-0000-7000-8000-000000000000", 404),
        ("/api/v2/books?limit=0", 400),
        ("/%00", 400),
    ] {
        get(&server, target, XML).xml_problem(status);
        get(&server, target, "application/problem+xml, application/xml").xml_problem(status);
        get(&server, target, "application/xml;q=0.5, application/json").problem(status);
    }
    let request = server.client.request("POST", BOOKS).header("accept", XML);
    request.json(&a_book()).send().xml_problem(401);
    let request = server.staff("POST", BOOKS).header("accept", XML);
    let large = " ".repeat(1024 * 1024 + 1);
    request.text(large).send().xml_problem(413);
    let request = server.client.request("BREW", BOOKS).header("accept", XML);
    let answer = request.send();
    answer.xml_problem(answer.status);
}

#[test]
fn a_book_sent_as_xml_is_the_book_sent_as_json() {
    let server = Server::for_writing();
    let (book, title) = a_book_in_xml();
    let created = post(&server, book).expect(201);
    let path = created.header("location").unwrap().to_owned();
    let read = server.client.get(&path).expect(200).json();
    assert_eq!(read["title"], json!(title));
    assert_eq!(read["authors"], json!([{"name": "\u{c9}mile Pr\u{fc}fer"}]));
    assert_eq!((&read["year"], &read["stock"]), (&json!(-44), &json!(7)));
    let (book, title) = a_book_in_xml();
    let request = server
        .staff("PUT", &path)
        .header("content-type", XML)
        .header("accept", XML);
    let request = request.header("if-match", created.header("etag").unwrap());
    let text = request.body(book).send().xml(200);
    assert!(text.contains(&title.replace('&', "&amp;")), "{text}");
}

#[test]
fn what_is_wrong_with_a_book_in_xml_is_told_by_its_pointer() {
    let server = Server::for_writing();
    for (from, to, pointer) in [
        ("<year>-44", "<year>soon", "#/year"),
        ("<year>-44", "<year>3000", "#/year"),
        ("<year>-44</year>", "", "#/year"),
        ("<year>-44</year>", "<year>1</year><year>2</year>", "#/year"),
        ("<stock> 7 </stock>", "<stock>7</stock><id>x</id>", "#/id"),
        ("<name>", "<born>1900</born><name>", "#/authors/0/born"),
        ("<subject>Testing", "<subject>", "#/subject"),
        ("<book>", "<book lang=\"en\">", "#/@lang"),
        ("book>", "review>", "#"),
    ] {
        let (book, _) = a_book_in_xml();
        post(&server, book.replace(from, to)).invalid_at(422, pointer);
    }
}

#[test]
fn xml_that_attacks_is_a_400_and_the_server_lives() {
    let server = Server::for_writing();
    let (book, _) = a_book_in_xml();
    let body = book.split_once('\n').unwrap().1;
    let laughs: String = (1..40)
        .map(|n| format!("<!ENTITY e{n} \"&e{0};&e{0};\">", n - 1))
        .collect();
    let utf16: Vec<u8> = book.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let bodies: Vec<Vec<u8>> = vec![
        format!(
            "<!DOCTYPE book [<!ENTITY e0 \"ha\">{laughs}]>{}",
            body.replace("more", "&e39;")
        )
        .into(),
        format!(
            "<!DOCTYPE book [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{}",
            body.replace("more", "&x;")
        )
        .into(),
        format!("<!DOCTYPE book SYSTEM \"http://127.0.0.1:1/x.dtd\">{body}").into(),
        format!("<?php exec ?>{body}").into(),
        "<book>".repeat(100_000).into(),
        body.replace("more", "&more;").into(),
        body.replace("more", "&#0;").into(),
        body.replace("</book>", "").into(),
        format!("{body}{body}").into(),
        book.replace("UTF-8", "UTF-16").into(),
        utf16,
        b"".to_vec(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let answer = post(&server, body);
        assert_eq!(answer.status, 400, "{shown}: {}", answer.text());
        answer.problem(400);
    }
    let attribute = format!("<book a=\"{}\"/>", "x".repeat(1_000_000));
    post(&server, attribute).problem(422);
    let wrong = with(a_book(), "title", json!("x")).to_string();
    post(&server, wrong).problem(400);
    let coded = server.staff("POST", BOOKS).header("content-type", XML);
    let coded = coded.header("content-encoding", "gzip").body(book).send();
    coded.problem(415);
    assert_eq!(coded.header("accept-encoding"), Some("identity"));
    server.client.get(BOOKS).expect(200);
}
