//! Compressed answers.

use std::io::Read;

use serde_json::{Value, json};

use crate::{
    server::Server,
    shop::{BOOKS, a_book, with},
};

fn unzipped(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let read = flate2::read::GzDecoder::new(bytes).read_to_end(&mut out);
    read.expect("it is gzip");
    out
}

#[test]
fn a_page_of_books_is_compressed_for_who_accepts_it_and_is_the_same() {
    let server = Server::for_reading();
    for limit in [20, 100] {
        let target = format!("{BOOKS}?limit={limit}");
        let plain = server.client.get(&target).expect(200);
        assert_eq!(plain.header("content-encoding"), None);
        let coded = server.client.request("GET", &target);
        let coded = coded.header("accept-encoding", "gzip").send().expect(200);
        assert_eq!(coded.header("content-encoding"), Some("gzip"));
        assert!(coded.body.len() < plain.body.len() / 2);
        assert_eq!(unzipped(&coded.body), plain.body);
        for answer in [plain, coded] {
            let vary = answer.header("vary").unwrap_or_default();
            for name in ["accept", "accept-encoding"] {
                assert!(vary.split(", ").any(|it| it == name), "{name} in {vary:?}");
            }
        }
    }
    let all = server
        .client
        .request("GET", BOOKS)
        .header("accept-encoding", "gzip, br, zstd");
    assert_eq!(all.send().header("content-encoding"), Some("zstd"));
    let problem = server.client.request("GET", "/nowhere");
    let problem = problem
        .header("accept-encoding", "gzip, identity;q=0")
        .send();
    problem.problem(404);
}

#[test]
fn the_tag_of_a_compressed_book_leads_to_304_and_to_a_change() {
    let server = Server::for_writing();
    let authors: Vec<Value> = (0..20)
        .map(|n| json!({"name": format!("Author {n:0>90}")}))
        .collect();
    let (path, tag) = server.create(&with(a_book(), "authors", json!(authors)));
    let get = |name: &str, value: &str| {
        let request = server
            .client
            .request("GET", &path)
            .header("accept-encoding", "gzip");
        request.header(name, value).send()
    };
    let coded = get("accept", "*/*").expect(200);
    assert_eq!(coded.header("content-encoding"), Some("gzip"));
    let coded_tag = coded.header("etag").unwrap().to_owned();
    assert_ne!(coded_tag, tag);
    assert_eq!(
        get("if-none-match", &coded_tag).expect(304).header("etag"),
        Some(&*coded_tag)
    );
    get("if-none-match", &tag).expect(200);
    let put = |tag: &str| {
        server
            .staff("PUT", &path)
            .header("if-match", tag)
            .json(&a_book())
            .send()
    };
    put(&coded_tag).expect(200);
    put(&coded_tag).problem(412);
}

#[test]
fn head_of_a_compressed_page_has_its_fields_and_no_length() {
    let server = Server::for_reading();
    let ask = |method| {
        server
            .client
            .request(method, BOOKS)
            .header("accept-encoding", "gzip")
            .send()
    };
    let (get, head) = (ask("GET"), ask("HEAD").expect(200));
    for name in ["content-encoding", "content-type", "vary"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
    assert_eq!(head.header("content-length"), None);
}
