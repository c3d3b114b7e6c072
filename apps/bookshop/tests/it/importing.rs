//! `bookshop import`: good rows, bad rows, bad files, twice, and beside a running server.

use std::{fs, path::Path};

use bookshop::import::SEED;
use serde_json::json;

use crate::{
    catalogue::all,
    server::{Ended, Server, command, directory, run},
    shop::BOOKS,
};

const HEADER: &str = "title,authors,year,language,subject,price_cents,stock";

/// Writes `content` to a file in `directory` and imports it.
fn import(directory: &Path, content: impl AsRef<[u8]>) -> Ended {
    fs::write(directory.join("books.csv"), content).unwrap();
    run(directory, |command| {
        command.args(["import", "books.csv"]);
    })
}

fn rows(names: &[&str]) -> String {
    let rows = names
        .iter()
        .map(|n| format!("{n},An Author;Ünother,1900,en,Imported,100,1"));
    [HEADER.to_owned()]
        .into_iter()
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The titles of the subject that these tests use.
fn imported(server: &Server) -> Vec<String> {
    let page = server
        .client
        .get(format!("{BOOKS}?subject=Imported&limit=100"));
    let items = page.expect(200).json()["items"].as_array().unwrap().clone();
    items
        .iter()
        .map(|b| b["title"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn an_import_into_no_database_makes_one() {
    let directory = directory();
    let ended = import(directory.path(), SEED);
    ended.says(0, &[]);
    assert!(directory.path().join("bookshop.db").is_file());
}

#[test]
fn an_import_beside_a_running_server_shows_at_once_and_a_second_changes_nothing() {
    let server = Server::start();
    let file = rows(&["One", "Two", "\"Three, or so\""]);
    import(server.path(), &file).says(0, &[]);
    assert_eq!(imported(&server), ["One", "Two", "Three, or so"]);
    let before = all(&server.client);
    let path = format!("{BOOKS}/{}", before.last().unwrap()["id"].as_str().unwrap());
    let etag = server.client.get(&path).header("etag").map(str::to_owned);
    let again = import(server.path(), &file);
    again.says(0, &[]);
    assert!(
        again.stdout.contains("created 0, updated 0, unchanged 3"),
        "{again:#?}"
    );
    assert_eq!(all(&server.client), before);
    assert_eq!(
        server.client.get(&path).header("etag").map(str::to_owned),
        etag
    );
    let changed = file.replace(",100,1", ",250,0");
    let ended = import(server.path(), changed);
    assert!(ended.stdout.contains("created 0, updated 3"), "{ended:#?}");
    let book = server.client.get(&path).expect(200);
    assert_ne!(book.header("etag").map(str::to_owned), etag);
    assert_eq!(
        (&book.json()["price_cents"], &book.json()["stock"]),
        (&json!(250), &json!(0))
    );
}

#[test]
fn the_seed_is_what_is_already_there() {
    let server = Server::start();
    let books = all(&server.client);
    let ended = import(server.path(), SEED);
    ended.says(0, &[]);
    assert!(ended.stdout.contains("created 0, updated 0"), "{ended:#?}");
    assert_eq!(all(&server.client), books);
}

#[test]
fn bad_rows_are_told_by_line_and_the_good_ones_are_in() {
    let server = Server::start();
    let long = format!(
        "{},An Author,1900,en,Imported,100,1",
        "x".repeat(10_000_000)
    );
    let lines: [&[u8]; 10] = [
        HEADER.as_bytes(),
        b"Good 2,A,1900,en,Imported,100,1",
        b"Bad 3,A,year,en,Imported,100,1",
        b"Bad 4,A,1900,en,Imported,100",
        b"\"Bad 5,A,1900,en,Imported,100,1",
        b"Good 6,A,1900,en,Imported,100,1",
        b"Bad \xff 7,A,1900,en,Imported,100,1",
        long.as_bytes(),
        b"Bad 9,A,1900,EN,Imported,1.00,1",
        b"Good 10,A,1900,en,Imported,100,1",
    ];
    let ended = import(server.path(), lines.join(&b'\n'));
    ended.says(
        1,
        &[
            "line 3:", "line 4:", "line 5:", "line 7:", "line 8:", "line 9:",
        ],
    );
    let told = ended.stderr.lines().filter(|l| l.contains("line "));
    assert_eq!(told.count(), 6, "{}", ended.stderr);
    assert_eq!(imported(&server), ["Good 2", "Good 6", "Good 10"]);
}

#[test]
fn a_wrong_header_or_file_changes_nothing() {
    let server = Server::start();
    let books = all(&server.client);
    let utf16: Vec<u8> = SEED.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [(&[u8], &str); 5] = [
        (b"", "header"),
        (b"title,author\nEmma,Jane Austen\n", "missing"),
        (
            b"title,authors,year,language,subject,price_cents,stock,isbn\n",
            "isbn",
        ),
        (&utf16, "header"),
        (b"\xff\xfe\0\0", "header"),
    ];
    for (content, word) in files {
        import(server.path(), content).says(2, &[word]);
    }
    for path in ["no-such-file.csv", "."] {
        let ended = run(server.path(), |c| {
            c.args(["import", path]);
        });
        ended.says(2, &[path]);
    }
    assert_eq!(all(&server.client), books);
}

#[test]
fn a_wrong_header_or_file_leaves_no_database_behind() {
    let directory = directory();
    for content in ["", "title,author\nEmma,Jane Austen\n"] {
        import(directory.path(), content).says(2, &["header"]);
    }
    for path in ["no-such-file.csv", "."] {
        let ended = run(directory.path(), |c| {
            c.args(["import", path]);
        });
        ended.says(2, &[path]);
    }
    let left = fs::read_dir(directory.path()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["books.csv"], "only the file itself");
}

#[test]
fn two_imports_at_once_make_each_book_once() {
    let server = Server::start();
    let names: Vec<_> = (0..600).map(|n| format!("Book {n:03}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    fs::write(server.path().join("many.csv"), rows(&names)).unwrap();
    let many = || {
        run(server.path(), |c| {
            c.args(["import", "many.csv"]);
        })
    };
    std::thread::scope(|scope| {
        let workers = [scope.spawn(many), scope.spawn(many)];
        for worker in workers {
            worker.join().unwrap().says(0, &[]);
        }
    });
    let page = server
        .client
        .get(format!("{BOOKS}?subject=Imported&offset=0"));
    assert_eq!(page.expect(200).json()["page"]["total"], json!(600));
}

#[test]
fn an_import_that_was_killed_is_finished_by_running_it_again() {
    const ROWS: u64 = 5_000;
    let server = Server::start();
    let names: Vec<_> = (0..ROWS).map(|n| format!("Book {n:05}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    fs::write(server.path().join("many.csv"), rows(&names)).unwrap();
    let total = || {
        let page = server
            .client
            .get(format!("{BOOKS}?subject=Imported&offset=0&limit=1"));
        page.expect(200).json()["page"]["total"].as_u64().unwrap()
    };
    let mut program = command(server.path());
    let mut import = program.args(["import", "many.csv"]).spawn().unwrap();
    // Each look is a round trip: this waits until the first batch is in, or all of it is.
    while total() == 0 && import.try_wait().unwrap().is_none() {}
    import.kill().unwrap();
    import.wait().unwrap();
    let kept = total();
    assert!((1..=ROWS).contains(&kept), "{kept}");
    let ended = run(server.path(), |c| {
        c.args(["import", "many.csv"]);
    });
    ended.says(0, &[]);
    let report = format!("created {}, updated 0, unchanged {kept}", ROWS - kept);
    assert!(ended.stdout.contains(&report), "{report} in {ended:#?}");
    assert_eq!(total(), ROWS);
}
