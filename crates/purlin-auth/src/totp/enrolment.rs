//! What an app is given, and reading a factor back.

use std::fmt::{self, Write};

use purlin_sql::{FromRow, Tx};

use super::{Totp, TotpError, base32, code::SECRET_BYTES};

/// Characters of the account that an app shows.
const ACCOUNT_CHARS_MAX: usize = 128;

/// A second factor that was begun. It holds the secret, so `Debug` hides it.
#[derive(Clone)]
pub struct Enrolment {
    secret: String,
    uri: String,
}

impl Enrolment {
    pub(super) fn new(issuer: &str, account: &str, secret: &[u8]) -> Self {
        let account: String = account
            .chars()
            .filter(|c| *c != ':' && !c.is_control())
            .take(ACCOUNT_CHARS_MAX)
            .collect();
        let (issuer, account) = (encoded(issuer), encoded(&account));
        let secret = base32::encode(secret).to_ascii_uppercase();
        let uri = format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}\
             &algorithm=SHA1&digits=6&period=30"
        );
        Self { secret, uri }
    }

    /// The address that an app reads from a QR code. A secret: never for logs, and not for a
    /// service that draws QR codes.
    ///
    /// # Source
    ///
    /// Google Authenticator's Key URI Format.
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The secret in base32, for typing it in: 32 characters. Never for logs.
    pub fn secret(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Enrolment(hidden)")
    }
}

/// `text` as a part of an address: all but unreserved characters by their bytes.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => _ = write!(out, "%{byte:02X}"),
        }
        out
    })
}

/// A factor as it stands, opened.
pub(super) struct Factor {
    pub(super) secret: [u8; SECRET_BYTES],
    pub(super) sealed: Vec<u8>,
    pub(super) last_step: i64,
    pub(super) is_confirmed: bool,
}

#[derive(FromRow)]
struct FactorRow {
    sealed: Vec<u8>,
    last_step: i64,
    confirmed_at: Option<purlin_base::Timestamp>,
}

impl Totp {
    pub(super) async fn find(&self, tx: &mut Tx, user: &str) -> Result<Option<Factor>, TotpError> {
        let find = "select sealed, last_step, confirmed_at from auth_totp where user_id = $1";
        let row = tx.query(find).bind(user).fetch_optional::<FactorRow>();
        let Some(row) = row.await? else {
            return Ok(None);
        };
        let opened = self.keys.open(user, &row.sealed);
        Ok(Some(Factor {
            secret: opened.ok_or(TotpError::Seal)?,
            sealed: row.sealed,
            last_step: row.last_step,
            is_confirmed: row.confirmed_at.is_some(),
        }))
    }
}
