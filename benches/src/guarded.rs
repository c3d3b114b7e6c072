//! One row by its id behind a bearer token, a role and a rate limit, with every default layer.

use std::{env, error::Error};

use purlin::{
    auth::{
        Authenticator, Role, RoleGuard, RoleSet,
        access::{BearerAuthenticator, TokensInForce},
    },
    http::limit::{Limit, LimitBy, LimitRule, Quota, RateLimits},
    prelude::*,
};
use purlin_auth::{
    MIGRATIONS,
    standing::Standing,
    token::{AccessTokens, Algorithm, SigningKeys},
};

use crate::ours::{Book, ReadError, RowModule, find};

/// The role that is asked for.
#[derive(Debug)]
pub struct Staff;

impl Role for Staff {
    const NAME: &'static str = "staff";
}

/// Knows the tokens of this process.
pub type Tokens = BearerAuthenticator<TokensInForce>;

/// Lets staff pass.
pub type StaffGuard = RoleGuard<Staff>;

/// Books read over HTTP by staff.
#[injectable]
pub struct GuardedController {
    db: Arc<Db>,
}

#[controller("/guarded/books")]
impl GuardedController {
    #[get("/{id}")]
    #[guard(StaffGuard)]
    async fn read(&self, Path(id): Path<String>) -> Result<Json<Book>, ReadError> {
        find(&self.db, id).await
    }
}

/// The endpoint, and who may call it.
#[module(
    imports(RowModule),
    providers(
        RoleSet = factory(RoleSet::of::<Staff>),
        Tokens as dyn Authenticator = factory(open),
        StaffGuard,
    ),
    controllers(GuardedController)
)]
pub struct GuardedModule;

/// Keys in a database of their own, and one token on standard output, for the load.
async fn open(roles: Arc<RoleSet>) -> Result<Tokens, Box<dyn Error + Send + Sync>> {
    let db = Db::connect("sqlite::memory:").await?;
    db.migrate(&MIGRATIONS).await?;
    let name = env::var("ALGORITHM").unwrap_or_else(|_| "EdDSA".to_owned());
    let algorithm = Algorithm::from_name(&name).ok_or("unknown algorithm")?;
    let keys = SigningKeys::builder(db.clone(), b"a secret of thirty-two bytes and more")
        .algorithm(algorithm)
        .open()
        .await?;
    let standing = Standing::builder(&db).load().await?;
    let tokens = AccessTokens::builder("bench", "bench", keys.ring()).build()?;
    let issued = tokens.issue(&roles.principal("user-7", ["staff"]), None)?;
    println!("token {}", issued.token);
    let in_force = TokensInForce::new(tokens, keys, standing);
    Ok(BearerAuthenticator::new(in_force, (*roles).clone()))
}

/// The application, listening on loopback at `port`. Its limit counts and is not reached.
///
/// # Errors
/// The limit is out of bounds.
pub fn app(port: u16) -> Result<App, Box<dyn Error>> {
    let quota = Quota::per_second(100_000);
    let limit = Limit::builder(quota).by(LimitBy::user()).build()?;
    let limits = RateLimits::new().rule(LimitRule::below(["/guarded"], limit));
    Ok(App::of::<GuardedModule>()
        .limits(limits)
        .listen(std::net::Ipv4Addr::LOCALHOST.into(), port)
        .management_port(0))
}
