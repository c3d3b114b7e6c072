//! Who is at the other end, and who only says so.

use axum::{body::Body, extract::ConnectInfo};
use http::{HeaderMap, HeaderValue};
use purlin_http::{
    Edge, Health, Mount, Route, Router, Routes, Server,
    client_address::{ClientAddress, TrustedProxies},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{ask, request};

fn proxies() -> TrustedProxies {
    "10.0.0.0/8, 2001:db8:ffff::/48".parse().unwrap()
}

fn resolve(peer: &str, field: &'static str, lines: &[&str], trusted: &TrustedProxies) -> String {
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(field, HeaderValue::from_bytes(line.as_bytes()).unwrap());
    }
    let address = ClientAddress::resolve(peer.parse().unwrap(), &headers, trusted);
    address.to_string()
}

fn x_forwarded(peer: &str, lines: &[&str]) -> String {
    resolve(peer, "x-forwarded-for", lines, &proxies())
}

fn forwarded(lines: &[&str]) -> String {
    resolve("10.0.0.1", "forwarded", lines, &proxies().forwarded())
}

#[test]
fn a_peer_that_is_no_proxy_is_the_caller_whatever_it_says() {
    assert_eq!(x_forwarded("203.0.113.7", &["6.6.6.6"]), "203.0.113.7");
    let nobody = TrustedProxies::default();
    assert_eq!(
        resolve("10.0.0.1", "x-forwarded-for", &["6.6.6.6"], &nobody),
        "10.0.0.1"
    );
}

#[test]
fn what_the_caller_wrote_left_of_the_proxies_is_not_looked_at() {
    for spoofed in ["6.6.6.6", "10.9.9.9", "", "\"", ",,,", "unknown"] {
        let line = format!("{spoofed}, 203.0.113.7, 10.0.0.2");
        assert_eq!(
            x_forwarded("10.0.0.1", &[&line]),
            "203.0.113.7",
            "{spoofed:?}"
        );
        let lines = [spoofed, "203.0.113.7", "10.0.0.2"];
        assert_eq!(
            x_forwarded("10.0.0.1", &lines),
            "203.0.113.7",
            "{spoofed:?}"
        );
    }
}

#[test]
fn ports_zones_brackets_and_mapped_addresses_are_one_form() {
    for (written, meant) in [
        ("203.0.113.7:4711", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[2001:db8::7]:4711", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("fe80::7%eth0", "fe80::7"),
    ] {
        assert_eq!(x_forwarded("10.0.0.1", &[written]), meant);
    }
    assert_eq!(
        x_forwarded("::ffff:10.0.0.1", &["203.0.113.7"]),
        "203.0.113.7"
    );
}

#[test]
fn a_word_that_is_no_address_ends_the_walk_at_the_last_proxy() {
    for word in ["unknown", "_hidden", "", "1.2.3", "[::1", "[::1]x", "é"] {
        let line = format!("203.0.113.7, {word}, 10.0.0.2");
        assert_eq!(x_forwarded("10.0.0.1", &[&line]), "10.0.0.2", "{word:?}");
    }
    assert_eq!(x_forwarded("10.0.0.1", &[]), "10.0.0.1");
    assert_eq!(x_forwarded("10.0.0.1", &["10.0.0.3, 10.0.0.2"]), "10.0.0.3");
}

#[test]
fn a_long_list_is_walked_no_further_than_its_bound() {
    let many = vec!["10.0.0.2"; 100_000].join(",");
    let line = format!("203.0.113.7,{many}");
    assert_eq!(x_forwarded("10.0.0.1", &[&line]), "10.0.0.2");
    let wide = format!("203.0.113.7{},10.0.0.2", " ".repeat(1_000_000));
    assert_eq!(x_forwarded("10.0.0.1", &[&wide]), "10.0.0.2");
}

#[test]
fn forwarded_is_read_where_proxies_write_it() {
    assert_eq!(forwarded(&["for=203.0.113.7;proto=https"]), "203.0.113.7");
    assert_eq!(
        forwarded(&["proto=https; For=\"[2001:db8::7]:4711\""]),
        "2001:db8::7"
    );
    assert_eq!(
        forwarded(&["for=6.6.6.6, for=203.0.113.7, for=10.0.0.2"]),
        "203.0.113.7"
    );
    assert_eq!(forwarded(&["for=203.0.113.7, for=unknown"]), "10.0.0.1");
}

#[test]
fn a_quote_that_the_caller_opened_swallows_nothing() {
    for opened in ["for=\"", "for=\"6.6.6.6", "\\\"", "for=\"a\\"] {
        let line = format!("{opened}, for=203.0.113.7");
        assert_eq!(forwarded(&[&line]), "203.0.113.7", "{opened:?}");
        assert_eq!(
            forwarded(&[opened, "for=203.0.113.7"]),
            "203.0.113.7",
            "{opened:?}"
        );
    }
}

#[test]
fn only_the_field_that_proxies_write_is_read() {
    let x = resolve("10.0.0.1", "forwarded", &["for=6.6.6.6"], &proxies());
    assert_eq!(x, "10.0.0.1");
    let trusted = proxies().forwarded();
    assert_eq!(
        resolve("10.0.0.1", "x-forwarded-for", &["6.6.6.6"], &trusted),
        "10.0.0.1"
    );
}

#[test]
fn a_network_of_ipv6_is_one_key() {
    let key = |text: &str, bits| {
        let headers = HeaderMap::new();
        ClientAddress::resolve(text.parse().unwrap(), &headers, &proxies()).key(bits)
    };
    assert_eq!(key("2001:db8:1:2:3:4:5:6", 64), "2001:db8:1:2::/64");
    assert_eq!(key("2001:db8:1:2:ffff::1", 64), "2001:db8:1:2::/64");
    assert_eq!(key("2001:db8:1:2ff:3::", 56), "2001:db8:1:200::/56");
    assert_eq!(key("2001:db8::1", 128), "2001:db8::1/128");
    assert_eq!(key("203.0.113.7", 64), "203.0.113.7");
}

#[test]
fn a_list_of_proxies_that_is_wrong_is_named() {
    let error = "10.0.0.0/8,proxy".parse::<TrustedProxies>().unwrap_err();
    assert!(error.to_string().contains("\"proxy\""), "{error}");
    let none: TrustedProxies = " ".parse().unwrap();
    assert!(!none.trusts("10.0.0.1".parse().unwrap()));
}

fn echo() -> Routes {
    let handler = async |address: ClientAddress| {
        axum::response::IntoResponse::into_response(address.to_string())
    };
    Routes::at("/").route(Route::get("/").public().handler(handler))
}

#[tokio::test]
async fn the_server_knows_the_other_end_of_its_connections() {
    let edge = Edge::new().trusted_proxies("127.0.0.1".parse().unwrap());
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let address = server.address();
    let router = Mount::new().routes(echo()).build().unwrap().router;
    let running = server.serve(&edge, &Health::new(), router, Router::new());
    for (field, caller) in [
        ("", "127.0.0.1"),
        ("X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"),
    ] {
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let text = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{field}\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with(&format!("\r\n\r\n{caller}")), "{answer}");
    }
    running.stop(std::time::Duration::from_secs(5)).await;
}

#[tokio::test]
async fn a_plain_axum_program_hands_the_address_by_connect_info() {
    let router = Mount::new().routes(echo()).build().unwrap().router;
    let mut asked = request("GET", "/");
    let peer: std::net::SocketAddr = "203.0.113.7:4711".parse().unwrap();
    asked.extensions_mut().insert(ConnectInfo(peer));
    assert_eq!(ask(&router, asked).await.body, b"203.0.113.7");
    let unknown = request("GET", "/").map(|_| Body::empty());
    assert_eq!(ask(&router, unknown).await.body, b"unknown");
}
