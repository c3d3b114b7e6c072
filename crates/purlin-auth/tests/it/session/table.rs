//! What a table does beyond the contract.

use std::{sync::Arc, time::Duration};

use purlin_auth::session::{SessionError, SqlSessionStore};
use purlin_sql::{SqlError, Tx};

use super::browser::{START, Site, with};
use crate::engines::sqlite;

#[tokio::test]
async fn a_table_is_cleared_of_what_has_expired_as_others_sign_in() {
    let db = sqlite().await;
    let site = Site::on(Arc::new(SqlSessionStore::new(db.clone())));
    let rows = async || {
        let count = db.read().query("select count(*) from auth_sessions");
        count.fetch_one::<(i64,)>().await.unwrap().0
    };
    for user in 0..15 {
        site.sign_in(&format!("u{user}")).await;
    }
    site.wait(30);
    site.sign_in("ann").await;
    assert_eq!(rows().await, 6, "ten at a time");
    site.sign_in("bob").await;
    assert_eq!(rows().await, 2);
}

#[tokio::test]
async fn a_sweep_takes_what_has_expired_a_batch_at_a_time() {
    let store = SqlSessionStore::new(sqlite().await);
    let site = Site::on(Arc::new(store.clone()));
    for user in ["ann", "bob", "cid"] {
        site.sign_in(user).await;
    }
    assert_eq!(store.sweep(START, 2).await.unwrap(), 0);
    let later = START.saturating_add(Duration::from_secs(100 * 24 * 60 * 60));
    assert_eq!(store.sweep(later, 2).await.unwrap(), 2);
    assert_eq!(store.sweep(later, 2).await.unwrap(), 1);
}

#[tokio::test]
async fn a_change_of_roles_is_in_the_transaction_of_its_cause() {
    let db = sqlite().await;
    let store = SqlSessionStore::new(db.clone());
    let site = Site::on(Arc::new(store.clone()));
    let request = with(&site.sign_in("ann").await.cookie);
    let staff = ["staff".to_owned()];
    let undone = db.transaction(async |tx: &mut Tx| {
        assert_eq!(store.set_roles_in(tx, "ann", &staff, START).await?, 1);
        assert_eq!(store.remove_all_in(tx, "ann", None, START).await?, 1);
        Err::<(), _>(SessionError::Sql(SqlError::NoRow))
    });
    undone.await.unwrap_err();
    assert_eq!(site.load(&request).await.unwrap().roles(), ["reader"]);

    let done =
        db.transaction(async |tx: &mut Tx| store.set_roles_in(tx, "ann", &staff, START).await);
    assert_eq!(done.await.unwrap(), 1);
    assert_eq!(site.load(&request).await.unwrap().roles(), staff);

    let ended =
        db.transaction(async |tx: &mut Tx| store.remove_all_in(tx, "ann", None, START).await);
    assert_eq!(ended.await.unwrap(), 1);
    assert!(!site.is_signed_in(&request).await);
}
