//! Modules and injection: a shop, its mailer, and what a test puts in its place.
//!
//! Run with `cargo run -p purlin-core --example container`. To see the compiler refuse, take
//! `dyn Mailer` out of `exports`, or `MailModule` out of `imports`.
#![allow(clippy::print_stdout, reason = "an example that is run by people")]

use std::{
    error::Error,
    sync::{Arc, Mutex},
};

use purlin_core::{
    ConfigModule, Container, injectable,
    lifecycle::{Lifecycle, StopReason},
    module,
};

/// Sends mail. Bound as a trait, so that a test can replace it.
trait Mailer: Send + Sync {
    fn send(&self, to: &str, text: &str);
}

struct Settings {
    sender: String,
}

#[injectable]
struct Smtp {
    settings: Arc<Settings>,
}

impl Mailer for Smtp {
    fn send(&self, to: &str, text: &str) {
        println!("{} -> {to}: {text}", self.settings.sender);
    }
}

/// Implementing `Lifecycle` is enough: the hooks run at start and stop.
impl Lifecycle for Smtp {
    async fn on_module_init(&self) -> Result<(), purlin_base::BoxError> {
        println!("smtp: connected");
        Ok(())
    }

    async fn on_application_shutdown(
        &self,
        reason: StopReason,
    ) -> Result<(), purlin_base::BoxError> {
        println!("smtp: closed by {reason}");
        Ok(())
    }
}

#[module(
    imports(ConfigModule<Settings>),
    providers(Smtp as dyn Mailer),
    exports(dyn Mailer),
)]
struct MailModule;

/// What there is to sell.
struct Stock(Vec<&'static str>);

async fn count_stock() -> Result<Stock, std::io::Error> {
    Ok(Stock(vec!["Emma", "Persuasion"]))
}

#[injectable]
struct Orders {
    mailer: Arc<dyn Mailer>,
    stock: Arc<Stock>,
}

impl Orders {
    fn place(&self, who: &str) {
        let titles = self.stock.0.join(" and ");
        self.mailer
            .send(who, &format!("{titles} will be with you soon"));
    }
}

#[module(
    imports(MailModule),
    providers(Orders, Stock = factory(count_stock)),
    exports(Orders),
)]
struct OrderModule;

/// Keeps the mails.
#[derive(Default)]
struct FakeMailer(Mutex<Vec<String>>);

impl Mailer for FakeMailer {
    fn send(&self, to: &str, _: &str) {
        if let Ok(mut sent) = self.0.lock() {
            sent.push(to.to_owned());
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let settings = || Settings {
        sender: "shop@example.com".into(),
    };

    let container = Container::builder::<OrderModule>()
        .input(settings())
        .build()
        .await?;
    container.start().await?;
    let orders = container.get::<Orders>().ok_or("the root provides it")?;
    orders.place("ada@example.com");
    container.stop(StopReason::Requested).await;

    println!("\n{}", container.graph().to_mermaid());

    // A test: the real mailer is not even built.
    let fake = Arc::new(FakeMailer::default());
    let test = Container::builder::<OrderModule>()
        .input(settings())
        .override_value::<dyn Mailer>(fake.clone())
        .build()
        .await?;
    test.get::<Orders>()
        .ok_or("the root provides it")?
        .place("bob@example.com");
    println!("caught: {:?}", fake.0);
    Ok(())
}
