//! The origins of a rule.

use super::CorsError;
use crate::origin::{is_host, is_origin};

/// Who may read.
#[derive(Clone, Debug)]
pub(super) enum Origins {
    Any,
    These {
        exact: Vec<String>,
        below: Vec<Below>,
    },
}

/// All hosts below one, by one scheme and port.
#[derive(Clone, Debug)]
pub(super) struct Below {
    /// `https://`
    scheme: String,
    /// `.example.com:8443`
    suffix: String,
}

impl Below {
    pub(super) fn new(origin: &str) -> Result<Self, CorsError> {
        let parts = origin.split_once("://").filter(|_| is_origin(origin));
        let Some((scheme, authority)) = parts else {
            return Err(CorsError::NotAnOrigin(origin.to_owned()));
        };
        // Neither `com` nor an address, whose last number is no host.
        let host = authority.split(':').next().unwrap_or_default();
        let is_name = host
            .rsplit('.')
            .next()
            .is_some_and(|last| last.starts_with(|first: char| first.is_ascii_lowercase()));
        if !host.trim_matches('.').contains('.') || !is_name {
            return Err(CorsError::TooWide(origin.to_owned()));
        }
        Ok(Self {
            scheme: format!("{scheme}://"),
            suffix: format!(".{authority}"),
        })
    }

    fn covers(&self, origin: &str) -> bool {
        let rest = origin.strip_prefix(&self.scheme);
        let labels = rest.and_then(|rest| rest.strip_suffix(&self.suffix));
        labels.is_some_and(|labels| !labels.starts_with('[') && is_host(labels))
    }
}

impl Origins {
    /// Whether a page of `origin` may read.
    pub(super) fn cover(&self, origin: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These { exact, below } => {
                exact.iter().any(|one| one == origin) || below.iter().any(|one| one.covers(origin))
            }
        }
    }
}
