//! Copies that the kernel does where it can, so that the bytes never come into the process.

use std::{
    fs::File,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use tokio::net::TcpStream;

use super::{StreamError, readable::blocking};

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
use linux as kernel;
#[cfg(not(target_os = "linux"))]
mod portable;
#[cfg(not(target_os = "linux"))]
use portable as kernel;

/// Bytes that are copied before it is looked whether anybody still waits: some milliseconds.
const STEP_BYTES: u64 = 8 * 1024 * 1024;

/// Copies the rest of `from`, from where it stands, to where `to` stands; gives back how many bytes
/// that were.
///
/// On Linux it is `copy_file_range`: where the file system can, it shares the blocks and copies
/// nothing. Where that is not possible it is `sendfile`, or a buffer of 128 KiB. All of it is done
/// on tokio's threads for what blocks.
///
/// # Errors
///
/// [`StreamError::Io`]; what was copied by then stays.
///
/// # Panics
///
/// When called outside a tokio runtime.
///
/// # Cancel safety
///
/// If the future is dropped, the copy stops after at most 8 MiB more. How far it came is where the
/// files stand.
///
/// # Examples
///
/// ```
/// use std::io::{Read, Seek, SeekFrom, Write};
///
/// # let rt = tokio::runtime::Builder::new_current_thread().build()?;
/// # rt.block_on(async {
/// let (mut from, mut to) = (tempfile::tempfile()?, tempfile::tempfile()?);
/// from.write_all(b"Call me Ishmael.")?;
/// from.seek(SeekFrom::Start(8))?;
/// let copied = purlin_runtime::stream::copy_file(from, to.try_clone()?).await?;
///
/// let mut text = String::new();
/// to.seek(SeekFrom::Start(0))?;
/// to.read_to_string(&mut text)?;
/// assert_eq!((copied, text.as_str()), (8, "Ishmael."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn copy_file(from: File, to: File) -> Result<u64, StreamError> {
    let call = Call::default();
    let is_dropped = Arc::clone(&call.0);
    blocking(move || {
        let mut copier = kernel::Copier::default();
        let mut copied = 0;
        loop {
            let step = copier.copy(&from, &to, STEP_BYTES)?;
            copied += step;
            if step == 0 || is_dropped.load(Relaxed) {
                return Ok(copied);
            }
        }
    })
    .await
}

/// The call of a copy, which tells when it is dropped.
#[derive(Default)]
struct Call(Arc<AtomicBool>);

impl Drop for Call {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Sends the bytes of `range` of `file` over `socket`; gives back how many bytes that were, which
/// is fewer if the file ends before.
///
/// On Linux it is `sendfile`: the bytes go from the cache of the kernel to the socket. The disk is
/// waited for on tokio's threads for what blocks; a slow reader is waited for on no thread at all.
///
/// # Errors
///
/// [`StreamError::Io`] if the file cannot be read or the connection is gone.
///
/// # Panics
///
/// When called outside a tokio runtime.
///
/// # Cancel safety
///
/// If the future is dropped, a part of the range was sent.
pub async fn send_file(
    file: File,
    range: Range<u64>,
    socket: &TcpStream,
) -> Result<u64, StreamError> {
    let mut at = range.start;
    let mut sender = kernel::Sender::new(file, socket)?;
    while at < range.end {
        let sent = sender.send(at, range.end - at).await?;
        if sent == 0 {
            break;
        }
        at += sent;
    }
    Ok(at - range.start)
}
