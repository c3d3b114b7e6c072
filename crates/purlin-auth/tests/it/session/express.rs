//! Sessions shared with Express: our side alone, on a Redis.

mod behind;
mod conformance;

use std::time::Duration;

use http::{HeaderMap, HeaderValue};
use purlin_auth::session::ExpressSessions;
use purlin_base::{random::OsRng, time::ManualClock};
use redis::{AsyncCommands, aio::ConnectionManager};
use serde_json::{Value, json};

use super::{
    browser::{START, sending, with},
    engines::redis_server,
};

const SECRET: &str = "a secret that both applications have";

/// Sessions under a prefix of their own, and the Redis that they are in.
struct Shared {
    sessions: ExpressSessions,
    redis: ConnectionManager,
    prefix: String,
}

impl Shared {
    fn new(redis: ConnectionManager) -> Self {
        let prefix = redis_server::prefix();
        let sessions = ExpressSessions::builder([SECRET])
            .prefix(&prefix)
            .max_age(Duration::from_secs(60))
            .clock(ManualClock::new(START))
            .build(redis.clone())
            .unwrap();
        Self {
            sessions,
            redis,
            prefix,
        }
    }

    async fn sign_in(&self, user: impl Into<Value>) -> HeaderValue {
        let signed_in = self.sessions.sign_in(&HeaderMap::new(), user).await;
        signed_in.unwrap().1
    }

    async fn user(&self, request: &HeaderMap) -> Option<Value> {
        let session = self.sessions.load(request).await.unwrap();
        session.and_then(|session| session.user().cloned())
    }

    /// The key of the session that `cookie` names.
    fn key(&self, cookie: &HeaderValue) -> String {
        let id = cookie.to_str().unwrap().split_once("s%3A").unwrap().1;
        format!("{}{}", self.prefix, &id[..32])
    }
}

async fn shared(case: impl AsyncFnOnce(&mut Shared)) {
    let Some(redis) = redis_server::connection().await else {
        return;
    };
    let mut shared = Shared::new(redis.clone());
    case(&mut shared).await;
    redis_server::clean(redis, &shared.prefix).await;
}

#[tokio::test]
async fn a_sign_in_is_kept_in_the_form_of_express() {
    shared(async |shared: &mut Shared| {
        let cookie = shared.sign_in(7).await;
        let text: String = shared.redis.get(shared.key(&cookie)).await.unwrap();
        let expected = json!({
            "cookie": {
                "originalMaxAge": 60_000,
                "expires": "2025-11-24T16:01:00.000Z",
                "httpOnly": true,
                "path": "/",
                "sameSite": "lax",
            },
            "passport": { "user": 7 },
        });
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
        let left: i64 = shared.redis.ttl(shared.key(&cookie)).await.unwrap();
        assert!((30..=60).contains(&left), "{left}");
        let cookie = cookie.to_str().unwrap();
        assert!(cookie.starts_with("connect.sid=s%3A"), "{cookie}");
        assert!(
            cookie.ends_with("; Path=/; Max-Age=60; HttpOnly; SameSite=Lax"),
            "{cookie}"
        );
    })
    .await;
}

#[tokio::test]
async fn an_id_of_express_shown_before_sign_in_is_dead_after_it() {
    shared(async |shared: &mut Shared| {
        let planted = with(&shared.sign_in("eve").await);
        let (_, new) = shared.sessions.sign_in(&planted, "ann").await.unwrap();
        assert_eq!(shared.user(&planted).await, None);
        assert_eq!(shared.user(&with(&new)).await, Some(json!("ann")));
    })
    .await;
}

#[tokio::test]
async fn a_cookie_of_express_is_worth_nothing_after_sign_out() {
    shared(async |shared: &mut Shared| {
        let request = with(&shared.sign_in("ann").await);
        let session = shared.sessions.load(&request).await.unwrap().unwrap();
        shared.sessions.sign_out(&request).await.unwrap();
        assert_eq!(shared.user(&request).await, None);
        let saved = shared.sessions.save(&session).await.unwrap();
        assert!(!saved, "a session that was ended is not brought back");
        assert_eq!(shared.user(&request).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_cookie_of_express_that_is_not_signed_by_a_secret_is_nobody() {
    shared(async |shared: &mut Shared| {
        let cookie = shared.sign_in("ann").await;
        let text = cookie.to_str().unwrap().split(';').next().unwrap();
        let id = &shared.key(&cookie)[shared.prefix.len()..];
        let other = ExpressSessions::builder(["another secret, of somebody else"])
            .prefix(&shared.prefix)
            .build(shared.redis.clone())
            .unwrap();
        assert!(other.load(&sending(text)).await.unwrap().is_none());
        let forged = [
            format!("connect.sid={id}"),
            format!("connect.sid=s%3A{id}"),
            format!("connect.sid=s%3A{id}."),
            format!("connect.sid=s%3A{id}.{}", "A".repeat(43)),
            text[..text.len() - 1].to_owned(),
            format!("{text}; {text}"),
        ];
        for cookies in forged {
            assert_eq!(shared.user(&sending(&cookies)).await, None, "{cookies}");
        }
        assert_eq!(shared.user(&sending(text)).await, Some(json!("ann")));
    })
    .await;
}

#[tokio::test]
async fn a_session_signed_with_a_retired_secret_is_still_read() {
    shared(async |shared: &mut Shared| {
        let request = with(&shared.sign_in("ann").await);
        let rotated = ExpressSessions::builder(["the new secret of both", SECRET])
            .prefix(&shared.prefix)
            .build(shared.redis.clone())
            .unwrap();
        assert!(rotated.load(&request).await.unwrap().is_some());
        let (_, cookie) = rotated.sign_in(&request, "ann").await.unwrap();
        assert_eq!(
            shared.user(&with(&cookie)).await,
            None,
            "signed with the new one"
        );
    })
    .await;
}

#[tokio::test]
async fn a_use_prolongs_the_life_in_redis_and_its_end_is_the_end() {
    shared(async |shared: &mut Shared| {
        let cookie = shared.sign_in("ann").await;
        let (key, request) = (shared.key(&cookie), with(&cookie));
        let _: bool = shared.redis.expire(&key, 20).await.unwrap();
        assert!(shared.user(&request).await.is_some());
        let left: i64 = shared.redis.ttl(&key).await.unwrap();
        assert!(left > 25, "{left}");
        let _: bool = shared.redis.persist(&key).await.unwrap();
        assert!(shared.user(&request).await.is_some());
        let left: i64 = shared.redis.ttl(&key).await.unwrap();
        assert_eq!(left, -1, "what Express keeps for ever stays so");
        let _: bool = shared.redis.expire_at(&key, 1).await.unwrap();
        assert_eq!(shared.user(&request).await, None);
    })
    .await;
}

#[tokio::test]
async fn fields_that_only_express_knows_are_kept() {
    shared(async |shared: &mut Shared| {
        let cookie = shared.sign_in("ann").await;
        let (key, request) = (shared.key(&cookie), with(&cookie));
        let cookies = json!({"originalMaxAge": null, "expires": null, "priority": "high"});
        let value =
            json!({"cookie": cookies, "cart": [1, {"n": 2.5}], "passport": {"user": 1, "x": 2}});
        let _: () = shared.redis.set(&key, value.to_string()).await.unwrap();
        let mut session = shared.sessions.load(&request).await.unwrap().unwrap();
        assert_eq!(session.get("cart"), Some(&json!([1, {"n": 2.5}])));
        session.set("seen", json!(true));
        session.set("passport", json!({"user": "root"}));
        assert!(shared.sessions.save(&session).await.unwrap());
        let text: String = shared.redis.get(&key).await.unwrap();
        let mut expected = value;
        expected["seen"] = json!(true);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
        let left: i64 = shared.redis.ttl(&key).await.unwrap();
        assert!(
            (86_000..=86_400).contains(&left),
            "a day without maxAge: {left}"
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_no_session_of_express_is_nobody() {
    shared(async |shared: &mut Shared| {
        let cookie = shared.sign_in("ann").await;
        let (key, request) = (shared.key(&cookie), with(&cookie));
        let large = json!({"cookie": {}, "passport": {"user": 1}, "x": "x".repeat(70_000)});
        let no_session = [
            "",
            "null",
            "[]",
            "{",
            "{}",
            r#"{"cookie":1}"#,
            "\u{0}",
            r#"{"passport":{"user":1}}"#,
            &large.to_string(),
        ];
        for text in no_session {
            let _: () = shared.redis.set(&key, text).await.unwrap();
            let loaded = shared.sessions.load(&request).await.unwrap();
            assert!(loaded.is_none(), "{}", &text[..text.len().min(40)]);
        }
        for nobody in [
            r#"{"cookie":{}}"#,
            r#"{"cookie":{},"passport":{}}"#,
            r#"{"cookie":{},"passport":1}"#,
        ] {
            let _: () = shared.redis.set(&key, nobody).await.unwrap();
            let loaded = shared.sessions.load(&request).await.unwrap();
            assert_eq!(loaded.unwrap().user(), None, "{nobody}");
        }
    })
    .await;
}

#[tokio::test]
async fn options_of_the_shared_sessions_have_their_bounds() {
    shared(async |shared: &mut Shared| {
        let redis = || shared.redis.clone();
        let short = ExpressSessions::builder(["keyboard cat"]).build(redis());
        assert_eq!(short.unwrap_err().option, "secrets");
        let none = ExpressSessions::builder(Vec::<String>::new()).build(redis());
        assert_eq!(none.unwrap_err().option, "secrets");
        let named = ExpressSessions::builder([SECRET])
            .cookie_name("a;b")
            .rng(OsRng);
        assert_eq!(named.build(redis()).unwrap_err().option, "cookie_name");
        let endless = ExpressSessions::builder([SECRET]).max_age(Duration::MAX);
        assert_eq!(endless.build(redis()).unwrap_err().option, "max_age");
    })
    .await;
}
