//! What goes over the socket: a length, a kind, and JSON or text.

use std::{
    fmt,
    io::{self, Read, Write},
};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::panics::Panic;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// To the process: the input of a job.
    Job,
    /// The process has its limits and waits for jobs.
    Ready,
    /// The process cannot work, and says why.
    Refused,
    /// The answer to a job.
    Answer,
    /// The job panicked: a [`PanicSaid`].
    Panicked,
    /// The input is not what the task takes.
    Unreadable,
    /// The answer cannot be written as JSON.
    Unwritable,
    /// The answer has this many bytes, more than it may.
    TooLong,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Job,
        Self::Ready,
        Self::Refused,
        Self::Answer,
        Self::Panicked,
        Self::Unreadable,
        Self::Unwritable,
        Self::TooLong,
    ];

    fn of(byte: u8) -> io::Result<Self> {
        let kind = Self::ALL.get(usize::from(byte)).copied();
        kind.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no such kind of frame"))
    }
}

/// One frame from the process.
#[derive(Debug)]
pub struct Reply {
    pub(super) kind: Kind,
    pub(super) payload: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PanicSaid {
    pub(super) message: String,
    pub(super) place: Option<String>,
}

impl Reply {
    pub(super) fn said(kind: Kind, words: impl fmt::Display) -> Self {
        let payload = words.to_string().into_bytes();
        Self { kind, payload }
    }

    pub(super) fn panicked(panic: Panic) -> Self {
        let Panic { message, place } = panic;
        let said = PanicSaid { message, place };
        let payload = serde_json::to_vec(&said).expect("two texts are JSON");
        let kind = Kind::Panicked;
        Self { kind, payload }
    }

    pub(super) fn words(&self) -> String {
        String::from_utf8_lossy(&self.payload).into_owned()
    }
}

const HEAD_BYTES: usize = 5;

fn head(kind: Kind, length: usize) -> io::Result<[u8; HEAD_BYTES]> {
    let length = u32::try_from(length).map_err(|_over| too_long(length))?;
    let [a, b, c, d] = length.to_be_bytes();
    Ok([a, b, c, d, kind as u8])
}

/// The kind and the length, which is checked before anything is read or set aside.
fn parse(head: [u8; HEAD_BYTES], bytes_max: usize) -> io::Result<(Kind, usize)> {
    let [a, b, c, d, kind] = head;
    let length = u32::from_be_bytes([a, b, c, d]) as usize;
    if length > bytes_max {
        return Err(too_long(length));
    }
    Ok((Kind::of(kind)?, length))
}

fn too_long(length: usize) -> io::Error {
    let words = format!("a frame of {length} bytes");
    io::Error::new(io::ErrorKind::InvalidData, words)
}

/// The process's side: the next job; `None` at the end.
pub(super) fn read_job(from: &mut impl Read, bytes_max: usize) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = [0; HEAD_BYTES];
    match from.read_exact(&mut bytes) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let (_, length) = parse(bytes, bytes_max)?;
    let mut job = vec![0; length];
    from.read_exact(&mut job)?;
    Ok(Some(job))
}

/// The process's side.
pub(super) fn write_reply(to: &mut impl Write, reply: &Reply) -> io::Result<()> {
    to.write_all(&head(reply.kind, reply.payload.len())?)?;
    to.write_all(&reply.payload)
}

/// Our side.
pub(super) async fn write_job(to: &mut (impl AsyncWrite + Unpin), job: &[u8]) -> io::Result<()> {
    to.write_all(&head(Kind::Job, job.len())?).await?;
    to.write_all(job).await
}

/// Our side.
pub(super) async fn read_reply(
    from: &mut (impl AsyncRead + Unpin),
    bytes_max: usize,
) -> io::Result<Reply> {
    let mut bytes = [0; HEAD_BYTES];
    from.read_exact(&mut bytes).await?;
    let (kind, length) = parse(bytes, bytes_max)?;
    let mut payload = Vec::new();
    // As it comes, and not a place for all of it on the word of the process.
    let read = from.take(length as u64).read_to_end(&mut payload).await?;
    if read < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Reply { kind, payload })
}
