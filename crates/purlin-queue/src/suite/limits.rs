//! What may run at once and in a time.

use super::{
    Subject,
    subject::{MINUTE, QUEUE, claim_of, ids, job, job_with},
};
use crate::store::{Capability, Control, Limits, NewJob, Rate, Turn};

async fn limit(subject: &Subject<'_>, limits: Limits) {
    subject.control(Control::Limit(limits)).await;
}

fn keyed(id: &str, key: &str) -> NewJob {
    job_with(id, |options| options.key = Some(key.to_owned()))
}

fn a_minute(max: u32) -> Option<Rate> {
    Some(Rate { max, per: MINUTE })
}

pub async fn no_more_run_at_once_than_the_queue_allows(subject: &Subject<'_>) {
    let concurrency = Some(2);
    limit(
        subject,
        Limits {
            concurrency,
            ..Limits::default()
        },
    )
    .await;
    subject.add_ids(&["a", "b", "c", "d"]).await;
    let claimed = subject.claim(9).await;
    assert_eq!(ids(&claimed), ["a", "b"]);
    assert_eq!(subject.claim_ids(9).await, [""; 0]);
    subject.complete(&claimed[1]).await;
    assert_eq!(subject.claim_ids(9).await, ["c"]);
}

pub async fn a_limit_can_be_changed_and_lifted(subject: &Subject<'_>) {
    let concurrency = Some(1);
    limit(
        subject,
        Limits {
            concurrency,
            ..Limits::default()
        },
    )
    .await;
    subject.add_ids(&["a", "b", "c", "d"]).await;
    assert_eq!(subject.claim(9).await.len(), 1);
    let concurrency = Some(3);
    limit(
        subject,
        Limits {
            concurrency,
            ..Limits::default()
        },
    )
    .await;
    assert_eq!(subject.claim(9).await.len(), 2);
    limit(subject, Limits::default()).await;
    assert_eq!(subject.claim(9).await.len(), 1);
}

pub async fn no_more_run_at_once_than_each_key_allows(subject: &Subject<'_>) {
    if !subject.offers(Capability::KeyLimits) {
        return;
    }
    let key_concurrency = Some(1);
    limit(
        subject,
        Limits {
            key_concurrency,
            ..Limits::default()
        },
    )
    .await;
    subject
        .add([
            keyed("a1", "a"),
            keyed("a2", "a"),
            keyed("b1", "b"),
            job("n1"),
            job("n2"),
        ])
        .await;
    let claimed = subject.claim(9).await;
    assert_eq!(
        ids(&claimed),
        ["a1", "b1", "n1", "n2"],
        "those without a key are free"
    );
    subject.complete(&claimed[0]).await;
    assert_eq!(subject.claim_ids(9).await, ["a2"]);
}

pub async fn a_window_of_starts_begins_with_its_first(subject: &Subject<'_>) {
    limit(
        subject,
        Limits {
            rate: a_minute(2),
            ..Limits::default()
        },
    )
    .await;
    subject.add((0..9).map(|n| job(&format!("j{n}")))).await;
    subject.advance(5 * MINUTE).await;
    let first = subject.claim(1).await;
    subject.complete(&first[0]).await;
    subject.advance(MINUTE / 2).await;
    assert_eq!(subject.claim(9).await.len(), 1, "the second of the window");
    let turned = subject.turn(Vec::new(), 9).await;
    assert_eq!(turned.claimed.len(), 0, "an end does not give a start back");
    assert!(turned.again_in.is_none_or(|wait| wait <= MINUTE / 2));
    subject.advance(MINUTE / 2).await;
    assert_eq!(subject.claim(9).await.len(), 2, "a window begins");
}

pub async fn each_key_has_its_own_window(subject: &Subject<'_>) {
    if !subject.offers(Capability::KeyLimits) {
        return;
    }
    limit(
        subject,
        Limits {
            key_rate: a_minute(1),
            ..Limits::default()
        },
    )
    .await;
    subject
        .add([
            keyed("a1", "a"),
            keyed("a2", "a"),
            keyed("b1", "b"),
            job("n"),
        ])
        .await;
    assert_eq!(subject.claim_ids(9).await, ["a1", "b1", "n"]);
    subject.advance(MINUTE).await;
    assert_eq!(subject.claim_ids(9).await, ["a2"]);
}

pub async fn a_dead_workers_place_is_free_once_it_is_reaped(subject: &Subject<'_>) {
    let concurrency = Some(1);
    limit(
        subject,
        Limits {
            concurrency,
            ..Limits::default()
        },
    )
    .await;
    subject.add_ids(&["a", "b"]).await;
    subject.claim_one().await;
    subject.advance(2 * MINUTE).await;
    assert_eq!(subject.claim_ids(9).await, [""; 0], "it may still run");
    subject.upkeep().await;
    assert_eq!(subject.claim_ids(9).await, ["a"]);
}

pub async fn many_claims_at_once_do_not_pass_the_limits(subject: &Subject<'_>) {
    let keys = subject.store.capabilities().has(Capability::KeyLimits);
    let limits = Limits {
        concurrency: Some(10),
        key_concurrency: keys.then_some(2),
        ..Limits::default()
    };
    limit(subject, limits).await;
    subject
        .add((0..100).map(|n| keyed(&format!("j{n}"), &format!("k{}", n % 20))))
        .await;
    let claims: Vec<_> = (0..8)
        .map(|_| {
            let store = subject.store.clone();
            purlin_runtime::spawn(async move {
                let claim = Some(claim_of(QUEUE, 6));
                store
                    .turn(Turn {
                        finish: Vec::new(),
                        claim,
                    })
                    .await
                    .unwrap()
                    .claimed
            })
        })
        .collect();
    let mut taken = Vec::new();
    for claim in claims {
        taken.extend(claim.await.unwrap());
    }
    assert!(taken.len() <= 10, "{} run", taken.len());
    taken.extend(subject.claim(10).await);
    assert_eq!(taken.len(), 10, "and all places are used in the end");
    let of_key = |key: &String| {
        taken
            .iter()
            .filter(|one| one.job.options.key.as_ref() == Some(key))
            .count()
    };
    let most = taken
        .iter()
        .filter_map(|one| one.job.options.key.as_ref())
        .map(of_key)
        .max();
    assert!(!keys || most <= Some(2), "{most:?} of one key");
}
