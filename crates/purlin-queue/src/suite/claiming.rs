//! Taking jobs.

use std::{collections::BTreeSet, time::Duration};

use super::{
    Subject,
    subject::{MINUTE, QUEUE, claim_of, ids, job, job_with, json, near},
};
use crate::{
    State,
    job::Start,
    store::{Control, Ending, Finish, Finished, Limits, Turn},
};

pub async fn a_claim_takes_at_most_what_was_asked_and_nothing_twice(subject: &Subject<'_>) {
    subject.add_ids(&["a", "b", "c"]).await;
    assert_eq!(subject.claim_ids(2).await, ["a", "b"]);
    assert_eq!(subject.claim_ids(2).await, ["c"]);
    assert_eq!(subject.claim_ids(2).await, [""; 0]);
}

pub async fn a_claimed_job_is_told_as_its_attempt_has_begun(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let now = subject.store.now().await.unwrap();
    let claimed = subject.claim_one().await;
    assert_eq!(claimed.job, subject.job("a").await);
    assert_eq!(claimed.job.state, State::Active);
    assert_eq!(
        (claimed.job.attempts_started, claimed.job.attempts_made),
        (1, 0)
    );
    assert_eq!(claimed.job.fence, claimed.lease.fence);
    assert!(near(claimed.lease_until, now.saturating_add(MINUTE)));
    assert!(near(claimed.job.processed_at.unwrap(), now));
}

pub async fn each_attempt_has_a_greater_fence(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let mut fences = Vec::new();
    for _ in 0..4 {
        let claimed = subject.claim_one().await;
        fences.push(claimed.lease.fence);
        subject.end(&claimed, Ending::Release).await;
    }
    assert!(fences.is_sorted_by(|a, b| a < b), "{fences:?}");
}

pub async fn of_many_claims_at_once_each_job_is_taken_by_one(subject: &Subject<'_>) {
    subject.add((0..200).map(|n| job(&format!("j{n}")))).await;
    let claims: Vec<_> = (0..8)
        .map(|_| {
            let store = subject.store.clone();
            purlin_runtime::spawn(async move {
                let mut taken = Vec::new();
                loop {
                    let claim = Some(claim_of(QUEUE, 7));
                    let finish = Vec::new();
                    let turned = store.turn(Turn { finish, claim }).await.unwrap();
                    if turned.claimed.is_empty() {
                        return taken;
                    }
                    taken.extend(ids(&turned.claimed));
                }
            })
        })
        .collect();
    let mut taken = Vec::new();
    for claim in claims {
        taken.extend(claim.await.unwrap());
    }
    // A claim may find only rows that another is about to take, and see nothing.
    taken.extend(subject.claim_ids(200).await);
    assert_eq!(taken.len(), 200);
    assert_eq!(taken.iter().collect::<BTreeSet<_>>().len(), 200);
}

pub async fn a_paused_queue_gives_nothing_but_takes_endings(subject: &Subject<'_>) {
    subject.add_ids(&["a", "b"]).await;
    let claimed = subject.claim(1).await;
    subject.control(Control::Pause).await;
    assert_eq!(subject.claim_ids(9).await, [""; 0]);
    subject.complete(&claimed[0]).await;
    subject.add_ids(&["c"]).await;
    assert_eq!(subject.claim_ids(9).await, [""; 0]);
    subject.control(Control::Resume).await;
    assert_eq!(subject.claim_ids(9).await, ["b", "c"]);
}

pub async fn a_queue_can_be_paused_before_it_is_there(subject: &Subject<'_>) {
    subject.control(Control::Pause).await;
    subject.add_ids(&["a"]).await;
    assert_eq!(subject.claim_ids(9).await, [""; 0]);
}

pub async fn a_turn_ends_attempts_before_it_takes_jobs(subject: &Subject<'_>) {
    let limits = Limits {
        concurrency: Some(1),
        ..Limits::default()
    };
    subject.control(Control::Limit(limits)).await;
    subject.add_ids(&["a", "b"]).await;
    let first = subject.claim_one().await;
    let lease = first.lease.clone();
    let ending = Ending::Complete(json("1"));
    let turned = subject.turn(vec![Finish { lease, ending }], 5).await;
    assert_eq!(turned.finished, [Finished::Done(State::Completed)]);
    assert_eq!(ids(&turned.claimed), ["b"]);
}

pub async fn an_empty_claim_is_not_told_to_come_back_too_late(subject: &Subject<'_>) {
    subject
        .add([job_with("a", |options| {
            options.start = Start::After(3 * MINUTE)
        })])
        .await;
    let turned = subject.turn(Vec::new(), 5).await;
    assert!(turned.again_in.is_none_or(|wait| wait <= 3 * MINUTE));
    let next = subject.upkeep().await.next;
    assert!(next.is_none_or(|wait| wait <= 3 * MINUTE), "{next:?}");
}

pub async fn whoever_waits_is_woken_by_a_job(subject: &Subject<'_>) {
    let Some(woken) = subject.store.woken(QUEUE) else {
        return;
    };
    subject.add_ids(&["a"]).await;
    let woken = tokio::time::timeout(Duration::from_secs(10), woken).await;
    assert!(woken.is_ok(), "the hint that was asked for before comes");
}
