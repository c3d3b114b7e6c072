//! Passwords that were forgotten.

use std::{process::Command, sync::Arc, thread, time::Instant};

use serde_json::json;

use super::{app::between, site::Site};
use crate::{
    http::{Client, Response},
    identity::{
        PASSWORD,
        browsers::{csrf, get, sign_in},
        cookie, form, login, me, refresh, somebody, token,
    },
    server::{Server, directory},
};

pub(super) const NEW: &str = "a quiet harbour at dusk";
const KIND: &str = "password.forgotten";
const INVALID: &str = "urn:purlin:error:AUTH_ONE_TIME_INVALID";

pub(super) fn forgot(client: &Client, email: &str) -> Response {
    let request = client.request("POST", "/api/auth/password/forgot");
    request.json(&json!({"email": email})).send()
}

pub(super) fn reset(client: &Client, token: &str, password: &str) -> Response {
    let request = client.request("POST", "/api/auth/password/reset");
    let body = json!({"token": token, "password": password});
    request.json(&body).send()
}

/// A link for `email`: its token.
#[track_caller]
pub(super) fn link(site: &Site, email: &str) -> String {
    forgot(site.client(), email).expect(202);
    site.token(KIND, email)
}

pub(super) fn a_link_sets_the_password_and_ends_what_the_old_one_has_begun(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let signed_in = login(client, &email, PASSWORD).expect(200);
    let session = sign_in(client, &email);
    let bystander = sign_in(client, &somebody(&site.server));
    forgot(client, &email.to_uppercase()).expect(202);
    let link = site.token(KIND, &email);
    me(client, &token(&signed_in)).expect(200);

    reset(client, &link, NEW).expect(204);
    me(client, &token(&signed_in)).problem(401);
    refresh(client, &cookie(&signed_in, "refresh_token")).problem(401);
    get(client, "/account", &session).expect(303);
    get(client, "/account", &bystander).expect(200);
    login(client, &email, PASSWORD).problem(401);
    login(client, &email, NEW).expect(200);
    assert_eq!(site.mails("password.changed", &email).len(), 1);
    // Whoever reads the mail of an address has it.
    assert!(site.is_verified(&email));
    // Good once.
    let again = reset(client, &link, "another harbour at dawn").problem(400);
    assert_eq!(again["type"], INVALID);
    login(client, &email, NEW).expect(200);
}

pub(super) fn an_address_that_nobody_has_gets_the_same_answer_and_no_mail(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let known = forgot(client, &email).expect(202);
    assert_eq!(known.json(), json!({"email": email}));
    for nobody in ["nobody@example.org", "no address", ""] {
        let answer = forgot(client, nobody).expect(202);
        assert_eq!(answer.json(), json!({"email": nobody}));
        let names = |answer: &Response| -> Vec<String> {
            answer
                .headers
                .iter()
                .map(|(name, _)| name.clone())
                .collect()
        };
        assert_eq!(names(&answer), names(&known), "{nobody:?}");
        assert!(site.mails(KIND, nobody).is_empty());
    }
}

/// The page to ask for a link on: the cookie from before a sign-in, and the token of its form.
fn page(client: &Client, path: &str) -> (String, String) {
    let page = client.get(path).expect(200);
    let before = page.header("set-cookie").expect("a cookie").to_owned();
    let before = before.split(';').next().unwrap_or_default().to_owned();
    (before, csrf(&page))
}

pub(super) fn pages_do_it_without_scripts_and_a_look_does_not_use_the_link(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let login = client.get("/login").expect(200).text();
    assert!(login.contains("href=\"/password/forgot\""), "{login}");
    let (before, token) = page(client, "/password/forgot");
    let send = |path: &str, fields: &[(&str, &str)]| {
        let fields = [&[("_csrf", token.as_str())], fields].concat();
        form(client, path, &fields)
            .header("cookie", before.as_str())
            .send()
    };
    let known = send("/password/forgot", &[("email", &email)]).expect(200);
    let nobody = send("/password/forgot", &[("email", "nobody@example.org")]);
    let said = |page: &Response| between(&page.text(), "<main>", "</main>");
    assert_eq!(said(&known), said(&nobody.expect(200)));

    let link = site.token(KIND, &email);
    let path = format!("/password/reset?token={link}");
    for _ in 0..2 {
        let shown = get(client, &path, &before).expect(200);
        assert_eq!(shown.header("cache-control"), Some("no-store"));
        // No other site is told the address; with `no-referrer` the form would have no origin.
        assert_eq!(shown.header("referrer-policy"), Some("same-origin"));
        assert!(!shown.text().contains("<script"), "{}", shown.text());
        assert!(shown.text().contains("<label for=\"password\">"));
    }
    let set = |password: &str| {
        send(
            "/password/reset",
            &[("token", &link), ("password", password)],
        )
    };
    let short = set("short").expect(422).text();
    assert!(
        short.contains(&link) && short.contains("at least 12"),
        "{short}"
    );
    set(NEW).expect(200);
    set(NEW).expect(400);
    crate::identity::login(client, &email, NEW).expect(200);
    for gone in [&path, "/password/reset", "/password/reset?token=%22%3E%3Cb"] {
        let page = get(client, gone, &before).expect(404).text();
        assert!(
            page.contains("/password/forgot") && !page.contains("\"><b"),
            "{page}"
        );
    }
}

pub(super) fn a_password_that_may_not_be_chosen_leaves_the_link_good(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let link = link(site, &email);
    for bad in ["short", "password1234", &"x".repeat(129)] {
        reset(client, &link, bad).invalid_at(422, "#/password");
    }
    login(client, &email, PASSWORD).expect(200);
    reset(client, &link, NEW).expect(204);
}

pub(super) fn of_many_who_use_a_link_at_once_one_sets_the_password(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let link = &link(site, &email);
    let passwords: Vec<String> = (0..6).map(|n| format!("{NEW}, number {n}")).collect();
    let statuses: Vec<u16> = thread::scope(|scope| {
        let all: Vec<_> = passwords
            .iter()
            .map(|password| scope.spawn(move || reset(client, link, password).status))
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let won = |status: &&u16| **status == 204;
    assert_eq!(statuses.iter().filter(won).count(), 1, "{statuses:?}");
    for (status, password) in statuses.iter().zip(&passwords) {
        let wanted = if *status == 204 { 200 } else { 401 };
        assert_eq!(login(client, &email, password).status, wanted);
    }
}

pub(super) fn a_new_link_voids_the_old_and_an_hour_has_five(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let first = link(site, &email);
    let links: Vec<String> = (0..6).map(|_| link(site, &email)).collect();
    assert_eq!(site.mails(KIND, &email).len(), 5);
    reset(client, &first, NEW).problem(400);
    // The last that was sent, however often one was asked for since.
    reset(client, links.last().unwrap(), NEW).expect(204);
}

pub(super) fn what_is_no_token_is_refused_and_costs_no_hash(site: &Site) {
    let client = site.client();
    let begun = Instant::now();
    for bad in ["", "x", &"A".repeat(43), &"A".repeat(100_000), "\u{e9}"] {
        let problem = reset(client, bad, NEW).problem(400);
        assert_eq!(problem["type"], INVALID);
    }
    let confirm = site.token("account.registered", &somebody(&site.server));
    // Of another purpose.
    reset(client, &confirm, NEW).problem(400);
    let body = json!({"token": "x", "password": NEW, "user": "x"});
    let request = client.request("POST", "/api/auth/password/reset");
    request.json(&body).send().invalid_at(422, "#/user");
    assert!(begun.elapsed().as_secs() < 30);
}

pub(super) fn a_forged_form_is_refused(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let link = link(site, &email);
    let (before, _) = page(client, "/password/forgot");
    let reset = [("token", link.as_str()), ("password", NEW)];
    for (path, fields) in [
        ("/password/forgot", &[("email", email.as_str())][..]),
        ("/password/reset", &reset[..]),
        ("/email/verify", &reset[..1]),
    ] {
        let forged = form(client, path, fields).header("cookie", before.as_str());
        forged.send().expect(403);
    }
    for path in ["forgot", "reset"] {
        let request = client.request("POST", format!("/api/auth/password/{path}"));
        let request = request.header("sec-fetch-site", "cross-site");
        request.text("{}").send().problem(403);
    }
    login(client, &email, PASSWORD).expect(200);
    assert_eq!(site.mails(KIND, &email).len(), 1);
}

#[test]
fn links_lead_to_the_public_address_and_asking_is_limited_by_address() {
    let server = Server::start_in(Arc::new(directory()), |command: &mut Command| {
        command
            .env("RATE_LIMITS", "on")
            .env("PUBLIC_URL", "http://shop.example:8080");
    });
    let site = Site::of(Arc::new(server));
    let ask = |email: &str| {
        let request = site.client().request("POST", "/api/auth/password/forgot");
        let request = request.header("host", "evil.example");
        request.json(&json!({"email": email})).send()
    };
    ask("reader@bookshop.test").expect(202);
    let mail = site.mails(KIND, "reader@bookshop.test").pop().unwrap();
    assert!(
        mail.contains(" http://shop.example:8080/password/reset?token="),
        "{mail}"
    );
    for number in 1..10 {
        ask(&format!("nobody{number}@example.org")).expect(202);
    }
    let refused = ask("nobody@example.org");
    assert!(refused.header("retry-after").is_some());
    refused.problem(429);
}
