//! Rows read as structs by the derive.

use std::collections::BTreeMap;

use purlin_sql::{
    FromRow, FromValue, Json, Row, RowError, ValueRef, row::Columns, value::Mismatch,
};

/// A row held in memory.
struct Held(Vec<(&'static str, ValueRef<'static>)>);

impl Columns for Held {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(column, _)| *column == name)
    }

    fn value(&self, at: usize) -> Result<ValueRef<'_>, Mismatch> {
        Ok(self.0[at].1)
    }
}

fn book() -> Held {
    Held(vec![
        ("price_cents", ValueRef::Int(999)),
        ("id", ValueRef::Int(7)),
        ("type", ValueRef::Text("novel")),
        ("name", ValueRef::Text("Emma")),
        ("authors", ValueRef::Text(r#"["Jane Austen"]"#)),
        ("notes", ValueRef::Null),
        ("not asked for", ValueRef::Null),
    ])
}

#[derive(Debug, PartialEq, FromRow)]
struct Book<Id, Extra> {
    id: Id,
    r#type: String,
    #[row(rename = "name")]
    title: String,
    #[row(json)]
    authors: Vec<String>,
    #[row(json)]
    notes: Option<BTreeMap<String, String>>,
    #[row(flatten)]
    extra: Extra,
}

#[derive(Debug, PartialEq, FromRow)]
struct Price {
    price_cents: u32,
}

/// The same by hand, as the documentation of the derive shows it.
#[derive(Debug, PartialEq)]
struct ByHand {
    title: String,
    authors: Vec<String>,
    price: Price,
}

impl FromRow for ByHand {
    fn from_row(row: &Row<'_>) -> Result<Self, RowError> {
        Ok(Self {
            title: row.get::<String>("name")?,
            authors: row.get::<Json<Vec<String>>>("authors")?.0,
            price: Price::from_row(row)?,
        })
    }
}

#[derive(Debug, PartialEq, FromRow)]
struct ByDerive {
    #[row(rename = "name")]
    title: String,
    #[row(json)]
    authors: Vec<String>,
    #[row(flatten)]
    price: Price,
}

fn read<T: FromRow>(held: &Held) -> Result<T, RowError> {
    T::from_row(&Row::new(held))
}

#[test]
fn a_struct_is_read_by_the_names_of_its_fields() {
    let expected = Book {
        id: 7_i64,
        r#type: "novel".to_owned(),
        title: "Emma".to_owned(),
        authors: vec!["Jane Austen".to_owned()],
        notes: None,
        extra: Price { price_cents: 999 },
    };
    assert_eq!(read(&book()), Ok(expected));
}

#[test]
fn the_derive_and_what_one_would_have_typed_read_the_same() {
    let (derived, typed) = (
        read::<ByDerive>(&book()).unwrap(),
        read::<ByHand>(&book()).unwrap(),
    );
    assert_eq!(derived.title, typed.title);
    assert_eq!(derived.authors, typed.authors);
    assert_eq!(derived.price, typed.price);
}

#[test]
fn a_missing_column_and_a_wrong_one_are_named() {
    let mut held = book();
    held.0.remove(3);
    let missing = read::<ByDerive>(&held).unwrap_err();
    assert_eq!(missing.to_string(), "the answer has no column `name`");
    held = book();
    held.0[0].1 = ValueRef::Int(-1);
    let wrong = read::<ByDerive>(&held).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "column `price_cents`: expected a whole number that fits u32, found -1"
    );
}

#[test]
fn json_of_another_form_names_the_column() {
    let mut held = book();
    for value in [ValueRef::Text("{}"), ValueRef::Text("["), ValueRef::Null] {
        held.0[4].1 = value;
        let error = read::<ByDerive>(&held).unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("column `authors`: expected JSON"),
            "{error}"
        );
    }
}

/// A type of the user's own.
#[derive(Debug, PartialEq)]
struct Id(i64);

impl FromValue for Id {
    fn from_value(value: ValueRef<'_>) -> Result<Self, Mismatch> {
        i64::from_value(value).map(Self)
    }
}

#[test]
fn a_generic_field_is_read_as_a_type_of_ones_own() {
    let read = read::<Book<Id, (i64,)>>(&book());
    assert_eq!(
        read.unwrap_err(),
        RowError::Width {
            wanted: 1,
            found: 7
        }
    );
    let read: Book<Id, Price> = self::read(&book()).unwrap();
    assert_eq!(read.id, Id(7));
}
