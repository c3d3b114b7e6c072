//! Uploads and downloads: a file is taken by what it is and not by what it is called, it never lies
//! in memory whole, and half of it can be asked for.
//!
//! Change `cat.png` below into a path, or the image into a page, and see what is stored.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]
#![allow(
    missing_docs,
    unreachable_pub,
    reason = "an example has no public interface"
)]

use axum::{body::Body, http::Request};
use purlin::{
    http::{
        FileReply, Router, Upload,
        files::{FileError, FileRoot, FileType},
        upload::UploadError,
    },
    prelude::*,
};
use tower::ServiceExt;

const IMAGES: &[FileType] = &[FileType::Png, FileType::Jpeg, FileType::WebP];

#[injectable]
pub struct CoverController {}

fn folder() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("purlin-example-files-{}", std::process::id()))
}

#[controller("/covers")]
impl CoverController {
    #[put("/{id}")]
    #[body_bytes_max(10_485_760)]
    #[public]
    async fn store(&self, Path(id): Path<u32>, upload: Upload) -> Result<Json<u64>, UploadError> {
        // The field `file` of a form, or the raw body.
        let file = upload.accepts(IMAGES).file("file").await?;
        // It is removed again unless it comes whole.
        let saved = file.save_in(folder()).await?;
        let bytes = saved.received().bytes;
        // It lies under our name: what the caller calls it is only a hint.
        saved.persist(folder().join(format!("{id}.png"))).await?;
        Ok(Json(bytes))
    }

    #[get("/{id}")]
    #[public]
    async fn read(&self, Path(id): Path<u32>) -> Result<FileReply, FileError> {
        let file = FileRoot::at(folder()).open(&format!("{id}.png")).await?;
        Ok(file.cache_control("no-cache"))
    }
}

#[module(controllers(CoverController))]
pub struct CoverModule;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all(folder())?;
    let app = App::of::<CoverModule>().build().await?;
    let router = app.router();
    let form = "multipart/form-data; boundary=XX";
    let png = [b"\x89PNG\r\n\x1a\n".as_slice(), b" and the picture"].concat();
    let in_form = [
        b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cat.png\"\r\n\r\n",
        &png[..],
        b"\r\n--XX--\r\n",
    ]
    .concat();
    let put = || Request::put("/covers/7");
    show(
        &router,
        put().header("content-type", form).body(in_form.into())?,
    )
    .await?;
    show(
        &router,
        put()
            .header("content-type", "image/png")
            .body("<script>alert(1)</script>".into())?,
    )
    .await?;
    for range in ["bytes=13-19", "bytes=-7,0-3", "bytes=5000-"] {
        let part = Request::get("/covers/7").header("range", range);
        show(&router, part.body(Body::empty())?).await?;
    }
    app.stop().await;
    std::fs::remove_dir_all(folder())?;
    Ok(())
}

async fn show(router: &Router, request: Request<Body>) -> Result<(), Box<dyn std::error::Error>> {
    let (method, path) = (request.method().clone(), request.uri().clone());
    let (head, body) = router.clone().oneshot(request).await?.into_parts();
    let body = axum::body::to_bytes(body, 64 * 1024).await?;
    println!("{method} {path}");
    let place = head.headers.get("content-range");
    println!(
        "  {} {place:?} {}\n",
        head.status,
        String::from_utf8_lossy(&body)
    );
    Ok(())
}
