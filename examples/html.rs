//! XSS: what comes from outside is escaped by type, and a script that slips through does not run.
//!
//! Put `Html(title.to_owned())` where a page is made, and read what the compiler says.
#![expect(clippy::print_stdout, reason = "an example talks to a terminal")]

use std::collections::HashMap;

use purlin::{
    http::{Reply, html::Templates},
    prelude::*,
};

const PAGE: &str = r#"<h1 title="{{ title }}">{{ title }}</h1>
<a href="{{ link | url }}">more</a>
<div>{{ note }}</div>
<script nonce="{{ csp_nonce }}">const title = {{ title | json }};</script>
"#;

#[derive(serde::Serialize)]
struct Book {
    title: &'static str,
    link: &'static str,
    note: Html,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // A program keeps its pages in files: `include_str!("page.html")`.
    let templates = Templates::builder().add("page.html", PAGE).build()?;
    let book = Book {
        title: "\"></h1><script>steal()</script>",
        link: "javascript:steal()",
        note: Html::builder()
            .markup("<em>")
            .text("ours & <safe>")
            .markup("</em>")
            .build(),
    };
    let page = templates.render("page.html", book).await?;
    println!("{}", page.as_str());
    for name in ["content-security-policy", "referrer-policy"] {
        println!("{name}: {:?}", page.clone().reply().headers()[name]);
    }

    let templates = Templates::builder()
        .add("page.html", "{{ title | safe }}")
        .build()?;
    let failed = templates
        .render("page.html", HashMap::from([("title", "<script>")]))
        .await;
    if let Err(error) = failed {
        println!(
            "\nno template vouches for a value: {}: {error}",
            error.code()
        );
    }
    let endless = "{% autoescape false %}{{ title }}{% endautoescape %}";
    if let Err(error) = Templates::builder().add("page.html", endless).build() {
        println!("and none turns escaping off: {}: {error}", error.code());
    }
    Ok(())
}
