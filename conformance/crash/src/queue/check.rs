//! What must be left of the queue's work.

use std::{collections::HashMap, sync::Arc};

use purlin_base::{BoxError, time::SystemClock};
use purlin_queue::{Store, sql::SqlStore};
use purlin_sql::Db;

use super::QUEUE;
use crate::{
    ledger::{Line, ids},
    subject::Findings,
};

pub(super) async fn check(ledger: &[Line], db: &Db) -> Result<Findings, BoxError> {
    let effects = effects(db).await?;
    let (tried, kept) = (ids(ledger, 'T'), ids(ledger, 'A'));
    let (undone, doubled) = (ids(ledger, 'R'), ids(ledger, 'D'));
    let completed = ids(ledger, 'C');
    let mut findings = Findings::default();
    let faults = &mut findings.faults;

    for id in kept.iter().chain(&completed) {
        let is_done = effects.contains_key(*id);
        faults.extend((!is_done).then(|| format!("{id} was acknowledged and has no effect")));
    }
    for (id, times) in &effects {
        let id = id.as_str();
        faults.extend((*times > 1).then(|| format!("{id} has its effect {times} times")));
        faults.extend(
            undone
                .contains(id)
                .then(|| format!("{id} was rolled back and was run")),
        );
        faults.extend(
            doubled
                .contains(id)
                .then(|| format!("{id} was refused and was run")),
        );
        faults.extend((!tried.contains(id)).then(|| format!("{id} comes from nowhere")));
    }
    let excess = ledger.iter().filter(|line| line.kind == 'V');
    faults.extend(excess.map(|line| format!("{} jobs ran beyond the limits", line.number)));

    let store = SqlStore::new(db.clone(), Arc::new(SystemClock));
    let counts = store.counts(QUEUE).await?;
    if counts.completed != effects.len() as u64 || counts.failed > 0 || counts.active > 0 {
        faults.push(format!("{} effects, and {counts:?}", effects.len()));
    }
    findings.counted = vec![
        ("acknowledged", kept.len() as u64),
        ("effects", effects.len() as u64),
        ("refused by a unique key", doubled.len() as u64),
        ("rolled back", undone.len() as u64),
    ];
    Ok(findings)
}

/// How often each job has had its effect.
async fn effects(db: &Db) -> Result<HashMap<String, u32>, BoxError> {
    let query = "select id from job_effects";
    let mut rows = db.read().query(query).stream::<(String,)>().await?;
    let mut effects = HashMap::new();
    while let Some(row) = rows.next().await {
        *effects.entry(row?.0).or_default() += 1;
    }
    Ok(effects)
}
