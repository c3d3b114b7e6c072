//! What has become of one user: signed out everywhere, or of other roles.

use std::time::Duration;

use purlin_base::{Principal, Timestamp};

use super::{Certainty, Hold};
use crate::token::VerifiedToken;

#[derive(Debug, Default)]
pub(super) struct User {
    revoked: Vec<(Timestamp, Hold)>,
    roles: Option<Latest>,
    proposed: Vec<Proposed>,
}

/// The roles that were committed last.
#[derive(Debug)]
struct Latest {
    principal: Principal,
    seq: i64,
    until: Timestamp,
}

/// Roles whose transaction may be open still: they take away, and give nothing.
#[derive(Debug)]
struct Proposed {
    principal: Principal,
    seq: i64,
    lapses: Duration,
}

impl User {
    pub(super) fn judge(&self, token: &VerifiedToken) -> Option<Principal> {
        if self.revoked.iter().any(|(at, _)| is_covered(token, *at)) {
            return None;
        }
        let now = self.roles.as_ref();
        let principal = now.map_or(&token.principal, |latest| &latest.principal);
        if self.proposed.is_empty() {
            return Some(principal.clone());
        }
        let stays = |role: &&str| self.proposed.iter().all(|p| p.principal.has_role(role));
        Some(Principal::new(
            principal.id(),
            principal.roles().filter(stays),
        ))
    }

    pub(super) fn revoke(&mut self, at: Timestamp, certainty: Certainty) {
        match self.revoked.iter_mut().find(|(known, _)| *known == at) {
            Some((_, hold)) => hold.note(certainty),
            None => {
                let mut hold = Hold::default();
                hold.note(certainty);
                self.revoked.push((at, hold));
            }
        }
        if let Certainty::Firm { .. } = certainty {
            // A later moment covers what an earlier one does, for longer.
            self.revoked
                .retain(|(known, hold)| *known >= at || hold.until.is_none());
        }
    }

    pub(super) fn set_roles(&mut self, principal: Principal, seq: i64, certainty: Certainty) {
        match certainty {
            Certainty::Firm { until } => {
                self.proposed.retain(|proposed| proposed.seq != seq);
                if self.roles.as_ref().is_none_or(|latest| latest.seq <= seq) {
                    self.roles = Some(Latest {
                        principal,
                        seq,
                        until,
                    });
                }
            }
            Certainty::Tentative { lapses } => {
                // The poll may have read the row of a fast commit before its writer came here.
                if self.roles.as_ref().is_none_or(|latest| latest.seq < seq) {
                    self.proposed.push(Proposed {
                        principal,
                        seq,
                        lapses,
                    });
                }
            }
        }
    }

    /// Forgets what is over; says whether nothing is left.
    pub(super) fn purge(&mut self, now: Timestamp, read_at: Duration) -> bool {
        self.revoked.retain(|(_, hold)| !hold.is_over(now, read_at));
        self.proposed.retain(|proposed| proposed.lapses > read_at);
        self.roles = self.roles.take().filter(|latest| latest.until > now);
        self.revoked.is_empty() && self.proposed.is_empty() && self.roles.is_none()
    }
}

/// Whether signing out everywhere at `at` ends the token. It was issued in whole seconds: within
/// the second of `at` its time does not say whether it came before or after. Its family does: the
/// families that were there are revoked one by one, so one that is not is new. A token without a
/// family is taken to be older.
fn is_covered(token: &VerifiedToken, at: Timestamp) -> bool {
    let (issued, at) = (token.issued_at.unix_seconds(), at.unix_seconds());
    issued < at || (issued == at && token.family.is_none())
}
