//! What Express keeps of a session: JSON with `cookie`, passport's user, and what else there is.

use std::{fmt, time::Duration};

use purlin_base::Timestamp;
use serde_json::{Map, Value, json};

/// How long connect-redis keeps a session whose cookie has no end: a day.
pub(super) const LIFE_DEFAULT: Duration = Duration::from_secs(86_400);

/// A session that Express knows too. Fields that only Express knows are kept as they are.
#[derive(Clone, PartialEq)]
pub struct ExpressSession {
    id: String,
    value: Map<String, Value>,
}

impl ExpressSession {
    /// `None` for what is no session: JSON of another form, or without `cookie`.
    pub(super) fn parse(id: String, json: &[u8]) -> Option<Self> {
        let value: Map<String, Value> = serde_json::from_slice(json).ok()?;
        let is_session = value.get("cookie").is_some_and(Value::is_object);
        is_session.then_some(Self { id, value })
    }

    pub(super) fn signed_in(id: String, cookie: Value, user: Value) -> Self {
        let passport = json!({ "user": user });
        let fields = [("cookie", cookie), ("passport", passport)];
        let value = fields.map(|(name, value)| (name.to_owned(), value));
        let value = value.into_iter().collect();
        Self { id, value }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn json(&self) -> String {
        Value::Object(self.value.clone()).to_string()
    }

    /// How long Redis keeps it from now on if it is not used: whole seconds, rounded up.
    pub(super) fn life_seconds(&self) -> u64 {
        let max_age_ms = self.value["cookie"]["originalMaxAge"].as_f64();
        let seconds = max_age_ms.map(|ms| (ms / 1000.0).ceil() as u64);
        // Ten years: more than any cookie lives, and less than what Redis refuses.
        let sane = seconds.filter(|seconds| (1..=315_360_000).contains(seconds));
        sane.unwrap_or(LIFE_DEFAULT.as_secs())
    }

    /// Who is signed in, as passport's `serializeUser` put it; `None` for nobody.
    pub fn user(&self) -> Option<&Value> {
        let user = self.value.get("passport")?.get("user")?;
        (!user.is_null()).then_some(user)
    }

    /// The same as the text that other parts know users by; `None` for nobody, and for what
    /// passport put there in another form than text or a number.
    pub(super) fn user_text(&self) -> Option<String> {
        match self.user()? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// When Express says that the session was last written, if it says so.
    pub(super) fn written_at(&self) -> Option<Timestamp> {
        let cookie = &self.value["cookie"];
        let expires: Timestamp = cookie["expires"].as_str()?.parse().ok()?;
        let max_age = Duration::from_millis(cookie["originalMaxAge"].as_u64()?);
        Some(expires.saturating_sub(max_age))
    }

    /// A field of the session.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.value.get(name)
    }

    /// Sets a field; [`save`](super::ExpressSessions::save) writes it. `cookie` and `passport` are
    /// not set this way: that does nothing.
    pub fn set(&mut self, name: &str, value: Value) {
        if !["cookie", "passport"].contains(&name) {
            self.value.insert(name.to_owned(), value);
        }
    }

    /// What a CSRF token is bound to. Another one after every sign-in.
    pub fn csrf_binding(&self) -> String {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        use sha2::{Digest, Sha256};
        let hash = Sha256::digest(format!("purlin csrf binding\0{}", self.id));
        URL_SAFE_NO_PAD.encode(hash)
    }
}

impl fmt::Debug for ExpressSession {
    /// Shows the names of the fields only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields: Vec<&String> = self.value.keys().collect();
        f.debug_struct("ExpressSession")
            .field("fields", &fields)
            .finish_non_exhaustive()
    }
}

/// The member `cookie` of a new session.
pub(super) fn cookie(max_age: Option<Duration>, secure: bool, now: Timestamp) -> Value {
    let expires = max_age.map(|life| iso(now.saturating_add(life)));
    let max_age_ms = max_age.map(|life| life.as_millis() as u64);
    let mut cookie = json!({
        "originalMaxAge": max_age_ms,
        "expires": expires,
        "httpOnly": true,
        "path": "/",
        "sameSite": "lax",
    });
    if secure {
        cookie["secure"] = true.into();
    }
    cookie
}

/// As `Date.prototype.toISOString`: always with milliseconds.
fn iso(time: Timestamp) -> String {
    let millis = time.unix_millis();
    let whole = Timestamp::from_unix_micros(millis.div_euclid(1000) * 1_000_000).to_string();
    format!(
        "{}.{:03}Z",
        whole.trim_end_matches('Z'),
        millis.rem_euclid(1000)
    )
}
