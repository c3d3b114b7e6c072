//! What admins can do with accounts.

use std::sync::Arc;

use purlin::{auth::standing::Standing, prelude::*, sql::keyset::ListRequest};
use uuid::Uuid;

use super::{User, UserError, UserStore};
use crate::roles::RoleName;

/// What admins can do with accounts.
#[injectable]
pub struct UserService {
    store: Arc<UserStore>,
    standing: Arc<Standing>,
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

    /// Gives the account `id` `roles`, the least first, in place of those it has. Access tokens
    /// that its owner holds have them too, at once here and within a second elsewhere.
    ///
    /// # Errors
    ///
    /// [`UserError::NotFound`], [`UserError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have changed the roles or not.
    pub async fn set_roles(&self, id: Uuid, roles: &[RoleName]) -> Result<User, UserError> {
        let names: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        let set = self.store.db.transaction(async |tx| {
            let user = self.store.set_roles(tx, id, roles).await?;
            let user = user.ok_or(UserError::NotFound)?;
            let told = self.standing.set_roles(tx, &id.to_string(), &names).await?;
            Ok::<_, UserError>((user, told))
        });
        let (user, told) = set.await?;
        told.committed();
        Ok(user)
    }
}
