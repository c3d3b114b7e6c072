//! What answers say of limits.

use http::HeaderMap;
use purlin_http::{
    NoContent, Route, Routes,
    limit::{Algorithm, Limit, LimitFields},
};

use super::{
    routes::{from, limit, open},
    *,
};
use crate::support::{ask, served};

fn all(headers: &HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(name).iter();
    values.map(|it| it.to_str().unwrap().to_owned()).collect()
}

fn two_a_minute(fields: LimitFields) -> Limit {
    let quota = Quota::per_minute(2).algorithm(Algorithm::FixedWindow);
    limit(quota).0.fields(fields).build().unwrap()
}

/// The fields of the first answer, and of the first refusal.
async fn told(form: LimitFields, names: &[&str]) -> [Vec<String>; 2] {
    let router = served(open("/a", two_a_minute(form)));
    let first = ask(&router, from("1.2.3.4", "/a")).await;
    ask(&router, from("1.2.3.4", "/a")).await;
    let refused = ask(&router, from("1.2.3.4", "/a")).await;
    assert_eq!((first.status.as_u16(), refused.status.as_u16()), (204, 429));
    [first, refused].map(|it| {
        names
            .iter()
            .map(|name| it.header(name).to_owned())
            .collect()
    })
}

#[tokio::test]
async fn draft_8_is_the_default_form() {
    let names = [
        "ratelimit-policy",
        "ratelimit",
        "retry-after",
        "x-ratelimit-limit",
    ];
    let policy = "\"2-in-1min\"; q=2; w=60; pk=:NjY5NGY4M2M5ZjQ3:";
    let [first, refused] = told(LimitFields::default(), &names).await;
    assert_eq!(first, [policy, "\"2-in-1min\"; r=1; t=60", "", ""]);
    assert_eq!(refused, [policy, "\"2-in-1min\"; r=0; t=60", "60", ""]);
}

#[tokio::test]
async fn draft_7_has_one_field_for_the_state() {
    let [first, refused] = told(LimitFields::Draft7, &["ratelimit-policy", "ratelimit"]).await;
    assert_eq!(first, ["2;w=60", "limit=2, remaining=1, reset=60"]);
    assert_eq!(refused, ["2;w=60", "limit=2, remaining=0, reset=60"]);
}

#[tokio::test]
async fn draft_6_has_a_field_for_each_number() {
    let names = [
        "ratelimit-policy",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
    ];
    let [first, refused] = told(LimitFields::Draft6, &names).await;
    assert_eq!(first, ["2;w=60", "2", "1", "60"]);
    assert_eq!(refused, ["2;w=60", "2", "0", "60"]);
}

#[tokio::test]
async fn the_legacy_form_gives_the_time_of_day() {
    let names = [
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "ratelimit",
    ];
    let [first, refused] = told(LimitFields::Legacy, &names).await;
    assert_eq!(first, ["2", "1", "1764000060", ""]);
    assert_eq!(refused, ["2", "0", "1764000060", ""]);
}

#[tokio::test]
async fn nothing_is_said_where_that_was_chosen_but_when_to_come_back() {
    let names = [
        "ratelimit",
        "ratelimit-policy",
        "x-ratelimit-limit",
        "retry-after",
    ];
    let [first, refused] = told(LimitFields::Nothing, &names).await;
    assert_eq!(first, ["", "", "", ""]);
    assert_eq!(refused, ["", "", "", "60"]);
}

#[tokio::test]
async fn several_limits_make_lists_and_all_must_pass() {
    let many = limit(Quota::per_hour(100)).0.name("many").build().unwrap();
    let few = limit(Quota::per_minute(1)).0.name("few").build().unwrap();
    let route = Route::get("/a").limit(&many).limit(&few).public();
    let router = served(Routes::at("/").route(route.handler(async || NoContent)));
    for status in [204, 429] {
        let answer = ask(&router, from("1.2.3.4", "/a")).await;
        assert_eq!(answer.status, status);
        let state = all(&answer.headers, "ratelimit");
        assert!(
            state[0].starts_with("\"many\"; r=9") && state[1].starts_with("\"few\"; r=0"),
            "{state:?}"
        );
        assert_eq!(all(&answer.headers, "ratelimit-policy").len(), 2);
    }
}

#[test]
fn a_name_tells_quota_and_window() {
    let name = |limit, seconds| Quota::new(limit, Duration::from_secs(seconds)).default_name();
    assert_eq!(name(2, 60), "2-in-1min");
    assert_eq!(name(5, 90), "5-in-90sec");
    assert_eq!(name(5, 7_200), "5-in-2hr");
    assert_eq!(name(5, 86_400), "5-in-1day");
    assert_eq!(name(5, 172_800), "5-in-2days");
}
