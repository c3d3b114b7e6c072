//! How long sessions live, and what stays of them through their changes.

use std::{sync::Arc, time::Duration};

use purlin_auth::session::{
    CookiePolicy, DEVICE_CHARS_MAX, MemorySessionStore, SessionError, Sessions, SharedSessionStore,
    SqlSessionStore,
};
use purlin_base::Classified;

use super::browser::{Site, with};

#[tokio::test]
async fn a_session_unused_for_thirty_minutes_is_over() {
    let site = Site::in_memory();
    let request = with(&site.sign_in("ann").await.cookie);
    for _ in 0..3 {
        site.wait(29);
        assert!(site.is_signed_in(&request).await);
    }
    site.wait(30);
    assert!(!site.is_signed_in(&request).await);
}

#[tokio::test]
async fn a_session_is_over_after_twelve_hours_however_much_it_is_used() {
    let site = Site::in_memory();
    let request = with(&site.sign_in("ann").await.cookie);
    for _ in 0..(12 * 60 / 20 - 1) {
        site.wait(20);
        assert!(site.is_signed_in(&request).await);
    }
    site.wait_seconds(20 * 60 - 1);
    assert!(site.is_signed_in(&request).await);
    site.wait_seconds(1);
    assert!(!site.is_signed_in(&request).await);
}

#[tokio::test]
async fn a_new_id_does_not_prolong_the_twelve_hours() {
    let site = Site::in_memory();
    let new = site.sign_in("ann").await;
    site.wait(20);
    let rotated = site.sessions.rotate(new.session.id()).await.unwrap();
    let rotated = rotated.unwrap().session;
    assert_eq!(rotated.ends_at(), new.session.ends_at());
    assert_eq!(rotated.created_at(), new.session.created_at());
}

#[tokio::test]
async fn a_use_is_written_down_once_a_minute_and_a_session_ends_at_most_that_much_early() {
    let site = Site::in_memory();
    let new = site.sign_in("ann").await;
    let request = with(&new.cookie);
    site.wait_seconds(59);
    let loaded = site.load(&request).await.unwrap();
    assert_eq!(loaded.last_used_at(), new.session.created_at());
    site.wait_seconds(30 * 60 - 59);
    assert!(
        !site.is_signed_in(&request).await,
        "59 s early, not written"
    );

    let request = with(&site.sign_in("ann").await.cookie);
    site.wait_seconds(60);
    assert!(site.is_signed_in(&request).await);
    site.wait_seconds(30 * 60 - 1);
    assert!(site.is_signed_in(&request).await);
}

#[tokio::test]
async fn roles_take_effect_with_the_next_request() {
    let site = Site::in_memory();
    let request = with(&site.sign_in("ann").await.cookie);
    assert_eq!(site.sessions.set_roles("ann", ["staff"]).await.unwrap(), 1);
    let principal = site.load(&request).await.unwrap().principal();
    assert!(principal.has_role("staff") && !principal.has_role("reader"));
}

#[tokio::test]
async fn all_other_sessions_are_ended_at_once() {
    let site = Site::in_memory();
    let (here, there) = (site.sign_in("ann").await, site.sign_in("ann").await);
    let except = Some(here.session.public_id());
    assert_eq!(site.sessions.revoke_all("ann", except).await.unwrap(), 1);
    assert!(site.is_signed_in(&with(&here.cookie)).await);
    assert!(!site.is_signed_in(&with(&there.cookie)).await);
}

#[tokio::test]
async fn data_stays_through_a_new_id_and_goes_with_a_new_sign_in() {
    let site = Site::in_memory();
    let new = site.sign_in("ann").await;
    assert_eq!(new.session.data::<Vec<u8>>().unwrap(), None);
    let id = new.session.id();
    assert!(site.sessions.set_data(id, &vec![1, 2]).await.unwrap());
    let rotated = site.sessions.rotate(id).await.unwrap().unwrap().session;
    assert_eq!(rotated.data::<Vec<u8>>().unwrap(), Some(vec![1, 2]));
    assert!(rotated.data::<String>().is_err());
    assert!(!site.sessions.set_data(id, &0).await.unwrap(), "old id");
    let again = site
        .sessions
        .sign_in(Some(rotated.id()), "ann", ["reader"], "");
    let again = again.await.unwrap().session;
    assert_eq!(again.data::<Vec<u8>>().unwrap(), None);
}

#[tokio::test]
async fn data_owners_and_devices_have_their_bounds() {
    let site = Site::in_memory();
    let id = site.sign_in("ann").await.session.id().clone();
    let fits = "x".repeat(4094);
    assert!(site.sessions.set_data(&id, &fits).await.unwrap());
    let too_large = site.sessions.set_data(&id, &"x".repeat(4095)).await;
    assert_eq!(too_large.unwrap_err().code(), "SESSION_DATA_TOO_LARGE");
    for user in ["", &"u".repeat(257), "a\0b", "a\nb"] {
        let refused = site.sessions.sign_in(None, user, ["reader"], "").await;
        assert!(matches!(refused, Err(SessionError::Owner)), "{user:?}");
    }
    for roles in [vec!["r"; 33], vec![""], vec!["a\nb"]] {
        let refused = site.sessions.sign_in(None, "ann", roles.clone(), "").await;
        assert!(matches!(refused, Err(SessionError::Owner)));
        let refused = site.sessions.set_roles("ann", roles).await;
        assert!(matches!(refused, Err(SessionError::Owner)));
    }
    let device = format!("a\0\r\n{}", "é".repeat(10_000));
    let new = site.sessions.sign_in(None, "ann", ["reader"], &device);
    let kept = new.await.unwrap().session.record().device.clone();
    assert_eq!(kept.chars().count(), DEVICE_CHARS_MAX);
    assert!(kept.starts_with("aé"));
}

#[tokio::test]
async fn a_full_memory_ends_the_session_nearest_to_its_end() {
    let store = Arc::new(MemorySessionStore::new(3).unwrap());
    let site = Site::on(store.clone());
    let first = with(&site.sign_in("u0").await.cookie);
    site.wait_seconds(1);
    let second = with(&site.sign_in("u1").await.cookie);
    site.wait(2);
    assert!(site.is_signed_in(&first).await);
    for user in ["u2", "u3"] {
        site.sign_in(user).await;
    }
    assert_eq!(store.len(), 3);
    assert!(site.is_signed_in(&first).await);
    assert!(!site.is_signed_in(&second).await);
}

#[tokio::test]
async fn memory_lets_go_of_what_has_expired() {
    let store = Arc::new(MemorySessionStore::default());
    let site = Site::on(store.clone());
    for user in 0..50 {
        site.sign_in(&format!("u{user}")).await;
    }
    site.wait(30);
    site.sign_in("ann").await;
    assert_eq!(store.len(), 1);
}

#[cfg(feature = "redis")]
#[tokio::test]
async fn a_redis_that_is_away_is_an_error_and_not_nobody() {
    use purlin_auth::session::RedisSessionStore;
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let connected = RedisSessionStore::connect(&format!("redis://{address}")).await;
    let error = connected.unwrap_err();
    assert_eq!(error.code(), "SESSION_STORE_UNAVAILABLE");
    assert_eq!(error.class(), purlin_base::ErrorClass::Unavailable);
    assert_eq!(error.to_string(), "the store of sessions is unavailable");
}

#[tokio::test]
async fn a_database_that_is_away_is_an_error_and_not_nobody() {
    let db = crate::engines::sqlite().await;
    let site = Site::on(Arc::new(SqlSessionStore::new(db.clone())));
    let request = with(&site.sign_in("ann").await.cookie);
    db.close().await;
    let error = site.sessions.load(&request).await.unwrap_err();
    assert_eq!(error.class(), purlin_base::ErrorClass::Unavailable);
}

#[test]
fn options_out_of_their_bounds_are_refused_at_start() {
    let cookie = |url| CookiePolicy::for_public_url(url).unwrap();
    let store = || -> SharedSessionStore { Arc::new(MemorySessionStore::default()) };
    let builder = || Sessions::builder(store(), cookie("https://a.example"));
    let (second, year) = (Duration::from_secs(1), Duration::from_secs(366 * 86_400));
    let bad = [
        builder().idle(second / 2),
        builder().idle(year),
        builder().absolute(second),
        builder().absolute(2 * year),
        builder().data_bytes_max(8193),
        Sessions::builder(store(), cookie("http://a.example").name("__Host-x")),
        Sessions::builder(store(), cookie("http://a.example").name("a;b")),
        Sessions::builder(store(), cookie("http://a.example").name("")),
    ];
    for builder in bad {
        let shown = format!("{builder:?}");
        let error = builder.build().expect_err(&shown);
        assert_eq!(error.code(), "SESSION_OPTION");
    }
    builder().build().expect("the defaults are fine");
    assert!(MemorySessionStore::new(0).is_err());
    assert!(CookiePolicy::for_public_url("books.example").is_err());
}
