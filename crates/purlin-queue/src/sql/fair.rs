//! Taking jobs under limits and by turns. One claim of a queue at a time: what it counts stays
//! true until its commit.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use purlin_sql::Json;

use super::{
    claim::take,
    commit::{Commit, QueueRow},
    lanes::{self, Lane},
    limits::Room,
    rows::{JobRow, job_columns},
    turns::Turns,
};
use crate::{QueueError, store::Limits};

/// Takes up to `max` jobs as the limits allow, tenants by turns, with leases until `until`; and
/// when it is of use to ask again, if limits are in the way.
pub(super) async fn take_by_turns(
    commit: &mut Commit<'_>,
    queue: &str,
    row: &QueueRow,
    max: u32,
    until: i64,
) -> Result<(Vec<JobRow>, Option<Duration>), QueueError> {
    let Some(limits) = lock(commit, queue, row).await? else {
        return Ok((Vec::new(), None));
    };
    let weights = limits.tenant_weights.clone();
    let mut room = Room::load(commit, queue, limits).await?;
    let (rows, remain) = if row.lanes {
        let mut pick = Pick::begin(commit, queue, weights).await?;
        let seqs = pick.run(commit, &mut room, max).await?;
        pick.turns.save(commit, queue).await?;
        let remain = pick.something_waits;
        (take_these(commit, &seqs, until).await?, remain)
    } else {
        let want = max.min(room.all());
        let rows = take(commit, queue, ("", ""), want, until).await?;
        rows.iter().for_each(|_| room.take(""));
        let remain = rows.len() == want as usize;
        (rows, remain)
    };
    room.save(commit, queue).await?;
    let opens_at = room.opens_at().filter(|_| remain);
    let wait = |at: i64| Duration::from_micros(at.saturating_sub(commit.now).max(0).unsigned_abs());
    Ok((rows, opens_at.map(wait)))
}

/// The limits; `None`: the queue was paused. On Postgres other claims of the queue wait from here
/// until the commit.
async fn lock(
    commit: &mut Commit<'_>,
    queue: &str,
    row: &QueueRow,
) -> Result<Option<Limits>, QueueError> {
    let read = |limits: &str| serde_json::from_str(limits).unwrap_or_default();
    if commit.core.is_sqlite() {
        return Ok(Some(read(&row.limits)));
    }
    let locked = commit
        .tx
        .query("select paused, limits from purlin_queues where name = $1 for update")
        .bind(queue)
        .fetch_optional::<(i64, String)>()
        .await?;
    Ok(match locked {
        Some((0, limits)) => Some(read(&limits)),
        Some(_) => None,
        None => Some(Limits::default()),
    })
}

/// Picks jobs out of lanes.
struct Pick<'a> {
    queue: &'a str,
    lanes: Vec<Lane>,
    turns: Turns,
    /// Jobs are ready that the limits hold back, or for which there was no place.
    something_waits: bool,
}

impl<'a> Pick<'a> {
    async fn begin(
        commit: &mut Commit<'_>,
        queue: &'a str,
        weights: std::collections::BTreeMap<String, u32>,
    ) -> Result<Self, QueueError> {
        let lanes = lanes::open(commit, queue).await?;
        let tenants: BTreeSet<String> = lanes.iter().map(|lane| lane.tenant.clone()).collect();
        let turns = Turns::load(commit, queue, &tenants, weights).await?;
        Ok(Self {
            queue,
            lanes,
            turns,
            something_waits: false,
        })
    }

    /// The jobs to take, by their sequence numbers, in the order to run them.
    async fn run(
        &mut self,
        commit: &mut Commit<'_>,
        room: &mut Room,
        max: u32,
    ) -> Result<Vec<i64>, QueueError> {
        let mut seqs = Vec::new();
        while seqs.len() < max as usize {
            let Some((at, seq)) = self.next(commit, room).await? else {
                break;
            };
            let lane = &mut self.lanes[at];
            lane.take();
            room.take(&lane.key);
            self.turns.take(&lane.tenant);
            seqs.push(seq);
        }
        self.something_waits |= seqs.len() == max as usize && !self.lanes.is_empty();
        Ok(seqs)
    }

    /// The first job of the tenant whose turn it is, and its lane.
    async fn next(
        &mut self,
        commit: &mut Commit<'_>,
        room: &Room,
    ) -> Result<Option<(usize, i64)>, QueueError> {
        loop {
            let held_back = self.lanes.iter().any(|lane| !room.has(&lane.key));
            self.something_waits |= held_back;
            let open = self.lanes.iter().filter(|lane| room.has(&lane.key));
            let next = open
                .map(|lane| (self.turns.of(&lane.tenant), &lane.tenant))
                .min();
            let Some(tenant) = next.map(|(_, tenant)| tenant.clone()) else {
                return Ok(None);
            };
            if let Some(found) = self.first_of(commit, room, &tenant).await? {
                return Ok(Some(found));
            }
        }
    }

    /// The first job of `tenant` that the limits allow. Lanes that turn out to be empty go.
    async fn first_of(
        &mut self,
        commit: &mut Commit<'_>,
        room: &Room,
        tenant: &str,
    ) -> Result<Option<(usize, i64)>, QueueError> {
        let mut best = None;
        let mut at = 0;
        while at < self.lanes.len() {
            let lane = &mut self.lanes[at];
            if lane.tenant != tenant || !room.has(&lane.key) {
                at += 1;
                continue;
            }
            match lane.first(commit, self.queue).await? {
                Some(place) => {
                    if best.is_none_or(|(_, least)| place < least) {
                        best = Some((at, place));
                    }
                    at += 1;
                }
                // The order of the lanes is of no matter, but those before keep their places.
                None => drop(self.lanes.remove(at)),
            }
        }
        Ok(best.map(|(at, (_, _, seq))| (at, seq)))
    }
}

/// Takes the jobs of those sequence numbers, in that order.
async fn take_these(
    commit: &mut Commit<'_>,
    seqs: &[i64],
    until: i64,
) -> Result<Vec<JobRow>, QueueError> {
    if seqs.is_empty() {
        return Ok(Vec::new());
    }
    let take = if commit.core.is_sqlite() {
        SQLITE_TAKE_THESE
    } else {
        POSTGRES_TAKE_THESE
    };
    let mut rows = commit
        .tx
        .query(take)
        .bind(Json(seqs))
        .bind(until)
        .bind(commit.now)
        .fetch_all::<JobRow>()
        .await?;
    let order: HashMap<i64, usize> = seqs
        .iter()
        .enumerate()
        .map(|(at, seq)| (*seq, at))
        .collect();
    rows.sort_by_key(|row| order.get(&row.seq).copied());
    Ok(rows)
}

const SQLITE_TAKE_THESE: &str = concat!(
    "update purlin_jobs set state = 3, at = $2, processed_at = $3, fence = fence + 1, \
     attempts_started = attempts_started + 1 \
     where seq in (select value from json_each($1)) and state in (0, 1) returning ",
    job_columns!()
);

const POSTGRES_TAKE_THESE: &str = concat!(
    "update purlin_jobs set state = 3, at = $2, processed_at = $3, fence = fence + 1, \
     attempts_started = attempts_started + 1 \
     where seq in (select value::bigint from jsonb_array_elements_text($1::jsonb)) and state in (0, 1) \
     returning ",
    job_columns!()
);
