//! `Range` against a model of RFC 9110 §14, over random fields and contents.

use axum::body::Body;
use http::Request;
use proptest::prelude::*;
use purlin_http::{ETag, FileReply, Raw, Reply, Route, Router, Routes};

use crate::support::{Answer, ask, served};

fn router(content: Vec<u8>) -> Router {
    let read = move || {
        let file = FileReply::bytes(content.clone()).media_type("text/plain");
        async move { file.etag(ETag::strong(7)) }
    };
    served(Routes::at("/").route(Route::get("/file").public().handler(read)))
}

async fn with(content: &[u8], fields: &[(&str, &str)]) -> Answer {
    let request = Request::builder().uri("/file");
    let request = fields.iter().fold(request, |request, (name, value)| {
        request.header(*name, *value)
    });
    ask(
        &router(content.to_vec()),
        request.body(Body::empty()).unwrap(),
    )
    .await
}

/// The parts of an answer: where each begins, and its bytes.
fn parts(answer: &Answer) -> Vec<(usize, Vec<u8>)> {
    let place = |field: &str| {
        let (range, length) = field
            .strip_prefix("bytes ")
            .unwrap()
            .split_once('/')
            .unwrap();
        let (first, last) = range.split_once('-').unwrap();
        let number = |text: &str| text.parse::<usize>().unwrap();
        (number(first), number(last), number(length))
    };
    let kind = answer.header("content-type");
    let Some(boundary) = kind.strip_prefix("multipart/byteranges; boundary=") else {
        let (first, last, _) = place(answer.header("content-range"));
        assert_eq!(last + 1 - first, answer.body.len());
        return vec![(first, answer.body.clone())];
    };
    assert_eq!(answer.header("content-range"), "");
    let find = |from: &[u8], what: &[u8]| from.windows(what.len()).position(|seen| seen == what);
    let mut rest = &answer.body[..];
    let mut parts = Vec::new();
    let open = format!("--{boundary}\r\nContent-Type: text/plain\r\nContent-Range: ");
    while let Some(after) = rest.strip_prefix(open.as_bytes()) {
        let end = find(after, b"\r\n\r\n").unwrap();
        let (first, last, _) = place(std::str::from_utf8(&after[..end]).unwrap());
        let (bytes, after) = after[end + 4..].split_at(last + 1 - first);
        parts.push((first, bytes.to_vec()));
        rest = after.strip_prefix(b"\r\n").unwrap();
    }
    assert_eq!(rest, format!("--{boundary}--\r\n").as_bytes());
    assert!(parts.len() > 1, "one range is never sent in parts");
    parts
}

/// What is to be answered.
#[derive(Debug, PartialEq)]
enum Model {
    Whole,
    Nothing,
    /// Runs of bytes, in the order in which they are first asked for.
    Runs(Vec<(usize, usize)>),
}

/// The RFC, word by word and slowly: every byte that is asked for is marked.
fn model(field: &str, length: usize) -> Model {
    let Some(specs) = specs(field) else {
        return Model::Whole;
    };
    if length == 0
        && specs
            .iter()
            .any(|(first, last)| first.is_none() && last.unwrap() > 0)
    {
        return Model::Whole;
    }
    let mut first_asked = vec![usize::MAX; length];
    for (place, spec) in specs.iter().enumerate() {
        for (at, asked) in first_asked.iter_mut().enumerate() {
            let is_in = match *spec {
                (Some(first), last) => {
                    at as u128 >= first && last.is_none_or(|last| at as u128 <= last)
                }
                (None, Some(count)) => ((length - at) as u128) <= count,
                (None, None) => unreachable!(),
            };
            if is_in {
                *asked = (*asked).min(place);
            }
        }
    }
    let mut runs: Vec<(usize, usize, usize)> = Vec::new();
    for at in (0..length).filter(|at| first_asked[*at] != usize::MAX) {
        match runs.last_mut() {
            Some((_, last, place)) if at - *last - 1 < 80 => {
                *last = at;
                *place = first_asked[at].min(*place);
            }
            _ => runs.push((at, at, first_asked[at])),
        }
    }
    runs.sort_by_key(|run| run.2);
    match runs.is_empty() {
        true => Model::Nothing,
        false => Model::Runs(
            runs.into_iter()
                .map(|(first, last, _)| (first, last))
                .collect(),
        ),
    }
}

type Spec = (Option<u128>, Option<u128>);

fn specs(field: &str) -> Option<Vec<Spec>> {
    let (unit, set) = field.split_once('=')?;
    let digits = |text: &str| match text.chars().all(|c| c.is_ascii_digit()) && !text.is_empty() {
        true => text.parse::<u128>().ok(),
        false => None,
    };
    let mut specs = Vec::new();
    for spec in set.split(',').map(|spec| spec.trim_matches([' ', '\t'])) {
        if spec.is_empty() {
            continue;
        }
        let (first, last) = spec.split_once('-')?;
        let pair = match (first, last) {
            ("", count) => (None, Some(digits(count)?)),
            (first, "") => (Some(digits(first)?), None),
            (first, last) => (Some(digits(first)?), Some(digits(last)?)),
        };
        if let (Some(first), Some(last)) = pair
            && last < first
        {
            return None;
        }
        specs.push(pair);
    }
    let fits = unit.eq_ignore_ascii_case("bytes") && (1..=16).contains(&specs.len());
    fits.then_some(specs)
}

#[track_caller]
fn agrees(answer: &Answer, content: &[u8], model: &Model) {
    match model {
        Model::Whole => {
            assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, content));
            assert_eq!(answer.header("content-length"), content.len().to_string());
        }
        Model::Nothing => {
            assert_eq!(answer.problem(416), "HTTP_RANGE_NOT_SATISFIABLE");
            assert_eq!(
                answer.header("content-range"),
                format!("bytes */{}", content.len())
            );
        }
        Model::Runs(runs) => {
            assert_eq!(answer.status, 206);
            let expected: Vec<_> = runs
                .iter()
                .map(|(first, last)| (*first, content[*first..=*last].to_vec()))
                .collect();
            assert_eq!(parts(answer), expected);
            assert_eq!(
                answer.header("content-length"),
                answer.body.len().to_string()
            );
            assert_eq!(answer.header("etag"), "\"7\"");
            // Heads of parts are short, and no byte is sent twice.
            assert!(answer.body.len() <= content.len() + 17 * 200);
        }
    }
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (0_u32..1200).prop_map(|number| number.to_string()),
        Just("0".to_owned()),
        Just("18446744073709551615".to_owned()),
        Just("18446744073709551616".to_owned()),
        "0{1,3}[0-9]{1,3}",
        "[0-9]{15,36}",
    ]
}

fn spec() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (0_u32..1100, 0_u32..300).prop_map(|(first, more)| format!("{first}-{}", first + more)),
        2 => (number(), number()).prop_map(|(first, last)| format!("{first}-{last}")),
        2 => number().prop_map(|first| format!("{first}-")),
        2 => number().prop_map(|count| format!("-{count}")),
        1 => Just(String::new()),
        1 => "[ \t]{0,2}[0-9]{1,3}-[0-9]{0,4}[ \t]{0,2}",
    ]
}

fn field() -> impl Strategy<Value = String> {
    let list = |count| prop::collection::vec(spec(), count).prop_map(|specs| specs.join(","));
    prop_oneof![
        8 => list(1..6).prop_map(|list| format!("bytes={list}")),
        2 => list(1..24).prop_map(|list| format!("Bytes={list}")),
        1 => list(1..3).prop_map(|list| format!("items={list}")),
        1 => "bytes=[0-9,\\- =a]{0,20}",
        1 => "[ -~]{0,30}",
    ]
}

fn now<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_range_of_any_content_is_answered_as_the_rfc_says(
        content in prop::collection::vec(any::<u8>(), 0..1000),
        field in field(),
    ) {
        let answer = now(with(&content, &[("range", &field)]));
        // A field value begins and ends with a visible character, which a client sees to.
        agrees(&answer, &content, &model(&field, content.len()));
    }
}

const CONTENT: &[u8] = &[b'x'; 1000];

#[tokio::test]
async fn one_range_is_206_and_names_its_place() {
    for (field, place) in [
        ("bytes=0-99", "bytes 0-99/1000"),
        ("bytes=100-", "bytes 100-999/1000"),
        ("bytes=-50", "bytes 950-999/1000"),
        ("bytes=990-5000", "bytes 990-999/1000"),
    ] {
        let answer = with(CONTENT, &[("range", field)]).await;
        assert_eq!(answer.status, 206);
        assert_eq!(answer.header("content-range"), place);
        assert_eq!(answer.header("accept-ranges"), "bytes");
        assert_eq!(answer.header("content-type"), "text/plain");
    }
}

#[tokio::test]
async fn a_thousand_ranges_are_answered_with_the_whole_once() {
    for spec in ["0-", "-1", "0-0", "999-999", "5-6"] {
        let field = format!("bytes={}", vec![spec; 1000].join(","));
        agrees(
            &with(CONTENT, &[("range", &field)]).await,
            CONTENT,
            &Model::Whole,
        );
    }
    let few = format!("bytes={}", vec!["0-"; 16].join(","));
    let once = Model::Runs(vec![(0, 999)]);
    agrees(&with(CONTENT, &[("range", &few)]).await, CONTENT, &once);
}

#[tokio::test]
async fn two_range_fields_are_ignored() {
    let answer = with(CONTENT, &[("range", "bytes=0-1"), ("range", "bytes=2-3")]).await;
    agrees(&answer, CONTENT, &Model::Whole);
}

#[tokio::test]
async fn if_range_needs_the_strong_tag_or_the_exact_date() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let changed = std::time::UNIX_EPOCH + std::time::Duration::from_secs(784_111_777);
    let strong = || FileReply::bytes(CONTENT).etag(ETag::strong(7));
    let weak = || FileReply::bytes(CONTENT).etag(ETag::weak(7));
    let bare = || FileReply::bytes(CONTENT);
    for (file, seen, status) in [
        (strong(), "\"7\"", 206),
        (strong(), "\"8\"", 200),
        (strong(), "W/\"7\"", 200),
        (strong(), "\"7\", \"8\"", 200),
        (strong(), "7", 200),
        (strong(), date, 200),
        (weak(), "W/\"7\"", 200),
        (weak(), "\"7\"", 200),
        (bare(), "\"7\"", 200),
        (bare(), date, 200),
        (bare(), "*", 200),
    ] {
        assert_eq!(if_range(file, seen).await, status, "{seen}");
    }
    let dated = || FileReply::bytes(CONTENT).last_modified(changed);
    assert_eq!(if_range(dated(), date).await, 206);
    assert_eq!(
        if_range(dated(), "Sun, 06 Nov 1994 08:49:38 GMT").await,
        200
    );
    assert_eq!(if_range(dated(), "Sunday").await, 200);
}

async fn if_range(reply: FileReply, seen: &str) -> u16 {
    let reply = std::sync::Arc::new(std::sync::Mutex::new(Some(reply)));
    let read = move || {
        let reply = reply.lock().unwrap().take().unwrap();
        async move { reply }
    };
    let router = served(Routes::at("/").route(Route::get("/file").public().handler(read)));
    let request = Request::builder().uri("/file").header("range", "bytes=0-1");
    let request = request.header("if-range", seen).body(Body::empty());
    ask(&router, request.unwrap()).await.status.as_u16()
}

#[tokio::test]
async fn a_precondition_comes_before_the_range() {
    let fields = [("range", "bytes=0-1"), ("if-none-match", "\"7\"")];
    let answer = with(CONTENT, &fields).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0));
    let answer = with(CONTENT, &[("range", "bytes=5000-"), ("if-range", "\"8\"")]).await;
    agrees(&answer, CONTENT, &Model::Whole);
}

#[tokio::test]
async fn head_is_answered_as_if_no_range_were_asked() {
    let request = Request::head("/file")
        .header("range", "bytes=0-1")
        .body(Body::empty());
    let answer = ask(&router(CONTENT.to_vec()), request.unwrap()).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0));
    assert_eq!(answer.header("content-length"), "1000");
    assert_eq!(answer.header("accept-ranges"), "bytes");
}

#[tokio::test]
async fn an_answer_that_a_layer_has_coded_has_no_ranges() {
    let read = async || {
        let mut coded = FileReply::bytes(CONTENT).reply();
        let gzip = http::HeaderValue::from_static("gzip");
        coded.headers_mut().insert("content-encoding", gzip);
        Raw(coded)
    };
    let router = served(Routes::at("/").route(Route::get("/file").public().handler(read)));
    let request = Request::get("/file").header("range", "bytes=0-1");
    let answer = ask(&router, request.body(Body::empty()).unwrap()).await;
    agrees(&answer, CONTENT, &Model::Whole);
}

#[tokio::test]
async fn what_a_layer_says_stays_when_no_range_is_there() {
    let read = async || {
        let file = FileReply::bytes(CONTENT).cache_control("public, max-age=60");
        let mut answer = file.attachment("a.txt").reply();
        let origin = http::HeaderValue::from_static("https://example.com");
        answer
            .headers_mut()
            .insert("access-control-allow-origin", origin);
        Raw(answer)
    };
    let router = served(Routes::at("/").route(Route::get("/file").public().handler(read)));
    let request = Request::get("/file").header("range", "bytes=1000-");
    let answer = ask(&router, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.problem(416), "HTTP_RANGE_NOT_SATISFIABLE");
    assert_eq!(answer.header("content-range"), "bytes */1000");
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://example.com"
    );
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-disposition"), "");
}
