//! What an origin is: the scheme, host and port that a browser names.

/// Whether `text` is an origin as browsers write it: `https://app.example`, with a port only if it
/// is not that of the scheme. `null` is none.
pub(crate) fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else {
        return false;
    };
    let in_scheme = |byte: u8| byte.is_ascii_lowercase() || b"0123456789+-.".contains(&byte);
    let fits_scheme = scheme.starts_with(|first: char| first.is_ascii_lowercase())
        && scheme.bytes().all(in_scheme);
    let (host, port) = split_port(authority);
    fits_scheme && is_host(host) && port.is_none_or(|port| is_port(scheme, port))
}

/// The host, and what follows its colon. An address of IPv6 stands in brackets.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => {
            (&authority[..colon], Some(&authority[colon + 1..]))
        }
        _ => (authority, None),
    }
}

pub(crate) fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let in_host = |byte: u8| byte.is_ascii_lowercase() || b"0123456789-._".contains(&byte);
    !host.is_empty() && host.bytes().all(in_host)
}

fn is_port(scheme: &str, port: &str) -> bool {
    let known = match scheme {
        "http" => "80",
        "https" => "443",
        _ => "",
    };
    port != known && !port.starts_with('0') && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_writes() {
        for good in [
            "https://a.example",
            "http://localhost:3000",
            "http://[::1]:80a",
        ] {
            assert_eq!(is_origin(good), !good.ends_with('a'), "{good}");
        }
        for good in [
            "https://[::1]",
            "https://[::1]:8443",
            "capacitor://localhost",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "null",
            "*",
            "a.example",
            "https://",
            "https://a.example/",
            "https://A.example",
            "HTTPS://a.example",
            "https://a.example:443",
            "http://a.example:80",
            "https://u@a.example",
            "https://a.example:",
            "https://a.example:0",
            "https://a.example:70000",
            "https://*.example",
            "https://a.example?x",
            "://a",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
