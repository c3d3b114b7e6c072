//! Tags are literals: what comes from outside is text.
use purlin_http::Html;

fn main() {
    let name = String::from("<script>");
    let _ = Html::builder().markup(&format!("<p>{name}")).build();
    let _ = Html::builder().markup(&name).build();
}
