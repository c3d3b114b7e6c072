use purlin_http::{ETag, NoContent, Tagged};

fn main() {
    let _ = Tagged::new(ETag::strong(1), NoContent);
}
