//! How finished jobs are kept.

use super::{
    Subject,
    subject::{MINUTE, QUEUE, job_with},
};
use crate::{
    Keep, State,
    store::{Capability, Control, NewJob, Retention},
};

fn kept(id: &str, keep: Keep) -> NewJob {
    job_with(id, |options| {
        options.keep_completed = Some(keep);
        options.keep_failed = Some(keep);
    })
}

/// Completes jobs, each some seconds after the other.
async fn complete(subject: &Subject<'_>, jobs: impl IntoIterator<Item = NewJob>) {
    for job in jobs {
        subject.add([job]).await;
        let claimed = subject.claim_one().await;
        subject.complete(&claimed).await;
        subject.advance(MINUTE / 10).await;
    }
}

async fn ids(subject: &Subject<'_>, names: &[&str]) -> Vec<String> {
    let mut there = Vec::new();
    for name in names {
        if subject.state(name).await.is_some() {
            there.push((*name).to_owned());
        }
    }
    there
}

pub async fn a_job_of_which_nothing_is_kept_is_gone_when_it_ends(subject: &Subject<'_>) {
    subject
        .add([kept("a", Keep::NOTHING), kept("b", Keep::NOTHING)])
        .await;
    let claimed = subject.claim(2).await;
    subject.complete(&claimed[0]).await;
    subject.fail(&claimed[1]).await;
    assert_eq!(
        subject.store.counts(QUEUE).await.unwrap(),
        Default::default()
    );
    let new = subject.add_one(kept("a", Keep::NOTHING)).await.is_new;
    assert!(new, "its id is free");
}

pub async fn the_newest_so_many_are_kept(subject: &Subject<'_>) {
    let two = Keep {
        count: Some(2),
        age: None,
    };
    complete(subject, ["a", "b", "c", "d"].map(|id| kept(id, two))).await;
    assert_eq!(ids(subject, &["a", "b", "c", "d"]).await, ["c", "d"]);
}

pub async fn those_are_kept_that_are_young_enough(subject: &Subject<'_>) {
    let ten_minutes = Keep {
        count: None,
        age: Some(10 * MINUTE),
    };
    complete(subject, ["a", "b"].map(|id| kept(id, ten_minutes))).await;
    subject.advance(15 * MINUTE).await;
    complete(subject, [kept("c", ten_minutes)]).await;
    assert_eq!(ids(subject, &["a", "b", "c"]).await, ["c"]);
}

pub async fn retention_is_applied_without_any_other_job(subject: &Subject<'_>) {
    if !subject.offers(Capability::TimedRetention) {
        return;
    }
    let age = |minutes: u32| Keep {
        count: None,
        age: Some(minutes * MINUTE),
    };
    let retention = Retention {
        completed: age(10),
        failed: age(30),
    };
    subject.control(Control::Retain(retention)).await;
    complete(subject, ["a", "b"].map(|id| job_with(id, |_| {}))).await;
    subject.add_ids(&["bad"]).await;
    let claimed = subject.claim_one().await;
    subject.fail(&claimed).await;
    assert_eq!(subject.pass(5 * MINUTE).await.dropped, 0);
    assert_eq!(subject.pass(10 * MINUTE).await.dropped, 2);
    assert_eq!(ids(subject, &["a", "b", "bad"]).await, ["bad"]);
    assert_eq!(subject.pass(30 * MINUTE).await.dropped, 1);
    assert_eq!(
        subject.store.queues().await.unwrap()[0].retention,
        retention
    );
}

pub async fn retention_counts_and_drops_some_at_a_time(subject: &Subject<'_>) {
    if !subject.offers(Capability::TimedRetention) {
        return;
    }
    let newest = Keep {
        count: Some(1),
        age: None,
    };
    let retention = Retention {
        completed: newest,
        failed: newest,
    };
    subject.control(Control::Retain(retention)).await;
    complete(subject, ["a", "b", "c", "d"].map(|id| job_with(id, |_| {}))).await;
    let mut dropped = Vec::new();
    for _ in 0..3 {
        dropped.push(subject.store.upkeep(QUEUE, 2).await.unwrap().dropped);
    }
    assert_eq!(dropped, [2, 1, 0]);
    assert_eq!(ids(subject, &["a", "b", "c", "d"]).await, ["d"]);
}

pub async fn by_default_a_finished_job_is_kept_for_a_day_and_a_failed_one_for_longer(
    subject: &Subject<'_>,
) {
    if !subject.offers(Capability::TimedRetention) {
        return;
    }
    subject.add_ids(&["fine", "bad"]).await;
    let claimed = subject.claim(2).await;
    subject.complete(&claimed[0]).await;
    subject.fail(&claimed[1]).await;
    subject.pass(23 * 60 * MINUTE).await;
    assert_eq!(subject.state("fine").await, Some(State::Completed));
    subject.pass(2 * 60 * MINUTE).await;
    assert_eq!(ids(subject, &["fine", "bad"]).await, ["bad"]);
    subject.pass(14 * 24 * 60 * MINUTE).await;
    assert_eq!(subject.state("bad").await, None);
}
