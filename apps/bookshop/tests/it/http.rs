//! A small HTTP/1.1 client that can also say what no client should.

use std::{
    fmt::Write as _,
    io::{self, Read, Write},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use serde_json::Value;

/// A server that says nothing for so long hangs.
const SILENCE_MAX: Duration = Duration::from_secs(15);

/// Speaks to one address; a connection for each request.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pub(crate) address: String,
}

/// A request that is being put together.
pub(crate) struct Request<'c> {
    client: &'c Client,
    method: &'static str,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// A client of the server at `url`, as the program prints it.
    pub(crate) fn new(url: &str) -> Self {
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        Self {
            address: address.to_owned(),
        }
    }

    pub(crate) fn request(&self, method: &'static str, target: impl Into<String>) -> Request<'_> {
        Request {
            client: self,
            method,
            target: target.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub(crate) fn get(&self, target: impl Into<String>) -> Response {
        self.request("GET", target).send()
    }

    /// Opens a connection for a test that speaks byte by byte.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the server takes connections");
        stream
            .set_read_timeout(Some(SILENCE_MAX))
            .expect("a read can time out");
        stream
    }

    /// Sends `bytes` as they are and reads one answer.
    pub(crate) fn raw(&self, bytes: &[u8]) -> Response {
        let mut stream = self.connect();
        // The server may answer and close before it has read everything: then the write fails,
        // and the answer is there all the same.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer);
        let _ = stream.shutdown(Shutdown::Both);
        match end {
            Err(error) if answer.is_empty() => panic!("no answer: {error}"),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => panic!("the server hangs"),
            _ => Response::parse(&answer),
        }
    }
}

impl Request<'_> {
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.text(body.to_string())
    }

    /// A body that claims to be JSON.
    pub(crate) fn text(self, body: impl Into<Vec<u8>>) -> Self {
        self.header("content-type", "application/json").body(body)
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The request as bytes, for a test that sends them by parts.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        let mut line = |name: &str, value: &str| {
            write!(head, "{name}: {value}\r\n").expect("text grows");
        };
        let given = |name: &str| self.headers.iter().any(|(n, _)| n == name);
        if !given("host") {
            line("host", &self.client.address);
        }
        line("connection", "close");
        if !self.body.is_empty() || matches!(self.method, "POST" | "PUT" | "PATCH") {
            line("content-length", &self.body.len().to_string());
        }
        for (name, value) in &self.headers {
            line(name, value);
        }
        head.push_str("\r\n");
        [head.into_bytes(), self.body.clone()].concat()
    }

    pub(crate) fn send(self) -> Response {
        let mut response = self.client.raw(&self.bytes());
        if self.method == "HEAD" {
            assert!(response.body.is_empty(), "HEAD has no body");
        }
        if response.header("transfer-encoding") == Some("chunked") {
            response.body = unchunked(&response.body);
        }
        response
    }
}

impl Response {
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let split = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        let split = split.unwrap_or_else(|| {
            panic!("not an answer: {}", String::from_utf8_lossy(bytes));
        });
        let head = String::from_utf8_lossy(&bytes[..split]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers = lines.filter_map(|line| line.split_once(':'));
        Self {
            status: status.and_then(|s| s.parse().ok()).expect("a status"),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            body: bytes[split + 4..].to_vec(),
        }
    }

    /// The value of header `name` (in lower case), if it is there once or more.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {} {}", self.status, self.text()))
    }

    /// Checks the status and gives back the answer.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The target of the `Link` with relation `rel`.
    pub(crate) fn link(&self, rel: &str) -> Option<String> {
        let links = self.headers.iter().filter(|(name, _)| name == "link");
        let mut parts = links.flat_map(|(_, value)| value.split(", <"));
        let wanted = format!("rel=\"{rel}\"");
        let found = parts.find(|part| part.contains(&wanted))?;
        let target = found.trim_start_matches('<').split('>').next()?;
        Some(target.to_owned())
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|two| two == b"\r\n");
        let end = end.expect("a chunk begins with its length");
        let length = String::from_utf8_lossy(&bytes[..end]);
        let length = usize::from_str_radix(length.trim(), 16).expect("a length");
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 4 + length..];
    }
}

/// `text` as one part of a query.
pub(crate) fn encoded(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            _ => write!(out, "%{byte:02X}").expect("text grows"),
        }
    }
    out
}
