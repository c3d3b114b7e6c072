//! Ends attempts, then takes jobs.

use super::{
    claim::{self, Claimed},
    commit::Commit,
    finish,
};
use crate::{
    QueueError,
    store::{Claim, Finish, Turn, Turned},
};

/// Attempts that one turn ends at most.
const FINISH_MAX: usize = 1000;

/// Refuses a turn that is over its bound.
pub(super) fn check(turn: &Turn) -> Result<(), QueueError> {
    if turn.finish.len() <= FINISH_MAX {
        return Ok(());
    }
    Err(QueueError::Option {
        option: "turn.finish",
        rule: "at most 1000",
    })
}

/// Does the turns of several callers: what is finished by any frees its place for all.
pub(super) async fn turn_all(
    commit: &mut Commit<'_>,
    turns: &[&Turn],
) -> Result<Vec<Turned>, QueueError> {
    let finishes: Vec<&Finish> = turns.iter().flat_map(|turn| &turn.finish).collect();
    let mut finished = finish::finish_all(commit, &finishes).await?.into_iter();
    let claims: Vec<&Claim> = turns
        .iter()
        .filter_map(|turn| turn.claim.as_ref())
        .collect();
    let mut claimed = claim::claim_all(commit, &claims).await?.into_iter();
    let answer = |turn: &&Turn| {
        let Claimed { jobs, again_in } = match turn.claim {
            Some(_) => claimed.next().unwrap_or_default(),
            None => Claimed::default(),
        };
        Turned {
            finished: finished.by_ref().take(turn.finish.len()).collect(),
            claimed: jobs,
            again_in,
        }
    };
    Ok(turns.iter().map(answer).collect())
}
