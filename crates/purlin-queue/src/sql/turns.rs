//! Whose turn it is: tenants by stride scheduling.

use std::collections::{BTreeMap, BTreeSet};

use super::commit::Commit;
use crate::QueueError;

/// What a turn costs a tenant of weight 1.
const STRIDE: i64 = 1_000_000;

/// The turns of the tenants that have something to do: the least pass is next.
///
/// Each turn costs a tenant the less, the more its weight. One that had nothing to do saves up no
/// turns: it begins where the others are.
///
/// # Source
///
/// Waldspurger and Weihl, "Stride scheduling" (1995).
pub(super) struct Turns {
    passes: BTreeMap<String, i64>,
    weights: BTreeMap<String, u32>,
    /// Tenants that are known and have nothing to do any more.
    gone: Vec<String>,
    changed: BTreeSet<String>,
}

impl Turns {
    pub(super) async fn load(
        commit: &mut Commit<'_>,
        queue: &str,
        tenants: &BTreeSet<String>,
        weights: BTreeMap<String, u32>,
    ) -> Result<Self, QueueError> {
        let rows = commit
            .tx
            .query("select tenant, pass from purlin_queue_tenants where queue = $1")
            .bind(queue)
            .fetch_all::<(String, i64)>()
            .await?;
        let (known, gone): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .partition(|(tenant, _)| tenants.contains(tenant));
        let mut turns = Self {
            passes: known.into_iter().collect(),
            weights,
            gone: gone.into_iter().map(|(tenant, _)| tenant).collect(),
            changed: BTreeSet::new(),
        };
        let least = turns.passes.values().min().copied().unwrap_or(0);
        for tenant in tenants {
            if !turns.passes.contains_key(tenant) {
                turns.passes.insert(tenant.clone(), least);
                turns.changed.insert(tenant.clone());
            }
        }
        Ok(turns)
    }

    /// The pass of a tenant: the least is next.
    pub(super) fn of(&self, tenant: &str) -> i64 {
        self.passes.get(tenant).copied().unwrap_or(0)
    }

    /// A tenant has had its turn.
    pub(super) fn take(&mut self, tenant: &str) {
        let weight = self.weights.get(tenant).copied().unwrap_or(1);
        let cost = STRIDE / i64::from(weight.clamp(1, 1000));
        *self.passes.entry(tenant.to_owned()).or_default() += cost;
        self.changed.insert(tenant.to_owned());
    }

    pub(super) async fn save(
        &self,
        commit: &mut Commit<'_>,
        queue: &str,
    ) -> Result<(), QueueError> {
        for tenant in &self.gone {
            let forget = "delete from purlin_queue_tenants where queue = $1 and tenant = $2";
            commit
                .tx
                .query(forget)
                .bind(queue)
                .bind(tenant)
                .execute()
                .await?;
        }
        for tenant in &self.changed {
            commit
                .tx
                .query(
                    "insert into purlin_queue_tenants (queue, tenant, pass) values ($1, $2, $3)
                     on conflict (queue, tenant) do update set pass = excluded.pass",
                )
                .bind(queue)
                .bind(tenant)
                .bind(self.of(tenant))
                .execute()
                .await?;
        }
        Ok(())
    }
}
