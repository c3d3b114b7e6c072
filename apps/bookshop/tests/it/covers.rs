//! Covers: taken in, made by a job, shown.

use std::{
    fs,
    io::Cursor,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use image::{DynamicImage, ImageFormat};
use serde_json::Value;

use crate::{
    http::Response,
    server::{Server, directory, run},
    shop::a_book,
};

/// Far longer than a job takes.
const JOB_MAX: Duration = Duration::from_secs(30);

/// An image of these sides.
pub(crate) fn image(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let image = DynamicImage::new_rgb8(width, height);
    image.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn put(server: &Server, book: &str, file: Vec<u8>) -> Response {
    let request = server.staff("PUT", format!("{book}/cover"));
    request
        .header("content-type", "image/png")
        .body(file)
        .send()
}

/// The job, once it is in one of `states`.
#[track_caller]
pub(crate) fn job_in(server: &Server, id: &str, states: &[&str]) -> Value {
    let until = Instant::now() + JOB_MAX;
    loop {
        let job = server.staff("GET", format!("/api/v2/jobs/{id}")).send();
        let job = job.expect(200).json();
        if states.contains(&job["state"].as_str().unwrap()) {
            return job;
        }
        assert!(Instant::now() < until, "{job} should be {states:?}");
        thread::park_timeout(Duration::from_millis(20));
    }
}

/// What every engine must do.
pub(crate) fn thumbnails_are_made_and_shown(server: &Server) {
    let (book, _) = server.create(&a_book());
    server.client.get(format!("{book}/cover")).problem(404);
    let begun = put(server, &book, image(1200, 1800, ImageFormat::Png))
        .expect(202)
        .json();
    let id = begun["job"].as_str().expect("an id");
    let job = job_in(server, id, &["completed", "failed"]);
    assert_eq!(job["state"], "completed", "{job}");
    assert_eq!(job["name"], "cover.thumbnails");
    assert_eq!(job["progress"], 100);
    assert_eq!(job["failed_reason"], Value::Null);
    for (size, sides) in [
        ("small", (160, 240)),
        ("medium", (480, 720)),
        ("large", (960, 1440)),
    ] {
        let shown = server
            .client
            .get(format!("{book}/cover?size={size}"))
            .expect(200);
        let read = image::load_from_memory(&shown.body).unwrap();
        assert_eq!((read.width(), read.height()), sides);
        assert_eq!(shown.header("content-type"), Some("image/jpeg"));
    }
    let usual = server.client.get(format!("{book}/cover")).expect(200);
    let medium = server
        .client
        .get(format!("{book}/cover?size=medium"))
        .expect(200);
    assert_eq!(usual.body, medium.body);
}

#[test]
fn an_image_is_made_into_three_sizes() {
    thumbnails_are_made_and_shown(&Server::for_writing());
}

#[test]
fn a_cover_has_a_tag_and_parts() {
    let server = Server::for_writing();
    let (book, _) = server.create(&a_book());
    let begun = put(&server, &book, image(300, 300, ImageFormat::Jpeg))
        .expect(202)
        .json();
    job_in(&server, begun["job"].as_str().unwrap(), &["completed"]);
    let cover = format!("{book}/cover");
    let whole = server.client.get(&cover).expect(200);
    let tag = whole.header("etag").expect("an ETag").to_owned();
    let again = server
        .client
        .request("GET", &cover)
        .header("if-none-match", &tag);
    assert!(again.send().expect(304).body.is_empty());
    let part = server
        .client
        .request("GET", &cover)
        .header("range", "bytes=0-9");
    assert_eq!(part.send().expect(206).body, whole.body[..10]);
    server
        .client
        .get(format!("{cover}?size=huge"))
        .bad_parameter("size");
}

#[test]
fn an_image_is_taken_in_the_field_of_a_form_too() {
    let server = Server::for_writing();
    let (book, _) = server.create(&a_book());
    let mut form =
        b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"c.png\"\r\n\r\n"
            .to_vec();
    form.extend(image(10, 10, ImageFormat::Png));
    form.extend(b"\r\n--b--\r\n");
    let request = server.staff("PUT", format!("{book}/cover"));
    let request = request.header("content-type", "multipart/form-data; boundary=b");
    let begun = request.body(form).send().expect(202).json();
    job_in(&server, begun["job"].as_str().unwrap(), &["completed"]);
}

#[test]
fn what_is_no_cover_is_refused() {
    let server = Server::for_writing();
    let (book, _) = server.create(&a_book());
    let png = image(10, 10, ImageFormat::Png);
    put(&server, &book, Vec::new()).problem(400);
    put(
        &server,
        &book,
        b"GIF89a and more that is not an image".to_vec(),
    )
    .problem(415);
    put(&server, &book, vec![0x89; 11 * 1024 * 1024]).problem(413);
    let nobody = "/api/v2/books/01890a5d-ac96-774b-bcce-b302099a8057";
    put(&server, nobody, png.clone()).problem(404);
    let anybody = server.client.request("PUT", format!("{book}/cover"));
    anybody
        .header("content-type", "image/png")
        .body(png)
        .send()
        .problem(401);
    server.client.get("/api/v2/jobs/nothing").problem(401);
    server
        .staff("GET", "/api/v2/jobs/nothing")
        .send()
        .problem(404);
}

#[test]
fn a_bomb_and_half_an_image_fail_their_jobs_and_nothing_else() {
    let server = Server::for_writing();
    let (book, _) = server.create(&a_book());
    let mut bomb = image(10, 10, ImageFormat::Png);
    bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
    bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
    let whole = image(600, 600, ImageFormat::Png);
    let half = whole[..whole.len() / 2].to_vec();
    for file in [bomb, half] {
        let begun = put(&server, &book, file).expect(202).json();
        let job = job_in(
            &server,
            begun["job"].as_str().unwrap(),
            &["completed", "failed"],
        );
        assert_eq!(job["state"], "failed", "{job}");
        assert!(
            job["failed_reason"].as_str().unwrap().contains("image"),
            "{job}"
        );
    }
    server.client.get(format!("{book}/cover")).problem(404);
    thumbnails_are_made_and_shown(&server);
}

#[test]
fn an_upload_outlives_a_kill() {
    let idle = Server::start_in(Arc::new(directory()), |command| {
        command.env("WORKERS", "off");
    });
    let (book, _) = idle.create(&a_book());
    let begun = put(&idle, &book, image(200, 200, ImageFormat::WebP))
        .expect(202)
        .json();
    let id = begun["job"].as_str().unwrap().to_owned();
    assert_eq!(job_in(&idle, &id, &["waiting"])["progress"], 0);
    idle.signal("KILL");
    idle.wait();
    let again = Server::start_in(idle.directory(), |_| ());
    job_in(&again, &id, &["completed"]);
    again.client.get(format!("{book}/cover")).expect(200);
}

#[test]
fn workers_alone_work_what_a_server_takes_in() {
    let server = Server::start_in(Arc::new(directory()), |command| {
        command.env("WORKERS", "off");
    });
    let (book, _) = server.create(&a_book());
    let begun = put(&server, &book, image(200, 200, ImageFormat::Png))
        .expect(202)
        .json();
    let worker = crate::server::Helper::start(server.path(), &["work", "--queues", "covers"]);
    worker.says("working on covers");
    job_in(&server, begun["job"].as_str().unwrap(), &["completed"]);
    worker.stop();
}

#[test]
fn work_names_a_queue_that_is_not_there() {
    let directory = directory();
    let ended = run(directory.path(), |command| {
        command.args(["work", "--queues", "cover"]);
    });
    ended.says(2, &["queues", "cover", "covers, mails"]);
    assert!(fs::read_dir(directory.path()).unwrap().next().is_none());
}
