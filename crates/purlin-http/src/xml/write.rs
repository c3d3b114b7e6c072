//! Writes values as elements.

use std::{borrow::Cow, fmt};

use serde::ser::{self, Serialize, Serializer};

use super::{XmlRoots, name, text};

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

macro_rules! as_text {
    ($($method:ident: $of:ty),+ $(,)?) => {$(
        fn $method(self, value: $of) -> Result<(), Unwritable> {
            self.text(&value.to_string());
            Ok(())
        }
    )+};
}

impl<'o, 'n> Serializer for Element<'o, 'n> {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Open<'o, 'n>;
    type SerializeTuple = Open<'o, 'n>;
    type SerializeTupleStruct = Open<'o, 'n>;
    type SerializeTupleVariant = Open<'o, 'n>;
    type SerializeMap = Open<'o, 'n>;
    type SerializeStruct = Open<'o, 'n>;
    type SerializeStructVariant = Open<'o, 'n>;

    as_text! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32,
        serialize_i64: i64, serialize_i128: i128, serialize_u8: u8, serialize_u16: u16,
        serialize_u32: u32, serialize_u64: u64, serialize_u128: u128, serialize_char: char,
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unwritable> {
        match value.is_finite() {
            true => self.text(&format!("{value:?}")),
            false => return self.serialize_none(),
        }
        Ok(())
    }

    /// As in JSON, what is no number is no value.
    fn serialize_f64(self, value: f64) -> Result<(), Unwritable> {
        match value.is_finite() {
            true => self.text(&format!("{value:?}")),
            false => return self.serialize_none(),
        }
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Unwritable> {
        self.text(value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unwritable> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        if !self.is_field {
            self.empty();
        }
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.serialize_none()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Unwritable> {
        self.serialize_none()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Unwritable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Unwritable> {
        let (inner, around) = self.variant(variant);
        let Element {
            out, name, item, ..
        } = inner;
        value.serialize(Element::below(out, name, item, false))?;
        out.extend(["</", &around, ">"]);
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'o, 'n>, Unwritable> {
        Ok(self.open_list())
    }

    fn serialize_tuple(self, _: usize) -> Result<Open<'o, 'n>, Unwritable> {
        Ok(self.open_list())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Open<'o, 'n>, Unwritable> {
        Ok(self.open_list())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Open<'o, 'n>, Unwritable> {
        let (inner, around) = self.variant(variant);
        Ok(Open {
            around: Some(around),
            ..inner.open_list()
        })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'o, 'n>, Unwritable> {
        Ok(self.open())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Open<'o, 'n>, Unwritable> {
        Ok(self.open())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Open<'o, 'n>, Unwritable> {
        let (inner, around) = self.variant(variant);
        Ok(Open {
            around: Some(around),
            ..inner.open()
        })
    }
}

macro_rules! list {
    ($($of:ident::$next:ident),+ $(,)?) => {$(
        impl ser::$of for Open<'_, '_> {
            type Ok = ();
            type Error = Unwritable;

            fn $next<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
                self.next(value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.close();
                Ok(())
            }
        }
    )+};
}
list!(
    SerializeSeq::serialize_element,
    SerializeTuple::serialize_element,
    SerializeTupleStruct::serialize_field,
    SerializeTupleVariant::serialize_field,
);

macro_rules! object {
    ($($of:ident),+) => {$(
        impl ser::$of for Open<'_, '_> {
            type Ok = ();
            type Error = Unwritable;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<(), Unwritable> {
                self.field(key, value)
            }

            fn end(self) -> Result<(), Unwritable> {
                self.close();
                Ok(())
            }
        }
    )+};
}
object!(SerializeStruct, SerializeStructVariant);

impl ser::SerializeMap for Open<'_, '_> {
    type Ok = ();
    type Error = Unwritable;

    /// A key is what it is in JSON: text, or what JSON writes as text.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Unwritable> {
        self.key = match serde_json::to_value(key).map_err(ser::Error::custom)? {
            serde_json::Value::String(key) => key,
            serde_json::Value::Number(key) => key.to_string(),
            serde_json::Value::Bool(key) => key.to_string(),
            _ => return Err(ser::Error::custom("a key must be text")),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        let key = std::mem::take(&mut self.key);
        self.field(&key, value)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close();
        Ok(())
    }
}
