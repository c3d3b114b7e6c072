//! What operators read of how the shop does, and that mistakes which are planted are found.

use crate::{server::Server, shop::BOOKS};

/// What stands behind the line of `metrics` that begins with `sample`.
fn value(metrics: &str, sample: &str) -> Option<f64> {
    let mut lines = metrics.lines();
    let value = lines.find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '));
    value?.parse().ok()
}

fn metrics(server: &Server) -> String {
    let answer = server.management.get("/metrics").expect(200);
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("text/plain; version=0.0.4; charset=utf-8"));
    String::from_utf8(answer.body.clone()).unwrap()
}

#[test]
fn operators_read_how_often_each_route_answered_and_how_fast() {
    let server = Server::start();
    for _ in 0..3 {
        server.client.get(BOOKS).expect(200);
    }
    server.client.get(format!("{BOOKS}/none")).problem(404);
    server.client.get("/nothing/is/here").problem(404);
    let metrics = metrics(&server);
    let labels = format!("method=\"GET\",route=\"{BOOKS}\"");
    let requests = format!("purlin_http_requests_total{{{labels},status=\"2xx\"}}");
    assert_eq!(value(&metrics, &requests), Some(3.0), "{metrics}");
    let timed = format!("purlin_http_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}}");
    assert_eq!(value(&metrics, &timed), Some(3.0), "{metrics}");
    let unknown = "purlin_http_requests_total{method=\"\",route=\"(no route)\",status=\"4xx\"}";
    assert_eq!(value(&metrics, unknown), Some(1.0), "{metrics}");
    // What a caller sends never becomes a label.
    assert!(
        !metrics.contains("/none") && !metrics.contains("/nothing"),
        "{metrics}"
    );
    for name in [
        "purlin_cpu_pool_queued",
        "purlin_process_resident_bytes",
        "purlin_executor_delay_seconds_count",
    ] {
        assert!(value(&metrics, name).is_some(), "{name} in {metrics}");
    }
}

#[test]
fn the_public_reads_none_of_it() {
    let server = Server::for_reading();
    for path in [
        "/metrics",
        "/diagnostics",
        "/diagnostics/heap.pb",
        "/plant/block",
    ] {
        server.client.get(path).problem(404);
    }
}

#[test]
fn operators_read_everything_as_json() {
    let server = Server::for_reading();
    let read = server.management.get("/diagnostics").expect(200).json();
    for part in [
        "executor_delay",
        "workers",
        "culprits",
        "memory",
        "live",
        "requests",
    ] {
        assert!(!read[part].is_null(), "{part} in {read}");
    }
}

#[cfg(feature = "plant")]
mod planted {
    use std::{
        process::Command,
        sync::Arc,
        time::{Duration, Instant},
    };

    use serde_json::Value;

    use super::{BOOKS, Server, metrics, value};
    use crate::server::directory;

    fn in_test(command: &mut Command) {
        command.env("APP_ENV", "test");
    }

    fn diagnostics(server: &Server) -> Value {
        server.management.get("/diagnostics").expect(200).json()
    }

    fn culprit(read: &Value, name: &str) -> Option<Value> {
        let culprits = read["culprits"].as_array()?;
        culprits.iter().find(|it| it["name"] == name).cloned()
    }

    #[test]
    fn a_handler_that_blocks_its_thread_is_named_with_its_route_and_its_stack() {
        let server = Server::start_in(Arc::new(directory()), in_test);
        server.client.get(BOOKS).expect(200);
        server.client.get("/plant/block").expect(204);
        // Names are put to a stack after the report, by a thread that has the time.
        let until = Instant::now() + Duration::from_secs(60);
        let found = loop {
            let read = diagnostics(&server);
            let found = culprit(&read, "GET /plant/block");
            let found = found.unwrap_or_else(|| panic!("it is not named in {read}"));
            let has_stack = found["stack"].as_array().is_some_and(|it| !it.is_empty());
            if has_stack || !cfg!(all(feature = "stacks", target_os = "linux")) {
                break found;
            }
            assert!(Instant::now() < until, "no stack in {found}");
        };
        assert_eq!(
            (&found["kind"], &found["polls"]),
            (&"route".into(), &1.into())
        );
        assert!(found["longest"].as_f64() >= Some(0.3), "{found}");
        if cfg!(all(feature = "stacks", target_os = "linux")) {
            assert!(
                found["stack"]
                    .to_string()
                    .contains("plant::block_the_thread"),
                "{found}"
            );
        }
        let polls = "purlin_poll_long_total{kind=\"route\",name=\"GET /plant/block\"}";
        assert_eq!(value(&metrics(&server), polls), Some(1.0));
        let said = server.said();
        assert!(
            said.contains("held its thread up") && said.contains("GET /plant/block"),
            "{said}"
        );
        server.stop();
    }

    #[cfg(feature = "heap-profile")]
    #[test]
    fn a_handler_that_keeps_its_memory_is_named_with_what_it_holds() {
        let server = Server::start_in(Arc::new(directory()), in_test);
        for _ in 0..64 {
            server
                .client
                .request("POST", "/plant/leak")
                .send()
                .expect(204);
            server.client.get(BOOKS).expect(200);
        }
        let read = diagnostics(&server);
        let most = &read["heap"]["work"][0];
        assert_eq!(most["name"], "POST /plant/leak", "{read}");
        let mib = most["live"].as_u64().unwrap() >> 20;
        // 64 MiB; a sample stands for 1.16 MiB, so the error is about 3 MiB.
        assert!((44..=84).contains(&mib), "{mib} MiB in {read}");
        assert!(read["heap"]["c"].is_u64() || read["heap"]["c"].is_null());
        let profile = server.management.get("/diagnostics/heap.pb").expect(200);
        let name = b"route POST /plant/leak";
        assert!(profile.body.windows(name.len()).any(|it| it == name));
        server.stop();
    }

    #[test]
    fn nothing_is_planted_but_in_a_test() {
        let server = Server::start();
        server.client.get("/plant/block").problem(404);
        server.stop();
    }
}
