//! Refuses malformed paths at their place in the source; `purlin_http` refuses the same at start.

use syn::{Error, LitStr};

/// Checks a controller's or a handler's path.
pub(super) fn check(path: &LitStr) -> syn::Result<()> {
    let text = path.value();
    match fault(&text) {
        Some(fault) => Err(Error::new(
            path.span(),
            format!("the path `{text}` {fault}"),
        )),
        None => Ok(()),
    }
}

fn fault(path: &str) -> Option<String> {
    let Some(rest) = path.strip_prefix('/') else {
        return Some("must begin with `/`".into());
    };
    let mut names = Vec::new();
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next().filter(|_| !rest.is_empty()) {
        let last = segments.peek().is_none();
        if segment.is_empty() {
            return Some("has an empty segment".into());
        }
        if segment.starts_with([':', '*']) {
            let name = segment.trim_start_matches([':', '*']);
            return Some(format!(
                "is of another syntax: `{segment}` is written `{{{name}}}`"
            ));
        }
        if !segment.contains(['{', '}']) {
            if let Some(bad) = segment.chars().find(|&c| !stands_in_a_path(c)) {
                return Some(format!("must not hold {bad:?}"));
            }
            continue;
        }
        let Some(name) = segment
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'))
        else {
            return Some("has a parameter that is not a whole segment: write `/{name}/`".into());
        };
        let plain = name.strip_prefix('*').unwrap_or(name);
        if plain.is_empty() || !plain.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Some("has a parameter whose name is not letters, digits and `_`".into());
        }
        if plain.len() < name.len() && !last {
            return Some(format!(
                "has something behind `{{{name}}}`, which takes all the rest"
            ));
        }
        if names.contains(&plain) {
            return Some(format!("has the parameter `{plain}` twice"));
        }
        names.push(plain);
    }
    None
}

fn stands_in_a_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@%".contains(c)
}
