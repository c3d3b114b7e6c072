//! The catalogue as a file: whole, disarmed, compressed, for staff, and given up with its caller.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::Command,
};

use bookshop::{export::COLUMNS, import::SEED};
use flate2::read::GzDecoder;
use serde_json::json;

use crate::{
    catalogue::all,
    http::Response,
    server::{Server, run},
    shop::{a_book, with},
};

const CSV: &str = "/api/v2/export/books.csv";
const GZ: &str = "/api/v2/export/books.csv.gz";

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    text
}

/// The rows of a file, its header first.
fn rows(file: &[u8]) -> Vec<Vec<String>> {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(file);
    let rows = reader.into_records().map(|row| row.unwrap());
    rows.map(|row| row.iter().map(str::to_owned).collect())
        .collect()
}

/// The file without its ids: what an import reads.
fn for_import(file: &[u8]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows(file) {
        writer.write_record(&row[1..]).unwrap();
    }
    writer.into_inner().unwrap()
}

/// That the file holds every book of the server, and that importing it changes nothing.
pub(crate) fn round_trip(server: &Server, import: impl Fn(&mut Command)) {
    let answer = server.staff("GET", CSV).send().expect(200);
    let media = answer.header("content-type");
    assert_eq!(media, Some("text/csv; charset=utf-8; header=present"));
    let name = answer.header("content-disposition");
    assert_eq!(name, Some("attachment; filename=\"books.csv\""));
    let found = rows(&answer.body);
    assert_eq!(found[0], COLUMNS);
    let books = all(&server.client);
    let ids: Vec<_> = books.iter().map(|b| b["id"].as_str().unwrap()).collect();
    assert_eq!(
        found[1..].iter().map(|row| &row[0]).collect::<Vec<_>>(),
        ids
    );
    fs::write(server.path().join("again.csv"), for_import(&answer.body)).unwrap();
    let ended = run(server.path(), |command| {
        import(command);
        command.args(["import", "again.csv"]);
    });
    ended.says(0, &[]);
    let unchanged = format!("created 0, updated 0, unchanged {}", ids.len());
    assert!(ended.stdout.contains(&unchanged), "{ended:#?}");
    assert_eq!(all(&server.client), books);
}

#[test]
fn a_file_holds_every_book_and_importing_it_changes_nothing() {
    round_trip(&Server::start(), |_| ());
}

#[test]
fn texts_that_a_spreadsheet_would_run_are_disarmed_and_numbers_are_not() {
    let server = Server::start();
    let mut book = with(a_book(), "title", json!("=HYPERLINK(\"http://x\")"));
    book = with(book, "authors", json!([{"name": "@ada"}, {"name": "+b"}]));
    book = with(book, "year", json!(-350));
    book = with(book, "subject", json!("-1, \"quoted\""));
    server.create(&book);
    let file = server.staff("GET", CSV).send().expect(200);
    let last = rows(&file.body).pop().unwrap();
    assert_eq!(
        last[1..6],
        [
            "'=HYPERLINK(\"http://x\")",
            "'@ada;+b",
            "-350",
            "en",
            "'-1, \"quoted\""
        ]
    );
    let text = file.text();
    assert!(text.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{text}");
}

#[test]
fn it_is_compressed_as_a_file_or_as_the_caller_accepts() {
    let server = Server::for_reading();
    let plain = server.staff("GET", CSV).send().expect(200);
    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(
        plain.header("vary"),
        Some("accept-encoding, authorization, cookie")
    );
    let coded = server
        .staff("GET", CSV)
        .header("accept-encoding", "br;q=0.1, gzip");
    let coded = coded.send().expect(200);
    assert_eq!(coded.header("content-encoding"), Some("gzip"));
    assert_eq!(unpacked(&coded.body), plain.body);
    let file = server.staff("GET", GZ).send().expect(200);
    assert_eq!(file.header("content-type"), Some("application/gzip"));
    assert_eq!(file.header("content-encoding"), None);
    let name = file.header("content-disposition");
    assert_eq!(name, Some("attachment; filename=\"books.csv.gz\""));
    assert_eq!(unpacked(&file.body), plain.body);
}

#[test]
fn it_is_for_staff_only() {
    let server = Server::for_reading();
    for path in [CSV, GZ] {
        server.client.get(path).problem(401);
        let stranger = server.client.request("GET", path).bearer("made-up");
        stranger.send().problem(401);
        server.staff("POST", path).send().problem(405);
        let head = server.staff("HEAD", path).send().expect(200);
        assert!(head.header("content-disposition").is_some());
    }
}

/// Asks for the file, reads its beginning, and hangs up.
fn begun(server: &Server, path: &'static str) -> TcpStream {
    let mut stream = server.client.connect();
    stream
        .write_all(&server.staff("GET", path).bytes())
        .unwrap();
    let mut some = [0; 1024];
    stream.read_exact(&mut some).unwrap();
    assert!(some.starts_with(b"HTTP/1.1 200 OK\r\n"));
    stream
}

/// Books of 16 KB each, hardly to be compressed: more, in gzip too, than the buffers between the
/// database and a caller who does not read can hold.
fn fill(server: &Server) {
    const ROWS: usize = 2_000;
    let mut seed = 1_u32;
    let mut sign = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from_u32(0x20000 + (seed >> 16) % 40_000).unwrap()
    };
    let mut author = || (0..200).map(|_| sign()).collect::<String>();
    let mut file = SEED.lines().next().unwrap().to_owned();
    for number in 0..ROWS {
        let authors: Vec<_> = (0..20).map(|_| author()).collect();
        file += &format!("\nLong {number},{},1900,en,Long,100,1", authors.join(";"));
    }
    fs::write(server.path().join("long.csv"), file).unwrap();
    let ended = run(server.path(), |command| {
        command.args(["import", "long.csv"]);
    });
    ended.says(0, &[]);
}

/// That as many as may run can be begun again and again, whose callers hang up: a statement that
/// went on would hold its place, and the next caller would be told to come back.
pub(crate) fn hang_ups_end_their_statements(server: &Server) {
    for path in [CSV, GZ] {
        let held = [begun(server, path), begun(server, path)];
        let third = server.staff("GET", path).send();
        third.problem(503);
        assert!(third.header("retry-after").is_some());
        drop(held);
        for _ in 0..4 {
            drop(begun(server, path));
        }
    }
    let whole = server.staff("GET", CSV).send();
    assert!(whole.text().ends_with("\r\n"));
}

#[test]
fn a_caller_who_hangs_up_ends_the_statement() {
    let server = Server::start();
    fill(&server);
    hang_ups_end_their_statements(&server);
    let _held = begun(&server, CSV);
    server.stop();
}

#[test]
fn an_export_holds_up_neither_reads_nor_writes() {
    let server = Server::start();
    fill(&server);
    let _held = [begun(&server, CSV), begun(&server, CSV)];
    for _ in 0..10 {
        let answer: Response = server.post(&a_book());
        let id = answer.expect(201).json()["id"].clone();
        let path = format!("/api/v2/books/{}", id.as_str().unwrap());
        server.client.get(path).expect(200);
    }
}
