//! Templates: escaped whatever their name, by type alone, within bounds.

use std::collections::HashMap;

use purlin_base::Classified;
use purlin_http::{
    Html, Reply,
    html::{RenderError, TemplateError, Templates},
};
use purlin_runtime::CpuPool;
use serde::Serialize;

const HOSTILE: &str = "<script>\"'&</script>";
const ESCAPED: &str = "&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;";

fn values<T>(value: T) -> HashMap<&'static str, T> {
    HashMap::from([("value", value)])
}

async fn render(source: &'static str, values: impl Serialize) -> Result<Html, RenderError> {
    let templates = Templates::builder().add("page", source).build().unwrap();
    templates.render("page", values).await
}

async fn markup(source: &'static str, value: impl Serialize) -> String {
    let page = render(source, values(value)).await.unwrap();
    page.as_str().to_owned()
}

#[tokio::test]
async fn values_are_escaped_whatever_the_name_of_the_template() {
    for name in [
        "x.html",
        "x.txt",
        "x",
        "x.html.j2",
        "x.js",
        "x.json",
        "x.none",
        "",
    ] {
        let templates = Templates::builder()
            .add(name, "{{ value }}")
            .build()
            .unwrap();
        let page = templates.render(name, values(HOSTILE)).await.unwrap();
        assert_eq!(page.as_str(), ESCAPED, "{name:?}");
    }
}

#[tokio::test]
async fn values_are_escaped_wherever_in_a_template_they_are_used() {
    for source in [
        "{% set x = value %}{{ x }}",
        "{% set x %}{{ value }}{% endset %}{{ x }}",
        "{% macro m(x) %}{{ x }}{% endmacro %}{{ m(value) }}",
        "{% for x in [value] %}{{ x }}{% endfor %}",
        "{% filter trim %}{{ value }}{% endfilter %}",
        "{{ value | trim }}",
        "{{ value | default('x') }}",
        "{{ [value] | first }}",
        "{{ [value] | join('-') }}",
        "{{ '' ~ value }}",
        "{{ '' + value }}",
        "{{ value if true }}",
    ] {
        assert_eq!(markup(source, HOSTILE).await, ESCAPED, "{source}");
    }
}

#[tokio::test]
async fn what_was_escaped_by_a_filter_is_not_escaped_again() {
    let once = markup("{{ value | escape }}", "<").await;
    assert_eq!(once, "&lt;");
    assert_eq!(markup("{{ value | e | e }}", "<").await, once);
}

#[tokio::test]
async fn markup_is_known_by_its_type_alone() {
    #[derive(Serialize)]
    struct Review {
        body: Html,
        author: &'static str,
    }
    let body = Html::builder()
        .markup("<b>")
        .text("<")
        .markup("</b>")
        .build();
    let review = Review {
        body,
        author: "<b>",
    };
    let source = "{{ value.body }}|{{ value.author }}";
    assert_eq!(markup(source, &review).await, "<b>&lt;</b>|&lt;b&gt;");
    // Elsewhere it is a text like any other.
    assert_eq!(
        serde_json::to_value(&review).unwrap()["body"],
        "<b>&lt;</b>"
    );
}

#[tokio::test]
async fn markup_that_is_cut_or_changed_is_text_again() {
    for source in [
        "{{ value[:4] }}",
        "{{ value | first }}",
        "{{ value | upper }}",
        "{{ value | trim }}",
        "{{ value | reverse }}",
        "{{ value | replace('x', '<i>') }}",
        "{{ value | string }}",
        "{{ value | list | join }}",
        "{{ value ~ '' }}",
        "{{ value | json }}",
    ] {
        let html = Html::builder().markup("<b x>y</b>").build();
        if let Ok(page) = render(source, values(html)).await {
            assert!(!page.as_str().contains('<'), "{source}: {page:?}");
        }
    }
    let html = Html::builder().markup("<b x>y</b>").build();
    let kept = "{% set x %}{{ value }}{% endset %}{{ x }}{{ [value] | first }}";
    assert_eq!(markup(kept, html).await, "<b x>y</b><b x>y</b>");
}

#[tokio::test]
async fn no_template_can_vouch_for_a_value() {
    let failed = render("{{ value | safe }}", values(HOSTILE)).await;
    assert_eq!(failed.unwrap_err().code(), "HTTP_TEMPLATE_FAILED");
    for source in [
        "{% autoescape false %}{{ value }}{% endautoescape %}",
        "{%-autoescape 'none' %}{{ value }}{% endautoescape %}",
        "{%+  autoescape false %}{{ value }}{% endautoescape %}",
    ] {
        let error = Templates::builder()
            .add("page", source)
            .build()
            .unwrap_err();
        assert!(
            matches!(error, TemplateError::Autoescape { .. }),
            "{source}: {error:?}"
        );
    }
    assert!(render("{{ debug() }}", values(HOSTILE)).await.is_err());
}

#[tokio::test]
async fn json_is_safe_between_script_tags() {
    let hostile = "</script><!--\u{2028}'&\"\\";
    let json = markup("{{ value | json }}", hostile).await;
    assert!(
        json.chars().all(|sign| !"<>&'\u{2028}".contains(sign)),
        "{json}"
    );
    assert_eq!(serde_json::from_str::<String>(&json).unwrap(), hostile);
    let list = markup("{{ value | json }}", vec![1, 2]).await;
    assert_eq!(list, "[1,2]");
}

#[tokio::test]
async fn an_address_is_relative_or_of_the_web_and_escaped_too() {
    let source = "<a href=\"{{ value | url }}\">";
    assert_eq!(
        markup(source, "javascript:alert(1)").await,
        "<a href=\"about:invalid\">"
    );
    assert_eq!(
        markup(source, "/a?b=\"&c").await,
        "<a href=\"/a?b=&quot;&amp;c\">"
    );
}

#[tokio::test]
async fn a_name_without_a_value_is_a_failure() {
    for source in [
        "{{ nothing }}",
        "{{ value.nothing.more }}",
        "{% include 'nothing' %}",
    ] {
        let failed = render(source, values("x")).await;
        assert_eq!(
            failed.unwrap_err().code(),
            "HTTP_TEMPLATE_FAILED",
            "{source}"
        );
    }
}

#[test]
fn a_template_that_is_not_well_formed_is_told_at_start() {
    let code =
        |templates: purlin_http::html::TemplatesBuilder| templates.build().unwrap_err().code();
    let one = || Templates::builder().add("a", "x");
    assert_eq!(code(one().add("b", "{% if %}")), "HTTP_TEMPLATE_SYNTAX");
    assert_eq!(code(one().add("b", "{{ value ")), "HTTP_TEMPLATE_SYNTAX");
    assert_eq!(code(one().add("a", "y")), "HTTP_TEMPLATE_DUPLICATE");
}

#[tokio::test]
async fn a_template_reads_no_file() {
    for path in ["/etc/passwd", "../Cargo.toml", "Cargo.toml"] {
        let failed = render("{% include value %}", values(path)).await;
        assert!(failed.is_err(), "{path}");
    }
}

#[tokio::test]
async fn time_space_and_depth_are_bounded() {
    let endless =
        "{% for a in range(1000) %}{% for b in range(1000) %}{{ b }}{% endfor %}{% endfor %}";
    let large = "{{ value }}{{ value }}";
    let text = "x".repeat(Templates::BYTES_INLINE / 2 + 1);
    for failed in [
        render(endless, values("")).await,
        render(large, values(text.as_str())).await,
    ] {
        assert_eq!(failed.unwrap_err().code(), "HTTP_TEMPLATE_TOO_LARGE");
    }
    let deep = "{% include 'page' %}";
    assert!(render(deep, values("")).await.is_err());
    let deep = "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}";
    assert!(render(deep, values("")).await.is_err());
}

#[tokio::test]
async fn a_large_page_is_made_on_the_pool_within_larger_bounds() {
    let pool = CpuPool::builder().threads(1).build().unwrap();
    let templates = Templates::builder()
        .add(
            "large",
            "{% for n in range(20000) %}{{ value }}{% endfor %}",
        )
        .add("small", "{{ value }}")
        .pool(pool.clone())
        .build()
        .unwrap();
    let page = templates.render("large", values("<")).await.unwrap();
    assert_eq!(page.as_str(), "&lt;".repeat(20_000));
    let failed = templates.render("large", values("x".repeat(300))).await;
    assert!(matches!(failed, Err(RenderError::TooLarge { .. })));
    pool.close().await;
    let small = templates.render("small", values("x")).await;
    assert_eq!(small.unwrap().as_str(), "x", "it needs no pool");
    let closed = templates.render("large", values("x")).await;
    assert_eq!(closed.unwrap_err().code(), "CPU_POOL_CLOSED");
}

#[tokio::test]
async fn every_page_has_a_nonce_that_its_policy_names() {
    let source = "<script nonce=\"{{ csp_nonce }}\"></script>";
    let (first, second) = (
        render(source, ()).await.unwrap(),
        render(source, ()).await.unwrap(),
    );
    assert_ne!(first.as_str(), second.as_str());
    let nonce = first.as_str().split('"').nth(1).unwrap().to_owned();
    assert_eq!(nonce.len(), 32);
    let answer = first.reply();
    let policy = answer.headers()["content-security-policy"]
        .to_str()
        .unwrap();
    assert!(
        policy.contains(&format!("script-src 'nonce-{nonce}'")),
        "{policy}"
    );
}

#[tokio::test]
async fn nobody_but_us_says_what_the_nonce_is() {
    let values = HashMap::from([("csp_nonce", "mine")]);
    let page = render("{{ csp_nonce }}", values).await.unwrap();
    assert_ne!(page.as_str(), "mine");
}
