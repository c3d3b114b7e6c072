//! Addresses are confirmed.

use super::site::Site;
use crate::identity::{
    PASSWORD,
    browsers::{csrf, get},
    form, login, register, somebody,
};

const KIND: &str = "account.registered";

pub(super) fn the_link_of_the_mail_confirms_the_address_once_and_a_look_does_not(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    login(client, &email, PASSWORD).expect(200);
    let path = format!("/email/verify?token={}", site.token(KIND, &email));
    let mut page = client.get(&path).expect(200);
    let before = page.header("set-cookie").expect("a cookie").to_owned();
    let before = before.split(';').next().unwrap_or_default().to_owned();
    for _ in 0..2 {
        page = get(client, &path, &before).expect(200);
    }
    assert!(!site.is_verified(&email), "a look confirms nothing");

    let token = site.token(KIND, &email);
    let csrf = csrf(&page);
    let confirm = || {
        let fields = [("_csrf", csrf.as_str()), ("token", token.as_str())];
        let request = form(client, "/email/verify", &fields);
        request.header("cookie", before.as_str()).send()
    };
    confirm().expect(200);
    assert!(site.is_verified(&email));
    confirm().expect(400);
    get(client, &path, &before).expect(404);
}

pub(super) fn an_address_in_use_gets_no_link_to_confirm(site: &Site) {
    let (client, email) = (site.client(), somebody(&site.server));
    register(client, &email, "another-good-password").expect(201);
    let told = site.mails("account.address-taken", &email);
    assert_eq!(told.len(), 1);
    assert!(!told[0].contains("token="), "{told:?}");
    assert_eq!(site.mails(KIND, &email).len(), 1);
}
