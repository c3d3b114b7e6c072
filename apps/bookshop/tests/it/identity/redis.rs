//! Sessions in Redis, which may be away.

use std::{
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    ME, PASSWORD, access_token,
    browsers::{get, others, sign_in, sign_out, try_sign_in},
    cookie, login, me,
    redis_server::Redis,
    somebody, token,
};
use crate::server::{Server, directory};

/// Longest time in which a Redis that came back is noticed.
const BACK_MAX: Duration = Duration::from_secs(10);

fn on(redis: &Redis) -> impl Fn(&mut Command) {
    let url = redis.url();
    move |command: &mut Command| {
        command.env("REDIS_URL", &url);
    }
}

/// Two processes on one database and one Redis.
fn two(redis: &Redis) -> [Server; 2] {
    let directory = Arc::new(directory());
    [(); 2].map(|()| Server::start_in(Arc::clone(&directory), on(redis)))
}

#[test]
fn sessions_in_redis_are_shared_listed_and_ended() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let [here, there] = two(&redis);
    assert!(here.printed.contains(&"engine sessions redis".to_owned()));
    assert!(here.printed.contains(&"engine limits redis".to_owned()));
    let email = somebody(&here);
    let [first, second, third] =
        [&here, &there, &here].map(|server| sign_in(&server.client, &email));
    let page = get(&there.client, "/account", &first).expect(200);
    let listed = others(&page);
    assert_eq!(listed.len(), 2, "{}", page.text());

    sign_out(&there.client, &first, Some(&listed[0]));
    let alive = [&second, &third].map(|one| get(&here.client, "/account", one).status);
    assert!(alive == [200, 303] || alive == [303, 200], "{alive:?}");
    sign_out(&here.client, &first, None);
    get(&there.client, "/account", &first).expect(303);

    let answer = login(&here.client, &email, PASSWORD).expect(200);
    let fresh = sign_in(&here.client, &email);
    let out = here
        .client
        .request("POST", "/api/auth/logout?everywhere=true");
    out.header("cookie", cookie(&answer, "refresh_token"))
        .send()
        .expect(204);
    for ended in [&second, &third, &fresh] {
        get(&there.client, "/account", ended).expect(303);
    }
}

#[test]
fn new_roles_hold_for_sessions_in_redis_with_the_next_request() {
    let Some(redis) = Redis::start() else {
        return;
    };
    let [here, there] = two(&redis);
    let email = somebody(&here);
    let session = sign_in(&here.client, &email);
    let who = get(&here.client, ME, &session).expect(200).json();
    let export = |server: &Server| get(&server.client, "/api/v2/export/books.csv", &session);
    export(&there).problem(403);
    let admin = access_token(&here.client, "admin@bookshop.test");
    for (role, status) in [("staff", 200), ("reader", 403)] {
        let path = format!("/admin/users/{}/roles", who["id"].as_str().unwrap());
        let put = here.client.request("PUT", path).bearer(&admin);
        put.json(&json!({"roles": [role]})).send().expect(200);
        for server in [&here, &there] {
            export(server).expect(status);
        }
    }
}

#[test]
fn while_redis_is_away_pages_say_so_and_tokens_go_on() {
    let Some(mut redis) = Redis::prepare() else {
        return;
    };
    // Away from the start.
    let server = Server::start_in(Arc::new(directory()), on(&redis));
    let (client, email) = (&server.client, somebody(&server));
    try_sign_in(client, &email).problem(503);
    redis.run();
    let session = sign_in_once_back(&server, &email);
    get(client, "/account", &session).expect(200);
    let access = token(&login(client, &email, PASSWORD).expect(200));

    redis.end();
    let away = try_sign_in(client, &email);
    let problem = away.problem(503);
    assert_eq!(
        problem["type"],
        "urn:purlin:error:SESSION_STORE_UNAVAILABLE"
    );
    assert!(away.header("retry-after").is_some());
    assert!(!away.text().contains("127.0.0.1"), "{}", away.text());
    get(client, "/account", &session).problem(503);
    get(client, ME, &session).problem(503);
    client.get("/login").expect(200);
    client.get("/account").expect(303);
    me(client, &access).expect(200);
    me(client, &token(&login(client, &email, PASSWORD).expect(200))).expect(200);
    client.get(crate::shop::BOOKS).expect(200);

    redis.run();
    let session = sign_in_once_back(&server, &email);
    get(client, "/account", &session).expect(200);
}

/// Signs in as soon as the Redis is noticed.
#[track_caller]
fn sign_in_once_back(server: &Server, email: &str) -> String {
    let begun = Instant::now();
    loop {
        let answer = try_sign_in(&server.client, email);
        if answer.status == 303 {
            return cookie(&answer, "session");
        }
        assert!(begun.elapsed() < BACK_MAX, "still {}", answer.status);
    }
}
