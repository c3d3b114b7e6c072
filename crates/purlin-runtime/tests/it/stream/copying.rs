//! Copies that the kernel does.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom, Write},
};

use purlin_runtime::stream::{StreamError, copy_file, send_file};
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
};

use super::kit::prose;

fn file_of(text: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(text).unwrap();
    file.seek(SeekFrom::Start(0)).unwrap();
    file
}

#[tokio::test]
async fn a_file_is_copied_from_where_it_stands_to_where_the_other_stands() {
    let text = prose(20_000_000, 31);
    let mut from = file_of(&text);
    from.seek(SeekFrom::Start(5)).unwrap();
    let mut to = file_of(b"before");
    to.seek(SeekFrom::End(0)).unwrap();
    let copied = copy_file(from, to.try_clone().unwrap()).await.unwrap();
    assert_eq!(copied, text.len() as u64 - 5);
    let mut read = Vec::new();
    to.seek(SeekFrom::Start(0)).unwrap();
    to.read_to_end(&mut read).unwrap();
    assert!(read == [b"before", &text[5..]].concat());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_the_kernel_does_not_copy_is_copied_through_a_buffer() {
    // A file that says it is empty, and one that is only open for appending.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("appended");
    let append = || {
        File::options()
            .create(true)
            .append(true)
            .open(&path)
            .unwrap()
    };
    let from = File::open("/proc/self/status").unwrap();
    assert!(copy_file(from, append()).await.unwrap() > 0);
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("Name:"));
    let before = std::fs::metadata(&path).unwrap().len();
    assert_eq!(copy_file(file_of(b"more"), append()).await.unwrap(), 4);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), before + 4);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_to_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("read-only");
    std::fs::write(&path, "").unwrap();
    let error = copy_file(file_of(b"text"), File::open(&path).unwrap()).await;
    assert!(matches!(error, Err(StreamError::Io(_))));
}

async fn sockets() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap());
    let (near, far) = tokio::join!(near, listener.accept());
    (near.unwrap(), far.unwrap().0)
}

#[tokio::test]
async fn a_range_of_a_file_is_sent_to_a_reader_slower_than_the_sender() {
    let text = prose(20_000_000, 32);
    let (near, mut far) = sockets().await;
    let file = file_of(&text);
    let sending = async move {
        let sent = send_file(file, 10..30_000_000, &near).await;
        drop(near);
        sent
    };
    let mut read = Vec::new();
    let (sent, received) = tokio::join!(sending, far.read_to_end(&mut read));
    received.unwrap();
    assert_eq!(sent.unwrap(), text.len() as u64 - 10);
    assert!(read == text[10..]);
}

#[tokio::test]
async fn a_reader_that_hangs_up_ends_the_sending() {
    let (near, far) = sockets().await;
    let file = file_of(&vec![0; 20_000_000]);
    let sending = send_file(file, 0..20_000_000, &near);
    let hang_up = async { drop(far) };
    let (sent, ()) = tokio::join!(sending, hang_up);
    assert!(matches!(sent, Err(StreamError::Io(_))));
}
