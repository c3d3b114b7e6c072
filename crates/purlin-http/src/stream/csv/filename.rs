//! The name of a file in a header field.

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Characters of a name; what comes after is cut off.
const CHARACTERS_MAX: usize = 200;

/// What may stand in `filename*` as it is (RFC 8187).
const ATTR_CHAR: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// `Content-Disposition` for a file called `name` (RFC 6266): in ASCII, and if that is not all of
/// it, in UTF-8 too.
pub(super) fn disposition(name: &str) -> HeaderValue {
    let plain: String = name.chars().take(CHARACTERS_MAX).map(plain).collect();
    let ascii: String = plain
        .chars()
        .map(|c| if c.is_ascii() { c } else { '_' })
        .collect();
    let mut text = format!("attachment; filename=\"{ascii}\"");
    if ascii != plain {
        let whole = utf8_percent_encode(&plain, ATTR_CHAR);
        text.push_str(&format!("; filename*=UTF-8''{whole}"));
    }
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("attachment"))
}

/// `c`, unless it would end the name, lead out of a folder, or be invisible.
fn plain(c: char) -> char {
    if c.is_control() || "\"\\/:*?<>|".contains(c) {
        '_'
    } else {
        c
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_neither_leave_its_folder_nor_its_quotes() {
        for (name, field) in [
            ("books.csv", "attachment; filename=\"books.csv\""),
            (
                "../../etc/passwd",
                "attachment; filename=\".._.._etc_passwd\"",
            ),
            (
                "a\"; x=\"b\r\nset-cookie: c",
                "attachment; filename=\"a_; x=_b__set-cookie_ c\"",
            ),
            (
                "Bücher.csv",
                "attachment; filename=\"B_cher.csv\"; filename*=UTF-8''B%C3%BCcher.csv",
            ),
        ] {
            assert_eq!(disposition(name), field, "{name}");
        }
        assert!(disposition(&"x".repeat(10_000)).len() < 300);
    }
}
