//! What admins can do with accounts.

use std::sync::Arc;

use purlin::{
    auth::{session::SessionChanges, standing::Standing},
    prelude::*,
    sql::{Tx, keyset::ListRequest},
};
use purlin_base::time::Clock;
use uuid::Uuid;

use super::{User, UserError, UserStore};
use crate::{
    audit::{AuditTrail, kind},
    roles::RoleName,
};

/// What admins can do with accounts.
#[injectable]
pub struct UserService {
    store: Arc<UserStore>,
    standing: Arc<Standing>,
    sessions: Arc<SessionChanges>,
    trail: Arc<AuditTrail>,
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
    /// [`UserError::NotFound`], [`UserError::LastAdmin`] if nobody else is an admin and these roles
    /// do not include it, [`UserError::Session`], [`UserError::Audit`], [`UserError::Sql`].
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have changed the roles or not.
    pub async fn set_roles(&self, id: Uuid, roles: &[RoleName]) -> Result<User, UserError> {
        let (user, names) = (id.to_string(), roles.iter().map(|role| role.as_str()));
        let names: Vec<String> = names.map(str::to_owned).collect();
        let event = AuditTrail::event(kind::ROLES_CHANGED).user(&user);
        let event = event.detail("roles", &names.join(" "));
        let set = self.store.db.transaction(async |tx| {
            if !roles.contains(&RoleName::Admin) {
                self.keep_an_admin(tx, id).await?;
            }
            let changed = self.store.set_roles(tx, id, roles).await?;
            let changed = changed.ok_or(UserError::NotFound)?;
            let notice = self.standing.set_roles(tx, &user, &names).await?;
            let now = self.clock.now();
            self.sessions.set_roles_in(tx, &user, &names, now).await?;
            self.trail.record(tx, &event).await?;
            Ok::<_, UserError>((changed, notice))
        });
        let (changed, notice) = set.await?;
        notice.committed();
        Ok(changed)
    }

    /// Whoever takes the last admin's role away could not give it back.
    async fn keep_an_admin(&self, tx: &mut Tx, id: Uuid) -> Result<(), UserError> {
        let has_another = self.store.has_another_admin(tx, id).await?;
        let user = self.store.find_in(tx, id).await?;
        let user = user.ok_or(UserError::NotFound)?;
        match has_another || !user.roles.contains(&RoleName::Admin) {
            true => Ok(()),
            false => Err(UserError::LastAdmin),
        }
    }
}
