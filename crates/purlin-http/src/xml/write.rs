//! Writes values as elements.

use std::{borrow::Cow, fmt};

use serde::ser::{self, Serialize};

use super::{XmlRoots, name, text};

mod serializer;

/// What stands before the root element.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Why a value cannot be written: a fault of its type.
#[derive(Debug)]
pub(crate) struct Unwritable(String);

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

impl ser::Error for Unwritable {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// `value` as a whole document. A list has the root `many`, all else `one`.
pub(crate) fn document<T: Serialize + ?Sized>(
    value: &T,
    roots: XmlRoots,
) -> Result<String, Unwritable> {
    let mut out = DECLARATION.to_owned();
    let root = Element {
        name: roots.one.into(),
        list: Some((roots.many, roots.one)),
        ..Element::root(&mut out)
    };
    value.serialize(root)?;
    Ok(out)
}

/// A problem as a whole document, in the form and the namespace of RFC 9457, appendix B: items of
/// a list are called `i`.
pub(crate) fn problem<T: Serialize>(value: &T) -> Result<String, Unwritable> {
    let mut out = DECLARATION.to_owned();
    let root = Element {
        name: "problem".into(),
        attributes: " xmlns=\"urn:ietf:rfc:7807\"",
        item: Some("i"),
        ..Element::root(&mut out)
    };
    value.serialize(root)?;
    Ok(out)
}

/// An element that is not yet written: a field without a value is not written at all.
struct Element<'o, 'n> {
    out: &'o mut String,
    name: Cow<'n, str>,
    /// What is written behind the name in the tag.
    attributes: &'static str,
    /// What this is called instead, and its items are called, if it is a list.
    list: Option<(&'static str, &'static str)>,
    /// What items of lists are called, here and below; else each list's own singular.
    item: Option<&'static str>,
    /// Whether it is left out if it has no value.
    is_field: bool,
}

impl<'o> Element<'o, 'static> {
    fn root(out: &'o mut String) -> Self {
        Self {
            out,
            name: Cow::Borrowed(""),
            attributes: "",
            list: None,
            item: None,
            is_field: false,
        }
    }
}

impl<'o, 'n> Element<'o, 'n> {
    fn below(
        out: &'o mut String,
        name: Cow<'n, str>,
        item: Option<&'static str>,
        is_field: bool,
    ) -> Self {
        Self {
            out,
            name,
            item,
            is_field,
            attributes: "",
            list: None,
        }
    }

    fn empty(self) {
        let Self {
            name, attributes, ..
        } = self;
        self.out.extend(["<", &name, attributes, "/>"]);
    }

    fn text(self, text: &str) {
        if text.is_empty() {
            return self.empty();
        }
        let name = self.name;
        self.out.extend(["<", &name, self.attributes, ">"]);
        text::push(self.out, text);
        self.out.extend(["</", &name, ">"]);
    }

    fn open(self) -> Open<'o, 'n> {
        self.out.extend(["<", &self.name, self.attributes, ">"]);
        Open {
            out: self.out,
            name: self.name,
            around: None,
            items: Cow::Borrowed(""),
            item: self.item,
            key: String::new(),
        }
    }

    fn open_list(mut self) -> Open<'o, 'n> {
        let mut items = self.item.map(Cow::Borrowed);
        if let Some((many, one)) = self.list {
            self.name = many.into();
            items = Some(one.into());
        }
        let items = items.unwrap_or_else(|| singular(&self.name));
        Open {
            items,
            ..self.open()
        }
    }

    /// An element of the name of the variant, around what follows.
    fn variant(self, variant: &'static str) -> (Element<'o, 'n>, Cow<'n, str>) {
        let (around, item) = (self.name, self.item);
        self.out.extend(["<", &around, self.attributes, ">"]);
        let inner = Element::below(self.out, name::encode(variant), item, false);
        (inner, around)
    }
}

/// The singular of the field whose element is called `list`, as the name of an element.
fn singular<'a>(list: &str) -> Cow<'a, str> {
    let field = name::decode(list);
    let item = name::singular(&field).into_owned();
    name::encode(&item).into_owned().into()
}

/// An element that has begun.
struct Open<'o, 'n> {
    out: &'o mut String,
    name: Cow<'n, str>,
    /// The element around it, for a variant.
    around: Option<Cow<'n, str>>,
    /// What the items are called, if it is a list.
    items: Cow<'n, str>,
    item: Option<&'static str>,
    /// The name of the entry that is being written, if it is a map.
    key: String,
}

impl Open<'_, '_> {
    fn field<T: Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), Unwritable> {
        value.serialize(Element::below(self.out, name::encode(key), self.item, true))
    }

    fn next<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        let name = Cow::Borrowed(&*self.items);
        value.serialize(Element::below(self.out, name, self.item, false))
    }

    fn close(self) {
        self.out.extend(["</", &self.name, ">"]);
        if let Some(around) = self.around {
            self.out.extend(["</", &around, ">"]);
        }
    }
}
