//! When a job that is added is one that is there already, by its key.

use super::{
    Subject,
    subject::{MINUTE, failure, job, job_with, json},
};
use crate::{
    Dedup, Keep, State,
    job::Start,
    store::{Added, Change, Control, Ending, NewJob},
};

fn with(id: &str, dedup: Dedup) -> NewJob {
    job_with(id, |options| options.dedup = Some(dedup))
}

fn delayed(id: &str, minutes: u32, dedup: Dedup) -> NewJob {
    job_with(id, |options| {
        options.dedup = Some(dedup);
        options.start = Start::After(minutes * MINUTE);
    })
}

fn was_new(id: &str) -> Added {
    let id = id.to_owned();
    Added { id, is_new: true }
}

fn is_instead(id: &str) -> Added {
    let id = id.to_owned();
    Added { id, is_new: false }
}

async fn end_one(subject: &Subject<'_>, ending: Ending) {
    let claimed = subject.claim(1).await.remove(0);
    subject.end(&claimed, ending).await;
}

fn done() -> Ending {
    Ending::Complete(json("1"))
}

pub async fn a_key_is_held_until_its_job_has_ended(subject: &Subject<'_>) {
    let add = async |id| subject.add_one(with(id, Dedup::simple("k"))).await;
    assert_eq!(add("a").await, was_new("a"));
    assert_eq!(add("b").await, is_instead("a"));
    let claimed = subject.claim_one().await;
    assert_eq!(add("c").await, is_instead("a"), "while it runs");
    subject.complete(&claimed).await;
    assert_eq!(add("d").await, was_new("d"));
    end_one(subject, Ending::Fail(failure("no"))).await;
    assert_eq!(add("e").await, was_new("e"), "a failure is an end");
    assert_eq!(subject.state("b").await, None);
}

pub async fn a_job_that_is_tried_again_holds_its_key(subject: &Subject<'_>) {
    let twice = job_with("a", |options| {
        options.attempts = 2;
        options.dedup = Some(Dedup::simple("k"));
    });
    subject.add([twice]).await;
    let again = Ending::Retry {
        failure: failure("no"),
        after: MINUTE,
    };
    end_one(subject, again).await;
    assert_eq!(
        subject.add_one(with("b", Dedup::simple("k"))).await,
        is_instead("a")
    );
}

pub async fn keys_differ_and_belong_to_their_queue(subject: &Subject<'_>) {
    let elsewhere = NewJob {
        queue: "other".to_owned(),
        ..with("c", Dedup::simple("k"))
    };
    let added = subject
        .add([
            with("a", Dedup::simple("k")),
            with("b", Dedup::simple("K")),
            elsewhere,
            job("d"),
        ])
        .await;
    assert!(added.iter().all(|added| added.is_new), "{added:?}");
}

pub async fn within_one_call_the_first_holds_the_key(subject: &Subject<'_>) {
    let added = subject
        .add([with("a", Dedup::simple("k")), with("b", Dedup::simple("k"))])
        .await;
    assert_eq!(added, [was_new("a"), is_instead("a")]);
}

pub async fn throttled_a_key_is_held_for_its_time(subject: &Subject<'_>) {
    let add = async |id| {
        subject
            .add_one(with(id, Dedup::throttle("k", 4 * MINUTE)))
            .await
    };
    add("a").await;
    end_one(subject, done()).await;
    subject.advance(2 * MINUTE).await;
    assert_eq!(add("b").await, is_instead("a"), "though it has ended");
    subject.advance(2 * MINUTE).await;
    assert_eq!(
        add("c").await,
        was_new("c"),
        "the second add began no new time"
    );
}

pub async fn a_throttled_key_is_held_though_its_job_is_gone(subject: &Subject<'_>) {
    let gone = job_with("a", |options| {
        options.keep_completed = Some(Keep::NOTHING);
        options.dedup = Some(Dedup::throttle("k", 4 * MINUTE));
    });
    subject.add([gone]).await;
    end_one(subject, done()).await;
    let again = with("b", Dedup::throttle("k", 4 * MINUTE));
    assert_eq!(subject.add_one(again).await, is_instead("a"));
}

pub async fn a_time_may_end_before_the_job(subject: &Subject<'_>) {
    let add = async |id| {
        subject
            .add_one(with(id, Dedup::throttle("k", 2 * MINUTE)))
            .await
    };
    add("a").await;
    subject.advance(3 * MINUTE).await;
    assert_eq!(add("b").await, was_new("b"));
    end_one(subject, done()).await;
    assert_eq!(
        add("c").await,
        is_instead("b"),
        "the key is the second one's now"
    );
}

pub async fn debounced_the_last_one_of_a_burst_runs(subject: &Subject<'_>) {
    let add = async |id| {
        let dedup = Dedup::debounce("k", 3 * MINUTE);
        subject.add_one(delayed(id, 3, dedup)).await
    };
    add("a").await;
    subject.pass(2 * MINUTE).await;
    assert_eq!(add("b").await, was_new("b"));
    assert_eq!(subject.state("a").await, None, "its place is taken");
    subject.pass(2 * MINUTE).await;
    assert_eq!(
        subject.state("b").await,
        Some(State::Delayed),
        "the time began anew"
    );
    subject.pass(MINUTE).await;
    assert_eq!(subject.claim_ids(9).await, ["b"]);
}

pub async fn debounced_a_job_that_is_ready_is_not_replaced(subject: &Subject<'_>) {
    let dedup = || Dedup::debounce("k", 9 * MINUTE);
    subject.add([delayed("a", 1, dedup())]).await;
    subject.pass(2 * MINUTE).await;
    assert_eq!(
        subject.add_one(delayed("b", 1, dedup())).await,
        is_instead("a")
    );
    end_one(subject, done()).await;
    subject.advance(8 * MINUTE).await;
    let again = subject.add_one(delayed("c", 1, dedup())).await;
    assert_eq!(again, is_instead("a"), "the second add began the time anew");
}

pub async fn replaced_a_delayed_job_gives_its_place_to_the_last(subject: &Subject<'_>) {
    let add = async |id| subject.add_one(delayed(id, 5, Dedup::replace("k"))).await;
    add("a").await;
    assert_eq!(add("b").await, was_new("b"));
    assert_eq!(add("c").await, was_new("c"));
    let counts = subject.store.counts(super::subject::QUEUE).await.unwrap();
    assert_eq!(counts.delayed, 1);
    subject.pass(5 * MINUTE).await;
    assert_eq!(add("d").await, is_instead("c"), "it is ready");
    assert_eq!(subject.claim_ids(9).await, ["c"]);
}

pub async fn the_last_one_is_kept_while_one_runs_and_added_when_it_ends(subject: &Subject<'_>) {
    let add = async |id| {
        subject
            .add_one(with(id, Dedup::keep_last_if_active("k")))
            .await
    };
    add("a").await;
    assert_eq!(
        add("b").await,
        is_instead("a"),
        "ignored while the first waits"
    );
    let claimed = subject.claim_one().await;
    assert_eq!(add("c").await, is_instead("a"));
    assert_eq!(add("d").await, is_instead("a"));
    assert_eq!(subject.state("d").await, None);
    subject.complete(&claimed).await;
    let follows = subject.claim_one().await;
    assert_eq!(follows.lease.id, "d");
    assert_eq!(add("e").await, is_instead("d"), "and holds the key");
    subject.fail(&follows).await;
    assert_eq!(
        subject.claim_one().await.lease.id,
        "e",
        "after a failure too"
    );
}

pub async fn nothing_is_kept_of_a_burst_before_the_job_runs(subject: &Subject<'_>) {
    let add = async |id| {
        subject
            .add_one(with(id, Dedup::keep_last_if_active("k")))
            .await
    };
    add("a").await;
    add("b").await;
    end_one(subject, done()).await;
    assert_eq!(subject.claim_ids(9).await, [""; 0]);
}

pub async fn what_is_kept_waits_for_the_end_and_not_for_a_retry(subject: &Subject<'_>) {
    let dedup = || Dedup::keep_last_if_active("k");
    let twice = job_with("a", |options| {
        options.attempts = 2;
        options.dedup = Some(dedup());
    });
    subject.add([twice]).await;
    let claimed = subject.claim_one().await;
    subject.add([with("b", dedup())]).await;
    let again = Ending::Retry {
        failure: failure("no"),
        after: MINUTE,
    };
    subject.end(&claimed, again).await;
    assert_eq!(subject.state("b").await, None);
    subject.pass(MINUTE).await;
    let claimed = subject.claim_one().await;
    subject.complete(&claimed).await;
    assert_eq!(subject.claim_ids(9).await, ["b"]);
}

pub async fn a_job_removed_frees_its_key(subject: &Subject<'_>) {
    let add = async |id| {
        subject
            .add_one(with(id, Dedup::throttle("k", 60 * MINUTE)))
            .await
    };
    add("a").await;
    subject.change("a", Change::Remove).await.unwrap();
    assert_eq!(add("b").await, was_new("b"));
    subject
        .control(Control::Drain {
            delayed: true,
            max: 10,
        })
        .await;
    assert_eq!(add("c").await, was_new("c"));
}

pub async fn of_many_with_one_key_one_is_added(subject: &Subject<'_>) {
    let adds: Vec<_> = (0..16)
        .map(|n| {
            let store = subject.store.clone();
            let job = with(&format!("j{n}"), Dedup::simple("k"));
            purlin_runtime::spawn(async move { store.add(vec![job]).await.unwrap().remove(0) })
        })
        .collect();
    let mut added = Vec::new();
    for add in adds {
        added.push(add.await.unwrap());
    }
    let winner = added.iter().find(|added| added.is_new).unwrap().id.clone();
    assert_eq!(added.iter().filter(|added| added.is_new).count(), 1);
    assert!(added.iter().all(|added| added.id == winner), "{added:?}");
}
