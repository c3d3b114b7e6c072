//! What operators do, and what the table of states says to it.

use std::time::Duration;

use super::{
    Subject,
    subject::{MINUTE, QUEUE, child, failure, job_with, json, parent},
};
use crate::{
    QueueError, State,
    job::{Failure, FailureCause, Start},
    state::{Answer, Command, answer},
    store::{Capability, Change, Control, Ending, Misfire, Overlap, Repeat, Schedule},
};

/// Brings a job into `state`.
async fn bring(subject: &Subject<'_>, id: &str, state: State) {
    match state {
        State::Delayed => {
            let late = job_with(id, |options| options.start = Start::After(90 * MINUTE));
            subject.add([late]).await;
        }
        State::WaitingChildren => {
            let other = format!("{id}-child");
            let late = job_with(&other, |options| options.start = Start::After(90 * MINUTE));
            let late = super::subject::below(late, &[id], Default::default());
            subject.add([parent(id), late]).await;
        }
        State::Prioritized => {
            subject
                .add([job_with(id, |options| options.priority = 5)])
                .await;
        }
        State::Waiting => subject.add_ids(&[id]).await,
        State::Active | State::Completed | State::Failed => {
            subject.add_ids(&[id]).await;
            let claimed = subject.claim_this(QUEUE, id).await;
            match state {
                State::Completed => subject.complete(&claimed).await,
                State::Failed => subject.fail(&claimed).await,
                _ => {}
            }
        }
    }
    assert_eq!(subject.state(id).await, Some(state));
}

/// The state that the table's answer leads to.
fn led_to(answer: Answer, from: State) -> Option<State> {
    match answer {
        Answer::Ready | Answer::ReadyOrDelayed if from == State::Prioritized => Some(from),
        Answer::Ready | Answer::ReadyOrDelayed => Some(State::Waiting),
        Answer::Failed => Some(State::Failed),
        Answer::Gone => None,
        _ => Some(from),
    }
}

pub async fn in_each_state_an_operator_may_do_what_the_table_says(subject: &Subject<'_>) {
    let commands = [
        (Command::Promote, Change::Promote),
        (Command::Cancel, Change::Cancel),
        (Command::Redrive, Change::Redrive),
        (
            Command::Bury,
            Change::Bury {
                reason: "why".to_owned(),
            },
        ),
        (Command::Remove, Change::Remove),
        (Command::Amend, Change::Data(json("9"))),
    ];
    let capabilities = subject.store.capabilities();
    for (command, change) in commands {
        if command == Command::Bury && !capabilities.has(Capability::Bury) {
            continue;
        }
        for state in State::ALL {
            if (command, state) == (Command::Cancel, State::Active)
                && !capabilities.has(Capability::CancelAnywhere)
            {
                continue;
            }
            let id = format!("{command:?}-{state}");
            bring(subject, &id, state).await;
            let answered = subject.change(&id, change.clone()).await;
            let expected = answer(state, command);
            assert_eq!(
                answered.is_err(),
                expected == Answer::Refused,
                "{id}: {answered:?}"
            );
            if let Err(error) = answered {
                assert!(matches!(error, QueueError::State { .. }), "{id}: {error}");
            }
            assert_eq!(subject.state(&id).await, led_to(expected, state), "{id}");
        }
    }
}

pub async fn a_job_that_is_not_there_cannot_be_changed(subject: &Subject<'_>) {
    for change in [
        Change::Promote,
        Change::Cancel,
        Change::Redrive,
        Change::Remove,
        Change::Data(json("1")),
        Change::Priority(1),
        Change::Delay(MINUTE),
    ] {
        let error = subject.change("nobody", change.clone()).await.unwrap_err();
        assert!(
            matches!(error, QueueError::NotFound { .. }),
            "{change:?}: {error}"
        );
    }
}

pub async fn a_cancelled_job_says_why_it_ended(subject: &Subject<'_>) {
    bring(subject, "a", State::Delayed).await;
    subject.change("a", Change::Cancel).await.unwrap();
    let job = subject.job("a").await;
    assert_eq!(job.failure.unwrap().cause, FailureCause::Cancelled);
    assert_eq!((job.attempts_made, job.delayed_until), (0, None));
    assert!(job.finished_at.is_some());
}

pub async fn a_buried_job_can_be_driven_again(subject: &Subject<'_>) {
    if !subject.offers(Capability::Bury) {
        return;
    }
    subject.add_ids(&["a"]).await;
    let reason = "bad address".to_owned();
    subject
        .change(
            "a",
            Change::Bury {
                reason: reason.clone(),
            },
        )
        .await
        .unwrap();
    let cause = FailureCause::Buried;
    assert_eq!(
        subject.job("a").await.failure,
        Some(Failure { cause, reason })
    );
    subject.change("a", Change::Redrive).await.unwrap();
    let claimed = subject.claim_one().await;
    subject.complete(&claimed).await;
}

pub async fn a_job_driven_again_begins_from_its_first_attempt(subject: &Subject<'_>) {
    subject
        .add([job_with("a", |options| options.attempts = 2)])
        .await;
    for _ in 0..2 {
        let claimed = subject.claim_one().await;
        let again = Ending::Retry {
            failure: failure("no"),
            after: Duration::ZERO,
        };
        subject.end(&claimed, again).await;
    }
    let fence = subject.job("a").await.fence;
    subject.change("a", Change::Redrive).await.unwrap();
    let job = subject.job("a").await;
    assert_eq!(
        (job.attempts_started, job.attempts_made, job.crashes),
        (0, 0, 0)
    );
    assert_eq!(
        (job.failure, job.finished_at, job.result),
        (None, None, None)
    );
    let claimed = subject.claim_one().await;
    assert!(claimed.lease.fence > fence, "tokens are never used twice");
    subject.complete(&claimed).await;
}

pub async fn a_new_priority_moves_a_job(subject: &Subject<'_>) {
    subject.add_ids(&["a", "b", "c"]).await;
    subject.change("b", Change::Priority(7)).await.unwrap();
    assert_eq!(subject.state("b").await, Some(State::Prioritized));
    assert_eq!(subject.job("b").await.options.priority, 7);
    subject.change("a", Change::Priority(3)).await.unwrap();
    subject.change("a", Change::Priority(0)).await.unwrap();
    let error = subject
        .change("c", Change::Priority(2_097_152))
        .await
        .unwrap_err();
    assert!(matches!(error, QueueError::Option { .. }), "{error}");
    assert_eq!(subject.claim_ids(9).await, ["a", "c", "b"]);
}

pub async fn a_new_delay_counts_from_now_and_only_for_who_waits(subject: &Subject<'_>) {
    bring(subject, "a", State::Delayed).await;
    subject
        .change("a", Change::Delay(2 * MINUTE))
        .await
        .unwrap();
    subject.pass(2 * MINUTE).await;
    assert_eq!(subject.state("a").await, Some(State::Waiting));
    let error = subject
        .change("a", Change::Delay(MINUTE))
        .await
        .unwrap_err();
    assert!(matches!(error, QueueError::State { .. }), "{error}");
}

pub async fn new_data_is_what_the_next_attempt_gets(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    subject
        .change("a", Change::Data(json(r#"{"new":true}"#)))
        .await
        .unwrap();
    assert_eq!(subject.claim_one().await.job.data, json(r#"{"new":true}"#));
}

pub async fn a_promoted_job_goes_behind_those_that_wait(subject: &Subject<'_>) {
    bring(subject, "late", State::Delayed).await;
    subject.add_ids(&["a"]).await;
    subject.change("late", Change::Promote).await.unwrap();
    subject.add_ids(&["b"]).await;
    assert_eq!(subject.claim_ids(9).await, ["a", "late", "b"]);
}

pub async fn draining_removes_what_waits_and_not_what_runs(subject: &Subject<'_>) {
    bring(subject, "runs", State::Active).await;
    bring(subject, "late", State::Delayed).await;
    bring(subject, "urgent", State::Prioritized).await;
    subject.add_ids(&["a", "b"]).await;
    let drain = |delayed| Control::Drain { delayed, max: 2 };
    assert_eq!(subject.control(drain(false)).await, 2, "some at a time");
    assert_eq!(subject.control(drain(false)).await, 1);
    assert_eq!(subject.state("late").await, Some(State::Delayed));
    assert_eq!(subject.control(drain(true)).await, 1);
    let counts = subject.store.counts(QUEUE).await.unwrap();
    assert_eq!((counts.active, counts.waiting, counts.delayed), (1, 0, 0));
}

pub async fn cleaning_removes_what_is_old_in_one_state(subject: &Subject<'_>) {
    bring(subject, "old", State::Completed).await;
    bring(subject, "bad", State::Failed).await;
    subject.advance(10 * MINUTE).await;
    bring(subject, "new", State::Completed).await;
    let clean = |state, minutes: u32| Control::Clean {
        state,
        grace: minutes * MINUTE,
        max: 10,
    };
    assert_eq!(subject.control(clean(State::Completed, 5)).await, 1);
    assert_eq!(subject.state("old").await, None);
    assert_eq!(subject.control(clean(State::Failed, 20)).await, 0);
    assert_eq!(subject.control(clean(State::Completed, 0)).await, 1);
    let error = subject
        .store
        .control(QUEUE, clean(State::Active, 0))
        .await
        .unwrap_err();
    assert!(matches!(error, QueueError::Option { .. }), "{error}");
}

pub async fn all_that_failed_is_tried_again_some_at_a_time(subject: &Subject<'_>) {
    for id in ["a", "b", "c"] {
        bring(subject, id, State::Failed).await;
        subject.advance(MINUTE).await;
    }
    bring(subject, "fine", State::Completed).await;
    let retry = |state| Control::RetryAll { state, max: 2 };
    assert_eq!(subject.control(retry(State::Failed)).await, 2);
    assert_eq!(subject.control(retry(State::Failed)).await, 1);
    assert_eq!(
        subject.claim_ids(9).await,
        ["a", "b", "c"],
        "the oldest first"
    );
    assert_eq!(subject.control(retry(State::Completed)).await, 1);
    assert_eq!(subject.claim_ids(9).await, ["fine"]);
    let error = subject
        .store
        .control(QUEUE, retry(State::Waiting))
        .await
        .unwrap_err();
    assert!(matches!(error, QueueError::Option { .. }), "{error}");
}

pub async fn all_that_is_delayed_can_be_promoted(subject: &Subject<'_>) {
    for (id, minutes) in [("late", 9), ("soon", 3), ("middle", 5)] {
        let after = Start::After(minutes * MINUTE);
        subject
            .add([job_with(id, |options| options.start = after)])
            .await;
    }
    assert_eq!(subject.control(Control::PromoteAll { max: 2 }).await, 2);
    assert_eq!(subject.control(Control::PromoteAll { max: 2 }).await, 1);
    assert_eq!(subject.claim_ids(9).await, ["soon", "middle", "late"]);
}

pub async fn an_obliterated_queue_leaves_nothing(subject: &Subject<'_>) {
    bring(subject, "runs", State::Active).await;
    bring(subject, "done", State::Completed).await;
    subject.add([parent("p"), child("c", &["p"])]).await;
    let schedule = Schedule {
        queue: QUEUE.to_owned(),
        id: "s".to_owned(),
        repeat: Repeat::Every(MINUTE),
        start: None,
        end: None,
        limit: None,
        misfire: Misfire::One,
        overlap: Overlap::Allow,
        name: "tick".to_owned(),
        version: 1,
        data: json("1"),
        options: Default::default(),
    };
    subject.store.upsert_schedule(schedule).await.unwrap();
    let obliterate = |force| Control::Obliterate { force, max: 3 };
    let error = subject
        .store
        .control(QUEUE, obliterate(false))
        .await
        .unwrap_err();
    assert!(
        matches!(error, QueueError::State { .. }),
        "while one runs: {error}"
    );
    assert_eq!(subject.state("done").await, Some(State::Completed));
    while subject.control(obliterate(true)).await >= 3 {}
    assert_eq!(
        subject.store.counts(QUEUE).await.unwrap(),
        Default::default()
    );
    assert_eq!(subject.store.schedules(QUEUE).await.unwrap(), []);
    assert_eq!(subject.children("p").await, []);
    let queues = subject.store.queues().await.unwrap();
    assert!(queues.iter().all(|queue| queue.name != QUEUE), "{queues:?}");
    subject.add_ids(&["done"]).await;
    assert_eq!(
        subject.claim_ids(9).await,
        ["done"],
        "and may be begun anew"
    );
}

pub async fn obliterating_fences_who_still_runs(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let claimed = subject.claim_one().await;
    subject
        .control(Control::Obliterate {
            force: true,
            max: 10,
        })
        .await;
    let ended = subject.end(&claimed, Ending::Complete(json("1"))).await;
    assert_eq!(ended, crate::store::Finished::LeaseLost);
    assert_eq!(subject.state("a").await, None);
}
