//! Tests put their own things in the place of the real ones.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering::Relaxed},
};

use purlin_base::Classified as _;
use purlin_core::{Container, injectable, module};

trait Mailer: Send + Sync {
    fn name(&self) -> &'static str;
}

struct Smtp;
struct Fake;

impl Mailer for Smtp {
    fn name(&self) -> &'static str {
        "smtp"
    }
}

impl Mailer for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }
}

static CONNECTED: AtomicBool = AtomicBool::new(false);

async fn connect() -> Result<Smtp, std::io::Error> {
    CONNECTED.store(true, Relaxed);
    Err(std::io::Error::other("no network in tests"))
}

#[module(providers(Smtp as dyn Mailer = factory(connect)), exports(dyn Mailer))]
struct MailModule;

#[injectable]
struct Orders {
    mailer: Arc<dyn Mailer>,
}

#[module(imports(MailModule), providers(Orders))]
struct OrderModule;

#[tokio::test]
async fn an_override_reaches_every_consumer_and_the_real_one_is_not_built() {
    let builder = Container::builder::<OrderModule>();
    let builder = builder.override_value::<dyn Mailer>(Arc::new(Fake));
    let container = builder.build().await.unwrap();
    assert_eq!(container.get::<Orders>().unwrap().mailer.name(), "fake");
    assert!(!CONNECTED.load(Relaxed));
    let json = container.graph().to_json();
    assert!(json.contains(r#""kind": "override""#), "{json}");
}

#[tokio::test]
async fn overriding_what_nobody_provides_is_an_error_that_names_it() {
    let builder = Container::builder::<OrderModule>();
    let error = builder.override_value::<Smtp>(Arc::new(Smtp)).build().await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), "START_OVERRIDE_UNUSED");
    assert!(
        error.to_string().contains("`Smtp` is overridden"),
        "{error}"
    );
}
