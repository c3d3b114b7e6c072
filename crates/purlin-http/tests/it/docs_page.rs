//! The page that shows documents: what it is served under, and that nothing of it goes out.

use std::{fs, path::Path, process::Command};

use axum::body::{Body, to_bytes};
use http::{Request, StatusCode, header::CONTENT_SECURITY_POLICY};
use purlin_http::docs_page::{POLICY, docs_page};
use tower::ServiceExt;

const FILES: [&str; 7] = [
    "/docs",
    "/docs/app.css",
    "/docs/app.js",
    "/docs/document.js",
    "/docs/elements.js",
    "/docs/example.js",
    "/docs/schema.js",
];

/// The file at `path`, with its policy.
async fn file(path: &str) -> (String, String) {
    let router = docs_page(&[
        ("v1 <b>", "/openapi/v1.json?a=\"b\""),
        ("v2", "/openapi/v2.json"),
    ]);
    let request = Request::get(path).body(Body::empty()).unwrap();
    let answer = router.oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
    let policy = answer.headers()[CONTENT_SECURITY_POLICY]
        .to_str()
        .unwrap()
        .to_owned();
    let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (String::from_utf8(body.to_vec()).unwrap(), policy)
}

#[tokio::test]
async fn every_file_is_served_under_the_strict_policy() {
    let strict = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                  img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    assert_eq!(POLICY, strict);
    for path in FILES {
        assert_eq!(file(path).await.1, strict, "{path}");
    }
}

#[tokio::test]
async fn the_page_has_no_script_or_style_inside_and_asks_for_served_files_only() {
    let (page, _) = file("/docs").await;
    assert_eq!(page.matches("<script").count(), 1);
    assert!(page.contains("src=\"/docs/app.js\"></script>"), "{page}");
    for inside in ["<style", " style=", " onclick=", " onload=", "javascript:"] {
        assert!(!page.contains(inside), "{inside}");
    }
    for named in page.split("=\"/docs/").skip(1) {
        let name = named.split('"').next().unwrap();
        assert!(FILES.contains(&format!("/docs/{name}").as_str()), "{name}");
    }
}

#[tokio::test]
async fn no_file_names_another_host_or_turns_text_into_markup() {
    for path in FILES {
        let (text, _) = file(path).await;
        // The only address is an example value, which is shown and never asked.
        let text = text.replace("\"https://shop.example/\"", "");
        let ways = [
            "http:",
            "https:",
            "url('",
            "url(\"",
            "url(/",
            "\"//",
            "@import",
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "new Function",
            "DOMParser",
        ];
        for way in ways {
            assert!(!text.contains(way), "{way} in {path}");
        }
    }
}

#[tokio::test]
async fn names_and_addresses_of_documents_are_escaped() {
    let (page, _) = file("/docs").await;
    let link = "<a href=\"/openapi/v1.json?a=&quot;b&quot;\">v1 &lt;b&gt;</a>";
    assert!(page.contains(link), "{page}");
}

#[test]
#[should_panic(expected = "is not a path")]
fn a_document_of_another_host_is_refused() {
    let _ = docs_page(&[("v1", "//shop.example/v1.json")]);
}

#[tokio::test]
async fn the_page_shows_a_document_that_means_it_ill() {
    if Command::new("node").arg("--version").output().is_err() {
        assert!(
            std::env::var_os("PURLIN_TEST_REQUIRE").is_none(),
            "node is not here"
        );
        #[expect(clippy::print_stdout, reason = "a skip must be seen")]
        {
            println!("skipped: node is not here");
        }
        return;
    }
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docs_page");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("package.json"), r#"{"type": "module"}"#).unwrap();
    fs::write(
        folder.join("page.mjs"),
        include_str!("../docs_page/page.mjs"),
    )
    .unwrap();
    for path in FILES.iter().filter(|path| path.ends_with(".js")) {
        let script = folder.join(path.rsplit('/').next().unwrap());
        fs::write(&script, file(path).await.0).unwrap();
        let checked = Command::new("node").arg("--check").arg(&script).status();
        assert!(checked.unwrap().success(), "{path}");
    }
    let run = Command::new("node")
        .arg("page.mjs")
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
}
