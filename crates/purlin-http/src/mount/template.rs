//! The syntax of path templates: `/books/{id}` and `/files/{*path}`.

use std::{borrow::Cow, collections::HashSet};

/// One path below another; neither has a slash at its end, but for the root alone.
pub(crate) fn join(prefix: &str, path: &str) -> String {
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    match (prefix, path) {
        ("", "") => "/".to_owned(),
        (_, "/" | "") if !prefix.is_empty() => prefix.to_owned(),
        _ => format!("{prefix}{path}"),
    }
}

/// Why `template` is not well formed, if it is not.
pub(crate) fn fault(template: &str) -> Option<Cow<'static, str>> {
    if !template.starts_with('/') {
        return Some("it must begin with `/`".into());
    }
    if template == "/" {
        return None;
    }
    let mut names = HashSet::new();
    let mut segments = template[1..].split('/').peekable();
    while let Some(segment) = segments.next() {
        if let Some(fault) = segment_fault(segment, segments.peek().is_none(), &mut names) {
            return Some(fault);
        }
    }
    None
}

fn segment_fault<'a>(
    segment: &'a str,
    last: bool,
    names: &mut HashSet<&'a str>,
) -> Option<Cow<'static, str>> {
    if segment.is_empty() {
        return Some("it has an empty segment".into());
    }
    if segment.starts_with([':', '*']) {
        let name = segment[1..].trim_start_matches('*');
        return Some(format!("`{segment}` is written `{{{name}}}`").into());
    }
    if !segment.contains(['{', '}']) {
        let allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%".contains(&byte);
        let bad = segment
            .chars()
            .find(|&c| !c.is_ascii() || !allowed(c as u8));
        return bad.map(|c| format!("{c:?} cannot stand in a path").into());
    }
    let name = segment
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'));
    let (rest, name) = match name {
        Some(name) => (
            name.starts_with('*'),
            name.strip_prefix('*').unwrap_or(name),
        ),
        None => return Some("a parameter takes a whole segment: `{name}`".into()),
    };
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(word) {
        return Some("a parameter's name is letters, digits and `_`".into());
    }
    if rest && !last {
        return Some(format!("`{{*{name}}}` must be the last segment").into());
    }
    (!names.insert(name)).then(|| format!("the parameter `{name}` stands twice").into())
}

/// The template with its parameters' names left out: two routes of one shape are one path.
pub(crate) fn shape(template: &str) -> String {
    let segment = |segment: &str| match segment {
        rest if rest.starts_with("{*") => "/{*}".to_owned(),
        one if one.starts_with('{') => "/{}".to_owned(),
        plain => format!("/{plain}"),
    };
    template.split('/').skip(1).map(segment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_without_doubled_or_trailing_slashes() {
        let cases = [
            ("/books", "/", "/books"),
            ("/books", "", "/books"),
            ("/books/", "/{id}", "/books/{id}"),
            ("/", "/", "/"),
            ("", "", "/"),
            ("", "/books", "/books"),
            ("/", "/books", "/books"),
            ("/api", "/books/{id}", "/api/books/{id}"),
        ];
        for (prefix, path, whole) in cases {
            assert_eq!(join(prefix, path), whole, "{prefix} + {path}");
        }
    }

    #[test]
    fn a_bad_template_says_what_is_wrong() {
        let cases = [
            ("books", "begin with"),
            ("/books//x", "empty segment"),
            ("/books/", "empty segment"),
            ("/books/:id", "`{id}`"),
            ("/books/{id", "whole segment"),
            ("/books/a{id}", "whole segment"),
            ("/books/{}", "name is letters"),
            ("/{*rest}/x", "last segment"),
            ("/{id}/x/{id}", "twice"),
            ("/books?x", "cannot stand"),
            ("/bücher", "cannot stand"),
        ];
        for (template, part) in cases {
            let fault = fault(template).unwrap_or_default();
            assert!(fault.contains(part), "{template}: {fault}");
        }
        for good in [
            "/",
            "/books",
            "/books/{id}",
            "/{a}/{b_1}",
            "/files/{*path}",
            "/x.csv",
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
    }

    #[test]
    fn templates_that_differ_in_names_alone_have_one_shape() {
        assert_eq!(shape("/a/{id}/b/{*rest}"), shape("/a/{name}/b/{*more}"));
        assert_ne!(shape("/a/{id}"), shape("/a/{*id}"));
    }
}
