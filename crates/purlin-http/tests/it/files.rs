//! Files on their way out: from disk, and as a stream.

use std::{
    fs, io,
    ops::Range,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Request;
use http_body_util::BodyExt;
use purlin_http::{
    FileReply, Path as At, Reply, Route, Router, Routes,
    files::{ByteStream, FileError, FileRoot, RangeSource},
};

use crate::support::{Answer, ask, get, request, served};

/// A folder with `cat.png`, `page.html`, `deep/er/dog.gif`, `.hidden`, and `secret` beside it.
fn folder() -> (tempfile::TempDir, FileRoot) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root");
    fs::create_dir_all(root.join("deep/er")).unwrap();
    fs::create_dir_all(root.join(".git")).unwrap();
    for (name, content) in [
        ("cat.png", "a cat"),
        ("page.html", "<script>"),
        ("deep/er/dog.gif", "a dog"),
        (".hidden", "hidden"),
        (".git/config", "hidden"),
        ("../secret", "secret"),
    ] {
        fs::write(root.join(name), content).unwrap();
    }
    let files = FileRoot::at(root);
    (folder, files)
}

fn router(root: &FileRoot) -> Router {
    let root = root.clone();
    let read = move |At(name): At<String>| async move { root.open(&name).await };
    served(Routes::at("/files").route(Route::get("/{*name}").public().handler(read)))
}

async fn read_whole(reply: FileReply) -> Vec<u8> {
    let body = reply.reply().into_body();
    body.collect().await.unwrap().to_bytes().to_vec()
}

#[tokio::test]
async fn a_file_on_disk_has_its_type_tag_and_date() {
    let (_folder, root) = folder();
    let answer = get(&router(&root), "/files/cat.png").await;
    assert_eq!(
        (answer.status.as_u16(), &answer.body[..]),
        (200, &b"a cat"[..])
    );
    assert_eq!(answer.header("content-type"), "image/png");
    assert_eq!(answer.header("content-length"), "5");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("last-modified").ends_with(" GMT"));
    let tag = answer.header("etag");
    let again = Request::get("/files/cat.png").header("if-none-match", tag);
    let again = ask(&router(&root), again.body(Body::empty()).unwrap()).await;
    assert_eq!(again.status, 304);
    let part = Request::get("/files/cat.png").header("range", "bytes=2-");
    let part = part.header("if-range", tag).body(Body::empty()).unwrap();
    let part = ask(&router(&root), part).await;
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &b"cat"[..]));
    let deep = get(&router(&root), "/files/deep/er/dog.gif").await;
    assert_eq!(deep.body, b"a dog");
}

#[tokio::test]
async fn a_file_that_took_the_place_of_another_has_another_tag() {
    let (folder, root) = folder();
    let before = get(&router(&root), "/files/cat.png").await;
    let new = folder.path().join("new");
    fs::write(&new, "a dog").unwrap();
    fs::rename(new, folder.path().join("root/cat.png")).unwrap();
    let after = get(&router(&root), "/files/cat.png").await;
    assert_ne!(before.header("etag"), after.header("etag"));
}

#[tokio::test]
async fn a_page_that_somebody_stored_is_not_served_as_a_page() {
    let (_folder, root) = folder();
    let answer = get(&router(&root), "/files/page.html").await;
    assert_eq!(answer.header("content-type"), "application/octet-stream");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
}

#[tokio::test]
async fn no_name_leads_out_of_the_folder() {
    let (folder, root) = folder();
    let absolute = folder.path().join("secret");
    for name in [
        "../secret",
        "deep/../../secret",
        "deep/../cat.png",
        absolute.to_str().unwrap(),
        "./cat.png",
        "deep//er/dog.gif",
        "deep/",
        "deep",
        "/cat.png",
        "",
        ".",
        "..",
        ".hidden",
        ".git/config",
        "..\\secret",
        "C:secret",
        "cat.png\0",
        "cat.png/x",
        "missing",
        &"a".repeat(300),
        &"a/".repeat(1000),
    ] {
        let refused = root.open(name).await;
        assert!(
            matches!(refused, Err(FileError::NotFound)),
            "{name:?}: {refused:?}"
        );
    }
    for address in [
        "/files/..%2Fsecret",
        "/files/%2e%2e/secret",
        "/files/%2Fetc%2Fpasswd",
    ] {
        let answer = get(&router(&root), address).await;
        assert_eq!(answer.problem(404), "HTTP_FILE_NOT_FOUND", "{address}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_not_followed_and_pipes_do_not_hold_up() {
    use std::os::unix::fs::symlink;
    let (folder, root) = folder();
    let at = |name: &str| folder.path().join("root").join(name);
    symlink("../secret", at("out")).unwrap();
    symlink("cat.png", at("inside")).unwrap();
    symlink("..", at("up")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, at("pipe"), rustix::fs::Mode::RUSR).unwrap();
    for name in ["out", "inside", "up/secret", "up/root/cat.png", "pipe"] {
        let refused = root.open(name).await;
        assert!(
            matches!(refused, Err(FileError::NotFound)),
            "{name:?}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn a_large_file_is_sent_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let content: Vec<u8> = (0..300_001_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(folder.path().join("large"), &content).unwrap();
    let root = FileRoot::at(folder.path());
    assert!(read_whole(root.open("large").await.unwrap()).await == content);
    let part = request_range(&router(&root), "/files/large", "bytes=65530-200000").await;
    assert!(part.body == content[65530..=200_000]);
}

async fn request_range(router: &Router, uri: &str, range: &str) -> Answer {
    let request = Request::get(uri).header("range", range);
    ask(router, request.body(Body::empty()).unwrap()).await
}

/// A file of 1000 pieces that counts how many of them were read.
#[derive(Clone, Default)]
struct Counted {
    read: Arc<AtomicUsize>,
}

const PIECE: usize = 64 * 1024;

impl RangeSource for Counted {
    fn length(&self) -> u64 {
        1000 * PIECE as u64
    }

    fn read(&self, range: Range<u64>) -> ByteStream {
        let read = Arc::clone(&self.read);
        let pieces = range.step_by(PIECE).map(move |_| {
            read.fetch_add(1, Ordering::Relaxed);
            Ok(Bytes::from_static(&[0; PIECE]))
        });
        stream::iter(pieces).boxed()
    }
}

#[tokio::test]
async fn a_piece_is_read_when_it_is_asked_for_and_none_after_the_caller_left() {
    let file = Counted::default();
    let mut body = FileReply::source(file.clone()).reply().into_body();
    assert_eq!(file.read.load(Ordering::Relaxed), 0);
    for taken in 1..=5 {
        body.frame().await.unwrap().unwrap();
        assert_eq!(file.read.load(Ordering::Relaxed), taken);
    }
    drop(body);
    assert_eq!(file.read.load(Ordering::Relaxed), 5);
    assert_eq!(Arc::strong_count(&file.read), 1, "nothing reads any more");
}

#[tokio::test]
async fn a_head_reads_nothing() {
    let file = Counted::default();
    let shared = file.clone();
    let read = move || {
        let file = shared.clone();
        async move { FileReply::source(file) }
    };
    let router = served(Routes::at("/").route(Route::get("/file").public().handler(read)));
    let answer = ask(&router, request("HEAD", "/file")).await;
    assert_eq!(answer.header("content-length"), (1000 * PIECE).to_string());
    assert_eq!(file.read.load(Ordering::Relaxed), 0);
}

/// A file that holds less, or more, than it says.
struct Lying(&'static [&'static str]);

impl RangeSource for Lying {
    fn length(&self) -> u64 {
        10
    }

    fn read(&self, _: Range<u64>) -> ByteStream {
        let pieces = self.0.iter().map(|piece| match *piece {
            "fails" => Err(io::ErrorKind::PermissionDenied.into()),
            piece => Ok(Bytes::from(piece)),
        });
        stream::iter(pieces.collect::<Vec<_>>()).boxed()
    }
}

#[tokio::test]
async fn a_file_that_ends_early_or_fails_breaks_the_answer_off() {
    for pieces in [&["12345"][..], &["12345", "fails"]] {
        let body = FileReply::source(Lying(pieces)).reply().into_body();
        assert!(body.collect().await.is_err(), "{pieces:?}");
    }
    let longer = FileReply::source(Lying(&["12345", "", "67890abc"]));
    assert_eq!(read_whole(longer).await, b"1234567890");
}

#[tokio::test]
async fn an_empty_file_is_an_empty_answer() {
    assert!(read_whole(FileReply::bytes("")).await.is_empty());
}

#[tokio::test]
async fn what_cannot_stand_in_a_field_is_left_out() {
    let reply = FileReply::bytes("x")
        .media_type("text/html\r\nSet-Cookie: a=b")
        .last_modified(std::time::UNIX_EPOCH - std::time::Duration::from_secs(1))
        .attachment("../a\r\nX: y\"; filename=\"b.exe");
    let headers = reply.reply().headers().clone();
    assert_eq!(headers["content-type"], "application/octet-stream");
    assert!(!headers.contains_key("last-modified"));
    assert_eq!(
        headers["content-disposition"],
        "attachment; filename=\"aX_ y_; filename=_b.exe\""
    );
}

#[test]
fn a_missing_folder_has_no_files() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let root = FileRoot::at(Path::new("/nonexistent/purlin"));
    let refused = runtime.block_on(root.open("cat.png"));
    assert!(matches!(refused, Err(FileError::NotFound)));
}
