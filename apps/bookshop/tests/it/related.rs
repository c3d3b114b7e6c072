//! Books that are like a book.

use std::{
    io::{Read, Write},
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    catalogue::all,
    server::Server,
    shop::{BOOKS, a_book, with},
};

fn titled<'b>(books: &'b [Value], title: &str) -> &'b Value {
    let found = books.iter().find(|book| book["title"] == title);
    found.unwrap_or_else(|| panic!("{title} is in the seed"))
}

fn path(book: &Value) -> String {
    format!("{BOOKS}/{}/related", book["id"].as_str().expect("an id"))
}

/// What every engine must show of the seed.
pub(crate) fn the_books_most_like_a_book_are_shown(server: &Server) {
    let books = all(&server.client);
    let emma = titled(&books, "Emma");
    let related = server.client.get(path(emma)).expect(200).json();
    let items = related["items"].as_array().unwrap();
    assert_eq!(items.len(), 5);
    for item in items {
        assert_ne!(item["id"], emma["id"], "a book is not related to itself");
        let listed = books.iter().find(|book| book["id"] == item["id"]).unwrap();
        for field in ["title", "authors", "year", "price_cents", "_links"] {
            assert_eq!(item[field], listed[field], "{field}");
        }
    }
    let likeness = |item: &Value| item["likeness"].as_f64().unwrap();
    assert!(items.is_sorted_by(|a, b| likeness(a) >= likeness(b)));
    assert!(
        items
            .iter()
            .map(likeness)
            .all(|it| (0.0..=1.0).contains(&it))
    );
    assert_eq!(items[0]["authors"], emma["authors"], "{related}");
    let again = server.client.get(path(emma)).expect(200).json();
    assert_eq!(again, related, "the same question, the same answer");
}

#[test]
fn the_most_alike_come_first() {
    the_books_most_like_a_book_are_shown(&Server::for_reading());
}

#[test]
fn the_answer_may_be_kept_by_everybody_for_a_while() {
    let server = Server::for_reading();
    let book = path(&all(&server.client)[0]);
    let answer = server.client.get(&book).expect(200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=30"));
    let staff = server.staff("GET", &book).send().expect(200);
    assert_eq!(staff.json(), answer.json(), "whoever asks");
}

#[test]
fn the_number_of_books_is_bounded() {
    let server = Server::for_reading();
    let book = path(&all(&server.client)[0]);
    for limit in [1, 20] {
        let related = server
            .client
            .get(format!("{book}?limit={limit}"))
            .expect(200);
        assert_eq!(related.json()["items"].as_array().unwrap().len(), limit);
    }
    for limit in ["0", "21", "-1", "x", ""] {
        let refused = server.client.get(format!("{book}?limit={limit}"));
        refused.bad_parameter("limit");
    }
}

#[test]
fn a_book_that_is_not_there_has_none_and_version_1_has_no_such_route() {
    let server = Server::for_reading();
    let nobody = format!("{BOOKS}/00000000-0000-7000-8000-000000000000/related");
    server.client.get(nobody).problem(404);
    server.client.get(format!("{BOOKS}/x/related")).problem(404);
    let book = path(&all(&server.client)[0]).replace("/v2/", "/v1/");
    server.client.get(book).problem(404);
}

#[test]
fn the_answer_is_sent_as_xml_too() {
    let server = Server::for_reading();
    let book = path(&all(&server.client)[0]);
    let request = server.client.request("GET", format!("{book}?limit=1"));
    let xml = request
        .header("accept", "application/xml")
        .send()
        .expect(200);
    assert!(
        xml.text().contains("<related><items><item><likeness>"),
        "{}",
        xml.text()
    );
}

/// What every engine must do with books that come and go.
pub(crate) fn a_book_that_is_gone_is_not_shown(server: &Server) {
    let twin = |price| {
        let book = with(a_book(), "title", json!("Twins of the sea"));
        with(book, "price_cents", json!(price))
    };
    let (first, second) = (server.create(&twin(100)), server.create(&twin(200)));
    let related = format!("{}/related?limit=1", first.0);
    let shown = || server.client.get(&related).expect(200).json()["items"].clone();
    let id = second.0.rsplit('/').next().unwrap();
    assert_eq!(shown()[0]["id"], id, "all but the price is the same");
    assert_eq!(shown()[0]["likeness"], json!(1.0));

    // What is shown is as it is now, and not as it was compared.
    let dearer = server.staff("PUT", &second.0).header("if-match", &second.1);
    dearer.json(&twin(300)).send().expect(200);
    assert_eq!(shown()[0]["price_cents"], json!(300));
    server.staff("DELETE", &second.0).send().expect(204);
    assert_ne!(shown()[0]["id"], id);
    server
        .client
        .get(format!("{}/related", second.0))
        .problem(404);
}

#[test]
fn a_book_that_was_deleted_is_not_shown() {
    // A process of its own: the index is made by the first who asks.
    a_book_that_is_gone_is_not_shown(&Server::start());
}

/// A title of many words, so that there is something to compare.
fn fill(server: &Server) {
    let database = server.path().join("bookshop.db");
    let connection = rusqlite::Connection::open(database).unwrap();
    connection
        .execute_batch(
            "INSERT INTO books (id, title, title_key, search, authors, year, language, subject,
                                price_cents, stock, identity, created_at)
             WITH RECURSIVE numbers(n) AS (
                 SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 10000)
             SELECT format('01900000-0000-7000-8000-%012d', n),
                    format('%d a%d b%d c%d d%d e%d f%d g%d h%d i%d j%d k%d', n, n % 3, n % 5, n % 7,
                           n % 11, n % 13, n % 17, n % 19, n % 23, n % 29, n % 31, n % 37),
                    format('%d', n), format('%d', n), json_array(format('Author %d', n % 100)),
                    1900, 'en', format('Subject %d', n % 10), 100, 1, printf('%064d', n), 0
             FROM numbers",
        )
        .unwrap();
}

/// While four callers have related books computed without a pause, and each hangs up on every
/// second question, a route that computes nothing is answered in time. The bound is far above what
/// is needed and far below what the computing takes altogether.
#[test]
fn other_requests_stay_fast_while_callers_compute_and_hang_up() {
    let server = Server::start();
    fill(&server);
    let book = format!("{BOOKS}/01900000-0000-7000-8000-000000000007/related?limit=20");
    server.client.get(&book).expect(200);
    let stop = std::sync::atomic::AtomicBool::new(false);
    let slowest = thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(std::sync::atomic::Ordering::SeqCst) {
                    server.client.get(&book).expect(200);
                    let mut gone = server.client.connect();
                    let request = server.client.request("GET", &book).bytes();
                    let _ = gone.write_all(&request);
                    let _ = gone.set_read_timeout(Some(Duration::from_millis(1)));
                    let _ = gone.read(&mut [0]);
                }
            });
        }
        let mut times: Vec<_> = (0..200).map(|_| time_of_healthz(&server)).collect();
        stop.store(true, std::sync::atomic::Ordering::SeqCst);
        times.sort_unstable();
        times[times.len() / 2]
    });
    assert!(slowest < Duration::from_millis(250), "median {slowest:?}");
    let stopped = Instant::now();
    server.client.get(&book).expect(200);
    assert!(
        stopped.elapsed() < Duration::from_secs(10),
        "what hung up left nothing behind"
    );
    server.stop();
}

fn time_of_healthz(server: &Server) -> Duration {
    let begun = Instant::now();
    server.client.get("/healthz").expect(200);
    begun.elapsed()
}
