//! Sessions that are not in the database. They ask it what their users may do, so a change of roles
//! holds with the next request, and has nothing to write in two places.

use std::{marker::PhantomData, sync::Arc};

use purlin_auth::session::{
    ExpressSessions, RedisSessionStore, RolesOfUser, SessionChanges, SessionError, Sessions,
};
use purlin_base::{BoxError, BoxFuture, random::Rng, time::SharedClock};
use purlin_sql::Db;

use super::{Opened, cookies};
use crate::auth::{AuthConfig, Identity};

pub(super) fn redis(
    config: &AuthConfig,
    url: &str,
    roles: Arc<dyn RolesOfUser>,
    clock: &SharedClock,
    rng: Arc<dyn Rng>,
) -> Result<Opened, BoxError> {
    let store = Arc::new(RedisSessionStore::open(url)?);
    let sessions = Sessions::builder(store, cookies(config)?)
        .roles_of(roles)
        .idle(config.session_idle())
        .absolute(config.session_absolute())
        .clock(Arc::clone(clock))
        .rng(rng);
    Ok(opened(sessions.build()?))
}

pub(super) fn express(
    config: &AuthConfig,
    url: &str,
    secrets: &[String],
    roles: Arc<dyn RolesOfUser>,
    clock: &SharedClock,
    rng: Arc<dyn Rng>,
) -> Result<Opened, BoxError> {
    let express = ExpressSessions::builder(secrets)
        .secure(config.is_secure())
        .max_age(config.session_idle())
        .ends_with_browser(true)
        .clock(Arc::clone(clock))
        .rng(rng);
    let sessions = Sessions::of_express(express.open(url)?, roles, cookies(config)?)?;
    Ok(opened(sessions))
}

fn opened(sessions: Sessions) -> Opened {
    let sessions = Arc::new(sessions);
    let changes = SessionChanges::elsewhere(Arc::clone(&sessions));
    (sessions, changes)
}

/// What the application says of its users.
pub(super) fn roles<S: Identity>(db: &Arc<Db>) -> Arc<dyn RolesOfUser> {
    Arc::new(RolesInDatabase::<S>(Arc::clone(db), PhantomData))
}

struct RolesInDatabase<S>(Arc<Db>, PhantomData<fn() -> S>);

impl<S: Identity> RolesOfUser for RolesInDatabase<S> {
    fn roles_of<'a>(
        &'a self,
        user: &'a str,
    ) -> BoxFuture<'a, Result<Option<Vec<String>>, SessionError>> {
        Box::pin(async move { Ok(S::roles_of(&self.0, user).await?) })
    }
}
