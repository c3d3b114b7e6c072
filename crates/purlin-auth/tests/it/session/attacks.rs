//! What an attacker tries.

use std::sync::Arc;

use purlin_auth::session::{MemorySessionStore, SessionId};
use purlin_base::{Classified, ErrorClass};

use super::{
    browser::{Site, seeded, sending, with},
    revoking::RevokedOnceFound,
};

#[tokio::test]
async fn an_id_shown_before_sign_in_is_dead_after_it() {
    let site = Site::in_memory();
    let planted = site.sign_in("eve").await;
    let victims = with(&planted.cookie);
    let old = site.sessions.read(&victims);
    let new = site.sessions.sign_in(old.as_ref(), "ann", ["reader"], "");
    let new = new.await.unwrap();
    assert_ne!(new.cookie, planted.cookie);
    assert!(!site.is_signed_in(&victims).await);
    assert_eq!(site.load(&with(&new.cookie)).await.unwrap().user(), "ann");
}

#[tokio::test]
async fn an_id_that_was_made_up_does_not_become_a_session() {
    let site = Site::in_memory();
    let made_up = SessionId::new(&seeded(1));
    let request = sending(&format!("__Host-session={}", made_up.reveal()));
    assert!(!site.is_signed_in(&request).await);
    let new = site.sessions.sign_in(Some(&made_up), "ann", ["reader"], "");
    assert_ne!(new.await.unwrap().session.id().reveal(), made_up.reveal());
    assert!(!site.is_signed_in(&request).await);
}

#[tokio::test]
async fn a_cookie_is_worth_nothing_after_sign_out() {
    let site = Site::in_memory();
    let new = site.sign_in("ann").await;
    let kept = with(&new.cookie);
    assert!(site.is_signed_in(&kept).await);
    let clear = site.sessions.sign_out(new.session.id()).await.unwrap();
    let cleared = "__Host-session=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax";
    assert_eq!(clear, cleared);
    assert!(!site.is_signed_in(&kept).await);
}

#[tokio::test]
async fn an_old_id_is_dead_once_the_session_has_a_new_one() {
    let site = Site::in_memory();
    let first = site.sign_in("ann").await;
    let second = site.sessions.rotate(first.session.id()).await.unwrap();
    let second = second.unwrap();
    assert!(!site.is_signed_in(&with(&first.cookie)).await);
    assert!(site.is_signed_in(&with(&second.cookie)).await);
    assert_eq!(first.session.public_id(), second.session.public_id());
    let again = site.sessions.rotate(first.session.id()).await.unwrap();
    assert!(again.is_none());
}

#[tokio::test]
async fn of_two_cookies_of_the_name_neither_is_taken() {
    let site = Site::in_memory();
    let (anns, eves) = (site.sign_in("ann").await, site.sign_in("eve").await);
    let [ann, eve] = [&anns, &eves].map(|new| new.session.id().reveal());
    let tossed = sending(&format!("__Host-session={eve}; __Host-session={ann}"));
    assert!(!site.is_signed_in(&tossed).await);
    let mut in_two_lines = with(&anns.cookie);
    let line = format!("__Host-session={eve}").parse().unwrap();
    in_two_lines.append(http::header::COOKIE, line);
    assert!(!site.is_signed_in(&in_two_lines).await);
    let twice = sending(&format!("__Host-session={ann}; __Host-session={ann}"));
    assert!(!site.is_signed_in(&twice).await);
}

#[tokio::test]
async fn a_cookie_without_the_prefix_is_not_taken_where_there_is_tls() {
    let site = Site::in_memory();
    let eve = site.sign_in("eve").await.session.id().reveal();
    for name in [
        "session",
        "__host-session",
        "__Secure-session",
        " __Host-session\u{a0}",
    ] {
        let Ok(value) = http::HeaderValue::from_bytes(format!("{name}={eve}").as_bytes()) else {
            continue;
        };
        let request = http::HeaderMap::from_iter([(http::header::COOKIE, value)]);
        assert!(!site.is_signed_in(&request).await, "{name}");
    }
}

#[tokio::test]
async fn a_stranger_cannot_end_a_session_nor_learn_of_it() {
    let site = Site::in_memory();
    let anns = site.sign_in("ann").await;
    let id = anns.session.public_id();
    let strangers = site.sessions.revoke("bob", id).await.unwrap_err();
    let unknown = site.sessions.revoke("bob", uuid::Uuid::nil()).await;
    assert_eq!(strangers.class(), ErrorClass::NotFound);
    assert_eq!(strangers.to_string(), unknown.unwrap_err().to_string());
    assert!(site.is_signed_in(&with(&anns.cookie)).await);
    site.sessions.revoke("ann", id).await.unwrap();
    assert!(!site.is_signed_in(&with(&anns.cookie)).await);
}

#[tokio::test]
async fn what_lists_show_does_not_sign_in() {
    let site = Site::in_memory();
    let new = site.sign_in("ann").await;
    let listed = site.sessions.list("ann").await.unwrap();
    let shown = format!("{listed:?}");
    assert!(!shown.contains(&new.session.id().reveal()), "{shown}");
    let request = sending(&format!("__Host-session={}", listed[0].public_id));
    assert!(!site.is_signed_in(&request).await);
}

#[tokio::test]
async fn no_secret_is_shown_by_debug() {
    let site = Site::in_memory();
    let new = site.sign_in("ann").await;
    let data = "very secret data";
    site.sessions
        .set_data(new.session.id(), &data)
        .await
        .unwrap();
    let loaded = site.load(&with(&new.cookie)).await.unwrap();
    let shown = format!("{new:?} {loaded:?} {:?}", site.sessions);
    let id = new.session.id().reveal();
    assert!(!shown.contains(&id) && !shown.contains(data), "{shown}");
}

#[tokio::test]
async fn the_store_never_sees_what_the_cookie_says() {
    let site = Site::in_memory();
    let id = site.sign_in("ann").await.session.id().clone();
    let hash: String = id
        .key()
        .as_bytes()
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect();
    assert!(!hash.contains(&id.reveal()));
    // Whoever reads the hash from the store and shows it is nobody.
    let stolen = SessionId::parse(&base64_of(id.key().as_bytes())).unwrap();
    assert!(site.sessions.load_id(&stolen).await.unwrap().is_none());
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}

#[tokio::test]
async fn a_session_revoked_while_it_is_loaded_is_not_loaded_afterwards() {
    let store = Arc::new(MemorySessionStore::default());
    let site = Site::on(Arc::new(RevokedOnceFound(store)));
    let new = site.sign_in("ann").await;
    site.wait(2); // So that the load writes the use down, and learns of the end.
    assert!(!site.is_signed_in(&with(&new.cookie)).await);
    assert!(site.sessions.list("ann").await.unwrap().is_empty());
}
