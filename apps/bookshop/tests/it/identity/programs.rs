//! Access and refresh tokens.

use std::thread;

use serde_json::json;

use super::{
    ME, PASSWORD, READER, cookie, login, me, refresh, register, set_cookie, somebody, token,
};
use crate::server::Server;

const REFRESH: &str = "refresh_token";

#[test]
fn whoever_registers_signs_in_is_told_who_they_are_and_signs_out() {
    let server = Server::for_writing();
    let (client, email) = (&server.client, somebody(&server));
    let answer = login(client, &email, PASSWORD).expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.json()["token_type"], "Bearer");
    assert_eq!(answer.json()["expires_in"], 900);
    let set = set_cookie(&answer, REFRESH).unwrap();
    for part in [
        "; HttpOnly",
        "; SameSite=Strict",
        "; Path=/api/auth",
        "; Max-Age=",
    ] {
        assert!(set.contains(part), "{part} in {set}");
    }
    assert!(!set.contains("Secure") && !set.contains("Domain"), "{set}");
    assert!(!answer.text().contains(REFRESH));

    let who = me(client, &token(&answer)).expect(200).json();
    assert_eq!(who["email"], json!(email));
    assert_eq!(who["roles"], json!(["reader"]));
    assert_eq!(who.as_object().unwrap().len(), 4, "{who}");

    let out = client.request("POST", "/api/auth/logout");
    let out = out
        .header("cookie", cookie(&answer, REFRESH))
        .send()
        .expect(204);
    assert!(set_cookie(&out, REFRESH).unwrap().contains("Max-Age=0"));
    me(client, &token(&answer)).problem(401);
    refresh(client, &cookie(&answer, REFRESH)).problem(401);
    client
        .request("POST", "/api/auth/logout")
        .send()
        .expect(204);
}

#[test]
fn nobody_is_told_to_sign_in_and_a_bad_token_is_refused_on_public_routes_too() {
    let server = Server::for_writing();
    let nobody = server.client.get(ME);
    nobody.problem(401);
    assert_eq!(nobody.header("www-authenticate"), Some("Bearer"));
    for bad in ["x", "eyJhbGciOiJub25lIn0.e30.", &"a".repeat(6000)] {
        for path in [ME, "/api/v2/books"] {
            server
                .client
                .request("GET", path)
                .bearer(bad)
                .send()
                .problem(401);
        }
    }
}

#[test]
fn an_unknown_address_and_a_wrong_password_get_the_same_answer() {
    let server = Server::for_writing();
    let bare = |email: &str, password: &str| {
        let answer = login(&server.client, email, password);
        let mut problem = answer.problem(401);
        for name in ["request_id", "trace_id"] {
            problem.as_object_mut().unwrap().remove(name);
        }
        assert!(answer.header("www-authenticate").is_some());
        assert!(set_cookie(&answer, REFRESH).is_none());
        problem
    };
    let wrong = bare(READER, "not the password");
    for email in ["nobody@example.org", "no address", ""] {
        assert_eq!(bare(email, "not the password"), wrong, "{email:?}");
    }
    // Three quarters of a mebibyte, and all of one: refused before anything is hashed.
    assert_eq!(bare(READER, &"x".repeat(768 * 1024)), wrong);
    login(&server.client, READER, &"x".repeat(1024 * 1024)).problem(413);
}

#[test]
fn an_address_in_use_is_not_given_away_and_a_bad_password_is_told() {
    let server = Server::for_writing();
    let taken = register(&server.client, READER, "another-good-password").expect(201);
    assert_eq!(
        taken.json(),
        json!({"email": READER, "name": "Tess Tester"})
    );
    login(&server.client, READER, "another-good-password").problem(401);
    login(&server.client, READER, PASSWORD).expect(200);
    for bad in ["short", "000000000000", &"x".repeat(129)] {
        register(&server.client, "new@example.org", bad).invalid_at(422, "#/password");
    }
}

#[test]
fn a_refresh_token_is_spent_by_its_use_and_its_replay_ends_the_family() {
    let server = Server::for_writing();
    let (client, email) = (&server.client, somebody(&server));
    let first = login(client, &email, PASSWORD).expect(200);
    let second = refresh(client, &cookie(&first, REFRESH)).expect(200);
    assert_ne!(cookie(&first, REFRESH), cookie(&second, REFRESH));
    // Two tabs: the same successor again.
    let again = refresh(client, &cookie(&first, REFRESH)).expect(200);
    assert_eq!(cookie(&again, REFRESH), cookie(&second, REFRESH));
    let third = refresh(client, &cookie(&second, REFRESH)).expect(200);
    me(client, &token(&third)).expect(200);
    // A thief: the successor was used, so all ends.
    refresh(client, &cookie(&first, REFRESH)).problem(401);
    refresh(client, &cookie(&third, REFRESH)).problem(401);
    for answer in [&first, &second, &third] {
        me(client, &token(answer)).problem(401);
    }
}

#[test]
fn of_fifty_refreshes_at_once_all_get_the_same_successor() {
    let server = Server::for_writing();
    let answer = login(&server.client, &somebody(&server), PASSWORD).expect(200);
    let shown = cookie(&answer, REFRESH);
    let (client, shown) = (&server.client, shown.as_str());
    let successors: Vec<String> = thread::scope(|scope| {
        let asked: Vec<_> = (0..50)
            .map(|_| scope.spawn(move || cookie(&refresh(client, shown).expect(200), REFRESH)))
            .collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(successors.iter().all(|one| *one == successors[0]));
    refresh(client, &successors[0]).expect(200);
}

#[test]
fn a_refresh_from_another_site_or_with_a_tossed_cookie_is_refused_and_spends_nothing() {
    let server = Server::for_writing();
    let client = &server.client;
    let answer = login(client, &somebody(&server), PASSWORD).expect(200);
    let shown = cookie(&answer, REFRESH);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        for path in ["refresh", "login", "logout", "register"] {
            let request = client.request("POST", format!("/api/auth/{path}"));
            let request = request.header("cookie", shown.as_str()).header(name, value);
            request.text("{}").send().problem(403);
        }
        let bare = client
            .request("POST", "/api/auth/login")
            .header(name, value);
        bare.text("{}").send().problem(403);
    }
    for tossed in [
        format!("{shown}; {REFRESH}=tossed"),
        format!("{REFRESH}=tossed; {shown}"),
        format!("{REFRESH}="),
        format!("{REFRESH}={}", "A".repeat(43)),
        "other=1".to_owned(),
    ] {
        refresh(client, &tossed).problem(401);
    }
    refresh(client, &shown).expect(200);
}

#[test]
fn a_sign_out_everywhere_ends_every_sign_in_and_no_one_elses() {
    let server = Server::for_writing();
    let (client, email) = (&server.client, somebody(&server));
    let [first, second] = [(); 2].map(|()| login(client, &email, PASSWORD).expect(200));
    let other = login(client, &somebody(&server), PASSWORD).expect(200);
    let out = client.request("POST", "/api/auth/logout?everywhere=true");
    out.bearer(&token(&first)).send().expect(204);
    for answer in [&first, &second] {
        me(client, &token(answer)).problem(401);
        refresh(client, &cookie(answer, REFRESH)).problem(401);
    }
    me(client, &token(&other)).expect(200);
    // Who was signed out must not sign others out.
    let again = login(client, &email, PASSWORD).expect(200);
    let out = client.request("POST", "/api/auth/logout?everywhere=true");
    out.bearer(&token(&second)).send().expect(204);
    refresh(client, &cookie(&again, REFRESH)).expect(200);
}

#[test]
fn keys_are_published_without_a_private_part() {
    let server = Server::for_reading();
    let keys = server
        .client
        .get("/.well-known/jwks.json")
        .expect(200)
        .json();
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(
        (&keys[0]["kty"], &keys[0]["use"]),
        (&json!("OKP"), &json!("sig"))
    );
    assert!(keys[0].get("d").is_none());
}
