//! Filters for the places where escaping is not enough: scripts and addresses.

use minijinja::{Environment, Error, ErrorKind, Value};

/// What stands for an address that may run something.
const REFUSED: &str = "about:invalid";

pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("json", json);
    environment.add_filter("url", |address: &str| url(address));
}

/// `value` as JSON that may stand between `<script>` and `</script>`, and nowhere else: what could
/// end the element, begin a comment, or end a line of JavaScript is written as `\u003c`.
fn json(value: &Value) -> Result<Value, Error> {
    let fault = |error| Error::new(ErrorKind::BadSerialization, "not JSON").with_source(error);
    let text = serde_json::to_string(value).map_err(fault)?;
    let mut safe = String::with_capacity(text.len());
    for sign in text.chars() {
        match sign {
            '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' => {
                safe.push_str(&format!("\\u{:04x}", u32::from(sign)));
            }
            plain => safe.push(plain),
        }
    }
    Ok(Value::from_safe_string(safe))
}

/// `address` if it is relative, `http` or `https`, else `about:invalid`. It is escaped afterwards
/// as any other text.
///
/// Browsers drop tabs and line ends anywhere in an address, and spaces and control characters at
/// its begin, before they look for its scheme; so does this, and gives back what is left.
fn url(address: &str) -> String {
    let kept = address
        .chars()
        .filter(|sign| !matches!(sign, '\t' | '\n' | '\r'));
    let kept: String = kept.skip_while(|&sign| sign <= ' ').collect();
    let end = kept.find([':', '/', '?', '#', '\\']);
    let scheme = end
        .filter(|&at| kept.as_bytes()[at] == b':')
        .map(|at| &kept[..at]);
    match scheme {
        Some(scheme)
            if !["http", "https"]
                .iter()
                .any(|known| scheme.eq_ignore_ascii_case(known)) =>
        {
            REFUSED.to_owned()
        }
        _ => kept,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_runs_something_is_refused_however_it_is_written() {
        for bad in [
            "javascript:alert(1)",
            "JaVaScRiPt:alert(1)",
            " \u{1}javascript:alert(1)",
            "java\nscript:alert(1)",
            "java\tscript\r:alert(1)",
            "\tdata:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "blob:x",
            "ht\u{0}tp:x",
            ":x",
        ] {
            assert_eq!(url(bad), REFUSED, "{bad:?}");
        }
        for good in [
            "https://a.example/?q=javascript:1",
            "HTTP://a.example",
            "/a:b",
            "?x:y",
            "#x:y",
            "a/b:c",
            "",
            "//a.example",
        ] {
            assert_eq!(url(good), good);
        }
    }
}
