//! The codes of languages.

/// Whether `code` is one of the 183 two-letter codes of ISO 639-1, in lower case.
///
/// # Source
///
/// The Library of Congress's list of ISO 639-1 codes. `sh`, withdrawn in 2000, is not among them.
///
/// # Examples
///
/// ```
/// use bookshop::books::is_language_code;
///
/// assert!(is_language_code("fi"));
/// assert!(!is_language_code("FI"));
/// assert!(!is_language_code("xx"));
/// ```
pub fn is_language_code(code: &str) -> bool {
    CODES.binary_search(&code).is_ok()
}

/// The same as a rule for a field.
pub(super) fn is_known(code: &str, _context: &()) -> garde::Result {
    if is_language_code(code) {
        return Ok(());
    }
    Err(garde::Error::new(
        "is not a lower-case ISO 639-1 code such as `en`",
    ))
}

/// Sorted, for the search.
#[rustfmt::skip]
pub(super) const CODES: [&str; 183] = [
    "aa", "ab", "ae", "af", "ak", "am", "an", "ar", "as", "av", "ay", "az",
    "ba", "be", "bg", "bi", "bm", "bn", "bo", "br", "bs",
    "ca", "ce", "ch", "co", "cr", "cs", "cu", "cv", "cy",
    "da", "de", "dv", "dz",
    "ee", "el", "en", "eo", "es", "et", "eu",
    "fa", "ff", "fi", "fj", "fo", "fr", "fy",
    "ga", "gd", "gl", "gn", "gu", "gv",
    "ha", "he", "hi", "ho", "hr", "ht", "hu", "hy", "hz",
    "ia", "id", "ie", "ig", "ii", "ik", "io", "is", "it", "iu",
    "ja", "jv",
    "ka", "kg", "ki", "kj", "kk", "kl", "km", "kn", "ko", "kr", "ks", "ku", "kv", "kw", "ky",
    "la", "lb", "lg", "li", "ln", "lo", "lt", "lu", "lv",
    "mg", "mh", "mi", "mk", "ml", "mn", "mr", "ms", "mt", "my",
    "na", "nb", "nd", "ne", "ng", "nl", "nn", "no", "nr", "nv", "ny",
    "oc", "oj", "om", "or", "os",
    "pa", "pi", "pl", "ps", "pt",
    "qu",
    "rm", "rn", "ro", "ru", "rw",
    "sa", "sc", "sd", "se", "sg", "si", "sk", "sl", "sm", "sn", "so", "sq", "sr", "ss", "st", "su", "sv", "sw",
    "ta", "te", "tg", "th", "ti", "tk", "tl", "tn", "to", "tr", "ts", "tt", "tw", "ty",
    "ug", "uk", "ur", "uz",
    "ve", "vi", "vo",
    "wa", "wo",
    "xh",
    "yi", "yo",
    "za", "zh", "zu",
];

#[cfg(test)]
mod tests {
    use super::CODES;

    #[test]
    fn the_codes_are_sorted_and_each_is_there_once() {
        assert!(CODES.is_sorted_by(|a, b| a < b));
    }
}
