//! Where a document comes from: a file, or an http address.

use std::{
    convert::Infallible,
    fmt, fs,
    io::{self, Read},
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};

/// Largest document that is read.
const DOCUMENT_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Longest wait for a document.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// Where a document comes from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    File(PathBuf),
    Address(String),
}

/// Why a document could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{source_text}: {reason}")]
pub(crate) struct SourceError {
    source_text: String,
    reason: Reason,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error("there is no such file")]
    Missing,
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it is not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    #[error("it has more than {} MiB", DOCUMENT_BYTES_MAX >> 20)]
    TooLarge,
    #[error("only http is spoken here; fetch it with another tool and give the file")]
    NotHttp,
    #[error("it is not an address")]
    NotAddress,
    #[error("no connection: {0}")]
    NotReached(io::Error),
    #[error("no answer: {0}")]
    Broken(#[from] hyper::Error),
    #[error("no answer within {} s", ANSWER_MAX.as_secs())]
    TooLate,
    #[error("the answer is {0}")]
    Status(StatusCode),
}

impl FromStr for Source {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.contains("://") {
            true => Self::Address(text.to_owned()),
            false => Self::File(text.into()),
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Address(address) => address.fmt(f),
        }
    }
}

impl SourceError {
    /// Whether there is nothing yet where the document should be.
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self.reason, Reason::Missing)
    }
}

impl Source {
    /// The document.
    ///
    /// # Errors
    ///
    /// [`SourceError`], with the source and the reason.
    pub(crate) async fn read(&self) -> Result<Value, SourceError> {
        let read = match self {
            Self::File(path) => file(path),
            Self::Address(address) => match timeout(ANSWER_MAX, get(address)).await {
                Ok(answer) => answer,
                Err(_) => Err(Reason::TooLate),
            },
        };
        let document = read.and_then(|bytes| Ok(serde_json::from_slice(&bytes)?));
        document.map_err(|reason| SourceError {
            source_text: self.to_string(),
            reason,
        })
    }
}

fn file(path: &Path) -> Result<Vec<u8>, Reason> {
    let file = fs::File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Reason::Missing,
        _ => Reason::Io(error),
    })?;
    let mut bytes = Vec::new();
    file.take(DOCUMENT_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return Err(Reason::TooLarge);
    }
    Ok(bytes)
}

/// One GET over a connection of its own.
async fn get(address: &str) -> Result<Vec<u8>, Reason> {
    let uri: Uri = address.parse().map_err(|_| Reason::NotAddress)?;
    if uri.scheme_str() != Some("http") {
        return Err(Reason::NotHttp);
    }
    let host = uri.host().ok_or(Reason::NotAddress)?;
    let host_only = host.trim_start_matches('[').trim_end_matches(']');
    let to = (host_only, uri.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(to).await.map_err(Reason::NotReached)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let host = uri.authority().map_or(host, |authority| authority.as_str());
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let request = Request::get(target)
        .header("host", host)
        .header("accept", "application/json")
        .body(Empty::<Bytes>::new())
        .map_err(|_| Reason::NotAddress)?;
    let answer = async {
        let answer = sender.send_request(request).await?;
        if answer.status() != StatusCode::OK {
            return Err(Reason::Status(answer.status()));
        }
        let body = Limited::new(answer.into_body(), DOCUMENT_BYTES_MAX);
        let body = body.collect().await.map_err(broken)?;
        Ok(body.to_bytes().to_vec())
    };
    // The connection is driven beside the answer, and ends with it.
    tokio::pin!(answer, connection);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        _ = &mut connection => answer.await,
    }
}

fn broken(error: Box<dyn std::error::Error + Send + Sync>) -> Reason {
    match error.downcast::<hyper::Error>() {
        Ok(error) => Reason::Broken(*error),
        Err(_) => Reason::TooLarge,
    }
}
