//! What identity is made of, and how the settings become that.

use std::{sync::Arc, time::Duration};

use purlin_auth::{
    access::{Authenticators, BearerAuthenticator, RoleSet, SessionAuthenticator, TokensInForce},
    password::Passwords,
    refresh::RefreshTokens,
    session::{SessionChanges, Sessions},
    standing::Standing,
    token::{AccessTokens, SigningKeys},
};
use purlin_base::{
    BoxError,
    id::IdMaker,
    random::Rng,
    time::{Clock, SharedClock},
};
use purlin_http::csrf::CsrfTokens;
use purlin_runtime::CpuPool;
use purlin_sql::Db;

use super::{AuthConfig, Background, Identity, sessions};

/// How often rows that nothing depends on any more are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(10 * 60);

/// Rows of one kind that one round deletes at most.
const SWEPT_MAX: u32 = 1000;

/// What identity is made of.
#[derive(Clone)]
#[non_exhaustive]
pub struct IdentityParts {
    /// The settings.
    pub config: Arc<AuthConfig>,
    /// The roles.
    pub roles: Arc<RoleSet>,
    /// Where it is kept.
    pub db: Arc<Db>,
    /// The time.
    pub clock: SharedClock,
    /// Hashes and compares passwords.
    pub passwords: Arc<Passwords>,
    /// What access tokens are signed with.
    pub keys: Arc<SigningKeys>,
    /// Issues and verifies access tokens.
    pub access_tokens: Arc<AccessTokens>,
    /// Issues and rotates refresh tokens.
    pub refresh_tokens: Arc<RefreshTokens>,
    /// Which access tokens were revoked.
    pub standing: Arc<Standing>,
    /// The sessions of browsers.
    pub sessions: Arc<Sessions>,
    /// Changes of these that belong to a transaction of your own.
    pub session_changes: Arc<SessionChanges>,
    /// The tokens of forms.
    pub csrf: Arc<CsrfTokens>,
}

impl IdentityParts {
    /// Recognises callers by an access token that nobody has revoked, and then by the cookie of a
    /// session, whose unsafe requests must show a token of a form.
    pub fn authenticator(&self) -> Authenticators {
        let tokens = TokensInForce::new(
            (*self.access_tokens).clone(),
            (*self.keys).clone(),
            (*self.standing).clone(),
        );
        let roles = || (*self.roles).clone();
        let sessions = SessionAuthenticator::new(Arc::clone(&self.sessions), roles());
        Authenticators::first(BearerAuthenticator::new(tokens, roles()))
            .then(sessions.csrf(Arc::clone(&self.csrf)))
    }

    /// Adds what identity does again and again.
    pub(super) fn background(&self, background: Background) -> Background {
        let (keys, standing) = (Arc::clone(&self.keys), Arc::clone(&self.standing));
        let tokens = Arc::clone(&self.refresh_tokens);
        background
            .forever("signing keys", move || {
                SigningKeys::clone(&keys).keep_fresh()
            })
            .forever("revoked access tokens", move || {
                let standing = Standing::clone(&standing);
                async move { standing.run().await }
            })
            .every("old refresh tokens", SWEEP_EVERY, move || {
                let tokens = Arc::clone(&tokens);
                async move {
                    tokens.sweep(SWEPT_MAX).await?;
                    Ok(())
                }
            })
    }
}

/// Makes every part.
///
/// # Errors
///
/// A setting out of the bounds of its part, a key under another secret, or the database.
pub(super) async fn make<S: Identity>(
    config: Arc<AuthConfig>,
    roles: Arc<RoleSet>,
    db: Arc<Db>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    ids: Arc<IdMaker>,
    cpu: Arc<CpuPool>,
) -> Result<IdentityParts, BoxError> {
    let keys = SigningKeys::builder((*db).clone(), config.secret())
        .token_ttl(config.access_ttl())
        .clock(Arc::clone(&clock))
        .rng(Arc::clone(&rng));
    let keys = keys.open().await?;
    let standing = Standing::builder(&db)
        .access_ttl_max(config.access_ttl())
        .clock(Arc::clone(&clock));
    let standing = standing.load().await?;
    let access_tokens = AccessTokens::builder(config.issuer(), config.audience(), keys.ring())
        .ttl(config.access_ttl())
        .clock(Arc::clone(&clock))
        .rng(Arc::clone(&rng))
        .build()?;
    let refresh_tokens = RefreshTokens::builder(&standing, config.secret())
        .ttl(config.refresh_ttl())
        .grace(config.refresh_grace())
        .rng(Arc::clone(&rng))
        .ids((*ids).clone())
        .build()?;
    let passwords = Passwords::builder((*cpu).clone())
        .policy(S::password_policy()?)
        .rng(Arc::clone(&rng))
        .build()?;
    let (sessions, session_changes) = sessions::open::<S>(&config, &db, &clock, rng)?;
    Ok(IdentityParts {
        csrf: Arc::new(CsrfTokens::derived(config.secret())?),
        config,
        roles,
        db,
        clock,
        passwords: Arc::new(passwords),
        keys: Arc::new(keys),
        access_tokens: Arc::new(access_tokens),
        refresh_tokens: Arc::new(refresh_tokens),
        standing: Arc::new(standing),
        sessions,
        session_changes: Arc::new(session_changes),
    })
}
