//! What goes out as a cookie, and what is read from one.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header::COOKIE};
use purlin_auth::session::{CookiePolicy, MemorySessionStore, SameSite, SessionId, Sessions};
use purlin_base::random::{OsRng, Rng};

use super::browser::{Site, seeded, sending, with};

fn sessions(cookie: CookiePolicy) -> Sessions {
    let store = Arc::new(MemorySessionStore::default());
    Sessions::builder(store, cookie).build().unwrap()
}

#[tokio::test]
async fn a_cookie_is_closed_to_scripts_and_to_other_hosts() {
    let new = Site::in_memory().sign_in("ann").await;
    let id = new.session.id().reveal();
    let expected = format!("__Host-session={id}; Path=/; HttpOnly; Secure; SameSite=Lax");
    assert_eq!(new.cookie, expected.as_str());
    assert!(new.cookie.is_sensitive());
    assert_eq!(id.len(), 43);
}

#[tokio::test]
async fn without_tls_the_cookie_has_a_plain_name() {
    let policy = CookiePolicy::for_public_url("http://localhost:3000").unwrap();
    let sessions = sessions(policy.name("shop").same_site(SameSite::Strict));
    let new = sessions.sign_in(None, "ann", ["reader"], "").await.unwrap();
    let id = new.session.id().reveal();
    let expected = format!("shop={id}; Path=/; HttpOnly; SameSite=Strict");
    assert_eq!(new.cookie, expected.as_str());
    assert!(sessions.load(&with(&new.cookie)).await.unwrap().is_some());
}

#[test]
fn a_cookie_for_other_sites_needs_tls() {
    let policy = |url| {
        CookiePolicy::for_public_url(url)
            .unwrap()
            .same_site(SameSite::None)
    };
    let store = || Arc::new(MemorySessionStore::default());
    let without = Sessions::builder(store(), policy("http://a.example")).build();
    assert_eq!(without.unwrap_err().option, "same_site");
    Sessions::builder(store(), policy("HTTPS://a.example"))
        .build()
        .unwrap();
}

#[tokio::test]
async fn the_cookie_is_found_among_others_of_any_kind() {
    let site = Site::in_memory();
    let id = site.sign_in("ann").await.session.id().reveal();
    let good = [
        format!("__Host-session={id}"),
        format!("a=b;__Host-session={id};c"),
        format!("x; =; ;;  __Host-session = {id} ; theme=\"dark; mode\""),
        format!("x__Host-session=1; __Host-session={id}; __Host-session2=1"),
    ];
    for cookies in good {
        assert!(site.is_signed_in(&sending(&cookies)).await, "{cookies}");
    }
    let mut line = b"name=\xff\xfe; __Host-session=".to_vec();
    line.extend_from_slice(id.as_bytes());
    let line = HeaderValue::from_bytes(&line).unwrap();
    assert!(
        site.is_signed_in(&HeaderMap::from_iter([(COOKIE, line)]))
            .await
    );
}

#[tokio::test]
async fn malformed_cookies_are_nobody() {
    let site = Site::in_memory();
    let id = site.sign_in("ann").await.session.id().reveal();
    let bad = [
        String::new(),
        "__Host-session".to_owned(),
        "__Host-session=".to_owned(),
        format!("__Host-session={id}="),
        format!("__Host-session=\"{id}\""),
        format!("__Host-session={}", &id[1..]),
        format!("__Host-session={}", "A".repeat(15_000)),
        format!("__Host-session={id}; padding={}", "x".repeat(16 * 1024)),
        format!("__Host-session={}", id.to_uppercase().to_lowercase()),
    ];
    for cookies in bad {
        assert!(!site.is_signed_in(&sending(&cookies)).await, "{cookies}");
    }
}

#[test]
fn an_id_has_one_spelling_only() {
    let id = SessionId::new(&seeded(3)).reveal();
    assert!(SessionId::parse(&id).is_some());
    // The last character carries two bits that must be zero.
    let others = ('A'..='Z').chain('a'..='z').chain('0'..='9');
    let spellings = others.filter(|last| {
        let text = format!("{}{last}", &id[..42]);
        SessionId::parse(&text).is_some_and(|read| read.reveal() == id)
    });
    assert_eq!(spellings.count(), 1);
}

#[test]
fn no_bytes_in_a_cookie_make_the_reader_panic() {
    let seed = OsRng.next_u64();
    let rng = seeded(seed);
    let site = Site::in_memory();
    for _ in 0..20_000 {
        let mut bytes = vec![0; rng.below(80) as usize];
        rng.fill(&mut bytes);
        let alphabet = b"__Host-session=; \"%\xffA";
        for byte in &mut bytes {
            *byte = alphabet[usize::from(*byte) % alphabet.len()];
        }
        let line = HeaderValue::from_bytes(&bytes).unwrap();
        let read = site.sessions.read(&HeaderMap::from_iter([(COOKIE, line)]));
        assert_eq!(read, None, "seed {seed}");
    }
}

#[tokio::test]
async fn a_form_before_sign_in_has_something_to_bind_its_token_to() {
    let site = Site::in_memory();
    let first = site.sessions.pre_session(&HeaderMap::new());
    let cookie = first.cookie().unwrap();
    assert!(cookie.to_str().unwrap().starts_with("__Host-session.pre="));
    let second = site.sessions.pre_session(&with(cookie));
    assert_eq!(second.cookie(), None);
    assert_eq!(first.csrf_binding(), second.csrf_binding());
    let others = site.sessions.pre_session(&HeaderMap::new());
    assert_ne!(first.csrf_binding(), others.csrf_binding());
    assert!(!site.is_signed_in(&with(cookie)).await);
}

#[tokio::test]
async fn what_a_csrf_token_is_bound_to_changes_at_sign_in_and_with_a_new_id() {
    let site = Site::in_memory();
    let pre = site.sessions.pre_session(&HeaderMap::new());
    let new = site.sign_in("ann").await;
    let loaded = site.load(&with(&new.cookie)).await.unwrap();
    assert_eq!(new.session.csrf_binding(), loaded.csrf_binding());
    let rotated = site.sessions.rotate(loaded.id()).await.unwrap().unwrap();
    let bindings = [
        pre.csrf_binding(),
        new.session.csrf_binding(),
        rotated.session.csrf_binding(),
    ];
    assert!(bindings[0] != bindings[1] && bindings[1] != bindings[2]);
    assert!(!bindings.contains(&new.session.id().reveal()));
}
