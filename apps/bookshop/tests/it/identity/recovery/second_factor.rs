//! Codes as well, for those who want it.

use std::{process::Command, sync::Arc};

use serde_json::{Value, json};

use super::{
    app::{FACTOR, between, codes, owner, send, turn_on},
    forgotten::{self, NEW},
    site::Site,
};
use crate::{
    http::{Client, Response},
    identity::{
        PASSWORD, READER,
        browsers::{csrf, get, login_page, sign_in},
        cookie, form, login, me, set_cookie, somebody, token,
    },
    server::{Server, directory},
};

const NEEDED: &str = "urn:purlin:error:SIGN_IN_CODE_NEEDED";
const WRONG: &str = "urn:purlin:error:SIGN_IN_CODE_WRONG";

fn login_with(client: &Client, email: &str, password: &str, code: &str) -> Response {
    let body = json!({"email": email, "password": password, "code": code});
    let request = client.request("POST", "/api/auth/login");
    request.json(&body).send()
}

/// A problem without what differs in each.
fn bare(answer: &Response) -> Value {
    let mut problem = answer.problem(401);
    for name in ["request_id", "trace_id"] {
        problem.as_object_mut().unwrap().remove(name);
    }
    problem
}

pub(super) fn a_program_is_asked_for_the_code_after_the_right_password_only(site: &Site) {
    let client = site.client();
    let (mut with, without) = (owner(site), somebody(&site.server));
    let needed = login(client, &with.email, PASSWORD);
    assert_eq!(needed.problem(401)["type"], NEEDED);
    assert!(needed.header("www-authenticate").is_some());
    assert!(set_cookie(&needed, "refresh_token").is_none());
    for code in ["000000", "12345", "", "no code", &"9".repeat(10_000)] {
        let answer = login_with(client, &with.email, PASSWORD, code);
        let wanted = if code.is_empty() { NEEDED } else { WRONG };
        assert_eq!(answer.problem(401)["type"], wanted, "{code:?}");
    }
    // With a wrong password nothing tells whether there is a second factor, nor a good code.
    let code = with.app.code();
    let nothing = bare(&login(client, &without, "wrong"));
    for answer in [
        login(client, &with.email, "wrong"),
        login_with(client, &with.email, "wrong", &code),
        login_with(client, &without, "wrong", &code),
    ] {
        assert_eq!(bare(&answer), nothing);
    }
    let answer = login_with(client, &with.email, PASSWORD, &code).expect(200);
    me(client, &token(&answer)).expect(200);
    let replay = login_with(client, &with.email, PASSWORD, &code);
    assert_eq!(replay.problem(401)["type"], WRONG);
    // Who has none may send a code.
    login_with(client, &without, PASSWORD, "000000").expect(200);
}

/// Shows the right password on the page: the cookie from before, and the page that comes.
fn password_step(client: &Client, email: &str) -> (String, Response) {
    let (csrf, before) = login_page(client);
    let fields = [("email", email), ("password", PASSWORD), ("_csrf", &csrf)];
    let page = form(client, "/session", &fields);
    let page = page.header("cookie", before.as_str()).send().expect(200);
    assert!(set_cookie(&page, "session").is_none());
    (before, page)
}

fn code_step(client: &Client, before: &str, page: &Response, code: &str) -> Response {
    let ticket = between(&page.text(), "name=\"ticket\" value=\"", "\"");
    let csrf = csrf(page);
    let fields = [("_csrf", &*csrf), ("ticket", &*ticket), ("code", code)];
    let request = form(client, "/session/code", &fields);
    request.header("cookie", before).send()
}

pub(super) fn a_browser_is_asked_for_the_code_on_a_second_page(site: &Site) {
    let (client, mut owner) = (site.client(), owner(site));
    let (before, page) = password_step(client, &owner.email);
    let text = page.text();
    assert!(text.contains("<label for=\"code\">") && !text.contains("<script"));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let again = code_step(client, &before, &page, "000000").expect(401);
    assert!(again.text().contains("The code is wrong"));
    let code = owner.app.code();
    let in_now = code_step(client, &before, &again, &code).expect(303);
    assert_eq!(in_now.header("location"), Some("/account"));
    get(client, "/account", &cookie(&in_now, "session")).expect(200);
    // The ticket is spent, and so is the code.
    let spent = code_step(client, &before, &again, &owner.recovery_codes[0]).expect(303);
    assert_eq!(spent.header("location"), Some("/login"));
    let (before, page) = password_step(client, &owner.email);
    code_step(client, &before, &page, &code).expect(401);
}

pub(super) fn a_ticket_is_good_in_the_browser_that_showed_the_password_only(site: &Site) {
    let (client, owner) = (site.client(), owner(site));
    let (_, page) = password_step(client, &owner.email);
    let ticket = between(&page.text(), "name=\"ticket\" value=\"", "\"");
    let (csrf, elsewhere) = login_page(client);
    for ticket in [ticket.as_str(), "x", ""] {
        let code = owner.recovery_codes[0].as_str();
        let fields = [("_csrf", &*csrf), ("ticket", ticket), ("code", code)];
        let moved = form(client, "/session/code", &fields);
        let moved = moved.header("cookie", elsewhere.as_str()).send();
        let moved = moved.expect(303);
        assert_eq!(moved.header("location"), Some("/login"));
        assert!(set_cookie(&moved, "session").is_none());
    }
    // No code was taken.
    login_with(client, &owner.email, PASSWORD, &owner.recovery_codes[0]).expect(200);
}

pub(super) fn a_recovery_code_signs_in_once_and_new_ones_void_the_old(site: &Site) {
    let (client, owner) = (site.client(), owner(site));
    let [first, second, third, ..] = &owner.recovery_codes[..] else {
        panic!("ten codes");
    };
    // However it is typed.
    let typed = first.to_uppercase().replace('-', " ");
    login_with(client, &owner.email, PASSWORD, &typed).expect(200);
    login_with(client, &owner.email, PASSWORD, first).problem(401);
    let path = format!("{FACTOR}/recovery-codes");
    let wrong = [("password", "wrong"), ("code", second.as_str())];
    send(site, &owner.session, &path, &wrong).expect(401);
    let right = [("password", PASSWORD), ("code", second.as_str())];
    let new = codes(&send(site, &owner.session, &path, &right).expect(200));
    assert_eq!(new.len(), 10);
    login_with(client, &owner.email, PASSWORD, third).problem(401);
    login_with(client, &owner.email, PASSWORD, &new[0]).expect(200);
}

pub(super) fn it_is_turned_off_by_password_and_code_together(site: &Site) {
    let (client, owner) = (site.client(), owner(site));
    let path = format!("{FACTOR}/disable");
    let [first, second, ..] = &owner.recovery_codes[..] else {
        panic!("ten codes");
    };
    for (password, code) in [(PASSWORD, "000000"), ("wrong", first.as_str())] {
        let fields = [("password", password), ("code", code)];
        send(site, &owner.session, &path, &fields).expect(401);
    }
    assert_eq!(
        login(client, &owner.email, PASSWORD).problem(401)["type"],
        NEEDED
    );
    let fields = [("password", PASSWORD), ("code", second.as_str())];
    send(site, &owner.session, &path, &fields).expect(200);
    login(client, &owner.email, PASSWORD).expect(200);
    assert_eq!(site.mails("account.second-factor", &owner.email).len(), 2);
}

pub(super) fn it_is_not_begun_without_the_password_nor_by_a_forged_form(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let session = sign_in(client, &email);
    let wrong = send(site, &session, FACTOR, &[("password", "wrong")]).expect(401);
    assert!(!wrong.text().contains("id=\"secret\""));
    for path in ["", "/confirm", "/disable", "/recovery-codes"] {
        let path = format!("{FACTOR}{path}");
        let fields = [("password", PASSWORD), ("code", "000000")];
        let forged = form(client, &path, &fields).header("cookie", session.as_str());
        forged.send().expect(403);
        // Nobody is signed in.
        let fields = match path.ends_with("factor") {
            true => &fields[..1],
            false if path.ends_with("confirm") => &fields[1..],
            false => &fields[..],
        };
        let away = form(client, &path, fields).send().expect(303);
        assert_eq!(away.header("location"), Some("/login"));
    }
    get(client, FACTOR, "").expect(303);
    login(client, &email, PASSWORD).expect(200);
}

pub(super) fn a_reset_keeps_it_for_whoever_has_shown_to_have_the_address(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let first = forgotten::link(site, &email);
    forgotten::reset(client, &first, PASSWORD).expect(204);
    assert!(site.is_verified(&email));
    let owner = turn_on(site, email);
    let second = forgotten::link(site, &owner.email);
    forgotten::reset(client, &second, NEW).expect(204);
    assert_eq!(
        login(client, &owner.email, NEW).problem(401)["type"],
        NEEDED
    );
    login_with(client, &owner.email, NEW, &owner.recovery_codes[0]).expect(200);
}

pub(super) fn a_reset_takes_it_from_whoever_opened_the_account_with_anothers_address(site: &Site) {
    let (client, mallory) = (site.client(), owner(site));
    let link = forgotten::link(site, &mallory.email);
    forgotten::reset(client, &link, NEW).expect(204);
    login(client, &mallory.email, NEW).expect(200);
}

#[test]
fn codes_cannot_be_tried_as_often_as_one_likes() {
    let server = Server::start_in(Arc::new(directory()), |command: &mut Command| {
        command.env("RATE_LIMITS", "on");
    });
    let site = Site::of(Arc::new(server));
    let owner = turn_on(&site, READER.to_owned());
    let tries = || login_with(site.client(), &owner.email, PASSWORD, "000000").status;
    let tries: Vec<u16> = (0..6).map(|_| tries()).collect();
    assert!(tries.contains(&401) && tries[5] == 429, "{tries:?}");
    // Not with a good code either.
    let code = &owner.recovery_codes[0];
    login_with(site.client(), &owner.email, PASSWORD, code).problem(429);
}
