//! What a user recognises a sign-in by.

use std::net::IpAddr;

/// Characters that are kept of a device's name.
pub const DEVICE_NAME_CHARS_MAX: usize = 200;

/// What a user recognises a sign-in by. Whoever signs in says it: show it as text, and trust
/// nothing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    name: String,
    address: Option<IpAddr>,
}

impl Device {
    /// A device by its name or `User-Agent`. Control characters are left out, and what is beyond
    /// [`DEVICE_NAME_CHARS_MAX`] characters.
    ///
    /// ```
    /// use purlin_auth::refresh::Device;
    /// assert_eq!(Device::new("Fire\0fox\n").name(), "Firefox");
    /// ```
    pub fn new(name: &str) -> Self {
        // Looked at is no more than could be kept, however long it is.
        let looked_at = name.chars().take(4 * DEVICE_NAME_CHARS_MAX);
        let plain = looked_at.filter(|c| !c.is_control());
        Self {
            name: plain.take(DEVICE_NAME_CHARS_MAX).collect(),
            address: None,
        }
    }

    /// And the address it signed in from.
    #[must_use]
    pub fn address(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// The name that is kept.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn address_text(&self) -> String {
        self.address
            .map_or_else(String::new, |address| address.to_string())
    }
}
