//! Two processes on one database: what one takes away, the other refuses within a second.

use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{PASSWORD, access_token, cookie, login, me, refresh, somebody, token};
use crate::{
    http::Response,
    server::{Server, directory},
};

const SECOND: Duration = Duration::from_secs(1);

/// Two processes on one SQLite file.
fn two() -> [Server; 2] {
    let directory = Arc::new(directory());
    [(); 2].map(|()| Server::start_in(Arc::clone(&directory), |_| ()))
}

/// Asks until the answer is `status`, for a second at most.
#[track_caller]
fn within_a_second(status: u16, ask: impl Fn() -> Response) {
    let begun = Instant::now();
    while ask().status != status {
        assert!(begun.elapsed() < SECOND, "not {status} within a second");
    }
}

pub(crate) fn a_sign_out_reaches_the_other(servers: &[Server; 2]) {
    let [here, there] = servers;
    let email = somebody(here);
    let answer = login(&here.client, &email, PASSWORD).expect(200);
    let access = token(&answer);
    me(&there.client, &access).expect(200);
    let out = here.client.request("POST", "/api/auth/logout");
    out.header("cookie", cookie(&answer, "refresh_token"))
        .send()
        .expect(204);
    me(&here.client, &access).problem(401);
    within_a_second(401, || me(&there.client, &access));
    refresh(&there.client, &cookie(&answer, "refresh_token")).problem(401);
}

pub(crate) fn new_roles_reach_the_other(servers: &[Server; 2]) {
    let [here, there] = servers;
    let access = token(&login(&here.client, &somebody(here), PASSWORD).expect(200));
    let id = me(&here.client, &access).expect(200).json()["id"].clone();
    let admin = access_token(&here.client, "admin@bookshop.test");
    let export = |server: &Server| {
        let request = server.client.request("GET", "/api/v2/export/books.csv");
        request.bearer(&access).send()
    };
    export(there).problem(403);
    for (role, status) in [("staff", 200), ("reader", 403)] {
        let path = format!("/admin/users/{}/roles", id.as_str().unwrap());
        let put = here.client.request("PUT", path).bearer(&admin);
        put.json(&json!({"roles": [role]})).send().expect(200);
        export(here).expect(status);
        within_a_second(status, || export(there));
    }
}

#[test]
fn a_sign_out_and_new_roles_reach_the_other_process_within_a_second() {
    let servers = two();
    a_sign_out_reaches_the_other(&servers);
    new_roles_reach_the_other(&servers);
}

#[test]
fn settings_decide_how_long_tokens_are_good_and_whether_cookies_are_secure() {
    let server = Server::start_in(Arc::new(directory()), |command: &mut Command| {
        command
            .env("ACCESS_TTL", "1m")
            .env("REFRESH_GRACE", "0s")
            .env("PUBLIC_URL", "https://shop.example");
    });
    let answer = login(&server.client, "reader@bookshop.test", PASSWORD).expect(200);
    assert_eq!(answer.json()["expires_in"], 60);
    let set = answer.header("set-cookie").unwrap_or_default();
    assert!(set.contains("; Secure"), "{set}");
    let shown = cookie(&answer, "__Secure-refresh_token");
    refresh(&server.client, &shown).expect(200);
    refresh(&server.client, &shown).problem(401);
    let page = server.client.get("/login").expect(200);
    let set = page.header("set-cookie").unwrap_or_default();
    assert!(
        set.starts_with("__Host-") && set.contains("; Secure"),
        "{set}"
    );
}
