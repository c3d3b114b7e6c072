//! What answers say of limits, in four forms.

use std::fmt::Write as _;

use http::{HeaderMap, HeaderName, HeaderValue};
use sha2::{Digest, Sha256};

use super::{Decision, Limit, key::Subject, quota::seconds_up};

/// Which header fields tell of a limit.
///
/// Several limits of one route make lists in [`Draft8`](Self::Draft8). The other forms can show
/// one limit only: the one with least left.
///
/// # Source
///
/// `draft-ietf-httpapi-ratelimit-headers`, and express-rate-limit 8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitFields {
    /// `RateLimit-Policy: "2-in-1min"; q=2; w=60; pk=:…:` and `RateLimit: "2-in-1min"; r=1; t=60`.
    #[default]
    Draft8,
    /// `RateLimit-Policy: 2;w=60` and `RateLimit: limit=2, remaining=1, reset=60`.
    Draft7,
    /// `RateLimit-Policy`, `-Limit`, `-Remaining` and `-Reset` (seconds left).
    Draft6,
    /// `X-RateLimit-Limit`, `-Remaining` and `-Reset` (seconds since 1970).
    Legacy,
    /// None.
    Nothing,
}

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// What is to be told of one limit.
pub(super) struct Told<'a> {
    pub(super) limit: &'a Limit,
    pub(super) subject: Subject,
    pub(super) decision: Decision,
}

/// Writes the fields of all limits.
pub(super) fn write(headers: &mut HeaderMap, told: &[Told<'_>]) {
    for one in of_form(told, LimitFields::Draft8) {
        draft_8(headers, one);
    }
    for form in [
        LimitFields::Draft7,
        LimitFields::Draft6,
        LimitFields::Legacy,
    ] {
        let tightest =
            of_form(told, form).min_by_key(|it| (it.decision.allowed, it.decision.remaining));
        match (tightest, form) {
            (None, _) => {}
            (Some(one), LimitFields::Draft7) => draft_7(headers, one),
            (Some(one), LimitFields::Draft6) => draft_6(headers, one),
            (Some(one), _) => legacy(headers, one),
        }
    }
}

fn of_form<'t, 'a>(told: &'t [Told<'a>], form: LimitFields) -> impl Iterator<Item = &'t Told<'a>> {
    told.iter().filter(move |it| it.limit.fields() == form)
}

fn draft_8(headers: &mut HeaderMap, told: &Told<'_>) {
    let (name, quota) = (told.limit.name(), told.limit.quota());
    let (limit, window) = (quota.limit(), quota.window_seconds());
    let key = partition_key(told.subject.shown());
    let policy = format!("\"{name}\"; q={limit}; w={window}; pk=:{key}:");
    let (left, reset) = left_and_reset(told);
    append(headers, POLICY, &policy);
    append(headers, STATE, &format!("\"{name}\"; r={left}; t={reset}"));
}

fn draft_7(headers: &mut HeaderMap, told: &Told<'_>) {
    let (left, reset) = left_and_reset(told);
    let limit = told.decision.limit;
    let state = format!("limit={limit}, remaining={left}, reset={reset}");
    append(headers, POLICY, &policy(told));
    append(headers, STATE, &state);
}

fn draft_6(headers: &mut HeaderMap, told: &Told<'_>) {
    let (left, reset) = left_and_reset(told);
    append(headers, POLICY, &policy(told));
    let numbers = [
        ("ratelimit-limit", told.decision.limit.into()),
        ("ratelimit-remaining", left),
        ("ratelimit-reset", reset),
    ];
    for (name, number) in numbers {
        headers.insert(name, HeaderValue::from(number));
    }
}

fn legacy(headers: &mut HeaderMap, told: &Told<'_>) {
    let (left, _) = left_and_reset(told);
    let reset = told
        .limit
        .clock()
        .now()
        .saturating_add(told.decision.reset_after);
    let at = (reset.unix_micros().max(0) as u64).div_ceil(1_000_000);
    let numbers = [
        ("x-ratelimit-limit", told.decision.limit.into()),
        ("x-ratelimit-remaining", left),
        ("x-ratelimit-reset", at),
    ];
    for (name, number) in numbers {
        headers.insert(name, HeaderValue::from(number));
    }
}

fn policy(told: &Told<'_>) -> String {
    let quota = told.limit.quota();
    format!("{};w={}", quota.limit(), quota.window_seconds())
}

fn left_and_reset(told: &Told<'_>) -> (u64, u64) {
    let decision = &told.decision;
    (decision.remaining.into(), seconds_up(decision.reset_after))
}

fn append(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // Names of limits are plain: it is always a value.
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.append(name, value);
    }
}

/// The first twelve hexadecimal characters of the key's SHA-256, in base64: callers learn whether
/// two answers count together, and of others nothing.
fn partition_key(key: &str) -> String {
    let hash = Sha256::digest(key.as_bytes());
    let mut hex = String::with_capacity(12);
    for byte in hash.iter().take(6) {
        let _never_fails = write!(hex, "{byte:02x}");
    }
    base64(hex.as_bytes())
}

/// Base64 of bytes whose number is a multiple of three.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let groups = bytes.chunks_exact(3);
    let characters = groups.flat_map(|group| {
        let bits = group
            .iter()
            .fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        [18, 12, 6, 0].map(|shift| char::from(ALPHABET[bits >> shift & 63]))
    });
    characters.collect()
}
