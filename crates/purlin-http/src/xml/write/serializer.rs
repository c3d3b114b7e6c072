//! What each type of value becomes: serde's traits on [`Element`] and [`Open`].

use serde::ser::{self, Serialize, Serializer};

use super::{Element, Open, Unwritable};

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
