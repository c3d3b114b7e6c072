//! An account as the database keeps it.

use purlin::sql::{FromRow, Json, Query};
use purlin_base::Timestamp;
use uuid::Uuid;

use super::{EmailAddress, User};
use crate::roles::RoleName;

/// A row of `users`.
#[derive(FromRow)]
pub(super) struct UserRow {
    pub(super) id: Uuid,
    email: String,
    name: String,
    password_hash: String,
    #[row(json)]
    roles: Vec<RoleName>,
    verified_at: Option<Timestamp>,
    created_at: Timestamp,
}

/// What an account may do.
#[derive(FromRow)]
pub(super) struct RolesRow {
    #[row(json)]
    pub(super) roles: Vec<RoleName>,
}

impl From<UserRow> for User {
    fn from(row: UserRow) -> Self {
        Self {
            id: row.id,
            email: EmailAddress::stored(row.email),
            name: row.name,
            password_hash: row.password_hash,
            roles: row.roles,
            verified_at: row.verified_at,
            created_at: row.created_at,
        }
    }
}

/// The columns of an account, with what stands around them.
macro_rules! with_columns {
    ($($before:literal)? ; $($behind:literal)?) => {
        concat!(
            $($before,)?
            "id, email, name, password_hash, roles, verified_at, created_at",
            $($behind)?
        )
    };
}

/// Every account: the beginning of a `select`.
pub(super) const SELECT: &str = with_columns!("select "; " from users");

/// The account with one id.
pub(super) const SELECT_BY_ID: &str = with_columns!("select "; " from users where id = $1");

/// The account with one address in lower case.
pub(super) const SELECT_BY_KEY: &str = with_columns!("select "; " from users where email_key = $1");

/// Replaces the roles of the account with one id.
pub(super) const SET_ROLES: &str =
    with_columns!("update users set roles = $1 where id = $2 returning "; );

/// Holds the account with one id and one password hash until the transaction ends, and reads it.
/// Written though nothing changes: whoever sets the password or the roles comes before or after.
pub(super) const HOLD: &str = with_columns!(
    "update users set password_hash = password_hash where id = $1 and password_hash = $2 returning ";
);

/// Whether some other account than that with one id is an admin's. Roles are written by their
/// names, none of which is a part of another in quotation marks.
pub(super) const ANOTHER_ADMIN: &str = "select 1 from users where id <> $1 and \
     cast(roles as text) like '%\"admin\"%' limit 1";

/// Writes `user`, new, unless there is one with its address.
pub(super) fn insert(user: &User) -> Query {
    Query::new(
        "insert into users (id, email, email_key, name, password_hash, roles, verified_at, \
         created_at) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (email_key) do nothing",
    )
    .bind(user.id)
    .bind(user.email.as_str())
    .bind(user.email.key())
    .bind(&user.name)
    .bind(&user.password_hash)
    .bind(Json(&user.roles))
    .bind(user.verified_at)
    .bind(user.created_at)
}
