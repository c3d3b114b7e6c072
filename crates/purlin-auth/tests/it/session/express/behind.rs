//! Sessions of Express behind `Sessions`, as guards and pages use them.

use std::sync::Arc;

use http::HeaderMap;
use purlin_auth::session::{CookiePolicy, RolesOfUser, SessionError, Sessions};
use purlin_base::{BoxFuture, Timestamp};
use redis::AsyncCommands;

use super::*;

/// `ann` and `bob` are readers; nobody else is known.
struct Readers;

impl RolesOfUser for Readers {
    fn roles_of<'a>(
        &'a self,
        user: &'a str,
    ) -> BoxFuture<'a, Result<Option<Vec<String>>, SessionError>> {
        let known = ["ann", "bob", "7"].contains(&user);
        Box::pin(async move { Ok(known.then(|| vec!["reader".to_owned()])) })
    }
}

/// What guards have, on what Express has.
struct Site {
    express: Shared,
    sessions: Sessions,
}

async fn site(case: impl AsyncFnOnce(Site)) {
    let Some(mut redis) = redis_server::connection().await else {
        return;
    };
    // A walk ends after so many keys: in a database of its own nobody else's stand in its way.
    let () = redis::cmd("SELECT")
        .arg(7)
        .query_async(&mut redis)
        .await
        .unwrap();
    let express = Shared::new(redis.clone());
    let prefix = express.prefix.clone();
    let sessions = ExpressSessions::builder([SECRET])
        .prefix(&prefix)
        .max_age(Duration::from_secs(60))
        .ends_with_browser(true)
        .clock(ManualClock::new(START))
        .build(redis.clone())
        .unwrap();
    let cookie = CookiePolicy::for_public_url("http://books.example").unwrap();
    let sessions = Sessions::of_express(sessions, Arc::new(Readers), cookie).unwrap();
    case(Site { express, sessions }).await;
    redis_server::clean(redis, &prefix).await;
}

impl Site {
    async fn sign_in(&self, user: &str) -> HeaderMap {
        let new = self.sessions.sign_in(None, user, ["reader"], "a browser");
        with(&new.await.unwrap().cookie)
    }

    async fn is_signed_in(&self, request: &HeaderMap) -> bool {
        self.sessions.load(request).await.unwrap().is_some()
    }
}

#[tokio::test]
async fn a_sign_in_of_either_is_one_of_the_other() {
    site(async |site: Site| {
        let new = site.sessions.sign_in(None, "ann", ["reader"], "a browser");
        let new = new.await.unwrap();
        let text = new.cookie.to_str().unwrap();
        assert!(
            text.starts_with("connect.sid=s%3A") && !text.contains("Max-Age"),
            "{text}"
        );
        let ours = with(&new.cookie);
        assert_eq!(site.express.user(&ours).await, Some(json!("ann")));
        let session = site.sessions.load(&ours).await.unwrap().unwrap();
        assert_eq!(
            (session.user(), session.roles()),
            ("ann", &["reader".to_owned()][..])
        );
        assert_eq!(session.public_id(), new.session.public_id());
        assert_eq!(session.record().device, "a browser");
        assert_eq!(session.created_at(), START);
        // By the server's own clock: a moment ago.
        let unused = START.since(session.last_used_at());
        assert!(unused < Duration::from_secs(30), "{unused:?}");
        assert_ne!(session.csrf_binding(), session.id().reveal());

        // Numbers are users too; whom nobody knows is nobody.
        let theirs = with(&site.express.sign_in(7).await);
        let session = site.sessions.load(&theirs).await.unwrap().unwrap();
        assert_eq!((session.user(), session.created_at()), ("7", START));
        for nobody in [json!("eve"), json!({"id": "ann"}), json!(""), json!("a\nb")] {
            let theirs = with(&site.express.sign_in(nobody).await);
            assert!(!site.is_signed_in(&theirs).await);
        }
    })
    .await;
}

#[tokio::test]
async fn an_id_shown_before_the_sign_in_is_dead_after_it_and_a_new_id_ends_the_old() {
    site(async |site: Site| {
        let planted = site.sign_in("bob").await;
        let old = site.sessions.read(&planted).unwrap();
        let new = site.sessions.sign_in(Some(&old), "ann", ["reader"], "");
        let new = new.await.unwrap();
        assert!(!site.is_signed_in(&planted).await);

        let rotated = site
            .sessions
            .rotate(new.session.id())
            .await
            .unwrap()
            .unwrap();
        assert!(!site.is_signed_in(&with(&new.cookie)).await);
        let now = with(&rotated.cookie);
        let session = site.sessions.load(&now).await.unwrap().unwrap();
        assert_eq!(
            (session.user(), session.roles()),
            ("ann", rotated.session.roles())
        );
        assert_ne!(session.csrf_binding(), new.session.csrf_binding());
        assert!(
            site.sessions
                .rotate(new.session.id())
                .await
                .unwrap()
                .is_none()
        );
        site.sessions.sign_out(session.id()).await.unwrap();
        assert_eq!(site.express.user(&now).await, None);
    })
    .await;
}

#[tokio::test]
async fn sessions_of_a_user_are_found_among_all_and_ended() {
    site(async |mut site: Site| {
        let (here, there) = (site.sign_in("ann").await, site.sign_in("ann").await);
        let theirs = with(&site.express.sign_in("ann").await);
        let stranger = site.sign_in("bob").await;
        // More than one step of the walk, and what is no session at all.
        for number in 0..250 {
            let nobody = site.express.sign_in(format!("other-{number}")).await;
            drop(nobody);
        }
        let odd = format!("{}odd", site.express.prefix);
        let () = site.express.redis.lpush(&odd, "1").await.unwrap();

        assert_eq!(site.sessions.list("ann").await.unwrap().len(), 3);
        let mine = site
            .sessions
            .load(&here)
            .await
            .unwrap()
            .unwrap()
            .public_id();
        let other = site
            .sessions
            .load(&there)
            .await
            .unwrap()
            .unwrap()
            .public_id();
        let refused = site.sessions.revoke("bob", other).await.unwrap_err();
        assert!(matches!(refused, SessionError::NotFound));
        site.sessions.revoke("ann", other).await.unwrap();
        assert!(!site.is_signed_in(&there).await);
        assert_eq!(
            site.sessions.revoke_all("ann", Some(mine)).await.unwrap(),
            1
        );
        assert!(site.is_signed_in(&here).await && !site.is_signed_in(&theirs).await);
        assert!(site.is_signed_in(&stranger).await);
        assert_eq!(site.sessions.revoke_all("ann", None).await.unwrap(), 1);
        assert!(site.sessions.list("ann").await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn data_is_kept_beside_what_express_keeps() {
    site(async |site: Site| {
        let request = site.sign_in("ann").await;
        let id = site.sessions.read(&request).unwrap();
        let mut theirs = site.express.sessions.load(&request).await.unwrap().unwrap();
        theirs.set("cart", json!(3));
        assert!(site.express.sessions.save(&theirs).await.unwrap());
        assert!(
            site.sessions
                .set_data(&id, &json!({"theme": "dark"}))
                .await
                .unwrap()
        );
        let session = site.sessions.load(&request).await.unwrap().unwrap();
        assert_eq!(session.data().unwrap(), Some(json!({"theme": "dark"})));
        assert_eq!(session.record().device, "a browser");
        let theirs = site.express.sessions.load(&request).await.unwrap().unwrap();
        assert_eq!(theirs.get("cart"), Some(&json!(3)));
        site.sessions.sign_out(&id).await.unwrap();
        assert!(!site.sessions.set_data(&id, &1).await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn a_session_of_express_without_an_end_is_never_over_and_can_be_shown() {
    site(async |mut site: Site| {
        let request = site.sign_in("ann").await;
        let id = site.sessions.read(&request).unwrap().reveal();
        let key = format!("{}{id}", site.express.prefix);
        let () = site.express.redis.persist(&key).await.unwrap();
        let session = site.sessions.load(&request).await.unwrap().unwrap();
        assert!(session.ends_at() > Timestamp::from_unix_micros(i64::MAX - 1));
        assert!(!session.ends_at().to_string().is_empty());
    })
    .await;
}
