//! Where the router has what a request asks for.

use axum::extract::Request;
use http::{Uri, uri::PathAndQuery};

use super::{
    AskedUri,
    place::rest_below,
    refusal::too_long,
    resolve::{Asked, Named, Resolver},
};
use crate::Problem;

impl Resolver {
    /// Puts the version into the path, and takes its parameter out of the query.
    pub(super) fn readdress(
        &self,
        request: &mut Request,
        in_path: Named,
        asked: &Asked,
    ) -> Result<(), Problem> {
        let is_there = in_path != Named::Nothing;
        if is_there && !asked.in_query {
            return Ok(());
        }
        let uri = request.uri();
        let version = &self.versions[asked.version.unwrap_or(self.default)];
        let rest = match is_there {
            true => uri.path().strip_prefix(&*version.mount),
            false => rest_below(self.base, uri.path()),
        };
        let kept = |part: &&str| !asked.in_query || !self.is_version(part);
        let query = uri.query().unwrap_or_default();
        let address = address(&version.mount, rest.unwrap_or_default(), query, kept);
        let path = PathAndQuery::try_from(address).map_err(|_| too_long())?;
        let new = with_path(uri, path).ok_or_else(too_long)?;
        let old = std::mem::replace(request.uri_mut(), new);
        request.extensions_mut().insert(AskedUri(old));
        Ok(())
    }

    /// Whether a part of the query is the parameter of the version.
    fn is_version(&self, part: &str) -> bool {
        let name = form_urlencoded::parse(part.as_bytes()).next();
        name.is_some_and(|(name, _)| self.query == Some(&*name))
    }
}

/// The parts of an address, and those of its query that are `kept`.
fn address(mount: &str, rest: &str, query: &str, kept: impl Fn(&&str) -> bool) -> String {
    let mut address = String::with_capacity(mount.len() + rest.len() + 1 + query.len());
    address.push_str(mount);
    address.push_str(rest);
    let parts = query.split('&').filter(|part| !part.is_empty());
    for (place, part) in parts.filter(kept).enumerate() {
        address.push(if place == 0 { '?' } else { '&' });
        address.push_str(part);
    }
    address
}

/// `uri` with another path and query.
fn with_path(uri: &Uri, path: PathAndQuery) -> Option<Uri> {
    if uri.authority().is_none() {
        return Some(Uri::from(path));
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path);
    Uri::from_parts(parts).ok()
}
