//! Which page is asked for, and the links of the answer.

use purlin_base::page::{CursorInfo, OffsetInfo, PageInfo};
use purlin_http::{Page, PageRequest, Route, Router, Routes};

use crate::support::{get, served};

/// A list of 45 rows; the cursor of a page is `c` and the row it begins at.
fn router() -> Router {
    let list = Route::get("/rows")
        .public()
        .handler(async |asked: PageRequest| -> Page<u64> {
            let limit = u64::from(asked.limit());
            let (start, page) = match asked.offset() {
                Some(offset) => (offset, offset_info(&asked, offset)),
                None => {
                    let start = asked
                        .cursor()
                        .map_or(0, |cursor| cursor[1..].parse().unwrap());
                    (start, cursor_info(&asked, start))
                }
            };
            let items = (start..(start + limit).min(45)).collect();
            asked.answer(purlin_base::Page { items, page })
        });
    served(Routes::at("/").route(list))
}

fn offset_info(asked: &PageRequest, offset: u64) -> PageInfo {
    PageInfo::Offset(OffsetInfo {
        limit: asked.limit(),
        offset,
        total: 45,
    })
}

fn cursor_info(asked: &PageRequest, start: u64) -> PageInfo {
    let limit = u64::from(asked.limit());
    let next = start + limit;
    PageInfo::Cursor(CursorInfo {
        limit: asked.limit(),
        next_cursor: (next < 45).then(|| format!("c{next}")),
        prev_cursor: (start > 0).then(|| format!("c{}", start.saturating_sub(limit))),
    })
}

#[tokio::test]
async fn a_walk_by_cursor_links_to_its_neighbours_and_keeps_the_other_parameters() {
    let first = get(&router(), "/rows?subject=a%26b&limit=20").await;
    assert_eq!(
        first.header("link"),
        "</rows?subject=a%26b&limit=20&cursor=c20>; rel=\"next\""
    );
    assert_eq!(first.json()["page"]["prev_cursor"], serde_json::Value::Null);
    let middle = get(&router(), "/rows?cursor=c20&limit=20").await;
    let links =
        "</rows?limit=20&cursor=c40>; rel=\"next\", </rows?limit=20&cursor=c0>; rel=\"prev\"";
    assert_eq!(middle.header("link"), links);
    let last = get(&router(), "/rows?cursor=c40").await;
    assert_eq!(last.header("link"), "</rows?cursor=c20>; rel=\"prev\"");
    assert_eq!(last.json()["items"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_page_by_offset_links_to_the_ends_too() {
    let cases = [
        ("offset=0", "first=0 next=20 last=40"),
        ("offset=20", "first=0 prev=0 next=40 last=40"),
        ("offset=5", "first=0 prev=0 next=25 last=40"),
        ("page=3", "first=0 prev=20 last=40"),
        ("page=1&limit=100", "first=0 last=0"),
        ("offset=9999", "first=0 prev=40 last=40"),
    ];
    for (query, wanted) in cases {
        let answer = get(&router(), &format!("/rows?{query}")).await;
        let link = |link: &str| {
            let (target, rel) = link.split_once(">; rel=\"").unwrap();
            let offset = target.rsplit("offset=").next().unwrap();
            format!("{}={offset}", rel.trim_end_matches('"'))
        };
        let links: Vec<String> = answer.header("link").split(", ").map(link).collect();
        assert_eq!(links.join(" "), wanted, "{query}");
    }
    assert_eq!(
        get(&router(), "/rows?page=2").await.json()["page"]["offset"],
        20
    );
}

#[tokio::test]
async fn a_bad_page_is_400_with_the_parameter() {
    let long = format!("cursor={}", "x".repeat(4097));
    let cases = [
        ("limit=0", "limit", "range"),
        ("limit=101", "limit", "range"),
        ("limit=-1", "limit", "type"),
        ("limit=+5", "limit", "type"),
        ("limit=", "limit", "type"),
        ("limit=1e2", "limit", "type"),
        ("limit=99999999999999999999999", "limit", "range"),
        ("limit=1&limit=1", "limit", "duplicate"),
        ("offset=-1", "offset", "type"),
        ("offset=10001", "offset", "range"),
        ("page=0", "page", "range"),
        ("page=502", "page", "range"),
        ("page=18446744073709551615", "page", "range"),
        ("offset=0&cursor=c0", "offset", "contradiction"),
        ("page=1&cursor=c0", "page", "contradiction"),
        ("page=1&offset=0", "page", "contradiction"),
        ("cursor=", "cursor", "malformed"),
        ("cursor=a%0Ab", "cursor", "malformed"),
        ("cursor=%C3%BC", "cursor", "malformed"),
        (long.as_str(), "cursor", "malformed"),
    ];
    for (query, name, code) in cases {
        let answer = get(&router(), &format!("/rows?{query}")).await;
        assert_eq!(answer.problem(400), "HTTP_PARAMETER_INVALID", "{query}");
        assert_eq!(answer.fault(), (name.into(), code.into()), "{query}");
    }
    let far = get(&router(), "/rows?offset=10001").await;
    assert!(
        far.json()["detail"]
            .as_str()
            .unwrap()
            .contains("use `cursor`")
    );
    assert_eq!(
        get(&router(), "/rows?page=501").await.status,
        200,
        "an offset of 10 000"
    );
}

/// A list of `total` rows by offset, of which nothing is shown.
fn list_of(total: u64) -> Router {
    let list = async move |asked: PageRequest| -> Page<u64> {
        let (limit, offset) = (asked.limit(), asked.offset().unwrap_or(0));
        let info = OffsetInfo {
            limit,
            offset,
            total,
        };
        let page = PageInfo::Offset(info);
        asked.answer(purlin_base::Page {
            items: vec![],
            page,
        })
    };
    served(Routes::at("/").route(Route::get("/rows").public().handler(list)))
}

#[tokio::test]
async fn a_page_without_rows_links_only_to_pages_that_can_be_asked_for() {
    for (total, query, wanted) in [
        (0, "offset=0", "first=0 last=0"),
        (0, "offset=40", "first=0 prev=0 last=0"),
        (1, "offset=40&limit=1", "first=0 prev=0 last=0"),
        (20, "offset=20", "first=0 prev=0 last=0"),
        (
            1_000_000,
            "offset=10000&limit=100",
            "first=0 prev=9900 last=10000",
        ),
        (1_000_000, "offset=9990", "first=0 prev=9970 last=10000"),
        (
            u64::MAX,
            "offset=10000&limit=1",
            "first=0 prev=9999 last=10000",
        ),
    ] {
        let answer = get(&list_of(total), &format!("/rows?{query}")).await;
        let links = links(answer.header("link"));
        let shown = links.iter().map(|(rel, target)| {
            let offset = target.rsplit("offset=").next().unwrap();
            format!("{rel}={offset}")
        });
        assert_eq!(
            shown.collect::<Vec<_>>().join(" "),
            wanted,
            "{total} {query}"
        );
        for (_, target) in links {
            assert_eq!(get(&list_of(total), &target).await.status, 200, "{target}");
        }
    }
}

/// The relations and targets of a `Link` field, which must be exactly as RFC 8288 writes it.
fn links(field: &str) -> Vec<(String, String)> {
    let link = |link: &str| {
        let (target, rel) = link
            .split_once(">; rel=\"")
            .expect("a target and a relation");
        let target = target
            .strip_prefix('<')
            .expect("a target in angle brackets");
        let safe = |byte: u8| byte.is_ascii_graphic() && !b"<>\"".contains(&byte);
        assert!(target.bytes().all(safe), "{target}");
        (rel.strip_suffix('"').unwrap().to_owned(), target.to_owned())
    };
    field.split(", ").map(link).collect()
}

#[tokio::test]
async fn whatever_is_in_the_query_the_links_are_whole_and_keep_the_filters() {
    for hostile in [
        "q=a%0D%0ASet-Cookie:%20x=1",
        "q=%3E%3B%20rel=%22evil%22",
        "q=%3Chttps://evil.example/%3E%3B%20rel=next,",
        "q=\">;rel=next,<x",
        "q=%22%27%5C%60%7B%7D%7C%5E",
        "q=%ff%fe",
        "q=%C3%BC%E2%80%AE",
        "q=a&q=b&=c&d&&;=%",
        "q=%2526limit%253D1%26limit%3D1",
        "offset%00=1",
    ] {
        let uri = format!("/rows?{hostile}&limit=20&subject=x%26y");
        let Ok(uri) = uri.parse::<http::Uri>() else {
            continue;
        };
        let answer = get(&router(), &uri.to_string()).await;
        if hostile.contains("%00") {
            answer.problem(400);
            continue;
        }
        let links = links(answer.header("link"));
        let [(rel, next)] = &links[..] else {
            panic!("{links:?}");
        };
        assert_eq!(rel, "next", "{hostile}");
        let pairs = |query: &str| -> Vec<(String, String)> {
            form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect()
        };
        let mut wanted = pairs(uri.query().unwrap());
        wanted.push(("cursor".into(), "c20".into()));
        assert_eq!(pairs(next.split_once('?').unwrap().1), wanted, "{hostile}");
    }
}

#[tokio::test]
async fn links_longer_than_any_field_should_be_are_left_out() {
    let long = get(
        &router(),
        &format!("/rows?cursor=c20&q={}", "'".repeat(4000)),
    )
    .await;
    assert_eq!((long.status.as_u16(), long.header("link")), (200, ""));
    assert_eq!(long.json()["page"]["next_cursor"], "c40");
}

#[test]
fn what_is_asked_for_is_said_in_the_words_that_all_stores_share() {
    use purlin_base::page::{Asked, Start};

    for (query, start) in [
        ("limit=7", Start::Cursor(None)),
        ("limit=7&cursor=abc", Start::Cursor(Some("abc"))),
        ("limit=7&offset=3", Start::Offset(3)),
        ("limit=7&page=3", Start::Offset(14)),
    ] {
        let uri = format!("/rows?{query}").parse().unwrap();
        let asked = PageRequest::read(&uri).unwrap();
        assert_eq!(asked.asked(), Asked { limit: 7, start }, "{query}");
    }
}
