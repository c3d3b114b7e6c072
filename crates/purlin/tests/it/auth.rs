//! Identity in modules: guards that are injected, and work in the background.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use purlin::{
    App,
    auth::{
        AccessError, AuthConfig, AuthModule, Authenticator, Authenticators, Background, Identity,
        IdentityParts, MIGRATIONS, Permission, PermissionGuard, Role, RoleGuard, RoleRef, RoleSet,
        SignedInGuard, VisitorGuard,
        access::{BearerAuthenticator, Verified, VerifyToken},
        token::VerifiedToken,
    },
    base::{
        BoxError,
        id::IdMaker,
        lifecycle::{Lifecycle, StopReason},
        random::{OsRng, Rng},
        time::{Clock, ManualClock},
    },
    http::{Caller, Router},
    prelude::*,
    runtime::{CpuPool, cpu::CpuPoolError},
    sql::{Migrations, Schema, SqlConfig},
};
use tokio::sync::Notify;
use tower::ServiceExt;

struct Write;
impl Permission for Write {
    const NAME: &'static str = "write";
}

struct Staff;
impl Role for Staff {
    const NAME: &'static str = "staff";
    const PERMISSIONS: &'static [&'static str] = &[Write::NAME];
}

struct Admin;
impl Role for Admin {
    const NAME: &'static str = "admin";
    const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Staff>()];
}

type StaffGuard = RoleGuard<Staff>;
type WriteGuard = PermissionGuard<Write>;

struct Tables;

impl Schema for Tables {
    const MIGRATIONS: Migrations = Migrations::new("shop", &[]);
    const PARTS: &'static [Migrations] = &[MIGRATIONS];
}

#[module(
    providers(
        ManualClock as dyn Clock = value(ManualClock::new(Timestamp::UNIX_EPOCH)),
        OsRng as dyn Rng = value(OsRng),
        IdMaker = factory(ids),
    ),
    exports(dyn Clock, dyn Rng, IdMaker)
)]
struct WorldModule;

fn ids(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> IdMaker {
    IdMaker::new(clock, rng)
}

#[module(providers(CpuPool = factory(pool)), exports(CpuPool))]
struct ComputeModule;

fn pool() -> Result<CpuPool, CpuPoolError> {
    CpuPool::builder().threads(1).build()
}

/// The token is the name of a role.
struct Tokens(Arc<dyn Clock>);

impl VerifyToken for Tokens {
    async fn verify(&self, token: &str) -> Result<Verified, AccessError> {
        if token == "bad" {
            return Err(AccessError::token("it is bad"));
        }
        let principal = Principal::new("ada", [token]);
        let now = self.0.now();
        Ok(Verified {
            token: Arc::new(VerifiedToken::new(principal.clone(), "t-1", None, now, now)),
            principal,
        })
    }
}

struct Shop;

impl Identity for Shop {
    type Database = SqlModule<Tables>;
    type World = WorldModule;
    type Settings = ConfigModule<AuthConfig>;
    type Compute = ComputeModule;

    fn roles() -> RoleSet {
        RoleSet::of::<Admin>()
    }

    fn authenticator(parts: &IdentityParts) -> Result<Arc<dyn Authenticator>, BoxError> {
        let tokens = Tokens(Arc::clone(&parts.clock));
        let bearer = BearerAuthenticator::new(tokens, (*parts.roles).clone());
        Ok(Arc::new(Authenticators::first(bearer)))
    }
}

#[module(
    imports(AuthModule<Shop>),
    providers(VisitorGuard, SignedInGuard, StaffGuard, WriteGuard),
    exports(VisitorGuard, SignedInGuard, StaffGuard, WriteGuard)
)]
struct GuardModule;

#[injectable]
struct BookController {}

#[controller("/books")]
impl BookController {
    #[get]
    #[guard(VisitorGuard)]
    async fn list(&self, caller: Option<Caller>) -> Json<Option<String>> {
        Json(caller.map(|Caller(who)| who.id().to_owned()))
    }

    #[put]
    #[guard(SignedInGuard)]
    async fn rate(&self) -> NoContent {
        NoContent
    }

    #[delete]
    #[guard(StaffGuard)]
    async fn clear(&self) -> NoContent {
        NoContent
    }

    #[post]
    #[guard(WriteGuard)]
    async fn add(&self) -> NoContent {
        NoContent
    }
}

#[module(imports(GuardModule), controllers(BookController))]
struct ShopModule;

fn config() -> AuthConfig {
    let secret = [7; AuthConfig::SECRET_BYTES_MIN];
    AuthConfig::builder("http://127.0.0.1:3000", secret)
        .build()
        .unwrap()
}

fn app() -> App {
    App::of::<ShopModule>()
        .input(SqlConfig::new("sqlite::memory:"))
        .input(config())
}

async fn status(router: &Router, method: &str, token: Option<&str>) -> u16 {
    let request = axum::http::Request::builder().method(method).uri("/books");
    let request = match token {
        Some(token) => request.header("authorization", format!("Bearer {token}")),
        None => request,
    };
    let request = request.body(axum::body::Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    answer.status().as_u16()
}

#[tokio::test]
async fn guards_named_by_an_alias_are_built_from_the_authenticator_in_reach() {
    let built = app().build().await.unwrap();
    let router = built.router();
    for (token, list, rate, clear, add) in [
        (None, 200, 401, 401, 401),
        (Some("bad"), 401, 401, 401, 401),
        (Some("reader"), 200, 204, 403, 403),
        (Some("staff"), 200, 204, 204, 204),
        (Some("admin"), 200, 204, 204, 204),
    ] {
        assert_eq!(status(&router, "GET", token).await, list, "{token:?}");
        assert_eq!(status(&router, "PUT", token).await, rate, "{token:?}");
        assert_eq!(status(&router, "DELETE", token).await, clear, "{token:?}");
        assert_eq!(status(&router, "POST", token).await, add, "{token:?}");
    }
    built.stop().await;
}

#[tokio::test]
async fn the_table_knows_the_roles_of_the_module() {
    let matrix = app().access_matrix().await.unwrap().to_string();
    let expected = "\
METHOD  PATH      WHO               visitor  signed in  staff  admin
DELETE  /books    role staff        -        -          yes    yes
GET     /books    visitor           yes      yes        yes    yes
POST    /books    permission write  -        -          yes    yes
PUT     /books    signed in         -        yes        yes    yes
GET     /healthz  public            yes      yes        yes    yes
GET     /readyz   public            yes      yes        yes    yes
";
    assert_eq!(matrix, expected, "\n{matrix}");
}

/// Waits until `rounds` rounds are over; each tells so.
async fn rounds(clock: &ManualClock, done: &AtomicU32, told: &Notify, rounds: u32) {
    while done.load(Ordering::SeqCst) < rounds {
        clock.advance(Duration::from_secs(1));
        tokio::select! {
            () = told.notified() => {}
            () = tokio::task::yield_now() => {}
        }
    }
}

#[tokio::test]
async fn a_round_that_fails_or_panics_is_followed_by_the_next_until_the_stop() {
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let (done, told) = (Arc::<AtomicU32>::default(), Arc::<Notify>::default());
    let (count, tell) = (Arc::clone(&done), Arc::clone(&told));
    let background = Background::new(Arc::new(clock.clone())).every(
        "count",
        Duration::from_secs(1),
        move || {
            let round = count.fetch_add(1, Ordering::SeqCst);
            tell.notify_one();
            async move {
                assert_ne!(round, 1, "the second round panics");
                match round {
                    0 => Err("the first round fails".into()),
                    _ => Ok(()),
                }
            }
        },
    );
    background.on_application_bootstrap().await.unwrap();
    assert_eq!(
        done.load(Ordering::SeqCst),
        0,
        "nothing is done before its time"
    );
    rounds(&clock, &done, &told, 4).await;
    background
        .on_application_shutdown(StopReason::Requested)
        .await
        .unwrap();
    let at_stop = done.load(Ordering::SeqCst);
    for _ in 0..100 {
        clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    assert_eq!(done.load(Ordering::SeqCst), at_stop);
}

#[tokio::test]
async fn a_loop_that_ends_is_begun_again_and_runs_from_the_start() {
    let clock = ManualClock::new(Timestamp::UNIX_EPOCH);
    let (begun, told) = (Arc::<AtomicU32>::default(), Arc::<Notify>::default());
    let (count, tell) = (Arc::clone(&begun), Arc::clone(&told));
    let background = Background::new(Arc::new(clock.clone())).forever("loop", move || {
        count.fetch_add(1, Ordering::SeqCst);
        tell.notify_one();
        async {}
    });
    background.on_application_bootstrap().await.unwrap();
    told.notified().await;
    assert_eq!(begun.load(Ordering::SeqCst), 1, "no time has passed");
    rounds(&clock, &begun, &told, 3).await;
    background
        .on_application_shutdown(StopReason::Requested)
        .await
        .unwrap();
}

#[test]
fn settings_out_of_their_bounds_are_refused_by_name() {
    let builder = || AuthConfig::builder("https://shop.example", [7; 32]);
    let (zero, long) = (Duration::ZERO, Duration::from_secs(u64::MAX / 2));
    let refused = [
        AuthConfig::builder("", [7; 32]).build(),
        AuthConfig::builder("https://shop.example", [7; 31]).build(),
        builder().audience("").build(),
        builder().access_ttl(zero).build(),
        builder().access_ttl(long).build(),
        builder().refresh_ttl(Duration::from_secs(1)).build(),
        builder().refresh_grace(Duration::from_secs(61)).build(),
        builder()
            .session_idle(Duration::from_secs(13 * 60 * 60))
            .build(),
        builder().session_absolute(long).build(),
    ];
    let names = refused.map(|config| config.unwrap_err().option);
    let expected = [
        "issuer",
        "secret",
        "audience",
        "access_ttl",
        "access_ttl",
        "refresh_ttl",
        "refresh_grace",
        "session_idle",
        "session_absolute",
    ];
    assert_eq!(names, expected);
    assert!(builder().build().is_ok());
}

#[test]
fn the_secret_is_not_shown_and_tls_is_known_by_the_issuer() {
    let secret = b"a-secret-that-nobody-may-ever-see!";
    let config = AuthConfig::builder("HTTPS://shop.example", &secret[..]);
    assert!(!format!("{config:?}").contains("97, 45"), "{config:?}");
    assert!(!format!("{config:?}").contains("secret"), "{config:?}");
    assert!(config.build().unwrap().is_secure());
    assert!(!super::auth::config().is_secure());
}

#[test]
fn a_role_or_an_authenticator_that_is_missing_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/auth/*.rs");
}
