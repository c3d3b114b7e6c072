//! Who is at the other end, also behind proxies.
//!
//! The peer of the connection is the caller, unless it is a proxy that is trusted: then the
//! addresses that proxies noted are walked from the right, past all that are trusted, and the first
//! other one is the caller. What stands further left was written by the caller and is not looked
//! at.

use std::{
    convert::Infallible,
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, request::Parts};
use ipnet::IpNet;
use purlin_base::{Classified, ErrorClass, ErrorClasses};

use crate::edge::current;

mod hops;

/// The proxies whose word on addresses counts. Default: none.
///
/// # Examples
///
/// ```
/// use purlin_http::client_address::TrustedProxies;
///
/// let proxies: TrustedProxies = "10.0.0.0/8, 2001:db8::1".parse()?;
/// assert!(proxies.trusts("10.1.2.3".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    networks: Arc<[IpNet]>,
    field: Field,
}

#[derive(Clone, Copy, Debug, Default)]
enum Field {
    #[default]
    XForwardedFor,
    Forwarded,
}

impl TrustedProxies {
    /// Trusts `networks`. They write `X-Forwarded-For`.
    pub fn new(networks: impl IntoIterator<Item = IpNet>) -> Self {
        Self {
            networks: networks.into_iter().collect(),
            field: Field::default(),
        }
    }

    /// They write `Forwarded` (RFC 7239). Only one of the two fields is ever read: a proxy that
    /// writes one hands on the other as the caller sent it.
    pub fn forwarded(mut self) -> Self {
        self.field = Field::Forwarded;
        self
    }

    /// Whether `address` is one of them.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|net| net.contains(&address))
    }
}

/// A list of proxies holds what is neither an address nor a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither an address nor a network such as 10.0.0.0/8")]
pub struct InvalidProxy(pub String);

impl Classified for InvalidProxy {
    fn class(&self) -> ErrorClass {
        ErrorClass::Internal
    }

    fn code(&self) -> &'static str {
        "HTTP_TRUSTED_PROXY"
    }

    fn classes() -> ErrorClasses {
        ErrorClass::Internal.into()
    }
}

impl FromStr for TrustedProxies {
    type Err = InvalidProxy;

    /// Addresses and networks with commas between; an empty text is nobody.
    fn from_str(text: &str) -> Result<Self, InvalidProxy> {
        let named = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        let network = |it: &str| {
            let address = it
                .parse::<IpAddr>()
                .map(|it| IpNet::from(it.to_canonical()));
            address
                .or_else(|_| it.parse::<IpNet>())
                .map_err(|_| InvalidProxy(it.to_owned()))
        };
        let networks: Result<Vec<_>, _> = named.map(network).collect();
        networks.map(Self::new)
    }
}

/// The address of the caller. An extractor; `None` inside where the connection is not known.
///
/// The peer comes from [`Server`](crate::Server), or from axum's own [`ConnectInfo`]; the trusted
/// proxies are those of [`Edge::trusted_proxies`](crate::Edge::trusted_proxies).
///
/// # Examples
///
/// ```
/// use http::HeaderMap;
/// use purlin_http::client_address::{ClientAddress, TrustedProxies};
///
/// let mut headers = HeaderMap::new();
/// headers.insert("x-forwarded-for", "6.6.6.6, 203.0.113.7".parse()?);
/// let peer = "10.0.0.1".parse()?;
/// let nobody = TrustedProxies::default();
/// assert_eq!(ClientAddress::resolve(peer, &headers, &nobody).key(64), "10.0.0.1");
/// let proxies = "10.0.0.0/8".parse()?;
/// assert_eq!(ClientAddress::resolve(peer, &headers, &proxies).key(64), "203.0.113.7");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(Option<IpAddr>);

impl ClientAddress {
    /// Bits of an IPv6 address that a key holds, unless told otherwise: a caller commonly has a
    /// whole /64.
    pub const IPV6_PREFIX_DEFAULT: u8 = 64;
    /// Addresses that are walked, at most; the caller is then the last one walked.
    pub const HOPS_MAX: usize = 32;
    /// Bytes of the field that are walked, from the right.
    pub const BYTES_MAX: usize = 4096;

    /// The caller behind `peer`, as far as `trusted` proxies say in `headers`.
    pub fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> Self {
        let peer = peer.to_canonical();
        if !trusted.trusts(peer) {
            return Self(Some(peer));
        }
        Self(Some(match trusted.field {
            Field::XForwardedFor => {
                hops::walk(peer, headers, trusted, "x-forwarded-for", hops::plain)
            }
            Field::Forwarded => hops::walk(peer, headers, trusted, "forwarded", hops::forwarded),
        }))
    }

    /// The caller of the request with this head.
    pub fn of(parts: &Parts) -> Self {
        let (peer, trusted) = current::peer_and_proxies();
        let info = || parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.or_else(|| info().map(|info| info.0.ip()));
        match peer {
            Some(peer) => Self::resolve(peer, &parts.headers, &trusted),
            None => Self(None),
        }
    }

    /// The address, IPv4 in its own form; `None` where the connection is not known.
    pub fn ip(&self) -> Option<IpAddr> {
        self.0
    }

    /// What to count by: IPv4 as it is, IPv6 by its network of `ipv6_prefix` bits (at most 128):
    /// `2001:db8::/64`. `unknown` where the connection is not known.
    pub fn key(&self, ipv6_prefix: u8) -> String {
        let prefix = ipv6_prefix.min(128);
        match self.0 {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                let network = Ipv6Addr::from_bits(address.to_bits() & mask);
                format!("{network}/{prefix}")
            }
        }
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => address.fmt(f),
            None => f.write_str("unknown"),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

impl crate::openapi::DescribeArgument for ClientAddress {
    fn describe(_: &mut crate::openapi::Operation<'_>) {}
}
