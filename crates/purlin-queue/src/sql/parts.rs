//! Many rows as a few documents, for Postgres.

use purlin_sql::Value;
use serde::Serialize;

/// Bytes of one document, unless one row alone has more.
///
/// A statement of up to 16 KiB goes out in one write, also under TLS. The driver does not set
/// `TCP_NODELAY`, so the second write of a longer one may wait 40 ms for an acknowledgement.
const BYTES_MAX: usize = 12 * 1024;

/// `rows` as JSON arrays.
pub(super) fn of(rows: impl IntoIterator<Item = impl Serialize>) -> Vec<Value> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    for row in rows {
        let row = serde_json::to_string(&row).expect("texts and numbers have a form in JSON");
        if !part.is_empty() && part.len() + row.len() > BYTES_MAX {
            parts.push(close(std::mem::take(&mut part)));
        }
        part.push(if part.is_empty() { '[' } else { ',' });
        part.push_str(&row);
    }
    if !part.is_empty() {
        parts.push(close(part));
    }
    parts
}

fn close(mut part: String) -> Value {
    part.push(']');
    Value::Json(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_one_part_and_no_part_is_large() {
        let rows: Vec<String> = (0..500).map(|n| format!("{n:0200}")).collect();
        let parts = of(&rows);
        let mut told = Vec::<String>::new();
        for part in &parts {
            let Value::Json(text) = part else {
                panic!("a part is JSON");
            };
            assert!(text.len() <= BYTES_MAX + 2);
            told.extend(serde_json::from_str::<Vec<String>>(text).unwrap());
        }
        assert_eq!(told, rows);
        assert!(of(Vec::<String>::new()).is_empty());
        assert_eq!(of(["x".repeat(BYTES_MAX * 2)]).len(), 1);
    }
}
