//! Puts a rule together.

use std::time::Duration;

use http::{HeaderName, HeaderValue, header};

use super::{
    Cors, CorsError, listed,
    origins::{Below, Origins},
};
use crate::origin::is_origin;

/// Puts a [`Cors`] together; everything is checked by [`build`](Self::build).
#[derive(Clone, Debug)]
#[must_use = "call `build`"]
pub struct CorsBuilder {
    any: bool,
    exact: Vec<String>,
    below: Vec<String>,
    credentials: bool,
    headers: Vec<&'static str>,
    exposed: Vec<&'static str>,
    max_age: Duration,
}

impl CorsBuilder {
    /// How long a browser remembers a preflight, unless told otherwise: 10 minutes.
    pub const MAX_AGE_DEFAULT: Duration = Duration::from_secs(600);
    /// How long at most: a day. Browsers have bounds of their own, some below this.
    pub const MAX_AGE_MAX: Duration = Duration::from_secs(86_400);

    pub(super) fn new() -> Self {
        Self {
            any: false,
            exact: Vec::new(),
            below: Vec::new(),
            credentials: false,
            headers: Vec::new(),
            exposed: Vec::new(),
            max_age: Self::MAX_AGE_DEFAULT,
        }
    }

    /// Pages of `origin` may read: `https://app.example`, exactly.
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.exact.push(origin.into());
        self
    }

    /// Pages of every host below that of `origin` may read, by the same scheme and port: with
    /// `https://example.com` those of `https://a.example.com` and `https://a.b.example.com`, and
    /// not `https://example.com` itself. Whoever controls a single one of them may read.
    pub fn below(mut self, origin: impl Into<String>) -> Self {
        self.below.push(origin.into());
        self
    }

    /// Pages of every origin may read (`*`): for what is public anyway. It excludes
    /// [`credentials`](Self::credentials).
    pub fn any_origin(mut self) -> Self {
        self.any = true;
        self
    }

    /// They read with the cookies of the reader. Default: without.
    pub fn credentials(mut self) -> Self {
        self.credentials = true;
        self
    }

    /// Header fields that they may send, beside `Content-Type` and those that need no permission.
    /// Default: none.
    pub fn headers(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.headers.extend(names);
        self
    }

    /// Header fields of answers that their scripts may see, beside those that need no permission.
    /// Default: none.
    pub fn expose(mut self, names: impl IntoIterator<Item = &'static str>) -> Self {
        self.exposed.extend(names);
        self
    }

    /// How long a browser remembers a preflight; in whole seconds, up to
    /// [`MAX_AGE_MAX`](Self::MAX_AGE_MAX). Default: 10 minutes.
    pub fn max_age(mut self, time: Duration) -> Self {
        self.max_age = time;
        self
    }

    /// Checks everything, then makes the rule.
    ///
    /// # Errors
    ///
    /// [`CorsError`], for the first thing that is wrong.
    pub fn build(self) -> Result<Cors, CorsError> {
        if self.any && self.credentials {
            return Err(CorsError::CredentialsForAny);
        }
        if self.max_age > Self::MAX_AGE_MAX {
            return Err(CorsError::MaxAge);
        }
        let mut headers = vec![header::CONTENT_TYPE];
        headers.extend(names(&self.headers)?);
        let exposed = names(&self.exposed)?;
        Ok(Cors {
            credentials: self.credentials,
            headers: listed(&headers),
            exposed: (!exposed.is_empty()).then(|| listed(&exposed)),
            max_age: HeaderValue::from(self.max_age.as_secs()),
            origins: self.origins()?,
        })
    }

    fn origins(self) -> Result<Origins, CorsError> {
        if let Some(bad) = self.exact.iter().find(|origin| !is_origin(origin)) {
            return Err(CorsError::NotAnOrigin(bad.clone()));
        }
        let below: Result<Vec<_>, _> = self.below.iter().map(|one| Below::new(one)).collect();
        let below = below?;
        match (self.any, self.exact.is_empty() && below.is_empty()) {
            (true, _) => Ok(Origins::Any),
            (false, true) => Err(CorsError::Nobody),
            (false, false) => Ok(Origins::These {
                exact: self.exact,
                below,
            }),
        }
    }
}

fn names(names: &[&'static str]) -> Result<Vec<HeaderName>, CorsError> {
    let name = |name: &&'static str| {
        // `*` is a name, and means all of them.
        let known = HeaderName::from_bytes(name.as_bytes()).ok();
        known
            .filter(|known| known != "*")
            .ok_or(CorsError::NotAField(name))
    };
    names.iter().map(name).collect()
}
