//! Accounts, and what admins do with them.

use bookshop::{
    roles::RoleName,
    users::{SEEDED, UserError},
};
use purlin::{prelude::*, sql::keyset::ListRequest};
use purlin_base::page::PageInfo;
use uuid::Uuid;

use super::Shop;

pub(super) async fn a_new_database_has_three_accounts_one_of_each_role(shop: &Shop) {
    let mut hashes = Vec::new();
    for (email, name, role) in SEEDED {
        let user = shop.account(email).await.unwrap();
        assert_eq!((&*user.name, &*user.roles), (name, &[role][..]));
        let who = user.principal();
        assert!(who.has_role(role.as_str()) && who.id() == user.id.to_string());
        hashes.push(user.password_hash);
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 3, "each has a salt of its own: {hashes:?}");
    assert_eq!(shop.count("select count(*) from users").await, 3);
    assert_eq!(shop.count("select count(*) from mails").await, 0);
}

pub(super) async fn an_account_is_found_by_its_address_whatever_the_case(shop: &Shop) {
    let user = shop.somebody("Ada@Example.ORG").await;
    assert_eq!(user.email.as_str(), "Ada@example.org");
    for spelled in ["ada@example.org", "ADA@EXAMPLE.ORG", "aDa@example.ORG"] {
        assert_eq!(shop.account(spelled).await, Some(user.clone()), "{spelled}");
    }
    assert_eq!(shop.account("ada@example.com").await, None);
    assert_eq!(
        shop.users().find(user.id).await.unwrap(),
        Some(user.clone())
    );
    assert!(!format!("{user:?}").contains(&user.password_hash));
}

pub(super) async fn a_hash_is_swapped_only_for_the_one_that_was_read(shop: &Shop) {
    let user = shop.somebody("ada@example.org").await;
    let swap =
        async |old: &str, new: &str| shop.users().swap_hash(user.id, old, new).await.unwrap();
    assert!(swap(&user.password_hash, "$new$").await);
    assert!(!swap(&user.password_hash, "$late$").await);
    let kept = shop.account("ada@example.org").await.unwrap();
    assert_eq!(kept.password_hash, "$new$");
    let nobody = shop.users().swap_hash(Uuid::nil(), "$new$", "$x$").await;
    assert!(!nobody.unwrap());
}

pub(super) async fn roles_are_replaced_and_kept(shop: &Shop) {
    let user = shop.somebody("ada@example.org").await;
    let roles = [RoleName::Reader, RoleName::Admin];
    let changed = shop.people().set_roles(user.id, &roles).await.unwrap();
    assert_eq!(changed.roles, roles);
    assert_eq!(shop.people().read(user.id).await.unwrap(), changed);
    assert_eq!(changed.password_hash, user.password_hash);
    let others = shop.account("reader@bookshop.test").await.unwrap();
    assert_eq!(others.roles, [RoleName::Reader]);
    let nobody = shop.people().set_roles(Uuid::nil(), &roles).await;
    assert!(matches!(nobody, Err(UserError::NotFound)));
}

pub(super) async fn the_list_of_accounts_is_walked_both_ways(shop: &Shop) {
    for number in 0..4 {
        shop.somebody(&format!("reader{number}@example.org")).await;
    }
    let page = async |cursor: Option<String>| {
        let request = ListRequest::new(Some(3), cursor.as_deref(), None, None).unwrap();
        let page = shop.people().list(request).await.unwrap();
        let PageInfo::Cursor(ends) = page.page else {
            panic!("a walk by cursor");
        };
        let emails: Vec<String> = page.items.iter().map(|it| it.email.to_string()).collect();
        (emails, ends)
    };
    let (first, ends) = page(None).await;
    assert_eq!(first, SEEDED.map(|(email, ..)| email.to_owned()));
    let (second, ends) = page(ends.next_cursor).await;
    assert_eq!(second.len(), 3);
    let (third, _) = page(ends.next_cursor).await;
    assert_eq!(third, ["reader3@example.org"]);
    let (back, ends) = page(ends.prev_cursor).await;
    assert_eq!((back, ends.prev_cursor), (first, None));
}

pub(super) async fn an_address_is_verified_once(shop: &Shop) {
    let user = shop.somebody("ada@example.org").await;
    assert_eq!(user.verified_at, None);
    let at = |micros| Timestamp::from_unix_micros(micros);
    for (id, now, is_there) in [
        (user.id, 1_000_000, true),
        (user.id, 2_000_000, true),
        (Uuid::nil(), 2_000_000, false),
    ] {
        let (users, db) = (shop.users(), shop.db());
        let verified = db.transaction(async |tx| users.verify(tx, id, at(now)).await);
        assert_eq!(verified.await.unwrap(), is_there);
    }
    let user = shop.account("ada@example.org").await.unwrap();
    assert_eq!(user.verified_at, Some(at(1_000_000)));
}

#[tokio::test]
async fn a_second_start_adds_no_accounts_and_a_deleted_one_stays_away() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", directory.path().join("shop.db").display());
    let shop = Shop::open(&url).await;
    let delete = "delete from users where email_key = 'staff@bookshop.test'";
    shop.db().write(delete).execute().await.unwrap();
    shop.close().await;

    let shop = Shop::open(&url).await;
    assert_eq!(shop.count("select count(*) from users").await, 2);
    assert_eq!(
        shop.keeper
            .hashes
            .load(std::sync::atomic::Ordering::Relaxed),
        0
    );
    shop.close().await;
}

#[tokio::test]
async fn a_database_of_production_never_gets_accounts_that_everybody_knows() {
    let directory = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", directory.path().join("shop.db").display());
    for app_env in ["production", "development"] {
        let shop = Shop::open_as(&url, app_env).await;
        assert_eq!(
            shop.count("select count(*) from users").await,
            0,
            "{app_env}"
        );
        shop.close().await;
    }
}
