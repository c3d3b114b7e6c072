//! Copies through a buffer, where the kernel has no way of its own that is used here.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    sync::Arc,
};

use bytes::{Buf, Bytes};
use tokio::net::TcpStream;

use crate::stream::{StreamError, readable::blocking};

/// Bytes that are in memory at once.
const BUFFER_BYTES: u64 = 128 * 1024;

#[derive(Default)]
pub(super) struct Copier;

impl Copier {
    /// Copies at most `bytes`; 0 at the end.
    pub(super) fn copy(&mut self, from: &File, mut to: &File, bytes: u64) -> io::Result<u64> {
        io::copy(&mut from.take(bytes), &mut to)
    }
}

/// A file that is sent over a socket.
pub(super) struct Sender<'s> {
    file: Arc<File>,
    socket: &'s TcpStream,
}

impl<'s> Sender<'s> {
    pub(super) fn new(file: File, socket: &'s TcpStream) -> io::Result<Self> {
        let file = Arc::new(file);
        Ok(Self { file, socket })
    }

    /// Sends at most `left` bytes from `at`; 0 at the end of the file.
    pub(super) async fn send(&mut self, at: u64, left: u64) -> Result<u64, StreamError> {
        let file = Arc::clone(&self.file);
        let bytes = left.min(BUFFER_BYTES);
        let mut chunk = blocking(move || read_at(&file, at, bytes)).await?;
        let sent = chunk.len() as u64;
        while !chunk.is_empty() {
            self.socket.writable().await?;
            match self.socket.try_write(&chunk) {
                Ok(written) => chunk.advance(written),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(sent)
    }
}

fn read_at(mut file: &File, at: u64, bytes: u64) -> io::Result<Bytes> {
    let mut chunk = Vec::new();
    file.seek(SeekFrom::Start(at))?;
    file.take(bytes).read_to_end(&mut chunk)?;
    Ok(chunk.into())
}
