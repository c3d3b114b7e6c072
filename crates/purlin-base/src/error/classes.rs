//! The kinds of failure that an error type can have.

use std::fmt;

use super::ErrorClass;

/// A set of [`ErrorClass`]es: what a type of error can be, known without an error.
///
/// # Examples
///
/// ```
/// use purlin_base::{ErrorClass, ErrorClasses};
///
/// const STORE: ErrorClasses = ErrorClasses::of(&[ErrorClass::Internal, ErrorClass::Timeout]);
/// let book = ErrorClasses::of(&[ErrorClass::NotFound]).and(STORE);
/// assert!(book.contains(ErrorClass::Timeout));
/// assert_eq!(book.iter().map(ErrorClass::status).collect::<Vec<_>>(), [404, 500, 504]);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorClasses(u32);

impl ErrorClasses {
    /// No class: what never fails.
    pub const NONE: Self = Self(0);

    /// It may be any class, those that are yet to come included: nobody has said which.
    pub const ANY: Self = Self(u32::MAX);

    /// These classes.
    pub const fn of(classes: &[ErrorClass]) -> Self {
        let mut set = 0;
        let mut index = 0;
        while index < classes.len() {
            set |= bit(classes[index]);
            index += 1;
        }
        Self(set)
    }

    /// The classes of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are not in `other`. From [`ANY`](Self::ANY) nothing can be taken.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        match self.is_any() {
            true => self,
            false => Self(self.0 & !other.0),
        }
    }

    /// Whether nobody has said which classes.
    pub const fn is_any(self) -> bool {
        self.0 == u32::MAX
    }

    /// Whether `class` is among them.
    pub const fn contains(self, class: ErrorClass) -> bool {
        self.0 & bit(class) != 0
    }

    /// The classes, by rising status.
    pub fn iter(self) -> impl Iterator<Item = ErrorClass> {
        ErrorClass::ALL
            .into_iter()
            .filter(move |class| self.contains(*class))
    }
}

/// There are 24 classes; the bits above stand for those that are yet to come.
const fn bit(class: ErrorClass) -> u32 {
    1 << class as u32
}

impl From<ErrorClass> for ErrorClasses {
    fn from(class: ErrorClass) -> Self {
        Self::of(&[class])
    }
}

impl fmt::Debug for ErrorClasses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() {
            return f.write_str("any");
        }
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_is_listed_once_by_rising_status_and_has_a_bit_of_its_own() {
        assert!(ErrorClass::ALL.is_sorted_by(|a, b| a.status() < b.status()));
        let all = ErrorClasses::of(&ErrorClass::ALL);
        assert_eq!(all.iter().count(), ErrorClass::ALL.len());
        assert!(!all.is_any(), "bits are left for classes to come");
    }

    #[test]
    fn any_stays_any_whatever_is_added() {
        let both = ErrorClasses::from(ErrorClass::Gone).and(ErrorClasses::ANY);
        assert!(both.is_any());
        assert!(both.without(ErrorClass::Gone.into()).is_any());
        assert_eq!(format!("{both:?}"), "any");
        assert_eq!(
            format!("{:?}", ErrorClasses::from(ErrorClass::Gone)),
            "{Gone}"
        );
    }
}
