//! The parts of a value: fields, items, and the content of a variant.

use std::borrow::Cow;

use serde::de::{
    self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, Unexpected,
    VariantAccess, Visitor, value::StringDeserializer,
};

use super::{Mismatch, Node, Place};
use crate::xml::name;

fn field_name(node: &Node<'_>) -> StringDeserializer<Mismatch> {
    name::decode(&node.element().name)
        .into_owned()
        .into_deserializer()
}

/// The elements of an object.
pub(super) struct Fields<'t, I> {
    pub(super) fields: I,
    pub(super) value: Option<Node<'t>>,
}

impl<'de, 't, I: Iterator<Item = Node<'t>>> MapAccess<'de> for Fields<'t, I> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Mismatch> {
        self.value = self.fields.next();
        let name = self.value.as_ref().map(field_name);
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Mismatch> {
        let value = self.value.take();
        seed.deserialize(value.ok_or_else(|| Mismatch("a value without a name".to_owned()))?)
    }
}

/// The elements of a list.
pub(super) struct Items<'t, I> {
    pub(super) items: I,
    pub(super) name: Cow<'t, str>,
}

impl<'de, 't, I: Iterator<Item = Node<'t>>> SeqAccess<'de> for Items<'t, I> {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Mismatch> {
        let Some(item) = self.items.next() else {
            return Ok(None);
        };
        let found = &item.element().name;
        if *found != self.name {
            let expected = &self.name;
            let message = format!("unknown field `{found}`, expected `{expected}`");
            return Err(Mismatch(message));
        }
        seed.deserialize(item).map(Some)
    }
}

/// A variant: its name as text, or one element of its name around its value.
pub(super) struct Choice<'t>(pub(super) Node<'t>);

impl<'de, 't> EnumAccess<'de> for Choice<'t> {
    type Error = Mismatch;
    type Variant = Chosen<'t>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Chosen<'t>), Mismatch> {
        let mut children = self.0.children(Place::Field);
        match (children.next(), children.next()) {
            (None, _) => {
                let text = self.0.element().text.clone().into_owned();
                let name: StringDeserializer<Mismatch> = text.into_deserializer();
                Ok((seed.deserialize(name)?, Chosen(None)))
            }
            (Some(only), None) => {
                self.0.no_text(&"a variant")?;
                Ok((seed.deserialize(field_name(&only))?, Chosen(Some(only))))
            }
            _ => Err(de::Error::invalid_type(Unexpected::Map, &"one variant")),
        }
    }
}

/// What stands in the element of a variant.
pub(super) struct Chosen<'t>(Option<Node<'t>>);

impl<'t> Chosen<'t> {
    fn content(self) -> Result<Node<'t>, Mismatch> {
        let missing =
            || de::Error::invalid_type(Unexpected::UnitVariant, &"a variant with a value");
        self.0.ok_or_else(missing)
    }
}

impl<'de> VariantAccess<'de> for Chosen<'_> {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        self.0.map_or(Ok(()), de::Deserialize::deserialize)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Mismatch> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.content()?.list(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.content()?.object(visitor)
    }
}
