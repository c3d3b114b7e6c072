//! What a parent does when a child fails.

use super::{
    Subject,
    flows::{complete, fail, outcomes},
    subject::{MINUTE, QUEUE, below, child, failure, job, job_with, parent},
};
use crate::{
    Keep, State,
    job::{Failure, FailureCause, Parent},
    store::{Change, ChildOutcome, Ending, Finished, NewJob, OnChildFailure},
};

/// A parent with a child that fails under `policy` while another one waits.
async fn one_fails(subject: &Subject<'_>, policy: OnChildFailure) {
    subject
        .add([
            parent("p"),
            below(job("bad"), &["p"], policy),
            child("good", &["p"]),
        ])
        .await;
    fail(subject, "bad").await;
}

pub async fn a_child_may_fail_its_parent_and_all_above(subject: &Subject<'_>) {
    let middle = NewJob {
        awaits_children: true,
        ..child("middle", &["top"])
    };
    subject
        .add([
            parent("top"),
            middle,
            child("bad", &["middle"]),
            child("good", &["middle"]),
        ])
        .await;
    fail(subject, "bad").await;
    let by_child = |child: &str| Failure {
        cause: FailureCause::Child,
        reason: format!("child {QUEUE}:{child} failed"),
    };
    let (middle, top) = (subject.job("middle").await, subject.job("top").await);
    assert_eq!(
        (middle.state, middle.failure),
        (State::Failed, Some(by_child("bad")))
    );
    assert_eq!(
        (top.state, top.failure),
        (State::Failed, Some(by_child("middle")))
    );
    assert!(top.finished_at.is_some());
    let bad = ("bad".to_owned(), ChildOutcome::Failed(failure("broken")));
    assert_eq!(outcomes(subject, "middle").await[0], bad);
    complete(subject, "good").await;
    assert_eq!(
        subject.state("middle").await,
        Some(State::Failed),
        "it stays so"
    );
}

pub async fn a_failed_child_may_be_ignored(subject: &Subject<'_>) {
    one_fails(subject, OnChildFailure::Ignore).await;
    assert_eq!(subject.state("p").await, Some(State::WaitingChildren));
    complete(subject, "good").await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
    let outcome = outcomes(subject, "p").await[0].1.clone();
    assert_eq!(outcome, ChildOutcome::Failed(failure("broken")));
}

pub async fn a_failed_child_may_let_its_parent_go_on_at_once(subject: &Subject<'_>) {
    one_fails(subject, OnChildFailure::Continue).await;
    let claimed = subject.claim_this(QUEUE, "p").await;
    assert_eq!(outcomes(subject, "p").await[1].1, ChildOutcome::Pending);
    let ended = subject.end(&claimed, Ending::AwaitChildren).await;
    assert_eq!(
        ended,
        Finished::Done(State::WaitingChildren),
        "it may wait for the others"
    );
    complete(subject, "good").await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
}

pub async fn a_failed_child_may_be_as_if_it_had_never_been(subject: &Subject<'_>) {
    one_fails(subject, OnChildFailure::Remove).await;
    assert_eq!(subject.state("p").await, Some(State::WaitingChildren));
    complete(subject, "good").await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
    let children = outcomes(subject, "p").await;
    assert_eq!(children.len(), 1, "{children:?}");
}

pub async fn a_parent_may_wait_until_a_failed_child_is_retried_or_removed(subject: &Subject<'_>) {
    one_fails(subject, OnChildFailure::Wait).await;
    complete(subject, "good").await;
    assert_eq!(subject.state("p").await, Some(State::WaitingChildren));
    subject.change("bad", Change::Redrive).await.unwrap();
    complete(subject, "bad").await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
    let waits = below(job("c"), &["r"], OnChildFailure::Wait);
    subject.add([parent("r"), waits]).await;
    fail(subject, "c").await;
    assert_eq!(subject.state("r").await, Some(State::WaitingChildren));
    subject.change("c", Change::Remove).await.unwrap();
    assert_eq!(subject.state("r").await, Some(State::Waiting));
}

pub async fn a_child_that_is_retried_is_waited_for_again(subject: &Subject<'_>) {
    one_fails(subject, OnChildFailure::Ignore).await;
    subject.change("bad", Change::Redrive).await.unwrap();
    complete(subject, "good").await;
    assert_eq!(subject.state("p").await, Some(State::WaitingChildren));
    complete(subject, "bad").await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
}

pub async fn a_cancelled_child_has_failed(subject: &Subject<'_>) {
    subject.add([parent("p"), child("a", &["p"])]).await;
    subject.change("a", Change::Cancel).await.unwrap();
    assert_eq!(subject.state("p").await, Some(State::Failed));
}

pub async fn a_child_that_fails_while_its_parent_runs_fails_it_when_it_waits(
    subject: &Subject<'_>,
) {
    subject.add_ids(&["p"]).await;
    let running = subject.claim_one().await;
    subject.add([child("a", &["p"])]).await;
    fail(subject, "a").await;
    assert_eq!(subject.state("p").await, Some(State::Active));
    let ended = subject.end(&running, Ending::AwaitChildren).await;
    assert_eq!(ended, Finished::Done(State::Failed));
    assert_eq!(
        subject.job("p").await.failure.unwrap().cause,
        FailureCause::Child
    );
}

pub async fn a_long_line_of_parents_fails_to_its_top(subject: &Subject<'_>) {
    let depth = 60;
    let name = |level: usize| format!("l{level:02}");
    let jobs = (0..depth).map(|level| {
        let above = (level > 0).then(|| Parent {
            queue: QUEUE.to_owned(),
            id: name(level - 1),
            on_failure: OnChildFailure::Fail,
        });
        NewJob {
            awaits_children: level + 1 < depth,
            parents: above.into_iter().collect(),
            ..job(&name(level))
        }
    });
    subject.add(jobs).await;
    fail(subject, &name(depth - 1)).await;
    let counts = subject.store.counts(QUEUE).await.unwrap();
    assert_eq!((counts.failed, counts.waiting_children), (depth as u64, 0));
}

pub async fn nobody_waits_for_a_failed_child_of_which_nothing_is_kept(subject: &Subject<'_>) {
    let gone = job_with("a", |options| options.keep_failed = Some(Keep::NOTHING));
    subject
        .add([parent("p"), below(gone, &["p"], OnChildFailure::Wait)])
        .await;
    fail(subject, "a").await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
    let newest = Keep {
        count: Some(1),
        age: None,
    };
    let dropped = job_with("b", |options| options.keep_failed = Some(newest));
    subject
        .add([parent("q"), below(dropped, &["q"], OnChildFailure::Wait)])
        .await;
    fail(subject, "b").await;
    assert_eq!(subject.state("q").await, Some(State::WaitingChildren));
    subject.advance(MINUTE).await;
    subject
        .add([job_with("c", |options| options.keep_failed = Some(newest))])
        .await;
    fail(subject, "c").await;
    assert_eq!(subject.state("b").await, None, "dropped to make room");
    assert_eq!(subject.state("q").await, Some(State::Waiting));
}
