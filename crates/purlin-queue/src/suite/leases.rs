//! Leases: crashes, and attempts that come too late.

use std::time::Duration;

use super::{
    Subject,
    subject::{MINUTE, QUEUE, job_with, json},
};
use crate::{
    State,
    job::FailureCause,
    store::{Capability, Change, Ending, Finish, Finished, Renewal, Turn},
};

pub async fn a_job_whose_worker_died_is_taken_again_first(subject: &Subject<'_>) {
    subject.add_ids(&["a", "b"]).await;
    let dead = subject.claim(1).await.remove(0);
    assert_eq!(subject.pass(MINUTE / 2).await.reaped, 0);
    assert_eq!(subject.pass(MINUTE).await.reaped, 1);
    assert_eq!(subject.pass(MINUTE).await.reaped, 0, "once");
    let claimed = subject.claim(2).await;
    let again = &claimed[0].job;
    assert_eq!(again.id, "a");
    assert_eq!(
        (again.attempts_started, again.attempts_made),
        (2, 0),
        "no attempt was made"
    );
    assert!(claimed[0].lease.fence > dead.lease.fence);
    let late = subject.end(&dead, Ending::Complete(json("1"))).await;
    assert_eq!(late, Finished::LeaseLost, "the dead come too late");
}

pub async fn a_job_that_kills_its_process_ends_in_the_dead_letters(subject: &Subject<'_>) {
    if !subject.offers(Capability::CrashCount) {
        return;
    }
    subject
        .add([
            job_with("three", |options| options.attempts = 100),
            job_with("one", |options| options.crashes_max = 1),
        ])
        .await;
    for crashes in 1..=3 {
        assert!(!subject.claim(9).await.is_empty());
        subject.pass(2 * MINUTE).await;
        assert_eq!(subject.job("three").await.crashes, crashes);
        assert_eq!(subject.state("one").await, Some(State::Failed));
    }
    let job = subject.job("three").await;
    let failure = job.failure.unwrap();
    assert_eq!(
        (job.state, failure.cause),
        (State::Failed, FailureCause::Poison)
    );
    assert_eq!(failure.reason, "its process died 3 times");
    assert_eq!(job.attempts_made, 0);
}

pub async fn a_renewed_lease_is_not_reaped(subject: &Subject<'_>) {
    subject.add_ids(&["a", "b"]).await;
    let claimed = subject.claim(2).await;
    let lease = vec![claimed[0].lease.clone()];
    for _ in 0..3 {
        subject.advance(MINUTE / 3 * 2).await;
        let renewed = subject.store.renew(lease.clone(), MINUTE).await.unwrap();
        assert_eq!(renewed, [Renewal::Kept]);
        subject.upkeep().await;
    }
    assert_eq!(subject.state("a").await, Some(State::Active));
    assert_eq!(subject.state("b").await, Some(State::Waiting));
    subject.complete(&claimed[0]).await;
}

pub async fn an_attempt_that_is_late_but_was_not_reaped_still_counts(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let claimed = subject.claim_one().await;
    subject.advance(5 * MINUTE).await;
    subject.complete(&claimed).await;
    assert_eq!(subject.upkeep().await.reaped, 0);
    assert_eq!(subject.state("a").await, Some(State::Completed));
}

pub async fn each_lease_of_a_renewal_is_answered_in_order(subject: &Subject<'_>) {
    if !subject.offers(Capability::CancelAnywhere) {
        return;
    }
    subject.add_ids(&["a", "b", "c"]).await;
    let claimed = subject.claim(3).await;
    subject.complete(&claimed[0]).await;
    subject.change("b", Change::Cancel).await.unwrap();
    let leases = claimed.iter().map(|one| one.lease.clone()).collect();
    let renewed = subject.store.renew(leases, MINUTE).await.unwrap();
    assert_eq!(
        renewed,
        [Renewal::Lost, Renewal::CancelRequested, Renewal::Kept]
    );
    assert!(subject.job("b").await.cancel_requested);
}

pub async fn a_job_ends_or_is_reaped_and_never_both(subject: &Subject<'_>) {
    for round in 0..20 {
        let id = format!("j{round}");
        subject.add_ids(&[&id]).await;
        let lease = subject.claim_one().await.lease;
        subject.advance(2 * MINUTE).await;
        let (ends, reaps) = (subject.store.clone(), subject.store.clone());
        let end = purlin_runtime::spawn(async move {
            let ending = Ending::Complete(json("1"));
            let finish = vec![Finish { lease, ending }];
            ends.turn(Turn {
                finish,
                claim: None,
            })
            .await
            .unwrap()
            .finished
            .remove(0)
        });
        let reap = purlin_runtime::spawn(async move { reaps.upkeep(QUEUE, 10).await.unwrap() });
        let (ended, reaped) = (end.await.unwrap(), reap.await.unwrap().reaped);
        let job = subject.job(&id).await;
        let outcome = (ended, reaped, job.state, job.crashes);
        assert!(
            outcome == (Finished::Done(State::Completed), 0, State::Completed, 0)
                || outcome == (Finished::LeaseLost, 1, State::Waiting, 1),
            "{outcome:?}"
        );
        if job.state == State::Waiting {
            let again = subject.claim_one().await;
            subject.complete(&again).await;
        }
    }
}

pub async fn many_leases_that_ran_out_are_reaped_some_at_a_time(subject: &Subject<'_>) {
    let ids: Vec<String> = (0..5).map(|n| format!("j{n}")).collect();
    subject.add(ids.iter().map(|id| job_with(id, |_| {}))).await;
    subject.claim(5).await;
    subject.advance(2 * MINUTE).await;
    let mut reaped = Vec::new();
    for _ in 0..3 {
        reaped.push(subject.store.upkeep(QUEUE, 2).await.unwrap().reaped);
    }
    assert_eq!(reaped, [2, 2, 1]);
    assert_eq!(subject.claim_ids(9).await, ids);
}

pub async fn nobody_renews_what_is_not_there(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let mut lease = subject.claim_one().await.lease;
    lease.id = "nobody".to_owned();
    let renewed = subject
        .store
        .renew(vec![lease], Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(renewed, [Renewal::Lost]);
}
