//! The model: what a list must show, worked out from all books at once.

use std::cmp::Ordering;

use serde_json::Value;

use crate::{
    http::{Client, encoded},
    shop::BOOKS,
};

/// Every order of the list.
pub(crate) const SORTS: [&str; 7] = ["id", "title", "-title", "year", "-year", "price", "-price"];

/// Filters, each as the pairs of its query.
pub(crate) const FILTERS: [&[(&str, &str)]; 9] = [
    &[],
    &[("subject", "Fiction")],
    &[("language", "fr")],
    &[("year_from", "1800"), ("year_to", "1899")],
    &[("year_to", "-1")],
    &[("q", "É")],
    &[("q", "mark TWAIN")],
    &[
        ("subject", "Poetry"),
        ("language", "ru"),
        ("year_from", "1700"),
    ],
    &[("q", "100% no_such\\book")],
];

/// All books, in the order of their identifiers, by the shortest way: one walk.
pub(crate) fn all(client: &Client) -> Vec<Value> {
    pages(client, &[("limit", "100")]).concat()
}

/// What the list with `filter` and `sort` must show of `books`.
pub(crate) fn expected(books: &[Value], filter: &[(&str, &str)], sort: &str) -> Vec<Value> {
    let fits = |book: &&Value| filter.iter().all(|(name, value)| fits(book, name, value));
    let mut books: Vec<Value> = books.iter().filter(fits).cloned().collect();
    books.sort_by(|a, b| order(a, b, sort));
    books
}

fn fits(book: &Value, name: &str, value: &str) -> bool {
    let year = || value.parse::<i64>().expect("a year");
    match name {
        "subject" | "language" => book[name] == value,
        "year_from" => number(book, "year") >= year(),
        "year_to" => number(book, "year") <= year(),
        "q" => {
            let authors = book["authors"].as_array().expect("authors");
            let mut texts = authors.iter().map(|author| text(author, "name"));
            let holds = |text: &str| lower(text).contains(&lower(value));
            holds(text(book, "title")) || texts.any(holds)
        }
        other => panic!("no such filter: {other}"),
    }
}

/// By the field of `sort`, backwards if it begins with a minus; equal books by `id` upwards.
fn order(a: &Value, b: &Value, sort: &str) -> Ordering {
    let by_number = |field| number(a, field).cmp(&number(b, field));
    let up = match sort.trim_start_matches('-') {
        "id" => Ordering::Equal,
        "title" => lower(text(a, "title")).cmp(&lower(text(b, "title"))),
        "year" => by_number("year"),
        "price" => by_number("price_cents"),
        other => panic!("no such sort: {other}"),
    };
    let up = if sort.starts_with('-') {
        up.reverse()
    } else {
        up
    };
    up.then_with(|| text(a, "id").cmp(text(b, "id")))
}

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

fn number(book: &Value, field: &str) -> i64 {
    book[field].as_i64().expect("a whole number")
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().expect("text")
}

/// The path of the list with this query.
pub(crate) fn list(query: &[(&str, &str)]) -> String {
    let pairs = query.iter().map(|(n, v)| format!("{n}={}", encoded(v)));
    format!("{BOOKS}?{}", pairs.collect::<Vec<_>>().join("&"))
}

/// Walks the list forwards by its cursors: the items of each page.
#[track_caller]
pub(crate) fn pages(client: &Client, query: &[(&str, &str)]) -> Vec<Vec<Value>> {
    let (mut pages, mut target) = (Vec::new(), Some(list(query)));
    while let Some(path) = target {
        let answer = client.get(path).expect(200);
        let page = answer.json();
        pages.push(page["items"].as_array().expect("items").clone());
        target = answer.link("next");
        let cursor = page["page"]["next_cursor"].as_str();
        assert_eq!(cursor.is_some(), target.is_some(), "{page}");
        assert!(pages.len() < 1000, "the walk has no end");
    }
    pages
}

/// Walks the list backwards from its last page: the items of each page, in forward order.
#[track_caller]
pub(crate) fn pages_backwards(client: &Client, query: &[(&str, &str)]) -> Vec<Vec<Value>> {
    let mut last = client.get(list(query)).expect(200);
    while let Some(next) = last.link("next") {
        last = client.get(next).expect(200);
    }
    let mut pages = Vec::new();
    loop {
        let page = last.json();
        pages.insert(0, page["items"].as_array().expect("items").clone());
        let Some(cursor) = page["page"]["prev_cursor"].as_str() else {
            assert_eq!(last.link("prev"), None);
            return pages;
        };
        let query = [query, &[("cursor", cursor)]].concat();
        last = client.get(list(&query)).expect(200);
    }
}
