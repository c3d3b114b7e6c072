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
        let query = uri.query().map(|query| self.without_version(query));
        let address = match query.filter(|query| !query.is_empty()) {
            Some(query) => format!("{}{}?{query}", version.mount, rest.unwrap_or_default()),
            None => format!("{}{}", version.mount, rest.unwrap_or_default()),
        };
        let path = PathAndQuery::try_from(address).map_err(|_| too_long())?;
        let new = with_path(uri, path).ok_or_else(too_long)?;
        let old = std::mem::replace(request.uri_mut(), new);
        request.extensions_mut().insert(AskedUri(old));
        Ok(())
    }

    fn without_version(&self, query: &str) -> String {
        let Some(name) = self.query else {
            return query.to_owned();
        };
        let other = |pair: &&str| {
            let mut decoded = form_urlencoded::parse(pair.as_bytes());
            decoded.next().is_none_or(|(key, _)| key != name)
        };
        query.split('&').filter(other).collect::<Vec<_>>().join("&")
    }
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
