//! Registering, and what a stranger learns and can do by it.

use std::{collections::HashSet, sync::atomic::Ordering::Relaxed, time::Duration};

use bookshop::{
    roles::RoleName,
    users::{Registered, Registration, UserError},
};
use purlin::prelude::*;

use super::{Shop, wanted};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) async fn who_registers_is_a_reader_and_is_written_to(shop: &Shop) {
    let answer = shop.register().register(wanted("Ada@example.ORG")).await;
    let email = "Ada@example.org".parse().unwrap();
    let name = "Ada".to_owned();
    assert_eq!(answer.unwrap(), Registered { email, name });
    let user = shop.account("ada@example.org").await.unwrap();
    assert_eq!((&*user.name, user.roles), ("Ada", vec![RoleName::Reader]));
    assert!(user.password_hash.starts_with("$test$"));
    let mails = shop.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(
        (&*mails[0].0, &*mails[0].1),
        ("Ada@example.org", "account.registered")
    );
}

pub(super) async fn an_address_in_use_gets_the_same_answer_and_its_owner_a_mail(shop: &Shop) {
    let owner = shop.somebody("Ada@example.org").await;
    let hashes = shop.keeper.hashes.load(Relaxed);
    let mallory = Registration {
        name: "Mallory".to_owned(),
        ..wanted("aDA@EXAMPLE.org")
    };
    let answer = shop.register().register(mallory).await.unwrap();
    assert_eq!(
        (answer.email.as_str(), &*answer.name),
        ("aDA@example.org", "Mallory")
    );
    assert_eq!(
        shop.keeper.hashes.load(Relaxed),
        hashes + 1,
        "the same work"
    );
    assert_eq!(shop.account("ada@example.org").await, Some(owner));
    let mails = shop.mails().await;
    assert_eq!(mails.len(), 2);
    // As its owner writes it, and not as the stranger did.
    assert_eq!(
        (&*mails[1].0, &*mails[1].1),
        ("Ada@example.org", "account.address-taken")
    );
}

pub(super) async fn the_owner_of_an_address_is_written_to_once_a_day(shop: &Shop) {
    shop.somebody("ada@example.org").await;
    let again = async || {
        shop.register()
            .register(wanted("ada@example.org"))
            .await
            .unwrap()
    };
    for _ in 0..3 {
        again().await;
    }
    assert_eq!(shop.mails().await.len(), 2);
    shop.clock.advance(DAY);
    again().await;
    assert_eq!(shop.mails().await.len(), 3);
}

pub(super) async fn of_many_who_register_at_once_one_has_the_account(shop: &Shop) {
    let mut tasks = Vec::new();
    for _ in 0..8 {
        let register = shop.register();
        let task = async move { register.register(wanted("ada@example.org")).await };
        tasks.push(purlin::spawn(task));
    }
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap().unwrap());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "all are told the same");
    let of_ada = "select count(*) from users where email_key = 'ada@example.org'";
    assert_eq!(shop.count(of_ada).await, 1);
    let kinds: Vec<String> = shop.mails().await.into_iter().map(|mail| mail.1).collect();
    let kinds: HashSet<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(
        kinds,
        HashSet::from(["account.registered", "account.address-taken"])
    );
}

pub(super) async fn nothing_that_a_stranger_wrote_is_in_a_mail(shop: &Shop) {
    let lure = Registration {
        name: "Win money at http://evil.example".to_owned(),
        ..wanted("ada@example.org")
    };
    for _ in 0..2 {
        shop.register().register(lure.clone()).await.unwrap();
    }
    let mails = shop.mails().await;
    assert_eq!(mails.len(), 2);
    assert!(
        mails.iter().all(|mail| !mail.2.contains("evil")),
        "{mails:?}"
    );
    assert!(!format!("{lure:?}").contains(&lure.password));
}

pub(super) async fn a_password_that_may_not_be_chosen_is_refused_before_it_is_hashed(shop: &Shop) {
    let hashes = shop.keeper.hashes.load(Relaxed);
    let common = Registration {
        password: "password".to_owned(),
        ..wanted("ada@example.org")
    };
    let error = shop.register().register(common).await.unwrap_err();
    assert_eq!(
        (error.class(), error.code()),
        (ErrorClass::Invalid, "USER_PASSWORD")
    );
    assert_eq!(error.fields()[0].code, "common");
    let error = shop
        .register()
        .register(wanted("ada@example"))
        .await
        .unwrap_err();
    assert!(matches!(error, UserError::Email(_)));
    assert_eq!(error.fields().len(), 1);
    assert_eq!(shop.keeper.hashes.load(Relaxed), hashes);
    assert_eq!(shop.count("select count(*) from users").await, 3);
}
