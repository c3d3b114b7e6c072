//! The addresses that proxies noted, from the right.
//!
//! The right end was written by a proxy that is trusted and is well formed; the left end is the
//! caller's and may be anything. So nothing is read from the left: a quote that the caller opened
//! cannot swallow what a proxy wrote.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use super::{ClientAddress, TrustedProxies};

/// The first address from the right that is not trusted; the last that is readable if there is
/// none.
pub(super) fn walk(
    peer: IpAddr,
    headers: &HeaderMap,
    trusted: &TrustedProxies,
    field: &str,
    read: fn(&str) -> Option<IpAddr>,
) -> IpAddr {
    let mut nearest = peer;
    let mut hops = 0;
    let mut bytes = 0;
    let lines: Vec<_> = headers.get_all(field).iter().collect();
    for line in lines.into_iter().rev() {
        let mut rest = Some(line.as_bytes());
        while let Some(left) = rest {
            let (before, element) = split_last(left);
            rest = before;
            hops += 1;
            bytes += element.len() + 1;
            if hops > ClientAddress::HOPS_MAX || bytes > ClientAddress::BYTES_MAX {
                return nearest;
            }
            let text = std::str::from_utf8(element).ok();
            let Some(address) = text.and_then(|it| read(it.trim())) else {
                return nearest;
            };
            nearest = address;
            if !trusted.trusts(address) {
                return nearest;
            }
        }
    }
    nearest
}

/// What stands behind the last comma outside quotes, and what stands before that comma.
fn split_last(line: &[u8]) -> (Option<&[u8]>, &[u8]) {
    let mut quoted = false;
    for (at, byte) in line.iter().enumerate().rev().take(ClientAddress::BYTES_MAX) {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => return (Some(&line[..at]), &line[at + 1..]),
            _ => {}
        }
    }
    (None, line)
}

/// An address of `X-Forwarded-For`: with a port or a zone, or without.
pub(super) fn plain(text: &str) -> Option<IpAddr> {
    let bare = match text.strip_prefix('[') {
        Some(inside) => {
            let (address, port) = inside.split_once(']')?;
            is_port(port).then_some(address)?
        }
        None => text,
    };
    let bare = bare
        .split_once('%')
        .map_or(bare, |(address, _zone)| address);
    let address = bare.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|it| it.ip());
    address.or_else(with_port).map(|it| it.to_canonical())
}

fn is_port(text: &str) -> bool {
    let digits = |it: &str| it.parse::<u16>().is_ok();
    text.is_empty() || text.strip_prefix(':').is_some_and(digits)
}

/// The `for` of an element of `Forwarded`. `unknown` and hidden names are no addresses.
pub(super) fn forwarded(element: &str) -> Option<IpAddr> {
    let pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let mut of_client = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, value) = of_client.next()?;
    let value = value.trim();
    let inside = value.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    plain(inside.unwrap_or(value))
}
