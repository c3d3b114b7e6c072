//! What a user may do now, for sessions that are not to keep it.

use purlin_base::BoxFuture;

use super::SessionError;

/// Says what a user may do now, for [sessions](super::SessionsBuilder::roles_of) that ask with each
/// load.
///
/// # Examples
///
/// ```
/// use purlin_auth::session::{RolesOfUser, SessionError};
/// use purlin_base::BoxFuture;
///
/// struct Everybody;
///
/// impl RolesOfUser for Everybody {
///     fn roles_of<'a>(
///         &'a self,
///         _user: &'a str,
///     ) -> BoxFuture<'a, Result<Option<Vec<String>>, SessionError>> {
///         Box::pin(async { Ok(Some(vec!["reader".to_owned()])) })
///     }
/// }
/// ```
pub trait RolesOfUser: Send + Sync + 'static {
    /// The roles of `user`; `None` if there is no such user, whose sessions are then nobody's.
    ///
    /// # Errors
    ///
    /// [`SessionError`] if it cannot be found out: nobody is let in because nobody could be asked.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when the caller hangs up.
    fn roles_of<'a>(
        &'a self,
        user: &'a str,
    ) -> BoxFuture<'a, Result<Option<Vec<String>>, SessionError>>;
}
