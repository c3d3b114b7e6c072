//! A load generator for HTTP/1.1 on loopback: keep-alive connections on one thread, each sending
//! its next request when the answer to the last is there (a closed loop).
//!
//! Any answer of another status than the expected one, and any broken connection, is an error, and
//! a run with errors exits with 1. The figures are one line of JSON.
#![allow(clippy::print_stdout, reason = "talks to the runner by its output")]

use std::{
    error::Error,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use purlin_benches::report::percentile;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

const USAGE: &str = "load --address 127.0.0.1:PORT [--connections 32] [--seconds 5] \
    [--path /hello/ada | --paths FILE] [--body FILE] [--status 200] [--token TOKEN]";

/// An answer longer than this is an error.
const MAX_ANSWER: usize = 1 << 20;

struct Plan {
    address: SocketAddr,
    connections: usize,
    length: Duration,
    status: [u8; 3],
    requests: Vec<Vec<u8>>,
}

#[derive(Default)]
struct Tally {
    latencies_us: Vec<u32>,
    errors: u64,
    first_error: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let plan = Rc::new(Plan::from_arguments().map_err(|error| format!("{error}\n{USAGE}"))?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let began = Instant::now();
    let tallies = LocalSet::new().block_on(&runtime, run(plan, began));
    let tally = merge(tallies, began.elapsed());
    std::process::exit(i32::from(tally.errors > 0 || tally.latencies_us.is_empty()));
}

async fn run(plan: Rc<Plan>, began: Instant) -> Vec<Tally> {
    let tasks: Vec<_> = (0..plan.connections)
        .map(|number| tokio::task::spawn_local(connection(plan.clone(), number, began)))
        .collect();
    let mut tallies = Vec::with_capacity(tasks.len());
    for task in tasks {
        tallies.push(task.await.unwrap_or_else(|error| Tally {
            errors: 1,
            first_error: Some(error.to_string()),
            ..Tally::default()
        }));
    }
    tallies
}

async fn connection(plan: Rc<Plan>, number: usize, began: Instant) -> Tally {
    let mut tally = Tally::default();
    if let Err(error) = requests(&plan, number, began, &mut tally).await {
        tally.errors += 1;
        tally.first_error.get_or_insert(error.to_string());
    }
    tally
}

async fn requests(
    plan: &Plan,
    number: usize,
    began: Instant,
    tally: &mut Tally,
) -> Result<(), Box<dyn Error>> {
    let mut stream = TcpStream::connect(plan.address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(64 * 1024);
    let end = began + plan.length;
    // Connections begin apart in the list, and walk it with a stride of the number of connections.
    let mut next = number;
    let mut sent = Instant::now();
    while sent < end {
        stream
            .write_all(&plan.requests[next % plan.requests.len()])
            .await?;
        next += plan.connections;
        buffer.clear();
        let status = answer(&mut stream, &mut buffer).await?;
        let now = Instant::now();
        tally
            .latencies_us
            .push(u32::try_from((now - sent).as_micros()).unwrap_or(u32::MAX));
        if status != plan.status {
            tally.errors += 1;
            tally
                .first_error
                .get_or_insert_with(|| format!("status {}", String::from_utf8_lossy(&status)));
        }
        sent = now;
    }
    Ok(())
}

/// Reads one whole answer into `buffer` and returns the digits of its status.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<[u8; 3], Box<dyn Error>> {
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        if let Some(head) = find(buffer, b"\r\n\r\n") {
            let status = buffer
                .strip_prefix(b"HTTP/1.1 ")
                .and_then(|rest| rest.first_chunk::<3>().copied())
                .ok_or("not an answer of HTTP/1.1")?;
            let whole = head + 4 + content_length(&buffer[..head + 2])?;
            while buffer.len() < whole {
                if stream.read_buf(buffer).await? == 0 {
                    return Err("the server closed the connection in a body".into());
                }
            }
            if buffer.len() > whole {
                return Err("more than one answer to a request".into());
            }
            return Ok(status);
        }
        if buffer.len() > MAX_ANSWER {
            return Err("an answer without an end".into());
        }
    }
}

fn content_length(head: &[u8]) -> Result<usize, Box<dyn Error>> {
    const NAME: &[u8] = b"content-length:";
    let line = head
        .split(|byte| *byte == b'\n')
        .find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))
        .ok_or("an answer without Content-Length")?;
    let length: usize = std::str::from_utf8(&line[NAME.len()..])?.trim().parse()?;
    if length > MAX_ANSWER {
        return Err("an answer that is too long".into());
    }
    Ok(length)
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}

fn merge(tallies: Vec<Tally>, took: Duration) -> Tally {
    let mut all = Tally::default();
    for tally in tallies {
        all.latencies_us.extend(tally.latencies_us);
        all.errors += tally.errors;
        all.first_error = all.first_error.or(tally.first_error);
    }
    all.latencies_us.sort_unstable();
    let at = |part| percentile(&all.latencies_us, part);
    println!(
        "{}",
        serde_json::json!({
            "requests": all.latencies_us.len(),
            "errors": all.errors,
            "first_error": all.first_error,
            "seconds": took.as_secs_f64(),
            "per_second": all.latencies_us.len() as f64 / took.as_secs_f64(),
            "latency_us": { "p50": at(0.5), "p90": at(0.9), "p99": at(0.99), "p999": at(0.999), "max": at(1.0) },
        })
    );
    all
}

impl Plan {
    fn from_arguments() -> Result<Self, Box<dyn Error>> {
        let (mut address, mut connections, mut seconds) = (None::<SocketAddr>, 32, 5.0);
        let (mut paths, mut body, mut status) =
            (vec!["/hello/ada".to_owned()], None, [b'2', b'0', b'0']);
        let mut token = None;
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let value = arguments
                .next()
                .ok_or_else(|| format!("{name} wants a value"))?;
            match name.as_str() {
                "--address" => address = Some(value.parse()?),
                "--connections" => connections = value.parse()?,
                "--seconds" => seconds = value.parse()?,
                "--path" => paths = vec![value],
                "--paths" => {
                    paths = std::fs::read_to_string(value)?
                        .lines()
                        .map(Into::into)
                        .collect()
                }
                "--body" => body = Some(std::fs::read(value)?),
                "--token" => token = Some(value),
                "--status" => status = *value.as_bytes().first_chunk().ok_or("three digits")?,
                _ => return Err(format!("unknown flag {name}").into()),
            }
        }
        let address = address.ok_or("--address is missing")?;
        if !address.ip().is_loopback() {
            return Err("only loopback addresses are loaded".into());
        }
        if connections == 0 || paths.is_empty() {
            return Err("at least one connection and one path".into());
        }
        let requests = paths
            .iter()
            .map(|path| request(address, path, body.as_deref(), token.as_deref()))
            .collect();
        let length = Duration::try_from_secs_f64(seconds)?;
        Ok(Self {
            address,
            connections,
            length,
            status,
            requests,
        })
    }
}

fn request(address: SocketAddr, path: &str, body: Option<&[u8]>, token: Option<&str>) -> Vec<u8> {
    let method = if body.is_some() { "POST" } else { "GET" };
    let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\n");
    if let Some(token) = token {
        request += &format!("authorization: Bearer {token}\r\n");
    }
    if let Some(body) = body {
        request += &format!(
            "content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        );
    }
    request += "\r\n";
    let mut request = request.into_bytes();
    request.extend_from_slice(body.unwrap_or_default());
    request
}
