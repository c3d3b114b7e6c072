//! Reads XML, and says what is wrong with it as it is said of JSON.

use purlin_base::ErrorClass;
use serde::de::DeserializeOwned;

use super::json_fault::{field, invalid, pointer_of, shortened};
use crate::{
    Problem,
    xml::{
        XmlRoots,
        tree::{Fault, Tree},
    },
};

/// Reads `bytes`, whose root must be called as `roots` says, as `T`.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8], roots: XmlRoots) -> Result<T, Problem> {
    if bytes.trim_ascii().is_empty() {
        return Err(
            Problem::new(ErrorClass::BadRequest, "HTTP_BODY_EMPTY").detail("a body is needed")
        );
    }
    let tree = Tree::read(bytes).map_err(refusal)?;
    // To keep the place at hand costs, so it is looked for only when something is wrong.
    T::deserialize(tree.root(roots)).map_err(|error| {
        let placed = serde_path_to_error::deserialize::<_, T>(tree.root(roots)).err();
        let (pointer, error) = match placed {
            Some(placed) => (pointer_of(placed.path()), placed.into_inner()),
            None => (super::pointer::Pointer::root(), error),
        };
        invalid(field(pointer, &error.to_string()))
    })
}

#[cold]
fn refusal(fault: Fault) -> Problem {
    let bad = |code| Problem::new(ErrorClass::BadRequest, code);
    match fault {
        Fault::Malformed(why) => {
            bad("HTTP_XML_MALFORMED").detail(format!("the body is not XML: {}", shortened(&why)))
        }
        Fault::Declares(what) => bad("HTTP_XML_DECLARES").detail(format!(
            "the body has {what}; only elements and text are read"
        )),
        Fault::TooDeep => bad("HTTP_XML_TOO_DEEP")
            .detail(format!("the body is nested over {} deep", Tree::DEPTH_MAX)),
        Fault::TooMany => Problem::new(ErrorClass::TooLarge, "HTTP_BODY_TOO_LARGE").detail(
            format!("the body has more than {} elements", Tree::ELEMENTS_MAX),
        ),
    }
}
