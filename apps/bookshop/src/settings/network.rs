//! Addresses of other machines, one or many.

use std::{borrow::Cow, net::IpAddr};

use purlin::core::config::{Invalid, Setting};

/// A network: the addresses whose first `prefix` bits are those of `address`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// One of its addresses.
    pub address: IpAddr,
    /// Bits that all have in common: 0 to 32, or to 128.
    pub prefix: u8,
}

impl Network {
    fn read(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Some(bits), |prefix| prefix.parse().ok())?;
        (prefix <= bits).then_some(Self { address, prefix })
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl Setting for Network {
    fn form() -> Cow<'static, str> {
        "an address or a network such as 10.0.0.0/8".into()
    }

    fn from_text(text: &str) -> Result<Self, Invalid> {
        Self::read(text).ok_or_else(Invalid::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_network_of_one() {
        let one = Network::read("::1").unwrap();
        assert_eq!((one.address, one.prefix), ("::1".parse().unwrap(), 128));
    }

    #[test]
    fn a_prefix_that_is_longer_than_the_address_is_refused() {
        assert!(Network::read("10.0.0.0/32").is_some());
        for text in ["10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "/8", "x"] {
            assert_eq!(Network::read(text), None, "{text}");
        }
    }
}
