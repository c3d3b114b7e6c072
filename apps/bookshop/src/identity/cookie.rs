//! The refresh token in its cookie.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};
use purlin::{auth::AuthConfig, prelude::*};
use purlin_base::time::Clock;

/// Bytes of all cookies that are looked at; no browser of ours sends more.
const BYTES_MAX: usize = 16 * 1024;

/// The cookie that holds a refresh token: for this program alone, below `/api/auth`, and never with
/// a request that another site has made.
#[injectable]
pub struct RefreshCookie {
    config: Arc<AuthConfig>,
    clock: Arc<dyn Clock>,
}

impl RefreshCookie {
    /// `__Secure-` where callers come by TLS: then no page of plain HTTP can set it.
    fn name(&self) -> &'static str {
        match self.config.is_secure() {
            true => "__Secure-bookshop-refresh",
            false => "bookshop-refresh",
        }
    }

    /// The token among `headers`. Two cookies of the name are none: one was put there by somebody
    /// else.
    pub fn read<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let fields = || headers.get_all(header::COOKIE).iter();
        if fields().map(HeaderValue::len).sum::<usize>() > BYTES_MAX {
            return None;
        }
        let cookies = fields().filter_map(|field| field.to_str().ok());
        let cookies = cookies.flat_map(|field| field.split(';'));
        let mut named = cookies.filter_map(|cookie| {
            let (name, value) = cookie.trim().split_once('=')?;
            (name == self.name()).then_some(value)
        });
        named.next().filter(|_| named.next().is_none())
    }

    /// Sets the cookie to `token` until `ends_at`.
    pub fn set(&self, token: &str, ends_at: Timestamp) -> HeaderValue {
        let left = ends_at.since(self.clock.now()).as_secs();
        self.field(token, left)
    }

    /// Takes the cookie away.
    pub fn clear(&self) -> HeaderValue {
        self.field("", 0)
    }

    fn field(&self, value: &str, max_age: u64) -> HeaderValue {
        let secure = if self.config.is_secure() {
            "; Secure"
        } else {
            ""
        };
        let name = self.name();
        let field = format!(
            "{name}={value}; Path=/api/auth; Max-Age={max_age}; HttpOnly; SameSite=Strict{secure}"
        );
        // A token is base64url; were it not, no cookie is better than a wrong one.
        HeaderValue::try_from(field).unwrap_or(HeaderValue::from_static(""))
    }
}
