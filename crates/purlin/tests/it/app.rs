//! An application's life: it starts in order, serves, drains and stops in reverse.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
};

use purlin::{
    base::BoxError,
    core::lifecycle::{Lifecycle, StopReason},
    http::Router,
    prelude::*,
    sql::{Migration, Migrations, Schema, SqlConfig},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Notify,
};

/// What happened, in order.
#[derive(Default)]
struct Diary(Mutex<Vec<&'static str>>);

impl Diary {
    fn note(&self, event: &'static str) {
        self.0.lock().unwrap().push(event);
    }

    fn events(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }
}

#[injectable]
struct Stock {
    diary: Arc<Diary>,
}

impl Lifecycle for Stock {
    async fn on_module_init(&self) -> Result<(), BoxError> {
        self.diary.note("stock init");
        Ok(())
    }
    async fn before_application_shutdown(&self, _: StopReason) -> Result<(), BoxError> {
        self.diary.note("stock before shutdown");
        Ok(())
    }
    async fn on_application_shutdown(&self, _: StopReason) -> Result<(), BoxError> {
        self.diary.note("stock shutdown");
        Ok(())
    }
}

/// Lets a test hold a request inside its handler.
#[derive(Default)]
struct Gate {
    entered: Notify,
    open: Notify,
}

#[injectable]
struct SlowController {
    diary: Arc<Diary>,
    gate: Arc<Gate>,
    _stock: Arc<Stock>,
}

#[controller("/slow")]
impl SlowController {
    #[get("/")]
    #[public]
    async fn slow(&self) -> Json<&'static str> {
        self.gate.entered.notify_one();
        self.gate.open.notified().await;
        self.diary.note("request answered");
        Json("done")
    }
}

#[module(
    imports(ConfigModule<Diary>, ConfigModule<Gate>),
    providers(Stock),
    controllers(SlowController),
)]
struct SlowModule;

fn app() -> (App, Arc<Diary>, Arc<Gate>) {
    let (diary, gate) = (Arc::<Diary>::default(), Arc::<Gate>::default());
    let app = App::of::<SlowModule>()
        .input_shared(Arc::clone(&diary))
        .input_shared(Arc::clone(&gate))
        .listen(Ipv4Addr::LOCALHOST.into(), 0)
        .management_port(0);
    (app, diary, gate)
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_request_in_flight_is_answered_before_providers_shut_down() {
    let (app, diary, gate) = app();
    let serving = app.serve().await.unwrap();
    let address = serving.address();
    let request = purlin::spawn(get(address, "/slow"));
    gate.entered.notified().await;

    let stop = purlin::spawn(serving.stop(StopReason::Terminate));
    while !diary.events().contains(&"stock before shutdown") {
        tokio::task::yield_now().await;
    }
    gate.open.notify_one();

    assert!(request.await.unwrap().ends_with("\"done\""));
    stop.await.unwrap();
    let expected = [
        "stock init",
        "stock before shutdown",
        "request answered",
        "stock shutdown",
    ];
    assert_eq!(diary.events(), expected);
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nothing listens any more"
    );
}

#[tokio::test]
async fn a_taken_port_ends_the_start_before_any_hook_and_is_the_worlds_fault() {
    let taken = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (app, diary, _) = app();
    let port = taken.local_addr().unwrap().port();
    let refused = app
        .listen(Ipv4Addr::LOCALHOST.into(), port)
        .serve()
        .await
        .err()
        .unwrap();
    assert_eq!(refused.code(), "HTTP_PORT_TAKEN");
    assert_eq!(refused.exit_code(), 1);
    assert_eq!(diary.events(), [""; 0]);
}

#[tokio::test]
async fn probes_answer_on_both_listeners_and_management_is_not_public() {
    let (app, _, _) = app();
    let metrics = Router::new().route("/metrics", axum::routing::get(async || "up 1"));
    let serving = app.management_router(metrics).serve().await.unwrap();
    let management = serving.management_address().unwrap();
    assert!(
        get(serving.address(), "/readyz")
            .await
            .starts_with("HTTP/1.1 200")
    );
    assert!(get(management, "/readyz").await.starts_with("HTTP/1.1 200"));
    assert!(get(management, "/metrics").await.ends_with("up 1"));
    assert!(
        get(serving.address(), "/metrics")
            .await
            .starts_with("HTTP/1.1 404")
    );
    serving.stop(StopReason::Requested).await;
}

#[tokio::test]
async fn the_page_of_the_api_is_for_operators_only() {
    let (app, _, _) = app();
    let serving = app.serve().await.unwrap();
    let management = serving.management_address().unwrap();
    let page = get(management, "/docs").await;
    assert!(page.contains("/openapi.json"), "{page}");
    assert_eq!(page.matches("content-security-policy: ").count(), 1);
    let public = get(serving.address(), "/docs").await;
    assert!(public.starts_with("HTTP/1.1 404"), "{public}");
    serving.stop(StopReason::Requested).await;
}

#[tokio::test]
async fn a_raw_router_is_merged_beside_the_controllers() {
    let (app, _, _) = app();
    let raw = Router::new().route("/raw", axum::routing::get(async || "raw"));
    let serving = app.raw_router("legacy", raw).serve().await.unwrap();
    assert!(get(serving.address(), "/raw").await.ends_with("raw"));
    serving.stop(StopReason::Requested).await;
}

struct Shop;

impl Schema for Shop {
    const MIGRATIONS: Migrations = Migrations::new(
        "shop",
        &[Migration {
            version: 1,
            name: "books",
            sqlite: "create table books (id integer primary key) strict",
            postgres: "create table books (id bigint primary key)",
        }],
    );
}

#[module(imports(SqlModule<Shop>))]
struct ShopModule;

#[tokio::test]
async fn the_database_is_migrated_at_start_and_closed_at_stop() {
    let app = App::of::<ShopModule>().input(SqlConfig::new("sqlite::memory:"));
    let app = app.build().await.unwrap();
    app.start().await.unwrap();
    let db = app.find::<Db>().unwrap();
    let count = || {
        db.read()
            .query("select count(*) from books")
            .fetch_one::<(i64,)>()
    };
    assert_eq!(count().await.unwrap(), (0,));
    app.stop().await;
    assert_eq!(count().await.unwrap_err().code(), "SQL_CLOSED");
}

#[tokio::test]
async fn an_address_that_is_none_is_a_setting_to_change() {
    let app = App::of::<ShopModule>().input(SqlConfig::new("mysql://localhost/shop"));
    let refused = app.build().await.err().unwrap();
    assert_eq!(refused.exit_code(), 2);
    assert!(
        refused.report().contains("`Db` of `SqlModule"),
        "{}",
        refused.report()
    );
}
