//! What must be left of the outbox's work.

use std::collections::{HashMap, HashSet};

use purlin_base::BoxError;
use purlin_sql::{Db, outbox::Outbox};

use crate::{
    ledger::{Line, ids},
    subject::Findings,
};

pub(super) async fn check(ledger: &[Line], db: &Db) -> Result<Findings, BoxError> {
    let effects = effects(db).await?;
    let (tried, kept) = (ids(ledger, 'T'), ids(ledger, 'A'));
    let (undone, sent) = (ids(ledger, 'R'), ids(ledger, 'S'));
    let done: HashSet<&str> = effects.iter().map(|line| line.id.as_str()).collect();
    let mut findings = Findings::default();
    let faults = &mut findings.faults;

    for id in &kept {
        faults
            .extend((!sent.contains(id)).then(|| format!("{id} was acknowledged and never sent")));
        faults.extend(
            (!done.contains(id)).then(|| format!("{id} was acknowledged and has no effect")),
        );
    }
    for id in done.iter().chain(&sent) {
        faults.extend(
            undone
                .contains(id)
                .then(|| format!("{id} was rolled back and was sent")),
        );
        faults.extend((!tried.contains(id)).then(|| format!("{id} comes from nowhere")));
    }
    if done.len() != effects.len() {
        faults.push(format!(
            "{} effects are doubled",
            effects.len() - done.len()
        ));
    }
    faults.extend(out_of_order("effects", effects.iter()));
    faults.extend(out_of_order("the ledger", firsts(ledger).into_iter()));
    for depth in Outbox::new(db).depths().await? {
        faults.push(format!("the outbox is not empty: {depth:?}"));
    }

    let sends = ledger.iter().filter(|line| line.kind == 'S').count();
    findings.counted = vec![
        ("acknowledged", kept.len() as u64),
        ("effects", effects.len() as u64),
        ("sent again", (sends - sent.len()) as u64),
        ("rolled back", undone.len() as u64),
    ];
    Ok(findings)
}

/// The first time that each message was sent.
fn firsts(ledger: &[Line]) -> Vec<&Line> {
    let mut seen = HashSet::new();
    let sends = ledger.iter().filter(|line| line.kind == 'S');
    sends.filter(|line| seen.insert(&line.id)).collect()
}

/// Messages whose number is not above the one before it in their key.
fn out_of_order<'a>(what: &str, lines: impl Iterator<Item = &'a Line>) -> Vec<String> {
    let mut last = HashMap::new();
    let mut faults = Vec::new();
    for line in lines {
        let before = last.insert(&line.key, line.number).unwrap_or(0);
        if line.number <= before {
            faults.push(format!(
                "in {what} {} of {} comes after {before}",
                line.number, line.key
            ));
        }
    }
    faults
}

async fn effects(db: &Db) -> Result<Vec<Line>, BoxError> {
    let query = "select id, key, number from effects order by place";
    let mut rows = db
        .read()
        .query(query)
        .stream::<(String, String, u64)>()
        .await?;
    let mut effects = Vec::new();
    while let Some(row) = rows.next().await {
        let (id, key, number) = row?;
        effects.push(Line {
            kind: 'E',
            id,
            key,
            number,
        });
    }
    Ok(effects)
}
