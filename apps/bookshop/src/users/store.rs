//! Accounts in the database: the statements, and nothing about who may send them.

use std::sync::Arc;

use purlin::{
    prelude::*,
    sql::{
        Json as JsonColumn, Query, Tx,
        cursor::CursorSigner,
        keyset::{Keyset, ListError, ListRequest},
    },
};
use uuid::Uuid;

use super::{
    EmailAddress, User,
    row::{
        self, ANOTHER_ADMIN, HOLD, RolesRow, SELECT, SELECT_BY_ID, SELECT_BY_KEY, SET_ROLES,
        UserRow,
    },
};
use crate::roles::RoleName;

/// Accounts in the database.
#[injectable]
pub struct UserStore {
    pub(super) db: Arc<Db>,
    signer: Arc<CursorSigner>,
}

impl UserStore {
    /// One page of all accounts, the oldest first.
    ///
    /// # Errors
    ///
    /// [`ListError`]: no such page, or the database.
    pub async fn list(
        &self,
        request: ListRequest<'_>,
    ) -> Result<purlin_base::Page<User>, ListError> {
        let order = Keyset::<UserRow>::named("id").unique("id", |user| user.id);
        let select = Query::new(SELECT);
        let page = order.fetch(self.db.read(), &self.signer, request, select);
        Ok(page.await?.map(User::from))
    }

    /// The account `id`, if there is one.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn find(&self, id: Uuid) -> Result<Option<User>, SqlError> {
        let find = self.db.read().query(SELECT_BY_ID).bind(id);
        Ok(find.fetch_optional::<UserRow>().await?.map(User::from))
    }

    /// The account `id` as `tx` sees it, if there is one.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn find_in(&self, tx: &mut Tx, id: Uuid) -> Result<Option<User>, SqlError> {
        let find = tx.query(SELECT_BY_ID).bind(id);
        Ok(find.fetch_optional::<UserRow>().await?.map(User::from))
    }

    /// The account `id` if its password hash is `hash` still, held until `tx` ends: whatever is
    /// begun in `tx` by that password is seen by whoever sets another.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn hold(&self, tx: &mut Tx, id: Uuid, hash: &str) -> Result<Option<User>, SqlError> {
        let hold = tx.query(HOLD).bind(id).bind(hash);
        Ok(hold.fetch_optional::<UserRow>().await?.map(User::from))
    }

    /// Whether there is an admin beside the account `id`. Until `tx` ends nobody else finds out:
    /// of two admins who are made something else at once, one is the last.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn has_another_admin(&self, tx: &mut Tx, id: Uuid) -> Result<bool, SqlError> {
        // SQLite has one writer.
        if tx.db().engine() == "postgres" {
            let lock = "select 1::bigint from (select pg_advisory_xact_lock(\
                        hashtextextended('bookshop admins', 0))) as locked";
            tx.query(lock).fetch_all::<(i64,)>().await?;
        }
        let another = tx.query(ANOTHER_ADMIN).bind(id);
        Ok(another.fetch_optional::<(i64,)>().await?.is_some())
    }

    /// The account with the address `email`, whatever the case it is written in.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn find_by_email(&self, email: &EmailAddress) -> Result<Option<User>, SqlError> {
        let find = self.db.read().query(SELECT_BY_KEY).bind(email.key());
        Ok(find.fetch_optional::<UserRow>().await?.map(User::from))
    }

    /// Adds `user` in `tx`, unless its address is in use, and returns who then has the address.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn insert(&self, tx: &mut Tx, user: &User) -> Result<User, SqlError> {
        tx.query(row::insert(user)).execute().await?;
        // Asked also after a success, so that the answer takes as long either way.
        let owner = tx.query(SELECT_BY_KEY).bind(user.email.key());
        Ok(owner.fetch_one::<UserRow>().await?.into())
    }

    /// Puts `new` in place of the password hash `old` of the account `id`, and says whether it did:
    /// not if the hash has changed since it was read, and so the password with it.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn swap_hash(&self, id: Uuid, old: &str, new: &str) -> Result<bool, SqlError> {
        let swap = "update users set password_hash = $1 where id = $2 and password_hash = $3";
        let swap = self.db.write(swap).bind(new).bind(id).bind(old);
        Ok(swap.execute().await? > 0)
    }

    /// Sets the password hash of the account `id` in `tx`, whatever it was; false if there is no
    /// such account. For a password that was reset.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn set_hash(&self, tx: &mut Tx, id: Uuid, new: &str) -> Result<bool, SqlError> {
        let set = "update users set password_hash = $1 where id = $2";
        Ok(tx.query(set).bind(new).bind(id).execute().await? > 0)
    }

    /// Notes in `tx` that the owner of the account `id` has its address; false if there is no such
    /// account. The first time counts.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn verify(&self, tx: &mut Tx, id: Uuid, now: Timestamp) -> Result<bool, SqlError> {
        let verify = "update users set verified_at = coalesce(verified_at, $1) where id = $2";
        Ok(tx.query(verify).bind(now).bind(id).execute().await? > 0)
    }

    /// Gives the account `id` `roles` in place of those it has, in `tx`, and returns it; `None` if
    /// there is no such account.
    ///
    /// # Errors
    ///
    /// [`SqlError`].
    pub async fn set_roles(
        &self,
        tx: &mut Tx,
        id: Uuid,
        roles: &[RoleName],
    ) -> Result<Option<User>, SqlError> {
        let set = tx.query(SET_ROLES).bind(JsonColumn(roles)).bind(id);
        Ok(set.fetch_optional::<UserRow>().await?.map(User::from))
    }
}

/// The roles that `user`, the text of an id, has now; `None` if there is no such account. For
/// sessions, which know users by text.
///
/// # Errors
///
/// [`SqlError`].
pub async fn roles_of(db: &Db, user: &str) -> Result<Option<Vec<String>>, SqlError> {
    let Ok(id) = user.parse::<Uuid>() else {
        return Ok(None);
    };
    let select = db.read().query("select roles from users where id = $1");
    let found = select.bind(id).fetch_optional::<RolesRow>().await?;
    let names = |row: RolesRow| {
        row.roles
            .iter()
            .map(|role| role.as_str().to_owned())
            .collect()
    };
    Ok(found.map(names))
}
