//! Forms of pages.

use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use purlin_base::{ErrorClass, FieldError};
use serde::de::DeserializeOwned;

use super::{
    body, json_fault,
    pointer::Pointer,
    query::{decoded, is_encoded},
};
use crate::{Problem, csrf};

const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a form as a struct `T`.
///
/// The body must be sent as `application/x-www-form-urlencoded`, which is what a page's form sends
/// without scripts. A field that is not of its type, that is missing or comes twice is 422 with its
/// name; fields that `T` does not know are ignored unless it says `#[serde(deny_unknown_fields)]`.
/// The field `_csrf` is the route's matter (see [`csrf`]) and never reaches `T`. Values must not
/// hold NUL.
///
/// # Examples
///
/// ```
/// use purlin_http::{NoContent, extract::Form};
///
/// #[derive(serde::Deserialize)]
/// struct SignIn { email: String, password: String }
///
/// async fn sign_in(Form(form): Form<SignIn>) -> NoContent {
///     assert!(form.email.contains('@') && !form.password.is_empty());
///     NoContent
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Form<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_form(request.headers()) {
            return Err(not_a_form());
        }
        parse(&bytes(request).await?).map(Self)
    }
}

/// Whether the body is said to be a form. A parameter such as `charset` says nothing more: a form
/// is read as UTF-8.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    let mut fields = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else {
        return false;
    };
    let kind = field.to_str().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(FORM)
}

/// The whole body of `request`, a form, within the limit of its route.
pub(crate) async fn bytes(request: Request) -> Result<Bytes, Problem> {
    body::refuse_coding(request.headers())?;
    body::bytes(request).await
}

fn not_a_form() -> Problem {
    Problem::new(ErrorClass::UnsupportedMediaType, "HTTP_BODY_NOT_FORM")
        .detail("the body must be sent with `Content-Type: application/x-www-form-urlencoded`")
        .header(header::ACCEPT, HeaderValue::from_static(FORM))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    well_formed(bytes)?;
    let own = |name: &str| name != csrf::FIELD;
    if let Some((name, _)) = form_urlencoded::parse(bytes)
        .find(|(name, value)| own(name) && (name.contains('\0') || value.contains('\0')))
    {
        let message = "a field must not hold the character NUL";
        return Err(invalid(&name, "nul", message));
    }
    let mut fields = form_urlencoded::Serializer::new(String::new());
    let kept = form_urlencoded::parse(bytes).filter(|(name, _)| own(name));
    let own_bytes = fields.extend_pairs(kept).finish();
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(own_bytes.as_bytes()));
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let pointer = json_fault::pointer_of(error.path());
        fault(pointer, &error.into_inner().to_string())
    })
}

fn invalid(name: &str, code: &'static str, message: &str) -> Problem {
    let mut pointer = Pointer::root();
    pointer.push(&json_fault::shortened(name));
    let field = FieldError::pointer(pointer.into_string(), code, message);
    json_fault::invalid(field)
}

fn fault(pointer: Pointer, sentence: &str) -> Problem {
    let mut field = json_fault::field(pointer, sentence);
    match sentence {
        s if s.starts_with("number too") => field.code = "range".into(),
        s if s.starts_with("invalid digit") || s.starts_with("invalid float") => {
            field.code = "type".into();
        }
        _ => {}
    }
    json_fault::invalid(field)
}

/// Refuses a form whose percent-encoding is broken or not UTF-8: decoded leniently, it would mean
/// something else than what was sent.
fn well_formed(bytes: &[u8]) -> Result<(), Problem> {
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
    for pair in text.split('&') {
        if !is_encoded(pair) {
            return Err(malformed("its percent-encoding is broken"));
        }
        if std::str::from_utf8(&decoded(pair)).is_err() {
            return Err(malformed("its percent-encoding is not UTF-8"));
        }
    }
    Ok(())
}

fn malformed(why: &str) -> Problem {
    Problem::new(ErrorClass::BadRequest, "HTTP_FORM_MALFORMED")
        .detail(format!("the body is not a form: {why}"))
}
