//! Sessions of Express by their ids, as Redis keeps them.

use std::collections::HashMap;

use http::{HeaderMap, HeaderValue};
use redis::{FromRedisValue, Pipeline};
use serde_json::Value;

use super::{ExpressSession, ExpressSessions, SessionError, VALUE_BYTES_MAX, signed, value};
use crate::session::{cookie::only, redis::unavailable};

/// How many keys one step of a walk over all sessions looks at.
const STEP_KEYS: usize = 100;

/// A session as it was found.
pub(super) struct Found {
    pub(super) session: ExpressSession,
    /// How long Redis keeps it if it is not used; negative for ever.
    pub(super) left_ms: i64,
}

impl ExpressSessions {
    /// The id that a request shows, if it is signed.
    pub(super) fn shown(&self, headers: &HeaderMap) -> Option<String> {
        self.secrets.open(only(headers, &self.cookie_name)?)
    }

    /// The session `id`, which is prolonged.
    pub(super) async fn use_id(&self, id: &str) -> Result<Option<Found>, SessionError> {
        let key = self.key(id);
        let mut read = redis::pipe();
        read.atomic().get(&key).pttl(&key);
        let (json, left_ms): (Option<Vec<u8>>, i64) = self.ask(&read).await?;
        let Some(session) = json.and_then(|json| parse(id, &json)) else {
            return Ok(None);
        };
        let is_there = self.touch(&session, left_ms).await?;
        Ok(is_there.then_some(Found { session, left_ms }))
    }

    /// A new session of `user`, which is not kept yet.
    pub(super) fn begin(&self, user: Value) -> ExpressSession {
        let cookie = value::cookie(self.max_age, self.secure, self.clock.now());
        ExpressSession::signed_in(signed::new_id(&*self.rng), cookie, user)
    }

    /// Keeps `session`, and ends `old`. Returns the `Set-Cookie` header.
    pub(super) async fn put(
        &self,
        old: Option<&str>,
        session: &ExpressSession,
    ) -> Result<HeaderValue, SessionError> {
        let mut write = redis::pipe();
        write.atomic();
        if let Some(old) = old {
            write.del(self.key(old)).ignore();
        }
        let (key, json) = (self.key(session.id()), session.json());
        write.set_ex(key, json, session.life_seconds()).ignore();
        let () = self.ask(&write).await?;
        Ok(self.set_cookie(session.id()))
    }

    /// Gives the session `old` a new id; `None` if it is not there.
    pub(super) async fn rename(&self, old: &str) -> Result<Option<String>, SessionError> {
        let new = signed::new_id(&*self.rng);
        let script = redis::Script::new(
            "if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end \
             redis.call('RENAME', KEYS[1], KEYS[2]) return 1",
        );
        let mut call = script.key(self.key(old));
        let mut connection = self.connection.clone();
        let moved = call.key(self.key(&new)).invoke_async(&mut connection).await;
        let is_moved: bool = moved.map_err(unavailable)?;
        Ok(is_moved.then_some(new))
    }

    /// Ends the session `id`; whether it was there.
    pub(super) async fn end(&self, id: &str) -> Result<bool, SessionError> {
        let mut delete = redis::cmd("DEL");
        delete.arg(self.key(id));
        let deleted = delete.query_async(&mut self.connection.clone()).await;
        deleted.map_err(unavailable)
    }

    /// The sessions of `user`, found by a walk of at most `steps_max` steps over all keys. Those
    /// that are there from its beginning to its end are among them, if it came to the end.
    pub(super) async fn of_user(
        &self,
        user: &str,
        steps_max: usize,
    ) -> Result<Vec<Found>, SessionError> {
        let mut found = HashMap::new(); // A walk may come by a key twice.
        let mut cursor = 0_u64;
        for _ in 0..steps_max {
            let keys;
            (cursor, keys) = self.step(cursor).await?;
            for session in self.read(&keys).await? {
                if session.user_text().as_deref() == Some(user) {
                    found.insert(session.id().to_owned(), session);
                }
            }
            if cursor == 0 {
                break;
            }
        }
        self.with_lives(found.into_values()).await
    }

    /// Where the walk goes on (0: it has ended), and the keys of this step.
    async fn step(&self, cursor: u64) -> Result<(u64, Vec<String>), SessionError> {
        let mut scan = redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(self.pattern());
        scan.arg("COUNT").arg(STEP_KEYS);
        let scanned = scan.query_async(&mut self.connection.clone()).await;
        scanned.map_err(unavailable)
    }

    /// The sessions under `keys`; what is none is left out.
    async fn read(&self, keys: &[String]) -> Result<Vec<ExpressSession>, SessionError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let mut read = redis::cmd("MGET");
        read.arg(keys);
        let answer = read.query_async(&mut self.connection.clone()).await;
        let values: Vec<Option<Vec<u8>>> = answer.map_err(unavailable)?;
        let pairs = keys.iter().zip(values);
        let sessions =
            pairs.filter_map(|(key, json)| parse(key.strip_prefix(&self.prefix)?, &json?));
        Ok(sessions.collect())
    }

    async fn with_lives(
        &self,
        sessions: impl Iterator<Item = ExpressSession>,
    ) -> Result<Vec<Found>, SessionError> {
        let mut found = Vec::new();
        for session in sessions {
            let mut life = redis::cmd("PTTL");
            life.arg(self.key(session.id()));
            let left = life.query_async(&mut self.connection.clone()).await;
            let left_ms = left.map_err(unavailable)?;
            found.push(Found { session, left_ms });
        }
        Ok(found)
    }

    /// Prolongs what has been used for a thirtieth of its life, at least: the rest may end early
    /// by that much, and saves a write with every read.
    async fn touch(&self, session: &ExpressSession, left_ms: i64) -> Result<bool, SessionError> {
        const ENDLESS: i64 = -1; // Express is set up with `disableTTL`: nothing is to prolong.
        let life = session.life_seconds();
        let used_ms = (life as i64).saturating_mul(1000).saturating_sub(left_ms);
        if left_ms == ENDLESS || used_ms < (life as i64).saturating_mul(1000) / 30 {
            return Ok(true);
        }
        let mut expire = redis::cmd("EXPIRE");
        expire.arg(self.key(session.id())).arg(life);
        let touched = expire.query_async(&mut self.connection.clone()).await;
        touched.map_err(unavailable)
    }

    async fn ask<T: FromRedisValue>(&self, commands: &Pipeline) -> Result<T, SessionError> {
        let mut connection = self.connection.clone();
        let answer = commands.query_async(&mut connection).await;
        answer.map_err(unavailable)
    }

    pub(super) fn key(&self, id: &str) -> String {
        format!("{}{id}", self.prefix)
    }

    /// What all keys match. What stands for other characters in patterns stands for itself here.
    fn pattern(&self) -> String {
        let mut pattern = String::with_capacity(self.prefix.len() + 1);
        for sign in self.prefix.chars() {
            if "*?[]\\".contains(sign) {
                pattern.push('\\');
            }
            pattern.push(sign);
        }
        pattern.push('*');
        pattern
    }
}

fn parse(id: &str, json: &[u8]) -> Option<ExpressSession> {
    let is_small = json.len() <= VALUE_BYTES_MAX;
    is_small
        .then(|| ExpressSession::parse(id.to_owned(), json))
        .flatten()
}
