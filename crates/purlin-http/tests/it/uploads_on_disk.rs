//! Files on their way in that are stored: whole, or not at all.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http::Request;
use purlin_base::Classified;
use purlin_http::{
    Edge, Health, Json, Mount, Path as AtPath, Route, Router, Routes, Server, Upload,
    upload::UploadError,
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::{
    support::{ask, served, served_by},
    uploads::{FORM, IMAGES, PNG, file, form},
};

/// What lies in `folder`.
fn names(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn saving(folder: &Path) -> Routes {
    let folder = folder.to_owned();
    let save = move |upload: Upload| {
        let folder = folder.clone();
        async move {
            let file = upload.accepts(IMAGES).file("file").await?;
            let saved = file.save_in(&folder).await?;
            assert_eq!(names(&folder), [saved.path()]);
            let bytes = saved.received().bytes;
            saved.persist(folder.join("cover")).await?;
            Ok::<_, UploadError>(Json(bytes))
        }
    };
    Routes::at("/").route(Route::put("/cover").public().handler(save))
}

#[tokio::test]
async fn a_file_is_stored_whole_under_its_own_name() {
    let folder = tempfile::tempdir().unwrap();
    for content in [PNG.to_vec(), [PNG, &[5; 300_000]].concat()] {
        let request = Request::put("/cover").header("content-type", FORM);
        let request = request.body(Body::from(form(&[file(&content)]))).unwrap();
        let answer = ask(&served(saving(folder.path())), request).await;
        assert_eq!(answer.status, 200, "{:?}", answer.json());
        assert!(std::fs::read(folder.path().join("cover")).unwrap() == content);
        assert_eq!(names(folder.path()).len(), 1);
        std::fs::remove_file(folder.path().join("cover")).unwrap();
    }
}

#[tokio::test]
async fn nothing_stays_of_a_file_that_is_refused_or_broken_off() {
    let folder = tempfile::tempdir().unwrap();
    let broken = form(&[file(PNG), file(PNG)]);
    let unended = file(&[PNG, &[5; 200_000]].concat());
    let large = form(&[file(&[PNG, &vec![5; 2_000_000]].concat())]);
    for body in [broken, unended, large] {
        let request = Request::put("/cover").header("content-type", FORM);
        let answer = ask(
            &served(saving(folder.path())),
            request.body(Body::from(body)).unwrap(),
        )
        .await;
        assert!(answer.status.is_client_error(), "{answer:?}");
        assert_eq!(names(folder.path()), Vec::<PathBuf>::new());
    }
}

#[tokio::test]
async fn nothing_stays_when_the_handler_panics_or_forgets_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_owned();
    let save = move |AtPath(how): AtPath<String>, upload: Upload| {
        let at = at.clone();
        async move {
            let file = upload.accepts(IMAGES).file("file").await?;
            let saved = file.save_in(&at).await?;
            assert_eq!(how, "forget", "a panic with {saved:?} at hand");
            Ok::<_, UploadError>(Json(saved.received().bytes))
        }
    };
    let routes = Routes::at("/").route(Route::put("/{how}").public().handler(save));
    let router = served(routes);
    for (path, status) in [("/panic", 500), ("/forget", 200)] {
        let request = Request::put(path).body(Body::from(PNG)).unwrap();
        assert_eq!(ask(&router, request).await.status, status);
        assert_eq!(names(folder.path()), Vec::<PathBuf>::new());
    }
}

#[tokio::test]
async fn a_folder_that_is_missing_is_our_fault_and_is_not_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let request = Request::put("/cover").body(Body::from(PNG)).unwrap();
    let answer = ask(&served(saving(&missing)), request).await;
    assert_eq!(answer.problem(503), "HTTP_UPLOAD_NOT_STORED");
    assert!(!String::from_utf8_lossy(&answer.body).contains("missing"));
}

#[tokio::test(start_paused = true)]
async fn a_slow_caller_gets_408_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, begin) in [(FORM, file(PNG)), ("image/png", PNG.to_vec())] {
        let first = stream::iter([Ok::<_, Infallible>(Bytes::from(begin))]);
        let body = Body::from_stream(futures_util::StreamExt::chain(first, stream::pending()));
        let request = Request::put("/cover")
            .header("content-type", kind)
            .body(body)
            .unwrap();
        let router = served_by(
            &Edge::new().timeout(Some(Duration::from_secs(5))),
            saving(folder.path()),
        );
        assert_eq!(
            ask(&router, request).await.problem(408),
            "HTTP_BODY_TIMEOUT"
        );
        assert_eq!(names(folder.path()), Vec::<PathBuf>::new());
    }
}

#[tokio::test]
async fn nothing_stays_when_the_caller_hangs_up() {
    let folder = tempfile::tempdir().unwrap();
    let (told, mut tells) = tokio::sync::mpsc::channel(1);
    let at = folder.path().to_owned();
    let save = move |upload: Upload| {
        let (at, told) = (at.clone(), told.clone());
        async move {
            let mut file = upload.accepts(IMAGES).file("file").await?;
            let _head = file.chunk().await?;
            told.send("begun").await.unwrap();
            let outcome = file.save_in(&at).await.map(|saved| saved.received().bytes);
            let code = outcome.as_ref().err().map_or("stored", Classified::code);
            told.send(code).await.unwrap();
            outcome.map(Json)
        }
    };
    let routes = Routes::at("/").route(Route::put("/cover").public().handler(save));
    let router = Mount::new().routes(routes).build().unwrap().router;
    let server = Server::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let running = server.serve(&Edge::new(), &Health::new(), router, Router::new());
    let mut caller = TcpStream::connect(running.address()).await.unwrap();
    caller
        .write_all(b"PUT /cover HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n")
        .await
        .unwrap();
    caller.write_all(PNG).await.unwrap();
    assert_eq!(tells.recv().await, Some("begun"));
    drop(caller);
    assert_eq!(tells.recv().await, Some("HTTP_BODY_INCOMPLETE"));
    assert_eq!(names(folder.path()), Vec::<PathBuf>::new());
    running.stop(Duration::from_secs(5)).await;
}
