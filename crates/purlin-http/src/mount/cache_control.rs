//! Checks `Cache-Control` at start.

/// Whether `value` is a list of directives: `no-cache`, `private, max-age=60`,
/// `no-cache="set-cookie"`.
pub(super) fn is_cache_control(value: &str) -> bool {
    let mut rest = Some(value);
    while let Some(text) = rest {
        let Some(after) = directive(text.trim_matches([' ', '\t'])) else {
            return false;
        };
        rest = match after.trim_start_matches([' ', '\t']) {
            "" => return true,
            after => after.strip_prefix(','),
        };
    }
    false
}

/// What follows the directive that `text` begins with.
fn directive(text: &str) -> Option<&str> {
    let after = token(text)?;
    let Some(argument) = after.strip_prefix('=') else {
        return Some(after);
    };
    match argument.strip_prefix('"') {
        None => token(argument),
        Some(quoted) => {
            let (inside, after) = quoted.split_once('"')?;
            let plain = |byte: u8| byte == b' ' || byte.is_ascii_graphic() && byte != b'\\';
            inside.bytes().all(plain).then_some(after)
        }
    }
}

fn token(text: &str) -> Option<&str> {
    let sign = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let after = text.trim_start_matches(sign);
    (after.len() < text.len()).then_some(after)
}

/// Whether a directive says which caches may keep the answer.
pub(crate) fn says_who_keeps(cache_control: &str) -> bool {
    let directives = cache_control.split(',').map(|directive| {
        let name = directive.split('=').next().unwrap_or_default();
        name.trim().to_ascii_lowercase()
    });
    let said = ["public", "private", "no-store", "s-maxage"];
    directives.into_iter().any(|name| said.contains(&&*name))
}

#[cfg(test)]
mod tests {
    use super::is_cache_control;

    #[test]
    fn a_list_of_directives_is_told_from_what_is_none() {
        for good in [
            "no-cache",
            "public, max-age=60",
            "private,no-cache=\"set-cookie, x\" , max-age=0",
        ] {
            assert!(is_cache_control(good), "{good}");
        }
        for bad in [
            "",
            " ",
            ",",
            "no-cache,",
            "no cache",
            "max-age=",
            "=1",
            "max-age = 1",
            "a=\"b",
            "no-cache\r\nx: y",
            "ü",
            "a;b",
        ] {
            assert!(!is_cache_control(bad), "{bad:?}");
        }
    }
}
