//! Lists and objects.

use serde::{
    Serialize, Serializer,
    ser::{
        SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};
use serde_json::Error;

use super::{Json, key::Key, text::text};

/// A list that is being written.
pub(super) struct List<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
    end: &'static str,
}

/// An object that is being written.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
    end: &'static str,
    /// The name of a type that is left to `serde_json`.
    foreign: Option<&'static str>,
}

impl<'a> List<'a> {
    pub(super) fn begin(out: &'a mut Vec<u8>, end: &'static str) -> Self {
        out.push(b'[');
        Self {
            out,
            is_empty: true,
            end,
        }
    }

    fn add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        value.serialize(Json(self.out))
    }

    fn close(self) -> Result<(), Error> {
        self.out.extend_from_slice(self.end.as_bytes());
        Ok(())
    }
}

impl<'a> Object<'a> {
    pub(super) fn begin(out: &'a mut Vec<u8>, end: &'static str) -> Self {
        out.push(b'{');
        Self {
            out,
            is_empty: true,
            end,
            foreign: None,
        }
    }

    pub(super) fn foreign(out: &'a mut Vec<u8>, name: &'static str) -> Self {
        Self {
            out,
            is_empty: true,
            end: "",
            foreign: Some(name),
        }
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
    }

    fn add<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Error> {
        if let Some(of) = self.foreign {
            return serde_json::to_writer(&mut *self.out, &Foreign { of, name, value });
        }
        self.separate();
        text(self.out, name);
        self.out.push(b':');
        value.serialize(Json(self.out))
    }

    fn close(self) -> Result<(), Error> {
        self.out.extend_from_slice(self.end.as_bytes());
        Ok(())
    }
}

/// A type of `serde_json`'s own with its one field.
struct Foreign<'v, T: ?Sized> {
    of: &'static str,
    name: &'static str,
    value: &'v T,
}

impl<T: Serialize + ?Sized> Serialize for Foreign<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut whole = serializer.serialize_struct(self.of, 1)?;
        whole.serialize_field(self.name, self.value)?;
        whole.end()
    }
}

macro_rules! lists {
    ($($kind:ident $add:ident),+) => {$(
        impl $kind for List<'_> {
            type Ok = ();
            type Error = Error;

            fn $add<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
                self.add(value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )+};
}

lists! {
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
}

macro_rules! structs {
    ($($kind:ident),+) => {$(
        impl $kind for Object<'_> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Error> {
                self.add(name, value)
            }

            fn end(self) -> Result<(), Error> {
                self.close()
            }
        }
    )+};
}

structs!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.separate();
        key.serialize(Key(self.out))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.out.push(b':');
        value.serialize(Json(self.out))
    }

    fn end(self) -> Result<(), Error> {
        self.close()
    }
}
