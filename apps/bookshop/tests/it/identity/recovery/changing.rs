//! Another password, by the old one.

use super::{forgotten::NEW, site::Site};
use crate::{
    http::Response,
    identity::{
        PASSWORD,
        browsers::{csrf, get, sign_in},
        cookie, form, login, me, refresh, somebody, token,
    },
};

const PATH: &str = "/account/password";

fn change(site: &Site, session: &str, old: &str, new: &str) -> Response {
    let token = csrf(&get(site.client(), PATH, session).expect(200));
    let fields = [
        ("_csrf", token.as_str()),
        ("password", old),
        ("new_password", new),
    ];
    let request = form(site.client(), PATH, &fields);
    request.header("cookie", session).send()
}

pub(super) fn a_new_password_ends_all_but_the_session_that_set_it(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let program = login(client, &email, PASSWORD).expect(200);
    let (here, there) = (sign_in(client, &email), sign_in(client, &email));
    let changed = change(site, &here, PASSWORD, NEW).expect(303);
    assert_eq!(changed.header("location"), Some("/account"));
    get(client, "/account", &cookie(&changed, "session")).expect(200);
    for gone in [&here, &there] {
        get(client, "/account", gone).expect(303);
    }
    me(client, &token(&program)).problem(401);
    refresh(client, &cookie(&program, "refresh_token")).problem(401);
    login(client, &email, PASSWORD).problem(401);
    login(client, &email, NEW).expect(200);
    assert_eq!(site.mails("password.changed", &email).len(), 1);
}

pub(super) fn a_password_is_not_changed_without_the_old_one_or_to_a_bad_one(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    let session = sign_in(client, &email);
    change(site, &session, "not the password", NEW).expect(401);
    let short = change(site, &session, PASSWORD, "short").expect(422);
    assert!(short.text().contains("at least 12"), "{}", short.text());
    let fields = [("password", PASSWORD), ("new_password", NEW)];
    let forged = form(client, PATH, &fields).header("cookie", session.as_str());
    forged.send().expect(403);
    get(client, PATH, "").expect(303);
    form(client, PATH, &fields).send().expect(303);
    get(client, "/account", &session).expect(200);
    login(client, &email, PASSWORD).expect(200);
}
