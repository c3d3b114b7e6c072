//! Changes of sessions that belong to a transaction, and sessions that ask for roles.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use purlin_auth::session::{
    CookiePolicy, MemorySessionStore, RolesOfUser, SessionChanges, SessionError, Sessions,
    SqlSessionStore,
};
use purlin_base::{BoxFuture, Classified, time::ManualClock};
use purlin_sql::{Db, SqlError, Tx};

use super::browser::{START, Site, with};

async fn database() -> (Db, SqlSessionStore, SessionChanges) {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    db.migrate(&purlin_auth::MIGRATIONS).await.unwrap();
    let store = SqlSessionStore::new(db.clone());
    let clock = Arc::new(ManualClock::new(START));
    (db, store.clone(), SessionChanges::in_database(store, clock))
}

#[tokio::test]
async fn sessions_in_the_database_end_with_the_commit_and_not_before() {
    let (db, store, changes) = database().await;
    let site = Site::on(Arc::new(store));
    let request = with(&site.sign_in("ann").await.cookie);
    let stranger = with(&site.sign_in("bob").await.cookie);

    let ended = changes.remove_all("ann", None).await.unwrap();
    assert!(site.is_signed_in(&request).await, "nothing is written yet");
    let failed = db.transaction(async |tx: &mut Tx| {
        ended.write_in(tx).await?;
        Err::<(), _>(SessionError::Owner)
    });
    assert!(failed.await.is_err());
    assert!(site.is_signed_in(&request).await, "it was rolled back");

    let done = db.transaction(async |tx: &mut Tx| ended.write_in(tx).await);
    done.await.unwrap();
    ended.committed().await;
    assert!(!site.is_signed_in(&request).await);
    assert!(site.is_signed_in(&stranger).await);
    db.close().await;
}

#[tokio::test]
async fn roles_in_the_database_change_with_the_commit() {
    let (db, store, changes) = database().await;
    let site = Site::on(Arc::new(store));
    let request = with(&site.sign_in("ann").await.cookie);
    let staff = ["staff".to_owned()];
    let done =
        db.transaction(async |tx: &mut Tx| changes.set_roles_in(tx, "ann", &staff, START).await);
    done.await.unwrap();
    assert_eq!(site.load(&request).await.unwrap().roles(), staff);
    db.close().await;
}

#[tokio::test]
async fn sessions_elsewhere_end_before_the_transaction_and_those_begun_since_after_it() {
    let db = Db::connect("sqlite::memory:").await.unwrap();
    let Site { sessions, .. } = Site::in_memory();
    let sessions = Arc::new(sessions);
    let changes = SessionChanges::elsewhere(Arc::clone(&sessions));
    let sign_in = async || {
        let new = sessions.sign_in(None, "ann", ["reader"], "").await.unwrap();
        (new.session.public_id(), with(&new.cookie))
    };
    let is_alive = async |request| sessions.load(request).await.unwrap().is_some();
    let ((kept, here), (_, there)) = (sign_in().await, sign_in().await);

    let ended = changes.remove_all("ann", Some(kept)).await.unwrap();
    assert_eq!(ended.user(), "ann");
    assert!(!is_alive(&there).await, "ended before");
    // With the password from before, which is good until the commit.
    let (_, between) = sign_in().await;
    let done = db.transaction(async |tx: &mut Tx| ended.write_in(tx).await);
    done.await.unwrap();
    ended.committed().await;
    assert!(!is_alive(&between).await, "ended after");
    assert!(is_alive(&here).await, "the one that asks stays");
    db.close().await;
}

/// What users may do, as a database would have it.
#[derive(Default)]
struct Roles {
    of: Mutex<HashMap<String, Vec<String>>>,
    is_away: Mutex<bool>,
}

impl RolesOfUser for Roles {
    fn roles_of<'a>(
        &'a self,
        user: &'a str,
    ) -> BoxFuture<'a, Result<Option<Vec<String>>, SessionError>> {
        Box::pin(async move {
            if *self.is_away.lock().unwrap() {
                return Err(SqlError::Nested.into());
            }
            Ok(self.of.lock().unwrap().get(user).cloned())
        })
    }
}

#[tokio::test]
async fn sessions_that_ask_have_the_roles_of_now_and_end_with_their_user() {
    let roles = Arc::new(Roles::default());
    let cookie = CookiePolicy::for_public_url("https://books.example").unwrap();
    let store = Arc::new(MemorySessionStore::default());
    let sessions = Sessions::builder(store, cookie).roles_of(roles.clone());
    let sessions = sessions.build().unwrap();
    let set = |role: &str| {
        let mut of = roles.of.lock().unwrap();
        of.insert("ann".to_owned(), vec![role.to_owned()]);
    };
    set("reader");
    let new = sessions.sign_in(None, "ann", ["reader"], "").await.unwrap();
    let request = with(&new.cookie);
    for role in ["staff", "reader"] {
        set(role);
        let session = sessions.load(&request).await.unwrap().unwrap();
        assert_eq!(session.roles(), [role]);
    }
    // Nobody is let in because nobody could be asked.
    *roles.is_away.lock().unwrap() = true;
    let failed = sessions.load(&request).await.unwrap_err();
    assert_eq!(failed.code(), SqlError::Nested.code());
    *roles.is_away.lock().unwrap() = false;
    roles.of.lock().unwrap().clear();
    assert!(sessions.load(&request).await.unwrap().is_none());
}
