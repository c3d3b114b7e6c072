//! An authenticator app, and an account that has one.

use std::time::{SystemTime, UNIX_EPOCH};

use totp_rs::{Builder, Secret};

use super::site::Site;
use crate::{
    http::Response,
    identity::{
        PASSWORD,
        browsers::{csrf, get, sign_in},
        cookie, form, somebody,
    },
};

pub(super) const FACTOR: &str = "/account/second-factor";

const STEP_SECONDS: u64 = 30;

/// A code stays good for so long after it is made here: no test is slower.
const MARGIN_SECONDS: u64 = 5;

/// An authenticator app.
pub(super) struct App {
    secret: [u8; 20],
    last_step: u64,
}

impl App {
    pub(super) fn new(base32: &str) -> Self {
        let value = |c: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).expect("base32") as u64;
        let letters: Vec<char> = base32.chars().collect();
        let groups = letters.chunks(8).flat_map(|eight| {
            let number = eight.iter().fold(0, |sum, c| sum << 5 | value(*c));
            number.to_be_bytes()[3..].to_vec()
        });
        let bytes: Vec<u8> = groups.collect();
        Self {
            secret: bytes.try_into().expect("20 bytes"),
            last_step: 0,
        }
    }

    /// The earliest code that is good and was not made before. Twice at least, whatever the time:
    /// the shop takes the code before and the code after as well.
    pub(super) fn code(&mut self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let earliest = (now.as_secs() + MARGIN_SECONDS) / STEP_SECONDS - 1;
        let step = earliest.max(self.last_step + 1);
        assert!(step <= now.as_secs() / STEP_SECONDS + 1, "no code is left");
        self.last_step = step;
        let app = Builder::new()
            .with_secret(Secret::new_stack(self.secret))
            .build_noncompliant();
        app.generate(step * STEP_SECONDS).to_string()
    }
}

/// An account with a second factor.
pub(super) struct Owner {
    pub(super) email: String,
    pub(super) app: App,
    pub(super) recovery_codes: Vec<String>,
    /// The cookie of a session.
    pub(super) session: String,
}

/// A new account that turns a second factor on, on the pages.
pub(super) fn owner(site: &Site) -> Owner {
    let email = somebody(&site.server);
    turn_on(site, email)
}

pub(super) fn turn_on(site: &Site, email: String) -> Owner {
    let session = sign_in(site.client(), &email);
    let begun = send(site, &session, FACTOR, &[("password", PASSWORD)]).expect(200);
    let secret = between(&begun.text(), "<code id=\"secret\">", "</code>");
    let mut app = App::new(&secret);
    let text = begun.text();
    assert!(
        text.contains(&format!("secret={secret}&amp;issuer=Bookshop")),
        "{text}"
    );
    let confirm = format!("{FACTOR}/confirm");
    let code = app.code();
    let on = send(site, &session, &confirm, &[("code", &code)]).expect(200);
    // What it takes to be signed in has changed, and the id with it.
    get(site.client(), "/account", &session).expect(303);
    let session = cookie(&on, "session");
    let recovery_codes = codes(&on);
    assert_eq!(recovery_codes.len(), 10);
    Owner {
        email,
        app,
        recovery_codes,
        session,
    }
}

/// Sends a form of the account with the token of its page.
pub(super) fn send(site: &Site, session: &str, path: &str, fields: &[(&str, &str)]) -> Response {
    let page = get(site.client(), FACTOR, session).expect(200);
    let token = csrf(&page);
    let fields = [&[("_csrf", token.as_str())], fields].concat();
    let request = form(site.client(), path, &fields);
    request.header("cookie", session).send()
}

/// The recovery codes on a page.
pub(super) fn codes(page: &Response) -> Vec<String> {
    let text = page.text();
    let lines = text.split("<li><code>").skip(1);
    let code = |line: &str| line.split('<').next().unwrap_or_default().to_owned();
    lines.map(code).collect()
}

/// What stands between two words of a page.
#[track_caller]
pub(super) fn between(text: &str, before: &str, behind: &str) -> String {
    let tail = text.split(before).nth(1).expect(before);
    tail.split(behind).next().unwrap_or_default().to_owned()
}
