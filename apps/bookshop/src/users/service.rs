//! What admins can do with accounts.

use std::sync::Arc;

use purlin::{
    auth::{session::SqlSessionStore, standing::Standing},
    prelude::*,
    sql::keyset::ListRequest,
};
use purlin_base::time::Clock;
use uuid::Uuid;

use super::{User, UserError, UserStore};
use crate::roles::RoleName;

/// What admins can do with accounts.
#[injectable]
pub struct UserService {
    store: Arc<UserStore>,
    standing: Arc<Standing>,
    sessions: Arc<SqlSessionStore>,
    clock: Arc<dyn Clock>,
}

impl UserService {
    /// One page of all accounts, the oldest first.
    ///
    /// # Errors
    ///
    /// [`UserError::List`].
    pub async fn list(
        &self,
        request: ListRequest<'_>,
    ) -> Result<purlin_base::Page<User>, UserError> {
        Ok(self.store.list(request).await?)
    }

    /// The account `id`.
    ///
    /// # Errors
    ///
    /// [`UserError::NotFound`], [`UserError::Sql`].
    pub async fn read(&self, id: Uuid) -> Result<User, UserError> {
        self.store.find(id).await?.ok_or(UserError::NotFound)
    }

    /// Gives the account `id` `roles`, the least first, in place of those it has: its access tokens and
    /// sessions have them at once, in other processes within a second.
    ///
    /// # Errors
    ///
    /// [`UserError::NotFound`], [`UserError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have changed the roles or not.
    pub async fn set_roles(&self, id: Uuid, roles: &[RoleName]) -> Result<User, UserError> {
        let (user, names) = (id.to_string(), roles.iter().map(|role| role.as_str()));
        let names: Vec<String> = names.map(str::to_owned).collect();
        let set = self.store.db.transaction(async |tx| {
            let changed = self.store.set_roles(tx, id, roles).await?;
            let changed = changed.ok_or(UserError::NotFound)?;
            let notice = self.standing.set_roles(tx, &user, &names).await?;
            let now = self.clock.now();
            self.sessions.set_roles_in(tx, &user, &names, now).await?;
            Ok::<_, UserError>((changed, notice))
        });
        let (changed, notice) = set.await?;
        notice.committed();
        Ok(changed)
    }
}
