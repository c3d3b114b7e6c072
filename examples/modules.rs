//! Modules and injection: what is not in reach does not compile, a circle does not start.
//!
//! Take `exports(dyn Mailer)` out of `MailModule`, or `MailModule` out of the imports of
//! `OrderModule`, and read what the compiler says.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "an example has no public interface"
)]

use purlin::{core::Container, prelude::*};

pub trait Mailer: Send + Sync {
    fn send(&self, to: &str, text: &str) -> String;
}

#[injectable]
pub struct Smtp {}

impl Mailer for Smtp {
    fn send(&self, to: &str, text: &str) -> String {
        format!("by SMTP to {to}: {text}")
    }
}

#[module(providers(Smtp as dyn Mailer), exports(dyn Mailer))]
pub struct MailModule;

#[injectable]
pub struct OrderService {
    mailer: Arc<dyn Mailer>,
}

impl OrderService {
    pub fn place(&self, customer: &str) -> String {
        self.mailer.send(customer, "your order is on its way")
    }
}

#[module(imports(MailModule), providers(OrderService))]
pub struct OrderModule;

/// A test binds the same trait to something that sends nothing.
struct Silent;

impl Mailer for Silent {
    fn send(&self, to: &str, _: &str) -> String {
        format!("nothing to {to}")
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let container = Container::builder::<OrderModule>().build().await?;
    let orders = container
        .get::<OrderService>()
        .ok_or("OrderModule provides it")?;
    println!("{}", orders.place("ada@example.com"));

    let test = Container::builder::<OrderModule>().override_value::<dyn Mailer>(Arc::new(Silent));
    let test = test.build().await?;
    let orders = test
        .get::<OrderService>()
        .ok_or("OrderModule provides it")?;
    println!("{}", orders.place("ada@example.com"));

    println!("\n{}", container.graph().to_mermaid());
    Ok(())
}
