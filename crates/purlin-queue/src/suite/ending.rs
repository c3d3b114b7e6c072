//! How attempts end, and what is noted while they run.

use std::time::Duration;

use super::{
    Subject,
    subject::{MINUTE, QUEUE, failure, job_with, json, near},
};
use crate::{
    QueueError, State,
    store::{Annotation, Capability, ClaimedJob, Ending, Finish, Finished, Renewal},
};

fn retry(after: Duration) -> Ending {
    Ending::Retry {
        failure: failure("try again"),
        after,
    }
}

fn snooze(after: Duration) -> Ending {
    Ending::Snooze {
        after,
        reason: None,
    }
}

pub async fn a_completed_job_keeps_its_result(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let claimed = subject.claim_one().await;
    let now = subject.store.now().await.unwrap();
    let result = json(r#"{"sent": [1, "ü"]}"#);
    let ended = subject
        .end(&claimed, Ending::Complete(result.clone()))
        .await;
    assert_eq!(ended, Finished::Done(State::Completed));
    let job = subject.job("a").await;
    assert_eq!((job.state, job.result), (State::Completed, Some(result)));
    assert_eq!((job.attempts_started, job.attempts_made), (1, 1));
    assert!(near(job.finished_at.unwrap(), now));
    assert_eq!(subject.claim_ids(9).await, [""; 0]);
}

pub async fn a_failed_attempt_is_followed_by_the_next_one(subject: &Subject<'_>) {
    subject
        .add([job_with("a", |options| options.attempts = 3)])
        .await;
    let claimed = subject.claim_one().await;
    let ended = subject.end(&claimed, retry(Duration::ZERO)).await;
    assert_eq!(ended, Finished::Done(State::Waiting));
    let claimed = subject.claim_one().await;
    assert_eq!(
        (claimed.job.attempts_started, claimed.job.attempts_made),
        (2, 1)
    );
    assert_eq!(claimed.job.failure, Some(failure("try again")));
    let ended = subject.end(&claimed, retry(2 * MINUTE)).await;
    assert_eq!(ended, Finished::Done(State::Delayed));
    assert_eq!(subject.claim_ids(9).await, [""; 0]);
    subject.pass(2 * MINUTE).await;
    let claimed = subject.claim_one().await;
    subject.complete(&claimed).await;
    let job = subject.job("a").await;
    assert_eq!((job.attempts_made, job.failure), (3, None));
}

pub async fn the_last_attempt_is_not_retried(subject: &Subject<'_>) {
    subject
        .add([job_with("a", |options| options.attempts = 2)])
        .await;
    let claimed = subject.claim_one().await;
    subject.end(&claimed, retry(Duration::ZERO)).await;
    let claimed = subject.claim_one().await;
    let ended = subject.end(&claimed, retry(Duration::ZERO)).await;
    assert_eq!(ended, Finished::Done(State::Failed));
    let job = subject.job("a").await;
    assert_eq!(
        (job.attempts_made, job.failure),
        (2, Some(failure("try again")))
    );
}

pub async fn a_failure_for_good_ends_the_job_whatever_attempts_are_left(subject: &Subject<'_>) {
    subject
        .add([job_with("a", |options| options.attempts = 9)])
        .await;
    let claimed = subject.claim_one().await;
    subject.fail(&claimed).await;
    let job = subject.job("a").await;
    assert_eq!((job.attempts_made, job.result), (1, None));
    assert_eq!(job.failure, Some(failure("broken")));
    assert!(job.finished_at.is_some());
}

pub async fn a_snooze_costs_no_attempt(subject: &Subject<'_>) {
    subject
        .add([job_with("a", |options| options.attempts = 2)])
        .await;
    for _ in 0..5 {
        let claimed = subject.claim_one().await;
        assert_eq!(
            (claimed.job.attempts_started, claimed.job.attempts_made),
            (1, 0)
        );
        let ended = subject.end(&claimed, snooze(2 * MINUTE)).await;
        assert_eq!(ended, Finished::Done(State::Delayed));
        subject.pass(2 * MINUTE).await;
    }
    let claimed = subject.claim_one().await;
    let ended = subject.end(&claimed, snooze(Duration::ZERO)).await;
    assert_eq!(ended, Finished::Done(State::Waiting));
}

pub async fn why_a_job_was_snoozed_can_be_read(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let claimed = subject.claim_one().await;
    let ending = Ending::Snooze {
        after: MINUTE,
        reason: Some("no processor of that name here".to_owned()),
    };
    subject.end(&claimed, ending).await;
    let page = subject.store.logs(QUEUE, "a", 0, 10).await.unwrap();
    assert_eq!(page.lines, ["no processor of that name here"]);
}

pub async fn a_job_that_is_handed_back_has_its_old_place(subject: &Subject<'_>) {
    subject.add_ids(&["a", "b", "c"]).await;
    let claimed = subject.claim(2).await;
    for one in &claimed {
        let ended = subject.end(one, Ending::Release).await;
        assert_eq!(ended, Finished::Done(State::Waiting));
    }
    assert_eq!(subject.job("a").await.attempts_started, 0);
    assert_eq!(subject.claim_ids(9).await, ["a", "b", "c"]);
}

pub async fn a_retry_goes_behind_those_that_wait(subject: &Subject<'_>) {
    subject
        .add(["a", "b"].map(|id| job_with(id, |options| options.attempts = 3)))
        .await;
    let claimed = subject.claim(1).await;
    subject.end(&claimed[0], retry(Duration::ZERO)).await;
    assert_eq!(subject.claim_ids(9).await, ["b", "a"]);
}

pub async fn a_stale_token_changes_nothing(subject: &Subject<'_>) {
    subject
        .add([job_with("a", |options| options.attempts = 9)])
        .await;
    let stale = subject.claim_one().await;
    subject.end(&stale, Ending::Release).await;
    let now_ready = subject.job("a").await;
    lease_is_lost(subject, &stale).await;
    assert_eq!(
        subject.job("a").await,
        now_ready,
        "in a state other than active"
    );
    let current = subject.claim_one().await;
    let running = subject.job("a").await;
    lease_is_lost(subject, &stale).await;
    assert_eq!(
        subject.job("a").await,
        running,
        "while another attempt runs"
    );
    subject.complete(&current).await;
    lease_is_lost(subject, &current).await;
    lease_is_lost(subject, &stale).await;
    assert_eq!(subject.state("a").await, Some(State::Completed));
}

async fn lease_is_lost(subject: &Subject<'_>, stale: &ClaimedJob) {
    let endings = [
        Ending::Complete(json("2")),
        Ending::Fail(failure("late")),
        retry(Duration::ZERO),
        snooze(MINUTE),
        Ending::Release,
        Ending::AwaitChildren,
    ];
    for ending in endings {
        assert_eq!(subject.end(stale, ending).await, Finished::LeaseLost);
    }
    let lease = || stale.lease.clone();
    let renewed = subject.store.renew(vec![lease()], MINUTE).await.unwrap();
    assert_eq!(renewed, [Renewal::Lost]);
    let notes = [
        Annotation::Progress(json("5")),
        Annotation::Log("late".to_owned()),
        Annotation::Data(json("5")),
    ];
    for note in notes {
        let error = subject.store.annotate(lease(), note).await.unwrap_err();
        assert!(matches!(error, QueueError::LeaseLost { .. }), "{error}");
    }
    if subject.store.capabilities().has(Capability::Steps) {
        let error = subject.store.steps(lease()).await.unwrap_err();
        assert!(matches!(error, QueueError::LeaseLost { .. }), "{error}");
    }
}

pub async fn an_attempt_ends_once_within_one_turn_too(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let claimed = subject.claim_one().await;
    let end = |ending| Finish {
        lease: claimed.lease.clone(),
        ending,
    };
    let twice = vec![
        end(Ending::Complete(json("1"))),
        end(Ending::Fail(failure("no"))),
    ];
    let turned = subject.turn(twice, 0).await;
    assert_eq!(
        turned.finished,
        [Finished::Done(State::Completed), Finished::LeaseLost]
    );
    assert_eq!(subject.job("a").await.result, Some(json("1")));
}

pub async fn one_lost_attempt_does_not_harm_the_others_of_its_turn(subject: &Subject<'_>) {
    subject.add_ids(&["a", "b", "c"]).await;
    let claimed = subject.claim(3).await;
    subject.complete(&claimed[1]).await;
    let finish = claimed.iter().map(|one| Finish {
        lease: one.lease.clone(),
        ending: Ending::Complete(json("1")),
    });
    let turned = subject.turn(finish.collect(), 0).await;
    let done = Finished::Done(State::Completed);
    assert_eq!(turned.finished, [done.clone(), Finished::LeaseLost, done]);
}

pub async fn a_long_reason_is_cut_between_two_characters(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let claimed = subject.claim_one().await;
    let long = "é".repeat(4000);
    subject.end(&claimed, Ending::Fail(failure(&long))).await;
    let kept = subject.job("a").await.failure.unwrap().reason;
    assert!(long.starts_with(&kept));
    assert!((4000..=4096).contains(&kept.len()), "{} bytes", kept.len());
}

pub async fn progress_and_new_data_are_kept(subject: &Subject<'_>) {
    subject
        .add([job_with("a", |options| options.attempts = 2)])
        .await;
    let claimed = subject.claim_one().await;
    for note in [
        Annotation::Progress(json("50")),
        Annotation::Progress(json(r#"{"done":100}"#)),
        Annotation::Data(json(r#"{"step":2}"#)),
    ] {
        subject
            .store
            .annotate(claimed.lease.clone(), note)
            .await
            .unwrap();
    }
    subject.end(&claimed, retry(Duration::ZERO)).await;
    let next = subject.claim_one().await;
    assert_eq!(next.job.progress, Some(json(r#"{"done":100}"#)));
    assert_eq!(next.job.data, json(r#"{"step":2}"#));
}

pub async fn the_newest_lines_of_a_log_are_kept(subject: &Subject<'_>) {
    subject.add_ids(&["a"]).await;
    let claimed = subject.claim_one().await;
    for n in 0..1003 {
        let line = Annotation::Log(format!("line {n}"));
        subject
            .store
            .annotate(claimed.lease.clone(), line)
            .await
            .unwrap();
    }
    let page = subject.store.logs(QUEUE, "a", 0, 2).await.unwrap();
    assert_eq!(
        (page.lines, page.total),
        (vec!["line 3".into(), "line 4".into()], 1000)
    );
    let last = subject.store.logs(QUEUE, "a", 999, 5).await.unwrap();
    assert_eq!(last.lines, ["line 1002"]);
    let long = Annotation::Log("é".repeat(4000));
    subject
        .store
        .annotate(claimed.lease.clone(), long)
        .await
        .unwrap();
    let last = subject.store.logs(QUEUE, "a", 999, 5).await.unwrap();
    assert!((4000..=4096).contains(&last.lines[0].len()));
}

pub async fn results_of_steps_are_there_for_the_next_attempt(subject: &Subject<'_>) {
    if !subject.offers(Capability::Steps) {
        return;
    }
    subject
        .add([job_with("a", |options| options.attempts = 2)])
        .await;
    let claimed = subject.claim_one().await;
    let step = |n: u32, result: &str| Annotation::Step {
        name: format!("step {n:03}"),
        result: json(result),
    };
    let note = async |what| subject.store.annotate(claimed.lease.clone(), what).await;
    for n in 0..100 {
        note(step(n, "1")).await.unwrap();
    }
    note(step(7, "2")).await.unwrap();
    let error = note(step(100, "1")).await.unwrap_err();
    assert!(
        matches!(error, QueueError::Option { .. }),
        "one more than the bound: {error}"
    );
    subject.end(&claimed, retry(Duration::ZERO)).await;
    let next = subject.claim_one().await;
    let steps = subject.store.steps(next.lease).await.unwrap();
    assert_eq!(
        (steps.len(), &steps[7]),
        (100, &("step 007".to_owned(), json("2")))
    );
}
