//! What comes from outside is no markup: not by construction, not by conversion.
use purlin_http::Html;

fn main() {
    let name = String::from("<script>");
    let _ = Html(name.clone());
    let _: Html = name.clone().into();
}
