//! Where the links of mails lead.

use purlin::auth::one_time::OneTimeToken;

use crate::settings::Settings;

/// Where the links of mails lead: the shop's public address. Never the `Host` of a request, which
/// whoever asks can choose.
pub struct Links {
    base: String,
}

impl Links {
    /// To `PUBLIC_URL`; where none is set, to this machine.
    pub fn of(settings: &Settings) -> Self {
        let local = || format!("http://127.0.0.1:{}", settings.port);
        let base = settings.public_url.clone().unwrap_or_else(local);
        Self {
            base: base.trim_end_matches('/').to_owned(),
        }
    }

    /// The page at `path`.
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The page at `path`, with a token. In the query, since pages work without scripts, which
    /// alone could read what stands behind `#`: no page of ours has links or pictures that lead
    /// elsewhere, `Referrer-Policy` is `same-origin`, and the log has no queries.
    pub fn with_token(&self, path: &str, token: &OneTimeToken) -> String {
        format!("{}{path}?token={}", self.base, token.reveal())
    }
}

#[cfg(test)]
mod tests {
    use purlin::core::config::{Config, Sources};

    use super::*;

    fn links(public_url: &'static str) -> Links {
        let sources = Sources::new().env([("PUBLIC_URL", public_url)]);
        Links::of(&Settings::load(&sources).unwrap())
    }

    #[test]
    fn links_lead_to_the_public_address_however_it_ends() {
        for url in ["https://shop.example", "https://shop.example/"] {
            assert_eq!(links(url).page("/login"), "https://shop.example/login");
        }
    }
}
