//! Parents and children.

use super::{
    Subject,
    subject::{MINUTE, QUEUE, below, child, failure, job, job_with, json, parent},
};
use crate::{
    Keep, QueueError, State,
    job::{Failure, FailureCause, Parent, Start},
    store::{Capability, Change, ChildOutcome, Ending, Finished, NewJob, OnChildFailure},
};

async fn outcomes(subject: &Subject<'_>, parent: &str) -> Vec<(String, ChildOutcome)> {
    let children = subject.children(parent).await;
    children
        .into_iter()
        .map(|child| (child.id, child.outcome))
        .collect()
}

async fn fail(subject: &Subject<'_>, id: &str) {
    let claimed = subject.claim_this(QUEUE, id).await;
    subject.fail(&claimed).await;
}

async fn complete(subject: &Subject<'_>, id: &str) {
    let claimed = subject.claim_this(QUEUE, id).await;
    subject.complete(&claimed).await;
}

pub async fn a_parent_waits_for_its_children_and_reads_their_results(subject: &Subject<'_>) {
    subject
        .add([parent("p"), child("a", &["p"]), child("b", &["p"])])
        .await;
    assert_eq!(subject.state("p").await, Some(State::WaitingChildren));
    let claimed = subject.claim(9).await;
    assert_eq!(claimed.len(), 2, "the parent is not ready");
    assert_eq!(claimed[0].job.parents.len(), 1);
    assert_eq!(claimed[0].job.parents[0].id, "p");
    subject
        .end(&claimed[0], Ending::Complete(json(r#"{"n":1}"#)))
        .await;
    assert_eq!(subject.state("p").await, Some(State::WaitingChildren));
    subject.end(&claimed[1], Ending::Complete(json("2"))).await;
    assert_eq!(subject.claim_one().await.lease.id, "p");
    let values = [("a", r#"{"n":1}"#), ("b", "2")];
    let expected = values.map(|(id, value)| (id.to_owned(), ChildOutcome::Completed(json(value))));
    assert_eq!(outcomes(subject, "p").await, expected);
}

pub async fn a_flow_may_lead_through_several_queues_and_levels(subject: &Subject<'_>) {
    let leaf = NewJob {
        queue: "other".to_owned(),
        ..child("leaf", &["middle"])
    };
    let middle = NewJob {
        awaits_children: true,
        ..child("middle", &["top"])
    };
    subject.add([leaf, middle, parent("top")]).await;
    assert_eq!(subject.claim_ids(9).await, [""; 0]);
    let leaf = subject.claim_this("other", "leaf").await;
    subject.complete(&leaf).await;
    complete(subject, "middle").await;
    assert_eq!(subject.claim_ids(9).await, ["top"]);
    assert_eq!(subject.children("middle").await[0].queue, "other");
}

pub async fn a_child_that_is_gone_leaves_its_result(subject: &Subject<'_>) {
    let gone = job_with("a", |options| options.keep_completed = Some(Keep::NOTHING));
    let gone = below(gone, &["p"], OnChildFailure::Fail);
    subject.add([parent("p"), gone]).await;
    complete(subject, "a").await;
    assert_eq!(subject.state("a").await, None);
    assert_eq!(subject.claim_one().await.lease.id, "p");
    let completed = ChildOutcome::Completed(json("1"));
    assert_eq!(outcomes(subject, "p").await, [("a".to_owned(), completed)]);
}

pub async fn a_child_may_have_several_parents(subject: &Subject<'_>) {
    if !subject.offers(Capability::Dag) {
        return;
    }
    subject
        .add([
            parent("p"),
            parent("q"),
            child("both", &["p", "q"]),
            child("one", &["q"]),
        ])
        .await;
    complete(subject, "both").await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
    assert_eq!(subject.state("q").await, Some(State::WaitingChildren));
    complete(subject, "one").await;
    assert_eq!(subject.state("q").await, Some(State::Waiting));
}

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

pub async fn a_child_that_is_removed_is_not_waited_for(subject: &Subject<'_>) {
    subject
        .add([parent("p"), child("a", &["p"]), child("b", &["p"])])
        .await;
    subject.change("a", Change::Remove).await.unwrap();
    assert_eq!(subject.children("p").await.len(), 1);
    subject.change("b", Change::Remove).await.unwrap();
    assert_eq!(subject.claim_ids(9).await, ["p"]);
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

pub async fn a_parent_removed_takes_children_along_that_were_not_started(subject: &Subject<'_>) {
    subject
        .add([parent("p"), child("run", &["p"]), child("wait", &["p"])])
        .await;
    let running = subject.claim(1).await.remove(0);
    subject.change("p", Change::Remove).await.unwrap();
    assert_eq!(subject.state("wait").await, None);
    assert_eq!(subject.state("run").await, Some(State::Active));
    assert_eq!(subject.job("run").await.parents, []);
    subject.complete(&running).await;
}

pub async fn a_running_job_may_add_children_and_wait_for_them(subject: &Subject<'_>) {
    subject.add_ids(&["p"]).await;
    let running = subject.claim_one().await;
    subject.add([child("a", &["p"]), child("b", &["p"])]).await;
    assert_eq!(subject.state("p").await, Some(State::Active));
    complete(subject, "a").await;
    let ended = subject.end(&running, Ending::AwaitChildren).await;
    assert_eq!(ended, Finished::Done(State::WaitingChildren));
    complete(subject, "b").await;
    let again = subject.claim_one().await;
    assert_eq!(again.lease.id, "p");
    assert_eq!(
        (again.job.attempts_started, again.job.attempts_made),
        (1, 0),
        "at no cost"
    );
    let ended = subject.end(&again, Ending::AwaitChildren).await;
    assert_eq!(
        ended,
        Finished::Done(State::Waiting),
        "there is none left to wait for"
    );
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

pub async fn a_parent_goes_on_after_its_own_delay(subject: &Subject<'_>) {
    let mut late = parent("p");
    late.options.start = Start::After(5 * MINUTE);
    subject.add([late, child("a", &["p"])]).await;
    complete(subject, "a").await;
    assert_eq!(subject.state("p").await, Some(State::Delayed));
    subject.pass(5 * MINUTE).await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
}

pub async fn children_may_be_added_to_a_parent_that_waits(subject: &Subject<'_>) {
    subject.add([parent("p"), child("a", &["p"])]).await;
    subject.add([child("b", &["p"])]).await;
    complete(subject, "a").await;
    assert_eq!(subject.state("p").await, Some(State::WaitingChildren));
    complete(subject, "b").await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
}

pub async fn a_child_that_was_there_already_counts(subject: &Subject<'_>) {
    subject.add_ids(&["done", "bad", "open"]).await;
    complete(subject, "done").await;
    fail(subject, "bad").await;
    subject.add([parent("p1"), child("done", &["p1"])]).await;
    assert_eq!(subject.state("p1").await, Some(State::Waiting));
    subject.add([parent("p2"), child("bad", &["p2"])]).await;
    assert_eq!(subject.state("p2").await, Some(State::Failed));
    subject.add([parent("p3"), child("open", &["p3"])]).await;
    assert_eq!(subject.state("p3").await, Some(State::WaitingChildren));
    complete(subject, "open").await;
    assert_eq!(subject.state("p3").await, Some(State::Waiting));
}

pub async fn a_flow_that_is_added_again_changes_nothing(subject: &Subject<'_>) {
    let flow = || [parent("p"), child("a", &["p"])];
    subject.add(flow()).await;
    complete(subject, "a").await;
    let again = subject.add(flow()).await;
    assert!(again.iter().all(|added| !added.is_new), "{again:?}");
    complete(subject, "p").await;
    subject.add(flow()).await;
    assert_eq!(subject.state("p").await, Some(State::Completed));
    assert_eq!(subject.children("p").await.len(), 1);
}

pub async fn a_cycle_is_refused(subject: &Subject<'_>) {
    let both = |id, above: &str| NewJob {
        awaits_children: true,
        ..child(id, &[above])
    };
    let cycles = [
        vec![both("a", "a")],
        vec![both("a", "b"), both("b", "a")],
        vec![both("a", "c"), both("b", "a"), both("c", "b")],
    ];
    for jobs in cycles {
        let error = subject.store.add(jobs).await.unwrap_err();
        assert!(matches!(error, QueueError::Flow { .. }), "{error}");
    }
    subject.add([parent("top"), both("middle", "top")]).await;
    let closing = vec![both("top", "new"), both("new", "middle")];
    let error = subject.store.add(closing).await.unwrap_err();
    assert!(
        matches!(error, QueueError::Flow { .. }),
        "with what is there: {error}"
    );
    assert_eq!(subject.state("new").await, None);
}

pub async fn a_parent_that_cannot_wait_is_refused(subject: &Subject<'_>) {
    subject.add_ids(&["ready", "done"]).await;
    complete(subject, "done").await;
    for id in ["nobody", "ready", "done"] {
        let jobs = vec![child("c", &[id])];
        let error = subject.store.add(jobs).await.unwrap_err();
        assert!(matches!(error, QueueError::Flow { .. }), "{id}: {error}");
    }
    let twice = vec![parent("p"), child("c", &["p"]), child("c", &["p"])];
    let error = subject.store.add(twice).await.unwrap_err();
    assert!(matches!(error, QueueError::Flow { .. }), "{error}");
    assert_eq!(subject.state("c").await, None);
}

pub async fn children_that_end_at_once_free_their_parent_once(subject: &Subject<'_>) {
    let children: Vec<String> = (0..24).map(|n| format!("c{n}")).collect();
    let jobs = children.iter().map(|id| child(id, &["p"]));
    subject.add(std::iter::once(parent("p")).chain(jobs)).await;
    let ends: Vec<_> = subject
        .claim(24)
        .await
        .into_iter()
        .map(|claimed| {
            let store = subject.store.clone();
            purlin_runtime::spawn(async move {
                let ending = Ending::Complete(json("1"));
                let lease = claimed.lease;
                let finish = vec![crate::store::Finish { lease, ending }];
                store
                    .turn(crate::store::Turn {
                        finish,
                        claim: None,
                    })
                    .await
                    .unwrap();
            })
        })
        .collect();
    for end in ends {
        end.await.unwrap();
    }
    assert_eq!(subject.claim_ids(9).await, ["p"]);
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

pub async fn a_child_replaced_within_its_call_is_not_waited_for(subject: &Subject<'_>) {
    let replaced = |id| {
        job_with(id, |options| {
            options.start = Start::After(5 * MINUTE);
            options.dedup = Some(crate::Dedup::replace("k"));
        })
    };
    let first = below(replaced("a"), &["p"], OnChildFailure::Fail);
    subject.add([parent("p"), first, replaced("b")]).await;
    assert_eq!(subject.state("a").await, None);
    assert_eq!(subject.state("p").await, Some(State::Waiting));
}

pub async fn an_id_used_again_is_no_child_of_the_old_parent(subject: &Subject<'_>) {
    let gone = job_with("a", |options| options.keep_completed = Some(Keep::NOTHING));
    let gone = below(gone, &["p"], OnChildFailure::Fail);
    subject.add([parent("p"), gone, child("b", &["p"])]).await;
    complete(subject, "a").await;
    subject.add_ids(&["a"]).await;
    assert_eq!(subject.job("a").await.parents, []);
    fail(subject, "a").await;
    assert_eq!(subject.state("p").await, Some(State::WaitingChildren));
    complete(subject, "b").await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
}

pub async fn a_parent_waits_for_the_open_ones_of_children_that_were_there(subject: &Subject<'_>) {
    subject.add_ids(&["done", "open"]).await;
    complete(subject, "done").await;
    subject
        .add([parent("p"), child("done", &["p"]), child("open", &["p"])])
        .await;
    assert_eq!(subject.state("p").await, Some(State::WaitingChildren));
    complete(subject, "open").await;
    assert_eq!(subject.state("p").await, Some(State::Waiting));
}
