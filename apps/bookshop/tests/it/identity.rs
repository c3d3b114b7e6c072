//! Signing in and out from outside: programs by tokens, browsers by sessions, and those who try to
//! get in without.

mod browsers;
mod chromium;
#[cfg(feature = "redis")]
mod express;
mod passwords;
mod programs;
mod recovery;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod redis_server;
mod together;

#[cfg(feature = "postgres")]
pub(crate) use together::{a_sign_out_reaches_the_other, new_roles_reach_the_other};

use serde_json::{Value, json};

use crate::{
    http::{Client, Request, Response},
    server::Server,
};

const READER: &str = "reader@bookshop.test";
const PASSWORD: &str = "correct-horse-battery";
const ME: &str = "/api/auth/me";

fn login(client: &Client, email: &str, password: &str) -> Response {
    let account = json!({"email": email, "password": password});
    client
        .request("POST", "/api/auth/login")
        .json(&account)
        .send()
}

/// An access token of a seeded account.
#[track_caller]
pub(crate) fn access_token(client: &Client, email: &str) -> String {
    token(&login(client, email, PASSWORD).expect(200))
}

fn token(answer: &Response) -> String {
    answer.json()["access_token"]
        .as_str()
        .expect("a token")
        .to_owned()
}

/// The cookie `name` as it is set, with its attributes.
fn set_cookie<'r>(answer: &'r Response, name: &str) -> Option<&'r str> {
    let set = answer
        .headers
        .iter()
        .filter(|(field, _)| field == "set-cookie");
    let mut set = set.map(|(_, value)| value.as_str());
    set.find(|value| value.starts_with(&format!("{name}=")))
}

/// As a browser sends it back.
#[track_caller]
fn cookie(answer: &Response, name: &str) -> String {
    let set = set_cookie(answer, name).expect("the cookie is set");
    set.split(';').next().unwrap_or_default().to_owned()
}

fn refresh(client: &Client, cookie: &str) -> Response {
    client
        .request("POST", "/api/auth/refresh")
        .header("cookie", cookie)
        .send()
}

fn me(client: &Client, token: &str) -> Response {
    client.request("GET", ME).bearer(token).send()
}

fn form<'c>(client: &'c Client, path: &str, fields: &[(&str, &str)]) -> Request<'c> {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", crate::http::encoded(value));
    let body: Vec<String> = fields.iter().map(pair).collect();
    client
        .request("POST", path)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.join("&"))
}

/// A new account, so that no other test signs it out.
fn somebody(server: &Server) -> String {
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let email = format!("tester-{}@example.org", COUNT.fetch_add(1, Relaxed));
    register(&server.client, &email, PASSWORD).expect(201);
    email
}

fn register(client: &Client, email: &str, password: &str) -> Response {
    let wanted: Value = json!({"email": email, "password": password, "name": "Tess Tester"});
    client
        .request("POST", "/api/auth/register")
        .json(&wanted)
        .send()
}
