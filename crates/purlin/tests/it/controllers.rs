//! Controllers in modules: built from their module, guarded by its guards.

use std::sync::Arc;

use purlin::{
    core::{Container, Graph, injectable, module},
    http::{Guard, GuardRequest, Json, Problem, RouteTable, controller},
};

pub struct Books;

#[injectable]
pub struct StaffGuard {}

impl Guard for StaffGuard {
    async fn check(&self, _: &mut GuardRequest<'_>) -> Result<(), Problem> {
        Ok(())
    }
}

#[module(providers(StaffGuard), exports(StaffGuard))]
pub struct AuthModule;

#[injectable]
pub struct BookController {
    _books: Arc<Books>,
}

#[controller("/books")]
impl BookController {
    #[get("/")]
    #[public]
    async fn list(&self) -> Json<u8> {
        Json(1)
    }

    #[post("/")]
    #[guard(StaffGuard)]
    async fn create(&self) -> Json<u8> {
        Json(2)
    }
}

#[module(
    imports(AuthModule),
    providers(Books = value(Books)),
    controllers(BookController),
)]
pub struct BookModule;

#[tokio::test]
async fn the_routes_of_every_controller_reach_the_table() {
    let container = Container::builder::<BookModule>().build().await;
    let mut container = container.unwrap();
    let table = container.hosts_mut().take::<RouteTable>().unwrap();
    let routes = table.into_routes();
    let templates = routes.iter().flat_map(|routes| routes.info());
    let templates: Vec<_> = templates.map(|route| route.template.to_string()).collect();
    assert_eq!(templates, ["/books", "/books"]);
}

#[test]
fn the_graph_shows_what_a_controller_and_its_guards_need() {
    let graph = Graph::of::<BookModule>().unwrap();
    let controller = &graph.modules[0].providers[1];
    assert_eq!(controller.name, "BookController");
    let needs: Vec<_> = controller.needs.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(needs, ["Books", "StaffGuard"]);
}

#[test]
fn a_controller_or_guard_whose_dependency_is_missing_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
