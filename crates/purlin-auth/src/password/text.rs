//! The bytes of a password: one form for what a person sees as one password.

use unicode_normalization::UnicodeNormalization;

/// The most bytes of a password, before it is brought into one form: 4096.
pub const PASSWORD_BYTES_MAX: usize = 4_096;

/// `password` in the form that is hashed: every space a plain one, then NFC.
///
/// # Source
///
/// RFC 8265, section 4.2 (OpaqueString), without its refusals.
pub(super) fn prepared(password: &str) -> String {
    password.chars().map(plain_space).nfc().collect()
}

fn plain_space(c: char) -> char {
    match c {
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
            ' '
        }
        c => c,
    }
}

/// The forms in which `password` may have been hashed: ours, then as it came if that differs.
///
/// Others hash what they are sent. How many forms there are depends on the password alone, and so
/// tells nothing of an account.
pub(super) fn forms(password: &str) -> Vec<String> {
    let mut forms = vec![prepared(password)];
    if forms[0] != password {
        forms.push(password.to_owned());
    }
    forms
}
