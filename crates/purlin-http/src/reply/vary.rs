//! Says on which fields of the request an answer depends.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{self, Entry},
};

/// Adds `name` to `Vary`, once. One field names all: some caches read only the first.
pub(crate) fn vary(headers: &mut HeaderMap, name: &HeaderName) {
    let Some(present) = headers.get(header::VARY) else {
        headers.insert(header::VARY, HeaderValue::from(name.clone()));
        return;
    };
    let is_known = |known: &[u8]| {
        let known = known.trim_ascii();
        known == b"*" || known.eq_ignore_ascii_case(name.as_str().as_bytes())
    };
    let mut fields = headers.get_all(header::VARY).iter();
    if fields.any(|field| field.as_bytes().split(|byte| *byte == b',').any(is_known)) {
        return;
    }
    let all = [present.as_bytes(), b", ", name.as_str().as_bytes()].concat();
    match HeaderValue::from_bytes(&all) {
        Ok(all) if headers.get_all(header::VARY).iter().count() == 1 => {
            headers.insert(header::VARY, all);
        }
        _ => {
            headers.append(header::VARY, HeaderValue::from(name.clone()));
        }
    }
}

/// All `names` as one field; `None` if there are none.
pub(crate) fn vary_field(names: &[HeaderName]) -> Option<HeaderValue> {
    let names: Vec<_> = names.iter().map(HeaderName::as_str).collect();
    let value = HeaderValue::try_from(names.join(", ")).ok();
    value.filter(|_| !names.is_empty())
}

/// Adds `names`, of which `field` is the one field.
pub(crate) fn vary_fields(
    headers: &mut HeaderMap,
    names: &[HeaderName],
    field: Option<&HeaderValue>,
) {
    let Some(field) = field else {
        return names.iter().for_each(|name| vary(headers, name));
    };
    match headers.entry(header::VARY) {
        Entry::Vacant(none) => _ = none.insert(field.clone()),
        Entry::Occupied(_) => names.iter().for_each(|name| vary(headers, name)),
    }
}

/// Adds every name of `value`, which is that of another `Vary`.
pub(crate) fn vary_all(headers: &mut HeaderMap, value: &HeaderValue) {
    let names = value.as_bytes().split(|byte| *byte == b',');
    for name in names.filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok()) {
        vary(headers, &name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_named_once() {
        let mut headers = HeaderMap::new();
        headers.append(header::VARY, HeaderValue::from_static("Origin, accept"));
        vary(&mut headers, &header::ACCEPT);
        vary(&mut headers, &header::AUTHORIZATION);
        vary(&mut headers, &header::AUTHORIZATION);
        let fields: Vec<_> = headers.get_all(header::VARY).iter().collect();
        assert_eq!(fields, ["Origin, accept, authorization"]);
    }
}
