//! Limits for all routes below a path.

use super::{Limit, unrouted::PathLimits};
use crate::RouteInfo;

/// Limits by path, for [`Mount::limits`](crate::Mount::limits).
///
/// # Examples
///
/// ```
/// use purlin_http::{Mount, limit::{Limit, LimitBy, LimitRule, Quota, RateLimits}};
///
/// let api = Limit::builder(Quota::per_minute(100)).by(LimitBy::user()).build()?;
/// let limits = RateLimits::new()
///     .rule(LimitRule::below(["/api", "/graphql"], api).except("/api/auth"));
/// let mount = Mount::new().limits(limits);
/// # Ok::<(), purlin_http::limit::LimitOptionError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "give it to `Mount::limits`"]
pub struct RateLimits {
    rules: Vec<LimitRule>,
    off: bool,
}

impl RateLimits {
    /// No rules; routes keep their own limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// No limits at all: those of routes are taken off too. For load tests; services that ask a
    /// limit themselves build it with `enabled(false)`.
    pub fn off() -> Self {
        Self {
            rules: Vec::new(),
            off: true,
        }
    }

    /// Adds a rule. A route gets the limits of every rule that fits, before its own.
    pub fn rule(mut self, rule: LimitRule) -> Self {
        if !self.off {
            self.rules.push(rule);
        }
        self
    }

    /// The rules for what is no route; `None` if there are none.
    pub(crate) fn unrouted(&self) -> Option<PathLimits> {
        PathLimits::of(&self.rules)
    }

    pub(crate) fn apply(&self, info: &mut RouteInfo) {
        let fits = self.rules.iter().filter(|rule| rule.fits(&info.template));
        let of_rules = fits.map(|rule| rule.limit.clone());
        let own = std::mem::take(&mut info.limits);
        let all = of_rules.chain(own).filter(Limit::is_enabled);
        info.limits = if self.off { Vec::new() } else { all.collect() };
    }
}

/// One limit for everything below some paths: routes, raw routers, and addresses that are no route.
#[derive(Clone, Debug)]
#[must_use = "give it to `RateLimits::rule`"]
pub struct LimitRule {
    below: Vec<String>,
    except: Vec<String>,
    limit: Limit,
}

impl LimitRule {
    /// `limit` for every request at or below one of `paths`, counted together. A path ends at a
    /// slash: `/api` is not above `/apis`.
    ///
    /// A request that no route takes counts by address.
    pub fn below<P: Into<String>>(
        paths: impl IntoIterator<Item = P>,
        limit: impl Into<Limit>,
    ) -> Self {
        Self {
            below: paths.into_iter().map(Into::into).collect(),
            except: Vec::new(),
            limit: limit.into(),
        }
    }

    /// But not for requests at or below `path`.
    pub fn except(mut self, path: impl Into<String>) -> Self {
        self.except.push(path.into());
        self
    }

    /// Whether it holds for `path`, of a request or the template of a route.
    pub(super) fn fits(&self, path: &str) -> bool {
        let above = |paths: &[String]| paths.iter().any(|above| is_below(path, above));
        above(&self.below) && !above(&self.except)
    }

    pub(super) fn limit(&self) -> &Limit {
        &self.limit
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.limit.is_enabled()
    }
}

fn is_below(template: &str, path: &str) -> bool {
    let rest = template.strip_prefix(path.trim_end_matches('/'));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
