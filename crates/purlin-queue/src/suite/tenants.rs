//! Turns between tenants.

use std::collections::BTreeMap;

use super::{
    Subject,
    subject::{job, job_with},
};
use crate::store::{Capability, ClaimedJob, Control, Limits, NewJob};

fn of(tenant: &str, n: u32) -> NewJob {
    let id = format!("{tenant}{n}");
    match tenant {
        "" => job(&format!("none{n}")),
        _ => job_with(&id, |options| options.tenant = Some(tenant.to_owned())),
    }
}

fn turns(claimed: &[ClaimedJob]) -> BTreeMap<String, u32> {
    let mut turns = BTreeMap::new();
    for one in claimed {
        let tenant = one.job.options.tenant.clone().unwrap_or_default();
        *turns.entry(tenant).or_default() += 1;
    }
    turns
}

pub async fn a_tenant_with_many_jobs_does_not_hold_up_the_others(subject: &Subject<'_>) {
    if !subject.offers(Capability::Tenants) {
        return;
    }
    subject.add((0..60).map(|n| of("big", n))).await;
    subject.add((0..6).map(|n| of("small", n))).await;
    subject.add((0..6).map(|n| of("", n))).await;
    let mut claimed = Vec::new();
    for _ in 0..5 {
        claimed.extend(subject.claim(3).await);
    }
    let turns = turns(&claimed);
    assert!(
        turns.values().all(|turns| (4..=6).contains(turns)),
        "{turns:?}"
    );
}

pub async fn weights_give_a_tenant_more_turns(subject: &Subject<'_>) {
    if !subject.offers(Capability::Tenants) {
        return;
    }
    let limits = Limits {
        tenant_weights: BTreeMap::from([("gold".to_owned(), 3)]),
        ..Limits::default()
    };
    subject.control(Control::Limit(limits)).await;
    subject.add((0..60).map(|n| of("gold", n))).await;
    subject.add((0..60).map(|n| of("iron", n))).await;
    let mut claimed = Vec::new();
    for _ in 0..8 {
        claimed.extend(subject.claim(5).await);
    }
    let turns = turns(&claimed);
    assert!(
        (28..=32).contains(&turns["gold"]),
        "3 of 4 turns: {turns:?}"
    );
}

pub async fn within_a_tenant_the_order_stays(subject: &Subject<'_>) {
    if !subject.offers(Capability::Tenants) {
        return;
    }
    subject
        .add((0..9).flat_map(|n| [of("a", n), of("b", n)]))
        .await;
    let mut claimed = Vec::new();
    for _ in 0..6 {
        claimed.extend(subject.claim(3).await);
    }
    for tenant in ["a", "b"] {
        let own = claimed
            .iter()
            .filter(|one| one.job.options.tenant.as_deref() == Some(tenant));
        let order: Vec<String> = own.map(|one| one.lease.id.clone()).collect();
        let expected: Vec<String> = (0..9).map(|n| format!("{tenant}{n}")).collect();
        assert_eq!(order, expected);
    }
}

pub async fn a_tenant_that_was_away_has_saved_up_no_turns(subject: &Subject<'_>) {
    if !subject.offers(Capability::Tenants) {
        return;
    }
    subject.add((0..100).map(|n| of("a", n))).await;
    subject.add((0..1).map(|n| of("b", n))).await;
    for _ in 0..10 {
        subject.claim(4).await;
    }
    subject.add((1..40).map(|n| of("b", n))).await;
    let claimed = subject.claim(10).await;
    let turns = turns(&claimed);
    assert!(turns.get("a").is_some_and(|turns| *turns >= 4), "{turns:?}");
}

pub async fn all_that_is_ready_is_taken_whoever_has_a_turn(subject: &Subject<'_>) {
    if !subject.offers(Capability::Tenants) {
        return;
    }
    subject.add((0..7).map(|n| of("a", n))).await;
    subject.add((0..2).map(|n| of("b", n))).await;
    assert_eq!(subject.claim(20).await.len(), 9);
}
