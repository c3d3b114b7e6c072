//! Recovery codes, for who has lost the app.

use std::fmt;

use purlin_sql::{Query, SqlError, Tx};

use super::{Totp, TotpError, base32};

/// How many recovery codes there are, 10.
pub const RECOVERY_CODES: usize = 10;

/// Random bytes of a code: 120 bits, 24 letters.
///
/// # Source
///
/// OWASP ASVS 5, 6.5.2: from 112 bits on, a fast hash keeps a code as well as a slow one.
const CODE_BYTES: usize = 15;
const CODE_CHARS: usize = 24;

/// What is taken of what somebody types, with hyphens and spaces.
const TYPED_BYTES_MAX: usize = 64;

/// Recovery codes as their owner gets them, once. Each signs in once. `Debug` hides them.
#[derive(Clone)]
pub struct RecoveryCodes(Vec<String>);

impl RecoveryCodes {
    /// The codes, as `abcd-efgh-ijkl-mnop-qrst-uvwx`. Secrets: never for logs.
    pub fn reveal(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCodes(hidden)")
    }
}

impl Totp {
    /// Makes new recovery codes for `user`, who has a second factor; the old ones are void.
    ///
    /// # Errors
    ///
    /// [`TotpError::Wrong`] for a user without a second factor, [`TotpError::Sql`].
    pub async fn new_recovery_codes(
        &self,
        tx: &mut Tx,
        user: &str,
    ) -> Result<RecoveryCodes, TotpError> {
        // Written though nothing changes: two who make codes for one user come one after the
        // other, and a factor that is removed meanwhile leaves no codes behind.
        let hold = "update auth_totp set created_at = created_at \
             where user_id = $1 and confirmed_at is not null";
        if tx.query(hold).bind(user).execute().await? == 0 {
            return Err(TotpError::Wrong);
        }
        remove_all(tx, user).await?;
        let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| self.code()).collect();
        let rows = codes.iter().map(|code| {
            let key = self.keys.recovery(user, code);
            Query::new("($1, $2)").bind(user).bind(key)
        });
        let insert = Query::new("insert into auth_totp_recovery (user_id, key) values ")
            .push(Query::join(rows, ", "));
        tx.query(insert).execute().await?;
        Ok(RecoveryCodes(
            codes.iter().map(|code| grouped(code)).collect(),
        ))
    }

    /// Takes a recovery code in place of a code of the app, once. Returns how many are left.
    /// Case, hyphens and spaces do not count.
    ///
    /// # Errors
    ///
    /// [`TotpError::Wrong`] for a code that never was or was used, [`TotpError::Sql`].
    pub async fn recover(&self, tx: &mut Tx, user: &str, code: &str) -> Result<u64, TotpError> {
        let code = plain(code).ok_or(TotpError::Wrong)?;
        let delete = "delete from auth_totp_recovery where user_id = $1 and key = $2";
        let delete = tx
            .query(delete)
            .bind(user)
            .bind(self.keys.recovery(user, &code));
        if delete.execute().await? == 0 {
            return Err(TotpError::Wrong);
        }
        let count = "select count(*) from auth_totp_recovery where user_id = $1";
        let (left,) = tx.query(count).bind(user).fetch_one::<(u64,)>().await?;
        Ok(left)
    }

    fn code(&self) -> String {
        let mut bytes = [0; CODE_BYTES];
        self.rng.fill(&mut bytes);
        base32::encode(&bytes)
    }
}

pub(super) async fn remove_all(tx: &mut Tx, user: &str) -> Result<(), SqlError> {
    let delete = "delete from auth_totp_recovery where user_id = $1";
    tx.query(delete).bind(user).execute().await?;
    Ok(())
}

fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|four| four.iter().collect())
        .collect();
    groups.join("-")
}

/// The letters of what somebody typed; `None` if that is no code.
fn plain(typed: &str) -> Option<String> {
    if typed.len() > TYPED_BYTES_MAX {
        return None;
    }
    let letters = typed.chars().filter(|c| !matches!(c, '-' | ' '));
    let letters: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    let is_code = letters.len() == CODE_CHARS && letters.bytes().all(|b| b.is_ascii_alphanumeric());
    is_code.then_some(letters)
}
