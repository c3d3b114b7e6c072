//! Opens accounts, and gives nobody away who has one.

use std::sync::Arc;

use purlin::{
    auth::one_time::{OneTimeTokens, Purpose},
    prelude::*,
    sql::Tx,
};
use purlin_base::{id::IdMaker, time::Clock};

use super::{
    EmailAddress, FORGOT_PATH, PasswordKeeper, Registration, User, UserError, UserStore,
    VERIFY_PATH,
};
use crate::{
    mails::{Links, Mail, MailOutbox},
    roles::RoleName,
};

const DAY_MICROS: i64 = 24 * 60 * 60 * 1_000_000;

/// Opens accounts.
#[injectable]
pub struct RegisterService {
    store: Arc<UserStore>,
    passwords: Arc<dyn PasswordKeeper>,
    tokens: Arc<OneTimeTokens>,
    mails: Arc<MailOutbox>,
    links: Arc<Links>,
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
    /// Opens an account with the role `reader`, and sends its owner a link to confirm the address
    /// by. The account can sign in before.
    ///
    /// An address in use gets the same answer after the same work: a hash, and a mail. The mail
    /// tells its owner, at most once a day, and the account stays as it is.
    ///
    /// # Errors
    ///
    /// [`UserError::Email`], [`UserError::Password`], [`UserError::Hash`], [`UserError::Token`],
    /// [`UserError::Sql`].
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
    async fn keep(&self, user: &User) -> Result<(), UserError> {
        let keep = self.store.db.transaction(async |tx| {
            let owner = self.store.insert(tx, user).await?;
            let mail = match owner.id == user.id {
                true => self.welcome(tx, &owner).await?,
                false => self.taken(&owner, user.created_at),
            };
            self.mails.add(tx, mail).await?;
            Ok::<_, UserError>(())
        });
        keep.await
    }

    /// No word of it was written by whoever registered: it may not be the owner of the address.
    async fn welcome(&self, tx: &mut Tx, owner: &User) -> Result<Mail, UserError> {
        let (id, about) = (owner.id.to_string(), owner.email.key());
        let token = self.tokens.issue(tx, &Purpose::VERIFY_EMAIL, &id, &about);
        let confirm = self.links.with_token(VERIFY_PATH, &token.await?);
        let forgot = self.links.page(FORGOT_PATH);
        Ok(Mail {
            recipient: owner.email.to_string(),
            subject: "Your account at the bookshop",
            body: format!(
                "An account at the bookshop was opened with this address. You can sign in at once. \
                 Confirm within a day that the address is yours:\n\n{confirm}\n\n\
                 If it was not you, somebody mistyped an address: reset the password, and the \
                 account is yours.\n\n{forgot}\n"
            ),
            kind: "account.registered",
            once_key: Some(format!("account.registered:{id}")),
        })
    }

    fn taken(&self, owner: &User, now: Timestamp) -> Mail {
        let day = now.unix_micros().div_euclid(DAY_MICROS);
        let forgot = self.links.page(FORGOT_PATH);
        Mail {
            recipient: owner.email.to_string(),
            subject: "You have an account at the bookshop already",
            body: format!(
                "Somebody tried to open an account at the bookshop with this address, which has \
                 one. If it was you, sign in, or reset the password:\n\n{forgot}\n\n\
                 If not, there is nothing to do: nothing was changed.\n"
            ),
            kind: "account.address-taken",
            once_key: Some(format!("account.address-taken:{}:{day}", owner.id)),
        }
    }
}
