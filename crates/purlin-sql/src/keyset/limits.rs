//! How many rows a page has.

use super::PageError;

/// Rows of a page when the caller does not say: 20.
pub const LIMIT_DEFAULT: u32 = 20;

/// The most rows of a page: 100.
pub const LIMIT_MAX: u32 = 100;

/// The bounds of a list for the rows of one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Rows when the caller does not say. Default: [`LIMIT_DEFAULT`].
    pub default: u32,
    /// The most rows. Default: [`LIMIT_MAX`].
    pub max: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            default: LIMIT_DEFAULT,
            max: LIMIT_MAX,
        }
    }
}

impl Limits {
    /// The rows of a page for which `asked` were asked.
    ///
    /// # Errors
    ///
    /// [`PageError::Limit`] if that is zero or above [`max`](Self::max).
    pub fn check(self, asked: Option<u32>) -> Result<u32, PageError> {
        let given = asked.unwrap_or(self.default);
        let max = self.max;
        (1..=max)
            .contains(&given)
            .then_some(given)
            .ok_or(PageError::Limit { given, max })
    }
}
