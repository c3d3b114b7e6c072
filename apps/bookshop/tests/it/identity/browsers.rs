//! Sessions and pages.

use super::{PASSWORD, cookie, form, set_cookie, somebody};
use crate::{
    http::{Client, Response},
    server::Server,
};

const SESSION: &str = "session";

/// What stands in `<meta name="csrf-token">`.
#[track_caller]
pub(super) fn csrf(page: &Response) -> String {
    let text = page.text();
    let tail = text
        .split("name=\"csrf-token\" content=\"")
        .nth(1)
        .expect("a token");
    tail.split('"').next().unwrap_or_default().to_owned()
}

pub(super) fn get(client: &Client, path: &str, cookie: &str) -> Response {
    client.request("GET", path).header("cookie", cookie).send()
}

/// The page to sign in, and the cookie from before the sign-in.
pub(super) fn login_page(client: &Client) -> (String, String) {
    let page = client.get("/login").expect(200);
    let set = page.header("set-cookie").expect("a cookie").to_owned();
    let before = set.split(';').next().unwrap_or_default().to_owned();
    (csrf(&page), before)
}

/// Sends the form of the page to sign in.
pub(super) fn try_sign_in(client: &Client, email: &str) -> Response {
    let (token, before) = login_page(client);
    let fields = [("email", email), ("password", PASSWORD), ("_csrf", &token)];
    form(client, "/session", &fields)
        .header("cookie", before)
        .send()
}

/// Signs in: the cookie of the session.
#[track_caller]
pub(super) fn sign_in(client: &Client, email: &str) -> String {
    sign_in_as(client, email, SESSION)
}

/// Signs in: the cookie of the session, which is called `name`.
#[track_caller]
pub(super) fn sign_in_as(client: &Client, email: &str, name: &str) -> String {
    let answer = try_sign_in(client, email).expect(303);
    assert_eq!(answer.header("location"), Some("/account"));
    let set = set_cookie(&answer, name).expect("a session");
    for part in ["; HttpOnly", "; SameSite=", "; Path=/"] {
        assert!(set.contains(part), "{part} in {set}");
    }
    cookie(&answer, name)
}

/// Ends the session of `cookie` by the form of its page, or another of the user's.
#[track_caller]
pub(super) fn sign_out(client: &Client, cookie: &str, other: Option<&str>) {
    let token = csrf(&get(client, "/account", cookie).expect(200));
    let mut fields = vec![("_csrf", &*token)];
    fields.extend(other.map(|id| ("session", id)));
    let out = form(client, "/session/sign-out", &fields);
    out.header("cookie", cookie).send().expect(303);
}

/// The identifiers of the user's other sessions, as the page of the account has them.
pub(super) fn others(page: &Response) -> Vec<String> {
    let text = page.text();
    let after = text.split("name=\"session\" value=\"").skip(1);
    let id = |tail: &str| tail.split('"').next().unwrap_or_default().to_owned();
    after.map(id).collect()
}

#[test]
fn a_browser_signs_in_sees_its_sessions_and_ends_them() {
    let server = Server::for_writing();
    let (client, email) = (&server.client, somebody(&server));
    let (first, second) = (sign_in(client, &email), sign_in(client, &email));
    let page = get(client, "/account", &first).expect(200);
    let (text, token) = (page.text(), csrf(&page));
    assert!(text.contains(&email) && !text.contains("<script"), "{text}");
    let other = others(&page).pop().expect("the other session");
    assert!(
        text.contains("Z\">") && text.contains(" UTC</time>"),
        "{text}"
    );

    let ended = form(
        client,
        "/session/sign-out",
        &[("_csrf", &token), ("session", &other)],
    );
    let ended = ended.header("cookie", first.as_str()).send().expect(303);
    assert_eq!(ended.header("location"), Some("/account"));
    let gone = get(client, "/account", &second).expect(303);
    assert_eq!(gone.header("location"), Some("/login"));

    let out = client
        .request("DELETE", "/session")
        .header("x-csrf-token", token);
    out.header("cookie", first.as_str()).send().expect(204);
    get(client, "/account", &first).expect(303);
    client.request("DELETE", "/session").send().expect(204);
    client.get("/account").expect(303);
}

#[test]
fn a_strangers_session_cannot_be_ended() {
    let server = Server::for_writing();
    let client = &server.client;
    let (mine, theirs) = (somebody(&server), somebody(&server));
    let (mine, theirs) = (sign_in(client, &mine), sign_in(client, &theirs));
    let others = sign_in(client, &somebody(&server));
    let token = csrf(&get(client, "/account", &mine).expect(200));
    for id in ["00000000-0000-7000-8000-000000000000", "1", "../.."] {
        let out = form(
            client,
            "/session/sign-out",
            &[("_csrf", &token), ("session", id)],
        );
        out.header("cookie", mine.as_str()).send().expect(404);
    }
    get(client, "/account", &theirs).expect(200);
    get(client, "/account", &others).expect(200);
}

#[test]
fn a_wrong_password_shows_the_page_again_and_sets_no_session() {
    let server = Server::for_writing();
    let email = somebody(&server);
    let (token, before) = login_page(&server.client);
    for email in [email.as_str(), "nobody@example.org", "\"><script>"] {
        let fields = [("email", email), ("password", "wrong"), ("_csrf", &token)];
        let answer = form(&server.client, "/session", &fields);
        let answer = answer.header("cookie", before.as_str()).send().expect(401);
        assert!(
            answer
                .text()
                .contains("The address or the password is wrong.")
        );
        assert!(!answer.text().contains("<script>"), "{}", answer.text());
        assert!(set_cookie(&answer, SESSION).is_none());
    }
}

#[test]
fn a_planted_session_id_is_worth_nothing_after_the_sign_in() {
    let server = Server::for_writing();
    let (client, attacker, victim) = (&server.client, somebody(&server), somebody(&server));
    let planted = sign_in(client, &attacker);
    let (token, before) = login_page(client);
    let fields = [
        ("email", victim.as_str()),
        ("password", PASSWORD),
        ("_csrf", &token),
    ];
    let both = format!("{before}; {planted}");
    let answer = form(client, "/session", &fields)
        .header("cookie", both)
        .send()
        .expect(303);
    assert_ne!(cookie(&answer, SESSION), planted);
    get(client, "/account", &planted).expect(303);
    let made_up = format!("{SESSION}={}", "A".repeat(43));
    get(client, "/account", &made_up).expect(303);
    // Two cookies of the name: one of them was tossed, and which is not known.
    let tossed = format!("{}; {SESSION}=tossed", cookie(&answer, SESSION));
    get(client, "/account", &tossed).expect(303);
}

#[test]
fn a_forged_form_and_one_of_another_site_are_refused() {
    let server = Server::for_writing();
    let (client, email) = (&server.client, somebody(&server));
    let (token, before) = login_page(client);
    let (other_token, _) = login_page(client);
    let try_with = |csrf: &str, cookie: &str| {
        let fields = [
            ("email", email.as_str()),
            ("password", PASSWORD),
            ("_csrf", csrf),
        ];
        form(client, "/session", &fields)
            .header("cookie", cookie)
            .send()
            .status
    };
    for (csrf, cookie) in [
        ("", ""),
        (&*token, ""),
        ("", &before),
        (&other_token, &before),
    ] {
        assert_eq!(try_with(csrf, cookie), 403, "{csrf:?} {cookie:?}");
    }
    let session = sign_in(client, &email);
    // A token from before the sign-in, none, and the right one from another site.
    let right = csrf(&get(client, "/account", &session).expect(200));
    for (csrf, site) in [
        (&*token, "same-origin"),
        ("", "same-origin"),
        (&right, "cross-site"),
    ] {
        let out = form(client, "/session/sign-out", &[("_csrf", csrf)]);
        let out = out
            .header("sec-fetch-site", site)
            .header("cookie", session.as_str());
        out.send().expect(403);
        let out = client
            .request("DELETE", "/session")
            .header("sec-fetch-site", site);
        let out = out
            .header("x-csrf-token", csrf)
            .header("cookie", session.as_str());
        out.send().expect(403);
    }
    // The API takes the session, and wants the token as well.
    let me = get(client, super::ME, &session).expect(200);
    assert_eq!(me.json()["email"], serde_json::json!(email));
    let review = |csrf: Option<&str>| {
        let path = format!(
            "{}/00000000-0000-7000-8000-000000000000/reviews",
            crate::shop::BOOKS
        );
        let request = client
            .request("POST", path)
            .header("cookie", session.as_str());
        let request = request.json(&serde_json::json!({"rating": 5, "body_html": "x"}));
        match csrf {
            Some(csrf) => request.header("x-csrf-token", csrf).send(),
            None => request.send(),
        }
    };
    review(None).problem(403);
    review(Some(&right)).problem(404);
    get(client, "/account", &session).expect(200);
}

#[test]
fn pages_work_by_keyboard_each_field_has_its_label() {
    let server = Server::for_writing();
    let text = server.client.get("/login").expect(200).text();
    for name in ["email", "password"] {
        assert!(text.contains(&format!("<label for=\"{name}\">")), "{text}");
        assert!(text.contains(&format!("id=\"{name}\"")), "{text}");
    }
    assert!(
        text.contains("<button>") && !text.contains("tabindex"),
        "{text}"
    );
}
