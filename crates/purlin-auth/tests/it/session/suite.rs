//! What every store must do, as a list of cases. A case never names a store.

use std::time::Duration;

use purlin_auth::session::{
    SessionId, SessionKey, SessionRecord, SharedSessionStore, USER_SESSIONS_MAX,
};
use purlin_base::{Timestamp, id::IdMaker, random::OsRng};

use super::browser::{START, Site, with};

/// Makes a module `$engine` with one test for each case. `$with` is an async function that runs a
/// case on an empty store.
macro_rules! suite {
    ($engine:ident, $with:path) => {
        crate::session::suite::suite!(@ $engine, $with: suite [
            a_session_is_found_as_it_was_put,
            nothing_is_found_under_another_key,
            a_new_session_replaces_the_old_one,
            a_session_is_there_until_the_moment_it_expires,
            a_touch_prolongs_and_never_shortens,
            what_is_gone_cannot_be_touched_changed_or_renamed,
            a_renamed_session_is_under_its_new_key_only,
            a_renamed_session_is_still_in_the_list,
            data_is_replaced,
            the_list_shows_the_users_own_the_last_used_first,
            one_session_is_removed_by_its_owner_only,
            all_sessions_but_one_are_removed,
            roles_change_in_all_sessions_of_the_user,
            one_session_too_many_ends_the_one_unused_longest,
            text_of_every_kind_is_kept,
            a_removal_is_final_whatever_comes_at_the_same_time,
            many_changes_of_one_user_at_once_all_succeed,
            a_sign_in_lives_and_ends_by_the_clock_of_the_application,
        ] histories [
            a_random_history_is_that_of_the_model,
        ]);
    };
    (@ $engine:ident, $with:path: $($list:ident [$($case:ident),+ $(,)?])+) => {
        mod $engine {
            $($(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $with(crate::session::$list::$case).await;
            })+)+
        }
    };
}
pub(super) use suite;

pub(super) fn key() -> SessionKey {
    SessionId::new(&OsRng).key()
}

pub(super) fn after(seconds: u64) -> Timestamp {
    START.saturating_add(Duration::from_secs(seconds))
}

/// A session of `user` that was begun at `START` and is there for 100 seconds.
pub(super) fn of(user: &str) -> SessionRecord {
    SessionRecord {
        public_id: IdMaker::default().make(),
        user: user.to_owned(),
        roles: vec!["reader".to_owned()],
        device: "a browser".to_owned(),
        data: "null".to_owned(),
        created_at: START,
        last_used_at: START,
        expires_at: after(100),
        ends_at: after(1000),
    }
}

async fn put(store: &SharedSessionStore, record: &SessionRecord) -> SessionKey {
    let key = key();
    store.insert(None, key, record, START).await.unwrap();
    key
}

async fn find(store: &SharedSessionStore, key: SessionKey) -> Option<SessionRecord> {
    store.find(key, START).await.unwrap()
}

pub(super) async fn a_session_is_found_as_it_was_put(store: SharedSessionStore) {
    let record = of("ann");
    let key = put(&store, &record).await;
    assert_eq!(find(&store, key).await, Some(record));
}

pub(super) async fn nothing_is_found_under_another_key(store: SharedSessionStore) {
    put(&store, &of("ann")).await;
    assert_eq!(find(&store, key()).await, None);
}

pub(super) async fn a_new_session_replaces_the_old_one(store: SharedSessionStore) {
    let old = put(&store, &of("eve")).await;
    let (new, record) = (key(), of("ann"));
    store.insert(Some(old), new, &record, START).await.unwrap();
    assert_eq!(find(&store, old).await, None);
    assert_eq!(find(&store, new).await, Some(record));
    assert_eq!(store.list("eve", START).await.unwrap(), []);
}

pub(super) async fn a_session_is_there_until_the_moment_it_expires(store: SharedSessionStore) {
    let key = put(&store, &of("ann")).await;
    let just_before = Timestamp::from_unix_micros(after(100).unix_micros() - 1);
    assert!(store.find(key, just_before).await.unwrap().is_some());
    assert_eq!(store.list("ann", just_before).await.unwrap().len(), 1);
    assert_eq!(store.list("ann", after(100)).await.unwrap(), []);
    assert_eq!(store.find(key, after(100)).await.unwrap(), None);
}

pub(super) async fn a_touch_prolongs_and_never_shortens(store: SharedSessionStore) {
    let key = put(&store, &of("ann")).await;
    assert!(store.touch(key, after(160), after(60)).await.unwrap());
    assert!(store.touch(key, after(110), after(10)).await.unwrap());
    let found = find(&store, key).await.unwrap();
    let times = (found.last_used_at, found.expires_at);
    assert_eq!(times, (after(60), after(160)));
    assert!(store.find(key, after(159)).await.unwrap().is_some());
}

pub(super) async fn what_is_gone_cannot_be_touched_changed_or_renamed(store: SharedSessionStore) {
    let removed = put(&store, &of("ann")).await;
    store.remove(removed).await.unwrap();
    store.remove(removed).await.unwrap();
    let expired = put(&store, &of("ann")).await;
    for gone in [removed, expired] {
        let now = after(100);
        assert!(!store.touch(gone, after(300), now).await.unwrap());
        assert!(!store.set_data(gone, "1", now).await.unwrap());
        assert_eq!(store.rename(gone, key(), now).await.unwrap(), None);
        assert_eq!(store.find(gone, now).await.unwrap(), None);
    }
    assert_eq!(store.list("ann", after(100)).await.unwrap(), []);
}

pub(super) async fn a_renamed_session_is_under_its_new_key_only(store: SharedSessionStore) {
    let record = of("ann");
    let (old, new) = (put(&store, &record).await, key());
    let moved = store.rename(old, new, START).await.unwrap();
    assert_eq!(moved, Some(record.clone()));
    assert_eq!(find(&store, old).await, None);
    assert_eq!(find(&store, new).await, Some(record));
    assert_eq!(store.rename(old, key(), START).await.unwrap(), None);
}

pub(super) async fn a_renamed_session_is_still_in_the_list(store: SharedSessionStore) {
    let record = of("ann");
    let (old, new) = (put(&store, &record).await, key());
    store.rename(old, new, START).await.unwrap();
    let id = record.public_id;
    assert_eq!(store.list("ann", START).await.unwrap(), [record]);
    let removed = store.remove_listed("ann", id, START).await;
    assert!(removed.unwrap());
    assert_eq!(find(&store, new).await, None);
}

pub(super) async fn data_is_replaced(store: SharedSessionStore) {
    let key = put(&store, &of("ann")).await;
    assert!(store.set_data(key, r#"{"a":1}"#, START).await.unwrap());
    assert_eq!(find(&store, key).await.unwrap().data, r#"{"a":1}"#);
}

pub(super) async fn the_list_shows_the_users_own_the_last_used_first(store: SharedSessionStore) {
    let (first, second, third) = (of("ann"), of("ann"), of("ann"));
    let first_key = put(&store, &first).await;
    put(&store, &second).await;
    put(&store, &third).await;
    put(&store, &of("bob")).await;
    store.touch(first_key, after(110), after(10)).await.unwrap();
    let listed = store.list("ann", after(10)).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|record| record.public_id).collect();
    // Of those used last at the same moment the younger comes first: ids grow.
    let (older, younger) = if second.public_id < third.public_id {
        (second, third)
    } else {
        (third, second)
    };
    assert_eq!(ids, [first.public_id, younger.public_id, older.public_id]);
}

pub(super) async fn one_session_is_removed_by_its_owner_only(store: SharedSessionStore) {
    let record = of("ann");
    let key = put(&store, &record).await;
    put(&store, &of("bob")).await;
    let remove = |user| store.remove_listed(user, record.public_id, START);
    assert!(!remove("bob").await.unwrap());
    assert!(!remove("").await.unwrap());
    assert!(find(&store, key).await.is_some());
    assert!(remove("ann").await.unwrap());
    assert!(!remove("ann").await.unwrap());
    assert_eq!(find(&store, key).await, None);
}

pub(super) async fn all_sessions_but_one_are_removed(store: SharedSessionStore) {
    let (kept, other) = (of("ann"), of("ann"));
    let kept_key = put(&store, &kept).await;
    let other_key = put(&store, &other).await;
    let bobs = put(&store, &of("bob")).await;
    let except = Some(kept.public_id);
    assert_eq!(store.remove_all("ann", except, START).await.unwrap(), 1);
    assert!(find(&store, kept_key).await.is_some());
    assert_eq!(find(&store, other_key).await, None);
    assert_eq!(store.remove_all("ann", None, START).await.unwrap(), 1);
    assert_eq!(find(&store, kept_key).await, None);
    assert!(find(&store, bobs).await.is_some());
}

pub(super) async fn roles_change_in_all_sessions_of_the_user(store: SharedSessionStore) {
    let anns = [put(&store, &of("ann")).await, put(&store, &of("ann")).await];
    let bobs = put(&store, &of("bob")).await;
    let roles = ["staff".to_owned(), "reader".to_owned()];
    assert_eq!(store.set_roles("ann", &roles, START).await.unwrap(), 2);
    for key in anns {
        assert_eq!(find(&store, key).await.unwrap().roles, roles);
    }
    assert_eq!(find(&store, bobs).await.unwrap().roles, ["reader"]);
    assert_eq!(store.set_roles("nobody", &roles, START).await.unwrap(), 0);
    assert_eq!(store.set_roles("ann", &[], START).await.unwrap(), 2);
    assert!(find(&store, anns[0]).await.unwrap().roles.is_empty());
}

pub(super) async fn one_session_too_many_ends_the_one_unused_longest(store: SharedSessionStore) {
    let oldest = put(&store, &of("ann")).await;
    let unused = put(&store, &of("ann")).await;
    let bobs = put(&store, &of("bob")).await;
    store.touch(oldest, after(110), after(10)).await.unwrap();
    for second in 1..USER_SESSIONS_MAX as u64 {
        let record = SessionRecord {
            last_used_at: after(second),
            ..of("ann")
        };
        store.insert(None, key(), &record, START).await.unwrap();
    }
    let listed = store.list("ann", START).await.unwrap();
    assert_eq!(listed.len(), USER_SESSIONS_MAX);
    assert_eq!(find(&store, unused).await, None);
    assert!(find(&store, oldest).await.is_some());
    assert!(find(&store, bobs).await.is_some());
}

pub(super) async fn text_of_every_kind_is_kept(store: SharedSessionStore) {
    let record = SessionRecord {
        roles: vec!["'; drop table x; --".to_owned(), "\"\\{}é".to_owned()],
        device: "Ω 'quoted' \"twice\" $1 ?1 %s {u} \u{1F512}".to_owned(),
        data: r#"{"text":"\u0000 \n é"}"#.to_owned(),
        ..of("u:{sessions}:*' or 1=1 --")
    };
    let key = put(&store, &record).await;
    assert_eq!(find(&store, key).await.as_ref(), Some(&record));
    assert_eq!(store.list(&record.user, START).await.unwrap(), [record]);
}

pub(super) async fn a_removal_is_final_whatever_comes_at_the_same_time(store: SharedSessionStore) {
    for _ in 0..20 {
        let record = of("ann");
        let (old, new) = (put(&store, &record).await, key());
        let touch = store.touch(old, after(200), after(1));
        let rename = store.rename(old, new, START);
        let change = store.set_data(old, "1", START);
        let remove = store.remove_all("ann", None, START);
        let (touch, rename, change, remove) = tokio::join!(touch, rename, change, remove);
        touch.and(rename.map(drop)).and(change.map(drop)).unwrap();
        assert_eq!(remove.unwrap(), 1);
        assert_eq!(
            (find(&store, old).await, find(&store, new).await),
            (None, None)
        );
        assert_eq!(store.list("ann", START).await.unwrap(), []);
    }
}

pub(super) async fn many_changes_of_one_user_at_once_all_succeed(store: SharedSessionStore) {
    let mut changes = tokio::task::JoinSet::new();
    for number in 0..8 {
        let store = store.clone();
        changes.spawn(async move {
            let roles = [format!("role-{number}")];
            for _ in 0..10 {
                let key = put(&store, &of("ann")).await;
                store.set_roles("ann", &roles, START).await.unwrap();
                store.touch(key, after(200), after(1)).await.unwrap();
                let except = Some(of("ann").public_id);
                store.remove_all("ann", except, START).await.unwrap();
                assert_eq!(find(&store, key).await, None);
            }
        });
    }
    changes.join_all().await;
    assert_eq!(store.list("ann", START).await.unwrap(), []);
}

pub(super) async fn a_sign_in_lives_and_ends_by_the_clock_of_the_application(
    store: SharedSessionStore,
) {
    let site = Site::on(store);
    let first = site.sign_in("ann").await;
    let sessions = &site.sessions;
    assert!(
        sessions
            .set_data(first.session.id(), &"kept")
            .await
            .unwrap()
    );
    let second = sessions.rotate(first.session.id()).await.unwrap().unwrap();
    for _ in 0..2 {
        site.wait(29);
        assert!(!site.is_signed_in(&with(&first.cookie)).await);
        let loaded = site.load(&with(&second.cookie)).await.unwrap();
        assert_eq!(loaded.data().unwrap(), Some("kept".to_owned()));
        assert_eq!(
            sessions.list("ann").await.unwrap(),
            [loaded.record().clone()]
        );
    }
    site.wait(30);
    assert!(!site.is_signed_in(&with(&second.cookie)).await);
    assert_eq!(sessions.list("ann").await.unwrap(), []);
}
