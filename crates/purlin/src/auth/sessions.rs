//! The sessions of an application, where its settings have them.

#[cfg(feature = "redis")]
mod elsewhere;

use std::sync::Arc;

use purlin_auth::session::{CookiePolicy, SessionChanges, Sessions, SqlSessionStore};
use purlin_base::{BoxError, random::Rng, time::SharedClock};
use purlin_sql::Db;

use super::{AuthConfig, Identity, SessionsIn};

type Opened = (Arc<Sessions>, SessionChanges);

/// The sessions, and their changes.
///
/// # Errors
///
/// An option out of its bounds, or an address that is none.
pub(super) fn open<S: Identity>(
    config: &AuthConfig,
    db: &Arc<Db>,
    clock: &SharedClock,
    rng: Arc<dyn Rng>,
) -> Result<Opened, BoxError> {
    match config.sessions_in() {
        SessionsIn::Database => in_database(config, db, clock, rng),
        #[cfg(feature = "redis")]
        SessionsIn::Redis { url } => {
            elsewhere::redis(config, url, elsewhere::roles::<S>(db), clock, rng)
        }
        #[cfg(feature = "redis")]
        SessionsIn::Express { url, secrets } => {
            elsewhere::express(config, url, secrets, elsewhere::roles::<S>(db), clock, rng)
        }
    }
}

fn in_database(
    config: &AuthConfig,
    db: &Arc<Db>,
    clock: &SharedClock,
    rng: Arc<dyn Rng>,
) -> Result<Opened, BoxError> {
    let store = SqlSessionStore::new((**db).clone());
    let sessions = Sessions::builder(Arc::new(store.clone()), cookies(config)?)
        .idle(config.session_idle())
        .absolute(config.session_absolute())
        .clock(Arc::clone(clock))
        .rng(rng);
    let changes = SessionChanges::in_database(store, Arc::clone(clock));
    Ok((Arc::new(sessions.build()?), changes))
}

fn cookies(config: &AuthConfig) -> Result<CookiePolicy, BoxError> {
    Ok(CookiePolicy::for_public_url(config.issuer())?)
}
