//! The list of books by cursor, by offset, filtered and sorted.

use bookshop::import::SEED;
use serde_json::{Value, json};

use crate::{
    catalogue::{FILTERS, SORTS, all, expected, list, pages, pages_backwards},
    http::encoded,
    server::Server,
    shop::BOOKS,
};

#[test]
fn the_seed_is_all_there_and_nothing_else() {
    let server = Server::for_reading();
    let books = all(&server.client);
    assert!(books.len() >= 200);
    let mut found: Vec<_> = books.iter().map(facts).collect();
    let mut rows = csv::Reader::from_reader(SEED.as_bytes());
    let mut seed: Vec<Vec<String>> = rows
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    found.sort();
    seed.sort();
    assert_eq!(found, seed);
}

/// A book as a row of the seed.
fn facts(book: &Value) -> Vec<String> {
    let authors = book["authors"].as_array().unwrap().iter();
    let authors: Vec<_> = authors.map(|a| a["name"].as_str().unwrap()).collect();
    let mut facts = vec![
        book["title"].as_str().unwrap().to_owned(),
        authors.join(";"),
    ];
    for field in ["year", "language", "subject", "price_cents", "stock"] {
        let value = &book[field];
        facts.push(value.as_str().map_or(value.to_string(), str::to_owned));
    }
    facts
}

#[test]
fn every_sort_with_every_filter_shows_what_the_model_shows_both_ways() {
    let server = Server::for_reading();
    let books = all(&server.client);
    for sort in SORTS {
        for filter in FILTERS {
            let query = [filter, &[("sort", sort), ("limit", "37")]].concat();
            let wanted = expected(&books, filter, sort);
            let forwards = pages(&server.client, &query);
            assert_eq!(ids(&forwards.concat()), ids(&wanted), "{query:?}");
            let backwards = pages_backwards(&server.client, &query);
            assert_eq!(
                ids(&backwards.concat()),
                ids(&wanted),
                "{query:?} backwards"
            );
        }
    }
}

fn ids(books: &[Value]) -> Vec<&str> {
    books
        .iter()
        .map(|book| book["id"].as_str().unwrap())
        .collect()
}

#[test]
fn the_first_page_has_twenty_books_and_no_way_back() {
    let server = Server::for_reading();
    let answer = server.client.get(BOOKS).expect(200);
    let page = answer.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 20);
    assert_eq!(page["page"]["limit"], 20);
    assert_eq!(page["page"]["prev_cursor"], Value::Null);
    assert!(page["page"]["next_cursor"].is_string());
    assert_eq!(answer.link("prev"), None);
    let fields: Vec<_> = page["page"].as_object().unwrap().keys().collect();
    assert_eq!(fields, ["limit", "next_cursor", "prev_cursor"]);
}

#[test]
fn an_empty_list_is_a_page_without_items() {
    let server = Server::for_reading();
    let page = server
        .client
        .get(list(&[("q", "no such book")]))
        .expect(200)
        .json();
    let info = json!({"limit": 20, "next_cursor": null, "prev_cursor": null});
    assert_eq!(page, json!({"items": [], "page": info}));
}

#[test]
fn a_page_that_just_fits_has_no_next() {
    let server = Server::for_reading();
    let count = all(&server.client).len();
    let sizes: Vec<_> = (1..=100)
        .filter(|size| count.is_multiple_of(*size))
        .collect();
    for size in sizes.into_iter().filter(|size| count / size < 50) {
        let pages = pages(&server.client, &[("limit", &size.to_string())]);
        assert_eq!(pages.len(), count / size);
        assert!(pages.iter().all(|page| page.len() == size));
    }
}

#[test]
fn limits_are_1_to_100() {
    let server = Server::for_reading();
    for limit in ["1", "100"] {
        let page = server
            .client
            .get(list(&[("limit", limit)]))
            .expect(200)
            .json();
        assert_eq!(page["items"].as_array().unwrap().len().to_string(), limit);
    }
    for limit in ["0", "101", "-1", "", "x", "1.5", "99999999999999999999"] {
        let answer = server.client.get(list(&[("limit", limit)]));
        answer.bad_parameter("limit");
    }
}

#[test]
fn parameters_that_make_no_sense_are_refused_by_name() {
    let server = Server::for_reading();
    for (name, value) in [
        ("sort", "author"),
        ("sort", "-id"),
        ("sort", ""),
        ("language", "EN"),
        ("language", "xx"),
        ("year_from", "MDCC"),
        ("year_from", "-3001"),
        ("year_to", "2101"),
        ("year_to", "18.5"),
        ("subject", ""),
        ("subject", "a\0b"),
        ("q", "a\0b"),
        ("offset", "-1"),
        ("page", "0"),
        ("page", "two"),
    ] {
        server
            .client
            .get(list(&[(name, value)]))
            .bad_parameter(name);
    }
}

#[test]
fn a_query_that_is_not_text_or_says_a_thing_twice_is_refused() {
    let server = Server::for_reading();
    for query in ["q=%ff", "limit=5&limit=6", "sort=id&sort=id", "q=%zz"] {
        let answer = server.client.get(format!("{BOOKS}?{query}"));
        answer.problem(400);
    }
}

#[test]
fn a_cursor_that_was_changed_is_refused() {
    let server = Server::for_reading();
    let page = server
        .client
        .get(list(&[("limit", "5")]))
        .expect(200)
        .json();
    let good = page["page"]["next_cursor"].as_str().unwrap().to_owned();
    server.client.get(list(&[("cursor", &good)])).expect(200);
    for at in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        server
            .client
            .get(list(&[("cursor", &changed)]))
            .bad_parameter("cursor");
    }
    let long = "A".repeat(5000);
    let twice = format!("{good}{good}");
    for cursor in [
        "",
        "x",
        ".",
        "%",
        "é",
        &good[1..],
        &good[..good.len() - 1],
        &twice,
        &long,
    ] {
        server
            .client
            .get(list(&[("cursor", cursor)]))
            .bad_parameter("cursor");
    }
}

#[test]
fn a_cursor_of_another_sort_or_filter_is_refused() {
    let server = Server::for_reading();
    let query = [("sort", "year"), ("subject", "Fiction"), ("limit", "5")];
    let page = server.client.get(list(&query)).expect(200).json();
    let cursor = page["page"]["next_cursor"].as_str().unwrap();
    let same = [("sort", "year"), ("subject", "Fiction"), ("cursor", cursor)];
    server.client.get(list(&same)).expect(200);
    let others: [&[(&str, &str)]; 5] = [
        &[("sort", "-year"), ("subject", "Fiction")],
        &[("subject", "Fiction")],
        &[("sort", "year")],
        &[("sort", "year"), ("subject", "Drama")],
        &[("sort", "year"), ("subject", "Fiction"), ("q", "a")],
    ];
    for other in others {
        let answer = server
            .client
            .get(list(&[other, &[("cursor", cursor)]].concat()));
        answer.bad_parameter("cursor");
    }
}

#[test]
fn pages_by_offset_and_by_number_are_the_same_and_know_the_total() {
    let server = Server::for_reading();
    let books = all(&server.client);
    let total = books.len();
    let by_offset = server
        .client
        .get(list(&[("limit", "50"), ("offset", "100")]));
    let by_number = server.client.get(list(&[("limit", "50"), ("page", "3")]));
    for answer in [by_offset.expect(200), by_number.expect(200)] {
        let page = answer.json();
        let info = json!({"limit": 50, "offset": 100, "total": total});
        assert_eq!(page["page"], info);
        assert_eq!(
            ids(page["items"].as_array().unwrap()),
            ids(&books[100..150])
        );
        for (rel, at) in [("first", 0), ("prev", 50), ("next", 150)] {
            let linked = server
                .client
                .get(answer.link(rel).expect(rel))
                .expect(200)
                .json();
            assert_eq!(linked["page"]["offset"], at, "{rel}");
        }
        let last = server.client.get(answer.link("last").unwrap()).expect(200);
        assert_eq!(last.link("next"), None);
        let last = last.json();
        let tail = last["items"].as_array().unwrap();
        assert_eq!(tail.last(), books.last());
    }
}

#[test]
fn the_links_of_an_offset_page_keep_filter_and_sort() {
    let server = Server::for_reading();
    let query = [
        ("subject", "Fiction"),
        ("sort", "-year"),
        ("limit", "5"),
        ("offset", "0"),
    ];
    let answer = server.client.get(list(&query)).expect(200);
    assert_eq!(answer.link("prev"), None);
    let next = server
        .client
        .get(answer.link("next").unwrap())
        .expect(200)
        .json();
    let wanted = expected(&all(&server.client), &[("subject", "Fiction")], "-year");
    assert_eq!(ids(next["items"].as_array().unwrap()), ids(&wanted[5..10]));
}

#[test]
fn an_offset_past_the_end_is_an_empty_page() {
    let server = Server::for_reading();
    let page = server
        .client
        .get(list(&[("offset", "10000")]))
        .expect(200)
        .json();
    assert_eq!(page["items"], json!([]));
}

#[test]
fn offset_and_cursor_or_offset_and_page_contradict_each_other() {
    let server = Server::for_reading();
    let page = server
        .client
        .get(list(&[("limit", "5")]))
        .expect(200)
        .json();
    let cursor = page["page"]["next_cursor"].as_str().unwrap();
    let get = |query: &[(&str, &str)]| server.client.get(list(query));
    get(&[("offset", "0"), ("cursor", cursor)]).problem(400);
    get(&[("page", "1"), ("cursor", cursor)]).problem(400);
    get(&[("page", "1"), ("offset", "0")]).problem(400);
}

#[test]
fn an_offset_over_10000_is_refused_and_told_of_the_cursor() {
    let server = Server::for_reading();
    for query in [
        [("offset", "10001"), ("limit", "5")],
        [("page", "5000"), ("limit", "100")],
    ] {
        let problem = server.client.get(list(&query)).problem(400);
        assert!(problem.to_string().contains("cursor"), "{problem}");
    }
}

#[test]
fn an_injected_quote_is_only_text() {
    let server = Server::for_reading();
    for text in ["'; DROP TABLE books; --", "\" OR 1=1", "%", "_", "\\"] {
        let path = format!("{BOOKS}?q={}", encoded(text));
        let page = server.client.get(path).expect(200).json();
        let books = expected(&all(&server.client), &[("q", text)], "id");
        assert_eq!(page["items"].as_array().unwrap().len(), books.len().min(20));
    }
}
