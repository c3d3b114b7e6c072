//! Sign-ins: begun, carried on, ended.

use std::sync::Arc;

use purlin::{
    auth::{
        refresh::{Device, RefreshTokens},
        standing::Notice,
        token::AccessTokens,
    },
    prelude::*,
    sql::Tx,
};
use uuid::Uuid;

use super::{Credentials, IdentityError, TokenView};
use crate::users::{User, UserStore};

/// Signs people in and out.
#[injectable]
pub struct SignInService {
    db: Arc<Db>,
    credentials: Arc<Credentials>,
    users: Arc<UserStore>,
    tokens: Arc<AccessTokens>,
    refresh: Arc<RefreshTokens>,
}

/// A sign-in, begun or carried on.
pub struct SignIn {
    /// The access token.
    pub token: TokenView,
    /// The refresh token, for its cookie.
    pub refresh_token: String,
    /// When the refresh token ends.
    pub ends_at: Timestamp,
}

impl SignInService {
    /// Begins a sign-in on `device`, which its owner will know it by.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Credentials`] and the failures of what it asks.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped may have begun a sign-in that nobody holds; it ends by itself.
    pub async fn begin(
        &self,
        email: &str,
        password: &str,
        device: &Device,
    ) -> Result<SignIn, IdentityError> {
        let user = self.credentials.check(email, password).await?;
        let begin = self.db.transaction(async |tx| {
            // A password that was changed since it was compared must not sign anybody in.
            if !self
                .users
                .has_hash(tx, user.id, &user.password_hash)
                .await?
            {
                return Err(IdentityError::Credentials);
            }
            Ok(self.refresh.begin(tx, &user.id.to_string(), device).await?)
        });
        let begun = begin.await?;
        Ok(SignIn {
            token: self.issue(&user, begun.family)?,
            refresh_token: begun.token,
            ends_at: begun.expires_at,
        })
    }

    /// Carries on the sign-in whose refresh token is `shown`.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Refresh`]; a token that was spent before has ended its whole sign-in.
    pub async fn carry_on(&self, shown: &str) -> Result<SignIn, IdentityError> {
        let redeemed = self.refresh.redeem(shown).await?;
        let id = redeemed.user.parse::<Uuid>();
        let id = id.map_err(|_| IdentityError::NoAccount)?;
        let user = self.users.find(id).await?;
        let user = user.ok_or(IdentityError::NoAccount)?;
        Ok(SignIn {
            token: self.issue(&user, redeemed.family)?,
            refresh_token: redeemed.token,
            ends_at: redeemed.expires_at,
        })
    }

    /// Ends the sign-in with the refresh token `shown`, and `family`, which is one of `user`. What
    /// is not there is no fault.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Sql`].
    pub async fn end(
        &self,
        shown: Option<&str>,
        proved: Option<(&str, Uuid)>,
    ) -> Result<(), IdentityError> {
        self.ending(async |tx| {
            let mut ended = Vec::new();
            if let Some(shown) = shown {
                ended.push(self.refresh.revoke_shown(tx, shown).await?);
            }
            if let Some((user, family)) = proved {
                ended.push(self.refresh.revoke_family(tx, user, family).await?);
            }
            Ok(ended)
        })
        .await
    }

    /// Ends every sign-in of `user`, and of whoever the refresh token `shown` is good for.
    ///
    /// # Errors
    ///
    /// [`IdentityError::Sql`].
    pub async fn end_everywhere(
        &self,
        shown: Option<&str>,
        user: Option<&str>,
    ) -> Result<(), IdentityError> {
        // Only a token that is good speaks for its owner; using it up is what ends it.
        let owner = match shown {
            Some(shown) => self.refresh.redeem(shown).await.ok(),
            None => None,
        };
        let owner = owner.as_ref().map(|redeemed| redeemed.user.as_str());
        self.ending(async |tx| {
            let mut ended = Vec::new();
            for user in owner.into_iter().chain(user) {
                ended.push(self.refresh.revoke_all(tx, user).await?);
            }
            Ok(ended)
        })
        .await
    }

    async fn ending(
        &self,
        end: impl AsyncFnOnce(&mut Tx) -> Result<Vec<Notice>, SqlError>,
    ) -> Result<(), IdentityError> {
        let ended = self.db.transaction(end).await?;
        ended.into_iter().for_each(Notice::committed);
        Ok(())
    }

    fn issue(&self, user: &User, family: Uuid) -> Result<TokenView, IdentityError> {
        let issued = self.tokens.issue(&user.principal(), Some(family))?;
        Ok(TokenView {
            access_token: issued.token,
            token_type: "Bearer",
            expires_in: issued.expires_in.as_secs(),
        })
    }
}
