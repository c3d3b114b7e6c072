//! Adding jobs.

use super::{
    Subject,
    subject::{MINUTE, QUEUE, child, job, job_with, json, near, parent},
};
use crate::{
    QueueError, State,
    job::Start,
    store::{Capability, NewJob},
};

pub async fn a_job_is_told_as_it_was_added(subject: &Subject<'_>) {
    let now = subject.store.now().await.unwrap();
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let given = NewJob {
        name: "résumé 🙂".to_owned(),
        version: 3,
        data: json(r#"{"z":1,"a":[1.50,"ü\n"],"big":12345678901234567890}"#),
        traceparent: Some(trace.to_owned()),
        ..job_with("a", |options| options.attempts = 7)
    };
    let added = subject.add_one(given.clone()).await;
    assert!(added.is_new && added.id == "a", "{added:?}");
    let told = subject.job("a").await;
    assert_eq!((told.name, told.version), (given.name, given.version));
    assert_eq!(told.data.as_str(), given.data.as_str(), "the very text");
    assert_eq!(told.options, given.options);
    assert_eq!(told.traceparent.as_deref(), Some(trace));
    assert_eq!(told.state, State::Waiting);
    assert!(near(told.created_at, now));
    assert_eq!(
        (told.attempts_started, told.attempts_made, told.crashes),
        (0, 0, 0)
    );
    assert_eq!(
        (told.result, told.failure, told.finished_at),
        (None, None, None)
    );
}

pub async fn jobs_are_claimed_in_the_order_they_were_added(subject: &Subject<'_>) {
    subject.add_ids(&["c", "a", "b"]).await;
    subject.add([job("z"), job("y")]).await;
    assert_eq!(subject.claim_ids(9).await, ["c", "a", "b", "z", "y"]);
}

pub async fn the_lowest_priority_number_goes_first_and_none_before_all(subject: &Subject<'_>) {
    let of = |id, priority| job_with(id, |options| options.priority = priority);
    subject
        .add([
            of("last", 2_097_151),
            of("b1", 2),
            of("a", 1),
            of("b2", 2),
            of("none", 0),
        ])
        .await;
    assert_eq!(subject.state("b1").await, Some(State::Prioritized));
    assert_eq!(
        subject.claim_ids(9).await,
        ["none", "a", "b1", "b2", "last"]
    );
}

pub async fn lifo_goes_in_front_of_those_of_its_priority(subject: &Subject<'_>) {
    let lifo = |id, priority| {
        job_with(id, |options| {
            options.lifo = true;
            options.priority = priority;
        })
    };
    subject.add_ids(&["first"]).await;
    subject
        .add([lifo("l1", 0), lifo("l2", 0), lifo("p", 1)])
        .await;
    assert_eq!(subject.claim_ids(9).await, ["l2", "l1", "first", "p"]);
}

pub async fn a_delayed_job_is_ready_once_its_time_has_come(subject: &Subject<'_>) {
    let now = subject.store.now().await.unwrap();
    subject
        .add([job_with("a", |options| {
            options.start = Start::After(5 * MINUTE)
        })])
        .await;
    let told = subject.job("a").await;
    assert_eq!(told.state, State::Delayed);
    assert!(near(
        told.delayed_until.unwrap(),
        now.saturating_add(5 * MINUTE)
    ));
    assert_eq!(subject.pass(4 * MINUTE).await.promoted, 0);
    assert_eq!(subject.claim_ids(9).await, [""; 0]);
    assert_eq!(subject.pass(MINUTE).await.promoted, 1);
    assert_eq!(subject.job("a").await.delayed_until, None);
    assert_eq!(subject.claim_ids(9).await, ["a"]);
}

pub async fn a_moment_that_has_passed_is_now(subject: &Subject<'_>) {
    let now = subject.store.now().await.unwrap();
    let at = |id, time| job_with(id, |options| options.start = Start::At(time));
    subject
        .add([
            at("past", now.saturating_sub(MINUTE)),
            at("later", now.saturating_add(MINUTE)),
        ])
        .await;
    assert_eq!(subject.state("past").await, Some(State::Waiting));
    assert_eq!(subject.state("later").await, Some(State::Delayed));
}

pub async fn a_delayed_job_takes_its_place_by_its_moment(subject: &Subject<'_>) {
    let delayed = job_with("delayed", |options| {
        options.start = Start::After(4 * MINUTE)
    });
    subject.add([delayed]).await;
    subject.advance(2 * MINUTE).await;
    subject.add_ids(&["before"]).await;
    subject.advance(4 * MINUTE).await;
    subject.add_ids(&["after"]).await;
    subject.upkeep().await;
    assert_eq!(subject.claim_ids(9).await, ["before", "delayed", "after"]);
}

pub async fn an_id_that_is_there_is_not_added_again(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let again = NewJob {
        data: json("2"),
        ..job("a")
    };
    let added = subject.add([again.clone(), job("b"), job("b")]).await;
    let new: Vec<bool> = added.iter().map(|added| added.is_new).collect();
    assert_eq!(new, [false, true, false]);
    assert_eq!(subject.job("a").await.data, json("{}"));
    let claimed = subject.claim(1).await;
    subject.complete(&claimed[0]).await;
    assert!(
        !subject.add_one(again).await.is_new,
        "nor when it has finished"
    );
}

pub async fn an_id_belongs_to_its_queue(subject: &Subject<'_>) {
    let other = NewJob {
        queue: "other".to_owned(),
        ..job("a")
    };
    let added = subject.add([job("a"), other]).await;
    assert!(added.iter().all(|added| added.is_new), "{added:?}");
    assert_eq!(subject.claim_ids(9).await, ["a"]);
    assert_eq!(subject.claim_from("other", 9).await.len(), 1);
}

pub async fn a_call_that_is_refused_adds_nothing(subject: &Subject<'_>) {
    if !subject.offers(Capability::AtomicBulk) {
        return;
    }
    let jobs = vec![job("a"), child("b", &["nobody"])];
    let error = subject.store.add(jobs).await.unwrap_err();
    assert!(matches!(error, QueueError::Flow { .. }), "{error}");
    assert_eq!(subject.state("a").await, None);
    assert_eq!(
        subject.store.counts(QUEUE).await.unwrap(),
        Default::default()
    );
}

pub async fn many_at_once_are_all_added_and_each_once(subject: &Subject<'_>) {
    let adds: Vec<_> = (0..16)
        .map(|caller| {
            let store = subject.store.clone();
            purlin_runtime::spawn(async move {
                for n in 0..20 {
                    let own = job(&format!("own-{caller}-{n}"));
                    let shared = job(&format!("shared-{n}"));
                    store.add(vec![own, shared]).await.unwrap();
                }
            })
        })
        .collect();
    for add in adds {
        add.await.unwrap();
    }
    let counts = subject.store.counts(QUEUE).await.unwrap();
    assert_eq!(counts.waiting, 16 * 20 + 20);
}

pub async fn nothing_added_is_no_error(subject: &Subject<'_>) {
    assert_eq!(subject.add([]).await, []);
    subject.add([parent("lonely")]).await;
    assert_eq!(
        subject.state("lonely").await,
        Some(State::Waiting),
        "it waits for nobody"
    );
}
