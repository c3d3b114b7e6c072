//! Conditions of writes: 412 and 428 against lost updates.

use axum::body::Body;
use http::Request;
use purlin_http::{ETag, IfMatch, Json, Preconditions, Route, Routes, conditional::States};

use crate::{
    conditional::{BEFORE, FAR, SAME, with},
    support::{ask, served},
};

#[tokio::test]
async fn a_replacement_needs_the_present_state() {
    for seen in [
        "\"7\"",
        "*",
        "\"1\", \"7\"",
        "\"7;staff\"",
        "\"7;xml;gzip\"",
    ] {
        let answer = with("PUT", "/book", &[("if-match", seen)]).await;
        assert_eq!(answer.status, 204, "{seen}");
    }
    for stale in [
        "\"6\"",
        "W/\"7\"",
        "\"\"",
        "\"77\"",
        "\";7\"",
        "",
        "\"\u{fc}\"",
    ] {
        let answer = with("PUT", "/book", &[("if-match", stale)]).await;
        assert_eq!(answer.problem(412), "HTTP_IF_MATCH_FAILED", "{stale}");
    }
    assert_eq!(
        with("PUT", "/book", &[]).await.problem(428),
        "HTTP_IF_MATCH_MISSING"
    );
    for bad in ["7", "\"7"] {
        let answer = with("PUT", "/book", &[("if-match", bad)]).await;
        assert_eq!(answer.problem(400), "HTTP_IF_MATCH_MALFORMED", "{bad}");
        assert_eq!(answer.fault(), ("If-Match".into(), "malformed".into()));
    }
}

#[tokio::test]
async fn a_write_can_name_the_time_instead() {
    for method in ["PUT", "DELETE"] {
        let since = async |date| with(method, "/both", &[("if-unmodified-since", date)]).await;
        assert_eq!(since(SAME).await.status, 204);
        assert_eq!(since(FAR).await.status, 204);
        assert_eq!(
            since(BEFORE).await.problem(412),
            "HTTP_IF_UNMODIFIED_SINCE_FAILED"
        );
        // A date that is none is ignored, and so nothing is named.
        assert_eq!(
            since("soon").await.problem(428),
            "HTTP_PRECONDITION_MISSING"
        );
        assert_eq!(
            with(method, "/both", &[]).await.problem(428),
            "HTTP_PRECONDITION_MISSING"
        );
    }
}

#[tokio::test]
async fn a_put_that_only_creates_is_412_for_what_is_there() {
    let any = [("if-none-match", "*")];
    assert_eq!(with("PUT", "/names/free", &any).await.status, 201);
    let taken = with("PUT", "/names/taken", &any).await;
    assert_eq!(taken.problem(412), "HTTP_IF_NONE_MATCH_FAILED");
    for (name, fields, status) in [
        ("free", ("if-match", "*"), 412),
        ("free", ("if-match", "\"1\""), 412),
        ("taken", ("if-match", "\"1\""), 201),
        ("taken", ("if-none-match", "W/\"1\""), 412),
        ("taken", ("if-none-match", "\"2\""), 201),
        ("taken", ("if-none-match", "2"), 400),
    ] {
        let answer = with("PUT", &format!("/names/{name}"), &[fields]).await;
        assert_eq!(answer.status, status, "{name} {fields:?}");
    }
}

#[test]
fn conditions_become_values_of_a_column() {
    let states = |seen: IfMatch| seen.states::<i64>();
    let among = |list: &[i64]| States {
        among: Some(list.to_vec()),
        except: vec![],
    };
    assert_eq!(
        states(IfMatch::tag(ETag::strong(7).variant("staff"))),
        among(&[7])
    );
    for foreign in ["07", "+7", "seven", "9223372036854775808", ""] {
        assert_eq!(
            states(IfMatch::tag(ETag::strong(foreign))),
            among(&[]),
            "{foreign}"
        );
    }
    assert_eq!(states(IfMatch::tag(ETag::weak(7))), among(&[]));
}

#[tokio::test]
async fn both_lists_become_values_of_a_column() {
    let show = async |asked: Preconditions| {
        let States { among, except } = asked.states::<i64>();
        Json((among, except))
    };
    let router = served(Routes::at("/").route(Route::post("/").public().handler(show)));
    for (fields, wanted) in [
        (vec![], serde_json::json!([null, []])),
        (vec![("if-match", "*")], serde_json::json!([null, []])),
        (
            vec![("if-match", "\"7\", \"x\", \"8\"")],
            serde_json::json!([[7, 8], []]),
        ),
        (
            vec![("if-none-match", "*"), ("if-match", "\"7\"")],
            serde_json::json!([[], []]),
        ),
        (
            vec![("if-none-match", "W/\"7;staff\", \"\u{fc}\"")],
            serde_json::json!([null, [7]]),
        ),
    ] {
        let mut request = Request::post("/");
        for (name, value) in &fields {
            request = request.header(*name, value.as_bytes());
        }
        let answer = ask(&router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.json(), wanted, "{fields:?}");
    }
}
