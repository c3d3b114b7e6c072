//! Passwords as they are chosen, typed and guessed.

use std::{process::Command, sync::Arc};

use serde_json::json;

use super::{PASSWORD, READER, register};
use crate::{
    http::Response,
    server::{Server, directory},
};

/// A server that counts tries, behind a proxy that says from where they come.
fn counting() -> Server {
    Server::start_in(Arc::new(directory()), |command: &mut Command| {
        command
            .env("RATE_LIMITS", "on")
            .env("TRUSTED_PROXIES", "127.0.0.0/8");
    })
}

fn try_from(server: &Server, address: &str, email: &str, password: &str) -> Response {
    let account = json!({"email": email, "password": password});
    let request = server.client.request("POST", "/api/auth/login");
    let request = request.header("x-forwarded-for", address);
    request.json(&account).send()
}

#[test]
fn a_stranger_who_guesses_does_not_lock_the_owner_out() {
    let server = counting();
    for _ in 0..5 {
        try_from(&server, "203.0.113.1", READER, "a guess").problem(401);
    }
    // Not even with the right one: whoever guesses must not learn that it was.
    try_from(&server, "203.0.113.1", READER, PASSWORD).problem(429);
    try_from(&server, "203.0.113.2", READER, PASSWORD).expect(200);
}

#[test]
fn an_account_that_does_not_exist_is_limited_as_one_that_does() {
    let server = counting();
    let told = |address: &str, email: &str| {
        let tries = (0..7).map(|_| try_from(&server, address, email, "a guess"));
        let seen = tries.map(|answer| (answer.status, answer.header("retry-after").is_some()));
        seen.collect::<Vec<_>>()
    };
    let somebody = told("203.0.113.1", READER);
    assert_eq!(somebody[4..6], [(401, false), (429, true)]);
    for nobody in ["nobody@example.org", "no address"] {
        assert_eq!(told("203.0.113.2", nobody), somebody, "{nobody}");
    }
}

#[test]
fn a_password_of_the_shops_own_words_is_refused() {
    let server = Server::for_writing();
    for words in ["bookshop password", "BookShop Password", "ILoveReading"] {
        let answer = register(&server.client, "words@example.org", words);
        answer.invalid_at(422, "#/password");
    }
    register(
        &server.client,
        "words@example.org",
        "a bookshop password of mine",
    )
    .expect(201);
}

#[test]
fn a_password_is_masked_and_may_be_pasted_or_filled_in() {
    let server = Server::for_reading();
    let text = server.client.get("/login").expect(200).text();
    let field = text
        .split("<input ")
        .find(|it| it.contains("name=\"password\""));
    let field = field.and_then(|rest| rest.split('>').next());
    let field = field.expect("a field for the password");
    for part in ["type=\"password\"", "autocomplete=\"current-password\""] {
        assert!(field.contains(part), "{part} in {field}");
    }
    // Nothing keeps a manager of passwords or a long one out, and no script stands in between.
    for hindrance in ["maxlength", "pattern", "readonly", "on"] {
        let attribute = format!(" {hindrance}");
        assert!(!field.contains(&attribute), "{hindrance} in {field}");
    }
    assert!(!text.contains("<script"), "{text}");
}
