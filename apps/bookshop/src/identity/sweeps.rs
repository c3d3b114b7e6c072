//! Clears away what is over: a batch at a time, by one owner.
//!
//! Refresh tokens and revoked access tokens are cleared away by identity itself.

use std::{sync::Arc, time::Duration};

use purlin::auth::{
    Background, IdentityParts, SessionsIn, audit::Audit, one_time::OneTimeTokens,
    session::SqlSessionStore, totp,
};

/// How often what is over is deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(10 * 60);

/// Sessions, or enrolments, that one round deletes at most.
const SWEPT_MAX: u32 = 1000;

/// How long events of the audit are kept: half a year.
const AUDIT_KEPT: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// Adds the sweeps of sessions, links of mails, second factors and the audit.
pub(super) fn add(parts: &IdentityParts, background: Background) -> Background {
    let background = sessions(parts, background);
    let background = one_time_tokens(parts, background);
    let background = enrolments(parts, background);
    audit(parts, background)
}

/// Redis lets go of what has expired by itself.
fn sessions(parts: &IdentityParts, background: Background) -> Background {
    if !matches!(parts.config.sessions_in(), SessionsIn::Database) {
        return background;
    }
    let store = Arc::new(SqlSessionStore::new((*parts.db).clone()));
    let clock = Arc::clone(&parts.clock);
    background.every("old sessions", SWEEP_EVERY, move || {
        let (store, now) = (Arc::clone(&store), clock.now());
        async move {
            store.sweep(now, SWEPT_MAX).await?;
            Ok(())
        }
    })
}

fn one_time_tokens(parts: &IdentityParts, background: Background) -> Background {
    let tokens = OneTimeTokens::new().clock(Arc::clone(&parts.clock));
    let db = Arc::clone(&parts.db);
    background.every("old links of mails", SWEEP_EVERY, move || {
        let (tokens, db) = (tokens.clone(), Arc::clone(&db));
        async move {
            tokens.sweep(&db).await?;
            Ok(())
        }
    })
}

fn enrolments(parts: &IdentityParts, background: Background) -> Background {
    let (db, clock) = (Arc::clone(&parts.db), Arc::clone(&parts.clock));
    background.every("unconfirmed second factors", SWEEP_EVERY, move || {
        let (db, now) = (Arc::clone(&db), clock.now());
        async move {
            totp::sweep(&db, now, SWEPT_MAX).await?;
            Ok(())
        }
    })
}

fn audit(parts: &IdentityParts, background: Background) -> Background {
    let audit = Audit::new().clock(Arc::clone(&parts.clock));
    let db = Arc::clone(&parts.db);
    background.every("old events of the audit", SWEEP_EVERY, move || {
        let (audit, db) = (audit.clone(), Arc::clone(&db));
        async move {
            audit.sweep(&db, AUDIT_KEPT).await?;
            Ok(())
        }
    })
}
