//! Checks what [`Versioning`] says before anything is made of it.

use std::collections::HashSet;

use http::HeaderName;

use super::{Versioning, VersioningError};
use crate::mount::template;

impl Versioning {
    /// The first mistake in the settings.
    pub(super) fn check(&self) -> Result<(), VersioningError> {
        if let Some(fault) = self.setting_fault() {
            return Err(VersioningError::Setting { fault });
        }
        let mut seen = HashSet::new();
        if let Some(version) = self.versions.iter().find(|name| !seen.insert(**name)) {
            return Err(VersioningError::Duplicate { version });
        }
        self.default_place()?;
        self.check_deprecations()
    }

    /// The place of the default among the versions.
    pub(super) fn default_place(&self) -> Result<usize, VersioningError> {
        let Some(default) = self.default else {
            let fault = "not said: add `.default_version(…)`".to_owned();
            return Err(VersioningError::Default { fault });
        };
        let place = self.versions.iter().position(|name| *name == default);
        place.ok_or_else(|| VersioningError::Default {
            fault: format!("`{default}`, which is none of the versions"),
        })
    }

    fn check_deprecations(&self) -> Result<(), VersioningError> {
        let mut seen = HashSet::new();
        for (version, deprecation) in &self.deprecated {
            let fault = match () {
                () if !self.versions.contains(version) => "there is no such version".into(),
                () if !seen.insert(version) => "it is told of twice".into(),
                () => match deprecation.fault() {
                    Some(fault) => fault,
                    None => continue,
                },
            };
            let what = format!("version `{version}`");
            return Err(VersioningError::Deprecation { what, fault });
        }
        Ok(())
    }

    fn setting_fault(&self) -> Option<String> {
        let base = self.base;
        if template::fault(base).is_some() || base.contains(['{', '%']) {
            return Some(format!("`{base}` is no path that an API can be below"));
        }
        if self.versions.is_empty() {
            return Some("no version is named".to_owned());
        }
        let names = self.versions.iter();
        let name = names.filter_map(|name| self.name_fault(name)).next();
        name.or_else(|| self.form_fault())
    }

    fn name_fault(&self, name: &str) -> Option<String> {
        let sign = |byte: u8| {
            let dot = byte == b'.' && self.forms.host.is_none();
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || dot
        };
        let first = name.bytes().next().is_some_and(|b| b != b'-' && b != b'.');
        let fits = first && name.len() <= 32 && name.bytes().all(sign);
        (!fits).then(|| format!("`{name}` cannot be the name of a version"))
    }

    fn form_fault(&self) -> Option<String> {
        let forms = &self.forms;
        let prefix = |prefix: &&str| !prefix.bytes().all(|byte| byte.is_ascii_lowercase());
        if let Some(prefix) = forms.path.filter(prefix) {
            return Some(format!(
                "`{prefix}` cannot stand before a version in a path"
            ));
        }
        let host = |host: &&str| prefix(host) || host.is_empty();
        if let Some(prefix) = forms.host.filter(host) {
            return Some(format!(
                "`{prefix}` cannot stand before a version in a host"
            ));
        }
        if let Some(vendor) = forms.media_type.filter(|vendor| !is_vendor(vendor)) {
            return Some(format!(
                "`{vendor}` is no media type such as `application/vnd.shop`"
            ));
        }
        if let Some(field) = forms.header.filter(|it| it.parse::<HeaderName>().is_err()) {
            return Some(format!("`{field}` cannot be the name of a header field"));
        }
        if forms.query == Some("") {
            return Some("the parameter of the query has no name".to_owned());
        }
        let all = [
            forms.path,
            forms.media_type,
            forms.query,
            forms.header,
            forms.host,
        ];
        let none = all.iter().all(Option::is_none);
        none.then(|| "there is no form to ask for a version by, such as `.path(\"v\")`".to_owned())
    }
}

fn is_vendor(vendor: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    let part = |part: &str| !part.is_empty() && part.bytes().all(plain);
    vendor
        .split_once('/')
        .is_some_and(|(family, subtype)| part(family) && part(subtype))
}
