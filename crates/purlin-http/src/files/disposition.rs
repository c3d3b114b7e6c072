//! `Content-Disposition`: whether a file is shown or saved, and under which name.

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::FileName;

/// What may stand in an extended value besides letters and digits (RFC 8187, `attr-char`).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// The field for `kind`, which is `attachment` or `inline`, with `name` in plain ASCII and, where
/// that is not the whole name, in UTF-8 too (RFC 6266).
pub(crate) fn value(kind: &'static str, name: Option<&FileName>) -> HeaderValue {
    let Some(name) = name.map(FileName::as_str) else {
        return HeaderValue::from_static(kind);
    };
    // Browsers take `%41` in the plain form for an `A`, so a percent sign needs the other form.
    let plain = |c: char| (c.is_ascii_graphic() || c == ' ') && !matches!(c, '"' | '\\' | '%');
    let ascii: String = name
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect();
    let mut value = format!("{kind}; filename=\"{ascii}\"");
    if ascii != name {
        let encoded = utf8_percent_encode(name, ENCODED);
        value.push_str(&format!("; filename*=UTF-8''{encoded}"));
    }
    HeaderValue::try_from(value).unwrap_or(HeaderValue::from_static(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_beyond_ascii_comes_in_both_forms() {
        for (name, field) in [
            ("cat.png", r#"attachment; filename="cat.png""#),
            ("a b.png", r#"attachment; filename="a b.png""#),
            (
                "Größe.png",
                r#"attachment; filename="Gr__e.png"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.png"#,
            ),
            (
                "50%.png",
                r#"attachment; filename="50_.png"; filename*=UTF-8''50%25.png"#,
            ),
        ] {
            let name = FileName::of(name);
            assert_eq!(value("attachment", name.as_ref()), field);
        }
        assert_eq!(value("inline", None), "inline");
    }

    #[test]
    fn no_name_adds_a_parameter_or_a_field() {
        let name = FileName::of("a\"; filename=\"evil.exe\r\nSet-Cookie: a=b").unwrap();
        let field = value("attachment", Some(&name));
        let text = field.to_str().unwrap();
        assert_eq!(text.matches('"').count(), 2, "{text}");
        assert!(!text.contains(['\r', '\n']));
    }
}
