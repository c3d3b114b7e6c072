//! Signing in and out, as clients see it.

use std::{
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    http::{Client, Response},
    server::Server,
};

const PASSWORD: &str = "correct-horse-battery";
const READER: &str = "reader@bookshop.test";
const COOKIE: &str = "refresh_token";

fn login(client: &Client, email: &str, password: &str) -> Response {
    let body = json!({"email": email, "password": password});
    client.request("POST", "/api/auth/login").json(&body).send()
}

fn sign_in(client: &Client, email: &str, password: &str) -> String {
    access(&login(client, email, password).expect(200))
}

fn access(answer: &Response) -> String {
    let token = answer.json()["access_token"].clone();
    token.as_str().expect("a token").to_owned()
}

/// The refresh token that `answer` sets.
fn refresh_token(answer: &Response) -> String {
    let cookie = answer.header("set-cookie").expect("a cookie");
    let pair = cookie.split(';').next().expect("a pair");
    let (name, token) = pair.split_once('=').expect("a name and a value");
    assert_eq!(name, COOKIE);
    token.to_owned()
}

fn refresh(client: &Client, token: &str) -> Response {
    let request = client.request("POST", "/api/auth/refresh");
    request.header("cookie", format!("{COOKIE}={token}")).send()
}

fn me(client: &Client, token: &str) -> Response {
    client.request("GET", "/api/auth/me").bearer(token).send()
}

/// Waits until `holds`, at most one second: what other processes on a database are promised.
#[track_caller]
fn within_a_second(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(1);
    while !holds() {
        assert!(Instant::now() < end, "{what} took longer than a second");
        thread::yield_now();
    }
}

/// A second process on the database of `server`.
fn beside(server: &Server) -> Server {
    Server::start_in(server.directory(), |_| ())
}

#[test]
fn whoever_signs_in_gets_a_token_and_a_cookie_that_scripts_cannot_read() {
    let server = Server::for_reading();
    let answer = login(&server.client, READER, PASSWORD).expect(200);
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 900);
    assert_eq!(body.as_object().map(|it| it.len()), Some(3), "{body}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let cookie = answer.header("set-cookie").expect("a cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/api/auth"] {
        assert!(cookie.contains(part), "{part} in {cookie}");
    }
    assert!(!cookie.contains("Secure"), "{cookie}");
    assert!(!body.to_string().contains(&refresh_token(&answer)));

    let account = me(&server.client, &access(&answer)).expect(200).json();
    assert_eq!(account["email"], READER);
    assert_eq!(account["roles"], json!(["reader"]));
    let names: Vec<&String> = account.as_object().expect("an object").keys().collect();
    assert_eq!(names, ["email", "id", "name", "roles"]);
}

#[test]
fn where_the_public_comes_by_tls_the_cookie_is_secure() {
    let server = Server::start_in(
        crate::server::directory().into(),
        |command: &mut Command| {
            command.env("PUBLIC_URL", "https://shop.example");
        },
    );
    let answer = login(&server.client, READER, PASSWORD).expect(200);
    let cookie = answer.header("set-cookie").expect("a cookie");
    assert!(cookie.contains("; Secure"), "{cookie}");
    assert!(answer.header("strict-transport-security").is_some());
    let pair = cookie.split(';').next().expect("a pair");
    let bare = pair.strip_prefix("__Secure-").expect("the prefix");
    let refresh = |cookie: &str| {
        let request = server.client.request("POST", "/api/auth/refresh");
        request.header("cookie", cookie).send()
    };
    // Without the prefix anybody on the way may have put it there.
    refresh(bare).problem(401);
    refresh(pair).expect(200);
}

#[test]
fn an_unknown_address_and_a_wrong_password_are_one_answer() {
    let server = Server::for_reading();
    let told = |email: &str, password: &str| {
        let answer = login(&server.client, email, password);
        let mut body = answer.clone().problem(401);
        for own in ["request_id", "trace_id"] {
            body.as_object_mut().expect("an object").remove(own);
        }
        assert!(answer.header("set-cookie").is_none());
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        body
    };
    let wrong = told(READER, "not the password at all");
    let long = "x".repeat(900_000);
    for (email, password) in [
        ("nobody@bookshop.test", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        (READER, ""),
        (READER, &long),
        ("nobody@bookshop.test", &long),
    ] {
        assert_eq!(told(email, password), wrong, "{email}");
    }
}

#[test]
fn a_refresh_token_is_good_once_and_within_moments_gives_the_same_successor() {
    let server = Server::start();
    let first = login(&server.client, READER, PASSWORD).expect(200);
    let spent = refresh_token(&first);
    let second = refresh(&server.client, &spent).expect(200);
    let successor = refresh_token(&second);
    assert_ne!(spent, successor);

    let again = refresh(&server.client, &spent).expect(200);
    assert_eq!(refresh_token(&again), successor);

    // Once the successor is used, whoever shows the spent one has copied it.
    let third = refresh(&server.client, &successor).expect(200);
    let latest = access(&third);
    me(&server.client, &latest).expect(200);
    refresh(&server.client, &spent).problem(401);
    me(&server.client, &latest).problem(401);
    refresh(&server.client, &refresh_token(&third)).problem(401);
}

#[test]
fn fifty_refreshes_at_once_are_one_rotation() {
    let server = Server::start();
    let spent = refresh_token(&login(&server.client, READER, PASSWORD).expect(200));
    let successors: Vec<String> = thread::scope(|scope| {
        let all: Vec<_> = (0..50)
            .map(|_| scope.spawn(|| refresh_token(&refresh(&server.client, &spent).expect(200))))
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(successors.iter().all(|it| *it == successors[0]));
    refresh(&server.client, &successors[0]).expect(200);
}

#[test]
fn what_is_no_refresh_token_is_refused() {
    let server = Server::for_reading();
    let good = refresh_token(&login(&server.client, READER, PASSWORD).expect(200));
    let post = || server.client.request("POST", "/api/auth/refresh");
    post().send().problem(401);
    for cookie in [
        format!("{COOKIE}="),
        format!("{COOKIE}={}", &good[..good.len() - 1]),
        format!("{COOKIE}={good}x"),
        format!("{COOKIE}={}", "A".repeat(good.len())),
        format!("{COOKIE}={}", "A".repeat(12_000)),
        // Tossed: one of them was put there by somebody else.
        format!("{COOKIE}={good}; {COOKIE}={good}"),
        format!("other={good}"),
    ] {
        post().header("cookie", cookie).send().problem(401);
    }
    refresh(&server.client, &good).expect(200);
}

#[test]
fn pages_of_other_sites_sign_nobody_in_or_out() {
    let server = Server::for_reading();
    let good = refresh_token(&login(&server.client, READER, PASSWORD).expect(200));
    let body = json!({"email": READER, "password": PASSWORD});
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        for path in ["login", "refresh", "logout"] {
            let request = server.client.request("POST", format!("/api/auth/{path}"));
            let request = request.header("cookie", format!("{COOKIE}={good}"));
            request.header(name, value).json(&body).send().problem(403);
        }
    }
    refresh(&server.client, &good).expect(200);
}

#[test]
fn after_signing_out_neither_token_works_here_nor_in_another_process() {
    let server = Server::start();
    let other = beside(&server);
    let signed_in = login(&server.client, READER, PASSWORD).expect(200);
    let elsewhere = access(&login(&server.client, READER, PASSWORD).expect(200));
    let token = access(&signed_in);
    me(&other.client, &token).expect(200);

    let logout = server.client.request("POST", "/api/auth/logout");
    let cookie = format!("{COOKIE}={}", refresh_token(&signed_in));
    let gone = logout
        .header("cookie", &cookie)
        .bearer(&token)
        .send()
        .expect(204);
    assert!(
        gone.header("set-cookie")
            .is_some_and(|it| it.contains("Max-Age=0"))
    );
    me(&server.client, &token).problem(401);
    refresh(&server.client, &refresh_token(&signed_in)).problem(401);
    within_a_second("the sign-out", || me(&other.client, &token).status == 401);
    me(&other.client, &elsewhere).expect(200);

    let all = other
        .client
        .request("POST", "/api/auth/logout?everywhere=true");
    all.bearer(&elsewhere).send().expect(204);
    me(&other.client, &elsewhere).problem(401);
    within_a_second("the sign-out", || {
        me(&server.client, &elsewhere).status == 401
    });
    // Whoever signs in anew, in the same second, is in.
    me(&server.client, &sign_in(&server.client, READER, PASSWORD)).expect(200);
    server
        .client
        .request("POST", "/api/auth/logout")
        .send()
        .expect(204);
}

#[test]
fn a_change_of_roles_reaches_tokens_that_are_out() {
    let server = Server::start();
    let other = beside(&server);
    let token = sign_in(&server.client, READER, PASSWORD);
    let id = me(&server.client, &token).expect(200).json()["id"].clone();
    let path = format!("/admin/users/{}/roles", id.as_str().expect("an id"));
    let export = |client: &Client| {
        let request = client.request("GET", "/api/v2/export/books.csv");
        request.bearer(&token).send().status
    };
    assert_eq!((export(&server.client), export(&other.client)), (403, 403));
    let admin = sign_in(&server.client, "admin@bookshop.test", PASSWORD);
    let put = |roles: Value| {
        let request = server.client.request("PUT", &path).bearer(&admin);
        let request = request.json(&json!({"roles": roles}));
        request.send().expect(200);
    };
    put(json!(["staff"]));
    assert_eq!(export(&server.client), 200);
    within_a_second("the new role", || export(&other.client) == 200);
    put(json!(["reader"]));
    assert_eq!(export(&server.client), 403);
    within_a_second("the lost role", || export(&other.client) == 403);
}

#[test]
fn a_token_that_is_not_good_is_refused_where_anybody_may_read() {
    let server = Server::for_reading();
    let good = sign_in(&server.client, READER, PASSWORD);
    let (rest, signature) = good.rsplit_once('.').expect("three parts");
    let none = format!("eyJhbGciOiJub25lIn0.{}.", rest.split_once('.').unwrap().1);
    for token in [
        "x".to_owned(),
        none,
        rest.to_owned(),
        format!("{rest}.{}", signature.to_lowercase()),
        format!("{good}="),
        "a".repeat(20_000),
    ] {
        for path in ["/api/v2/books?limit=1", "/api/auth/me"] {
            let answer = server.client.request("GET", path).bearer(&token).send();
            let shown = answer.header("www-authenticate").map(str::to_owned);
            answer.problem(401);
            assert_eq!(shown.as_deref(), Some(r#"Bearer error="invalid_token""#));
        }
    }
}

#[test]
fn keys_are_published_and_hold_nothing_that_is_secret() {
    let server = Server::for_reading();
    let keys = server
        .client
        .get("/.well-known/jwks.json")
        .expect(200)
        .json();
    let key = &keys["keys"][0];
    assert_eq!(
        (&key["kty"], &key["crv"]),
        (&json!("OKP"), &json!("Ed25519"))
    );
    assert!(key["d"].is_null(), "{keys}");
}

#[test]
fn whoever_registers_can_sign_in_and_an_address_in_use_is_not_told() {
    let server = Server::start();
    let register = |email: &str, password: &str| {
        let body = json!({"email": email, "password": password, "name": "New Reader"});
        let request = server.client.request("POST", "/api/auth/register");
        request.json(&body).send()
    };
    let new = register("new@bookshop.test", "a quiet harbour at dusk").expect(201);
    let used = register(READER, "a quiet harbour at dusk").expect(201);
    assert_eq!(
        new.json(),
        json!({"email": "new@bookshop.test", "name": "New Reader"})
    );
    assert_eq!(used.json(), json!({"email": READER, "name": "New Reader"}));
    assert_eq!(new.headers.len(), used.headers.len());
    sign_in(
        &server.client,
        "new@bookshop.test",
        "a quiet harbour at dusk",
    );
    login(&server.client, READER, "a quiet harbour at dusk").problem(401);
    for password in ["short", "password1234", &"x".repeat(129)] {
        register("third@bookshop.test", password).invalid_at(422, "#/password");
    }
}

#[test]
fn tries_are_counted_by_address_and_account_whatever_is_forwarded() {
    let server = Server::start_in(
        crate::server::directory().into(),
        |command: &mut Command| {
            command.env("RATE_LIMITS", "on");
        },
    );
    let try_once = |email: &str, forwarded: &str| {
        let body = json!({"email": email, "password": "wrong"});
        let request = server.client.request("POST", "/api/auth/login").json(&body);
        request.header("x-forwarded-for", forwarded).send()
    };
    for tried in 0..5 {
        try_once(READER, &format!("203.0.113.{tried}")).problem(401);
    }
    let refused = try_once("READER@bookshop.test", "203.0.113.9");
    assert!(refused.header("retry-after").is_some());
    refused.problem(429);
    // Another account still has its own tries.
    try_once("staff@bookshop.test", "203.0.113.9").problem(401);
    let list = server.client.get("/api/v2/books?limit=1").expect(200);
    assert!(
        list.header("ratelimit")
            .is_some_and(|it| it.starts_with("\"api\"; r=99"))
    );
}
