//! The table of who may call what.

use std::sync::Arc;

use purlin::{
    App,
    access::{AccessMatrix, Allowed},
    base::role::{Permission, Role, RoleRef, RoleSet},
    core::{injectable, module},
    http::{
        AccessRule, Guard, GuardRequest, Mount, NoContent, Problem, Route, Router, Routes,
        controller,
    },
};

struct Reader;
impl Role for Reader {
    const NAME: &'static str = "reader";
}

struct Write;
impl Permission for Write {
    const NAME: &'static str = "write";
}

struct Staff;
impl Role for Staff {
    const NAME: &'static str = "staff";
    const INCLUDES: &'static [RoleRef] = &[RoleRef::of::<Reader>()];
    const PERMISSIONS: &'static [&'static str] = &[Write::NAME];
}

/// Asks what its number says.
#[injectable]
struct Asks<const RULE: u8> {}

impl<const RULE: u8> Guard for Asks<RULE> {
    async fn check(&self, _: &mut GuardRequest<'_>) -> Result<(), Problem> {
        Ok(())
    }

    fn rule() -> AccessRule {
        match RULE {
            0 => AccessRule::Anybody,
            1 => AccessRule::SignedIn,
            2 => AccessRule::Role("staff"),
            3 => AccessRule::Permission("write"),
            4 => AccessRule::Role("owner"),
            _ => AccessRule::Other("Moon"),
        }
    }
}

fn guard<const RULE: u8>() -> Arc<Asks<RULE>> {
    Arc::new(Asks {})
}

fn matrix(roles: &RoleSet) -> AccessMatrix {
    let handler = async || NoContent;
    let routes = Routes::at("/")
        .route(Route::get("/public").public().handler(handler))
        .route(Route::get("/visitor").guard(guard::<0>()).handler(handler))
        .route(Route::get("/signed").guard(guard::<1>()).handler(handler))
        .route(Route::get("/staff").guard(guard::<2>()).handler(handler))
        .route(Route::get("/write").guard(guard::<3>()).handler(handler))
        .route(Route::get("/owner").guard(guard::<4>()).handler(handler))
        .route(Route::get("/moon").guard(guard::<5>()).handler(handler))
        .route(
            Route::get("/several")
                .guard(guard::<0>())
                .guard(guard::<2>())
                .guard(guard::<5>())
                .handler(handler),
        );
    let raw = Router::new();
    let mounted = Mount::new().routes(routes).raw("old", raw).build().unwrap();
    AccessMatrix::of(&mounted.routes, &mounted.raw, roles)
}

#[test]
fn each_route_stands_beside_everybody_who_may_call_it() {
    let table = matrix(&RoleSet::of::<Staff>()).to_string();
    let expected = "\
METHOD  PATH      WHO                        visitor  signed in  reader  staff  owner
GET     /moon     guard Moon                 ?        ?          ?       ?      ?
GET     /owner    role owner                 -        -          -       -      yes
GET     /public   public                     yes      yes        yes     yes    yes
GET     /several  role staff and guard Moon  -        -          -       ?      -
GET     /signed   signed in                  -        yes        yes     yes    yes
GET     /staff    role staff                 -        -          -       yes    -
GET     /visitor  visitor                    yes      yes        yes     yes    yes
GET     /write    permission write           -        -          -       yes    ?
raw router old: its routes, and who may call them, are not known
";
    assert_eq!(table, expected, "\n{table}");
}

#[test]
fn without_a_set_of_roles_each_role_stands_alone() {
    let matrix = matrix(&RoleSet::none());
    assert_eq!(matrix.callers, ["visitor", "signed in", "staff", "owner"]);
    let staff = |path| matrix.allowed("GET", path, "staff");
    assert_eq!(staff("/staff"), Some(Allowed::Yes));
    assert_eq!(staff("/write"), Some(Allowed::Unknown));
    assert_eq!(staff("/nowhere"), None);
    assert_eq!(matrix.allowed("GET", "/staff", "reader"), None);
}

#[test]
fn the_table_is_json_for_tools() {
    let json = matrix(&RoleSet::of::<Staff>()).to_json();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["callers"][3], "staff");
    assert_eq!(json["unknown"], serde_json::json!(["old"]));
    let several = &json["routes"][3];
    assert_eq!(several["path"], "/several");
    assert_eq!(
        several["allowed"],
        serde_json::json!(["no", "no", "no", "unknown", "no"])
    );
}

#[injectable]
struct BookController {}

#[controller("/books")]
impl BookController {
    #[get]
    #[public]
    async fn list(&self) -> NoContent {
        NoContent
    }

    #[delete]
    #[guard(Asks<2>)]
    async fn clear(&self) -> NoContent {
        NoContent
    }
}

#[module(
    providers(Asks<2>, RoleSet = factory(RoleSet::of::<Staff>)),
    controllers(BookController)
)]
struct BookModule;

#[tokio::test]
async fn an_application_gives_the_table_of_what_it_mounts() {
    let app = App::of::<BookModule>().raw_router("legacy", Router::new());
    let matrix = app.access_matrix().await.unwrap();
    let may = |method, caller| matrix.allowed(method, "/books", caller);
    assert_eq!(may("GET", "visitor"), Some(Allowed::Yes));
    assert_eq!(may("DELETE", "reader"), Some(Allowed::No));
    assert_eq!(may("DELETE", "staff"), Some(Allowed::Yes));
    assert_eq!(matrix.unknown, ["legacy"]);
    let probe = matrix.allowed("GET", "/healthz", "visitor");
    assert_eq!(probe, Some(Allowed::Yes));
}
