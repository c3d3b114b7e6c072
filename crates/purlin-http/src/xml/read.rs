//! Makes values out of a tree of elements.

use std::fmt;

use serde::de::{self, Deserializer, Unexpected, Visitor};
use serde_json::Number;

use super::{
    XmlRoots, name, text,
    tree::{Element, Tree},
};

mod parts;

use parts::{Choice, Fields, Items};

/// Why a value could not be made; the words are serde's.
#[derive(Debug)]
pub(crate) struct Mismatch(String);

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Where an element stands, and so how its name is looked at.
#[derive(Clone, Copy)]
enum Place {
    Root(XmlRoots),
    Field,
    Item,
}

/// One element as a value.
#[derive(Clone, Copy)]
pub(crate) struct Node<'t> {
    tree: &'t Tree<'t>,
    at: u32,
    place: Place,
}

impl<'t> Tree<'t> {
    /// The root as a value. It must be called as `roots` says.
    pub(crate) fn root(&'t self, roots: XmlRoots) -> Node<'t> {
        Node {
            tree: self,
            at: 0,
            place: Place::Root(roots),
        }
    }
}

impl<'t> Node<'t> {
    fn element(&self) -> &'t Element<'t> {
        self.tree.element(self.at)
    }

    /// Asks that a root be called as it should.
    fn called(&self, is_list: bool) -> Result<(), Mismatch> {
        let Place::Root(XmlRoots { one, many }) = self.place else {
            return Ok(());
        };
        let (wanted, found) = (if is_list { many } else { one }, &self.element().name);
        if found == wanted {
            return Ok(());
        }
        Err(Mismatch(format!(
            "invalid type: root element `{found}`, expected `{wanted}`"
        )))
    }

    /// The text of an element that has nothing but text.
    fn text(&self, expected: &dyn de::Expected) -> Result<&'t str, Mismatch> {
        self.called(false)?;
        match self.element().has_children() {
            true => Err(de::Error::invalid_type(Unexpected::Map, expected)),
            false => Ok(&self.element().text),
        }
    }

    /// Asks that an element have nothing but elements.
    fn no_text(&self, expected: &dyn de::Expected) -> Result<(), Mismatch> {
        let text = &self.element().text;
        match text::is_blank(text) {
            true => Ok(()),
            false => Err(de::Error::invalid_type(Unexpected::Str(text), expected)),
        }
    }

    fn children(&self, place: Place) -> impl Iterator<Item = Node<'t>> + use<'t> {
        let tree = self.tree;
        tree.children(self.at)
            .map(move |at| Node { tree, at, place })
    }

    /// What the items of this list are called.
    fn item_name(&self) -> std::borrow::Cow<'t, str> {
        match self.place {
            Place::Root(XmlRoots { one, .. }) => one.into(),
            _ => name::singular(&self.element().name),
        }
    }

    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let text = text::trimmed(self.text(&visitor)?);
        // As in JSON, so that one value is written in one way.
        let number: Number = match serde_json::from_str(text) {
            Ok(number) => number,
            Err(error) if error.to_string().starts_with("number out of range") => {
                return Err(Mismatch("number out of range".to_owned()));
            }
            Err(_) => return Err(de::Error::invalid_type(Unexpected::Str(text), &visitor)),
        };
        match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => visitor.visit_u64(number),
            (None, Some(number)) => visitor.visit_i64(number),
            (None, None) => visitor.visit_f64(text.parse().unwrap_or(f64::NAN)),
        }
    }

    fn string<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let text = self.text(&visitor)?;
        visitor.visit_str(text)
    }

    fn object<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.called(false)?;
        self.no_text(&visitor)?;
        let (fields, value) = (self.children(Place::Field), None);
        visitor.visit_map(Fields { fields, value })
    }

    fn list<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.called(true)?;
        self.no_text(&visitor)?;
        let (items, name) = (self.children(Place::Item), self.item_name());
        visitor.visit_seq(Items { items, name })
    }
}

macro_rules! read_as {
    ($($method:ident => $how:ident),+ $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            self.$how(visitor)
        }
    )+};
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Mismatch;

    /// An element says nothing of its type: one with elements is an object, any other is text.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.element().has_children() {
            true => self.object(visitor),
            false => self.string(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match text::trimmed(self.text(&visitor)?) {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            other => Err(de::Error::invalid_type(Unexpected::Str(other), &visitor)),
        }
    }

    read_as! {
        deserialize_i8 => number, deserialize_i16 => number, deserialize_i32 => number,
        deserialize_i64 => number, deserialize_i128 => number, deserialize_u8 => number,
        deserialize_u16 => number, deserialize_u32 => number, deserialize_u64 => number,
        deserialize_u128 => number, deserialize_f32 => number, deserialize_f64 => number,
        deserialize_char => string, deserialize_str => string, deserialize_string => string,
        deserialize_identifier => string, deserialize_seq => list, deserialize_bytes => list,
        deserialize_byte_buf => list, deserialize_map => object,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.place {
            Place::Item if self.element().is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.text(&visitor)? {
            "" => visitor.visit_unit(),
            text => Err(de::Error::invalid_type(Unexpected::Str(text), &visitor)),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.object(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.called(false)?;
        visitor.visit_enum(Choice(self))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }
}
