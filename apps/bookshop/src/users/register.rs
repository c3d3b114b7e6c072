//! Opens accounts, and gives nobody away who has one.

use std::sync::Arc;

use purlin::prelude::*;
use purlin_base::{id::IdMaker, time::Clock};

use super::{EmailAddress, PasswordKeeper, Registration, User, UserError, UserStore};
use crate::{
    mails::{Mail, MailOutbox},
    roles::RoleName,
};

const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// Opens accounts.
#[injectable]
pub struct RegisterService {
    store: Arc<UserStore>,
    passwords: Arc<dyn PasswordKeeper>,
    mails: Arc<MailOutbox>,
    ids: Arc<IdMaker>,
    clock: Arc<dyn Clock>,
}

/// What whoever registered is told: what they said, and so nothing about anybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    /// The address.
    pub email: EmailAddress,
    /// The name.
    pub name: String,
}

impl RegisterService {
    /// Opens an account with the role `reader`.
    ///
    /// An address in use gets the same answer after the same work: a hash, and a mail. The mail
    /// tells its owner, at most once a day, and the account stays as it is.
    ///
    /// # Errors
    ///
    /// [`UserError::Email`], [`UserError::Password`], [`UserError::Hash`], [`UserError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have opened the account or not.
    pub async fn register(&self, wanted: Registration) -> Result<Registered, UserError> {
        let email: EmailAddress = wanted.email.parse()?;
        self.passwords
            .judge(&wanted.password)
            .map_err(UserError::Password)?;
        let hash = self.passwords.hash(&wanted.password).await;
        let user = User {
            id: self.ids.make(),
            email,
            name: wanted.name,
            password_hash: hash.map_err(UserError::Hash)?,
            roles: vec![RoleName::Reader],
            verified_at: None,
            created_at: self.clock.now(),
        };
        self.keep(&user).await?;
        let User { email, name, .. } = user;
        Ok(Registered { email, name })
    }

    /// Adds `user`, or else tells who has the address already.
    async fn keep(&self, user: &User) -> Result<(), SqlError> {
        let keep = self.store.db.transaction(async |tx| {
            let owner = self.store.insert(tx, user).await?;
            let mail = match owner.id == user.id {
                true => welcome(&owner),
                false => taken(&owner, user.created_at),
            };
            self.mails.add(tx, mail).await
        });
        keep.await.map(drop)
    }
}

/// No word of it was written by whoever registered: it may not be the owner of the address.
fn welcome(owner: &User) -> Mail {
    Mail {
        recipient: owner.email.to_string(),
        subject: "Your account at the bookshop",
        body:
            "An account at the bookshop was opened with this address. You can sign in at once.\n\n\
               If it was not you, somebody mistyped an address: reset the password, and the \
               account is yours.\n"
                .to_owned(),
        kind: "account.registered",
        once_key: Some(format!("account.registered:{}", owner.id)),
    }
}

fn taken(owner: &User, now: Timestamp) -> Mail {
    let day = now.unix_micros().div_euclid(DAY_MICROS);
    Mail {
        recipient: owner.email.to_string(),
        subject: "You have an account at the bookshop already",
        body: "Somebody tried to open an account at the bookshop with this address, which has \
               one. If it was you, sign in, or reset the password. If not, there is nothing to do: \
               nothing was changed.\n"
            .to_owned(),
        kind: "account.address-taken",
        once_key: Some(format!("account.address-taken:{}:{day}", owner.id)),
    }
}
