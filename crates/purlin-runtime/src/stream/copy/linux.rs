//! What the Linux kernel copies by itself.

use std::{
    fs::File,
    io::{self, Read, Write},
    os::fd::{AsFd, OwnedFd},
    sync::Arc,
};

use rustix::{
    fs::{copy_file_range, sendfile},
    io::Errno,
};
use tokio::{io::Interest, net::TcpStream, task::spawn_blocking};

use super::STEP_BYTES;
use crate::stream::StreamError;

/// Bytes that are copied at once where the kernel does not.
const BUFFER_BYTES: usize = 128 * 1024;

/// How two files are copied: by the first way that they allow.
#[derive(Default)]
pub(super) struct Copier {
    way: Way,
    copied: u64,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Way {
    #[default]
    Range,
    Send,
    Buffer,
}

impl Copier {
    /// Copies at most `bytes`; 0 at the end.
    pub(super) fn copy(&mut self, from: &File, to: &File, bytes: u64) -> io::Result<u64> {
        let count = usize::try_from(bytes).unwrap_or(usize::MAX);
        loop {
            let copied = match self.way {
                Way::Range => copy_file_range(from, None, to, None, count),
                Way::Send => sendfile(to, from, None, count),
                Way::Buffer => return buffered(from, to, bytes),
            };
            match copied {
                Err(Errno::INTR) => {}
                // Files that the kernel makes up, as those of /proc, seem empty to it.
                Ok(0) if self.copied == 0 => self.way = Way::Buffer,
                Ok(copied) => {
                    self.copied += copied as u64;
                    return Ok(copied as u64);
                }
                Err(error) => self.way = next(self.way, error)?,
            }
        }
    }
}

/// The next way, if `error` says that this one is not for these files.
fn next(way: Way, error: Errno) -> Result<Way, Errno> {
    let is_refused = [
        Errno::XDEV,
        Errno::INVAL,
        Errno::NOSYS,
        Errno::OPNOTSUPP,
        Errno::PERM,
        // What is open for appending alone.
        Errno::BADF,
    ];
    match way {
        Way::Range if is_refused.contains(&error) => Ok(Way::Send),
        Way::Send if is_refused.contains(&error) => Ok(Way::Buffer),
        _ => Err(error),
    }
}

fn buffered(mut from: &File, mut to: &File, bytes: u64) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut copied = 0;
    while copied < bytes {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        to.write_all(&buffer[..read])?;
        copied += read as u64;
    }
    Ok(copied)
}

/// A file that is sent over a socket.
pub(super) struct Sender<'s> {
    file: Arc<File>,
    socket: &'s TcpStream,
    /// The socket, as the threads that block may hold it.
    target: Arc<OwnedFd>,
}

impl<'s> Sender<'s> {
    pub(super) fn new(file: File, socket: &'s TcpStream) -> io::Result<Self> {
        let target = socket.as_fd().try_clone_to_owned()?;
        Ok(Self {
            file: Arc::new(file),
            socket,
            target: Arc::new(target),
        })
    }

    /// Sends at most `left` bytes from `at`; 0 at the end of the file.
    pub(super) async fn send(&mut self, at: u64, left: u64) -> Result<u64, StreamError> {
        let (file, target) = (Arc::clone(&self.file), Arc::clone(&self.target));
        let step = left.min(STEP_BYTES);
        let sent = spawn_blocking(move || send(&file, at, &target, step)).await;
        match sent.map_err(io::Error::other)? {
            // Only this registers for the moment when there is room again. What it reads of the
            // file, the attempt before has brought into the kernel's cache.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let send = || send(&self.file, at, &self.target, step.min(SEND_BYTES));
                Ok(self.socket.async_io(Interest::WRITABLE, send).await?)
            }
            sent => Ok(sent?),
        }
    }
}

/// Bytes that are sent on the executor's thread, when the socket had no room before.
const SEND_BYTES: u64 = 64 * 1024;

/// Sends at most `bytes` of `file` from `at`. The socket does not block.
fn send(file: &File, mut at: u64, target: &OwnedFd, bytes: u64) -> io::Result<u64> {
    let count = usize::try_from(bytes).unwrap_or(usize::MAX);
    loop {
        match sendfile(target, file, Some(&mut at), count) {
            Err(Errno::INTR) => {}
            sent => return Ok(sent? as u64),
        }
    }
}
