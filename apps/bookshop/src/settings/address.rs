//! Addresses of engines. They may hold passwords, so no message repeats one.

type Checked = Result<(), String>;

/// SQLite always, Postgres if it is built in.
pub(super) fn database(url: &str) -> Checked {
    match scheme(url) {
        "sqlite" => Ok(()),
        "postgres" | "postgresql" if cfg!(feature = "postgres") => Ok(()),
        "postgres" | "postgresql" => not_built_in("Postgres", "postgres"),
        _ => Err("expected sqlite://FILE, sqlite::memory: or postgres://…".to_owned()),
    }
}

/// Redis, if it is built in: for sessions and limits, or for jobs.
pub(super) fn redis(url: &Option<String>) -> Checked {
    match url.as_deref().map(scheme) {
        Some("redis") if cfg!(feature = "redis") => Ok(()),
        _ => engine(url, &[("redis", "Redis", "redis")]),
    }
}

pub(super) fn broker(url: &Option<String>) -> Checked {
    let engines = [
        ("amqp", "RabbitMQ", "rabbitmq"),
        ("nats", "NATS", "nats"),
        ("redis", "Redis", "redis"),
        ("kafka", "Kafka", "kafka"),
    ];
    engine(url, &engines)
}

pub(super) fn public(url: &Option<String>) -> Checked {
    let Some(url) = url else {
        return Ok(());
    };
    let host = match url.split_once("://") {
        Some(("http" | "https", host)) => host,
        _ => "",
    };
    if host.starts_with(|sign: char| sign.is_ascii_alphanumeric() || sign == '[')
        && url.bytes().all(|byte| byte.is_ascii_graphic())
    {
        return Ok(());
    }
    Err("expected an address such as https://shop.example".to_owned())
}

/// One of `engines`, each its scheme, its name and the feature that adds it, none of which is built
/// in.
fn engine(url: &Option<String>, engines: &[(&str, &str, &str)]) -> Checked {
    let Some(url) = url else {
        return Ok(());
    };
    let found = engines.iter().find(|(known, ..)| *known == scheme(url));
    if let Some((_, name, feature)) = found {
        return not_built_in(name, feature);
    }
    let known: Vec<String> = engines.iter().map(|(s, ..)| format!("{s}://…")).collect();
    Err(format!("expected {}", known.join(" or ")))
}

fn not_built_in(engine: &str, feature: &str) -> Checked {
    Err(format!(
        "{engine} is not built in: build with `--features {feature}`"
    ))
}

fn scheme(url: &str) -> &str {
    url.split_once(':').map_or("", |(scheme, _)| scheme)
}
