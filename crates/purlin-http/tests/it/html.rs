//! Pages: what is escaped, what is not, and what browsers are told.

use std::sync::Arc;

use purlin_base::ErrorClass;
use purlin_http::{
    Edge, Html, Problem, Reply, Route, Routes,
    html::{HtmlPolicy, Nonce, PrefersHtml},
};

use crate::support::{ask, get, request, served, served_by};

#[cfg(feature = "templates")]
mod templates;

fn page() -> Html {
    Html::text("Good day")
}

fn policy_of(html: Html) -> String {
    let answer = html.reply();
    let policy = &answer.headers()["content-security-policy"];
    policy.to_str().unwrap().to_owned()
}

#[test]
fn text_is_escaped_for_elements_and_for_attributes_in_either_quotes() {
    let hostile = "<b a=\"x\" b='y'>&amp;</b>";
    let escaped = "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;&lt;/b&gt;";
    assert_eq!(Html::text(hostile).as_str(), escaped);
    let whole = Html::builder()
        .markup("<p>")
        .text(hostile)
        .html(&Html::text("<"))
        .build();
    assert_eq!(whole.as_str(), format!("<p>{escaped}&lt;"));
}

#[test]
fn a_page_without_a_nonce_runs_no_script_and_one_with_it_only_its_own() {
    let strict = "default-src 'self'; script-src 'none'; style-src 'self'; object-src 'none'; \
                  base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
    assert_eq!(policy_of(page()), strict);
    let nonce = Nonce::fresh();
    let policy = policy_of(page().nonce(nonce.clone()));
    assert!(
        policy.contains(&format!("script-src 'nonce-{nonce}';")),
        "{policy}"
    );
    assert!(
        policy.contains(&format!("style-src 'self' 'nonce-{nonce}';")),
        "{policy}"
    );
    assert_ne!(nonce, Nonce::fresh());
    assert!(!format!("{nonce:?}").contains(nonce.as_str()));
}

#[tokio::test]
async fn the_policy_is_that_of_the_page_or_else_of_the_application() {
    let own = HtmlPolicy::default()
        .without("form-action")
        .directive("img-src", "*")
        .unwrap();
    let of_page = Arc::new(own.clone().referrer("no-referrer").unwrap());
    let routes = Routes::at("/")
        .route(Route::get("/a").public().handler(async || page()))
        .route(
            Route::get("/b")
                .public()
                .handler(async move || page().policy(of_page.clone())),
        );
    let router = served_by(&Edge::new().html_policy(own), routes);
    for (path, referrer) in [("/a", "same-origin"), ("/b", "no-referrer")] {
        let answer = get(&router, path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.ends_with("img-src *") && !policy.contains("form-action"),
            "{policy}"
        );
        assert_eq!(answer.header("referrer-policy"), referrer);
        assert_eq!(answer.header("cache-control"), "private, no-cache");
    }
}

#[test]
fn a_policy_that_would_say_something_else_is_refused() {
    let strict = HtmlPolicy::default;
    assert!(strict().directive("img-src", "*; script-src *").is_err());
    assert!(strict().directive("img-src\n", "*").is_err());
    assert!(strict().referrer("no-referrer, x").is_err());
}

#[tokio::test]
async fn a_failure_is_a_page_for_people_and_a_problem_for_programs() {
    let fail = async |reader: PrefersHtml| -> Result<Html, Problem> {
        let problem = Problem::new(ErrorClass::NotFound, "HTTP_NOT_FOUND");
        Err(reader.explain(problem, async { Some(page()) }).await)
    };
    let router = served(Routes::at("/").route(Route::get("/").public().handler(fail)));
    for (accept, is_page) in [
        ("text/html,*/*;q=0.8", true),
        ("*/*", true),
        ("application/json", false),
        ("application/problem+json, text/html;q=0.9", false),
        ("image/png", false),
    ] {
        let mut asked = request("GET", "/");
        asked
            .headers_mut()
            .insert("accept", accept.parse().unwrap());
        let answer = ask(&router, asked).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("vary")),
            (404, "accept"),
            "{accept}"
        );
        if !is_page {
            answer.problem(404);
            continue;
        }
        assert_eq!(
            answer.header("content-type"),
            "text/html; charset=utf-8",
            "{accept}"
        );
        assert!(
            answer
                .header("content-security-policy")
                .contains("script-src 'none'")
        );
        assert_eq!(answer.body, b"Good day");
    }
}
