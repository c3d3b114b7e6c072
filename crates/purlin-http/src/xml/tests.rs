//! What is written is read again; what is more than data is refused.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    XmlRoots,
    tree::{Fault, Tree},
    write,
};

const ROOTS: XmlRoots = XmlRoots {
    one: "thing",
    many: "things",
};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Plain,
    Named(String),
    Sized { width: u8, height: Option<i64> },
    Pair(bool, char),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Thing {
    text: String,
    #[serde(rename = "odd name")]
    odd: Option<String>,
    small: i8,
    large: u64,
    negative: i64,
    float: f64,
    yes: bool,
    kind: Kind,
    words: Vec<String>,
    boxes: Vec<Vec<Option<i32>>>,
    #[serde(default)]
    inner: Option<Box<Thing>>,
    entries: BTreeMap<String, u16>,
}

fn written<T: Serialize + ?Sized>(value: &T) -> String {
    write::document(value, ROOTS).unwrap()
}

fn read<T: DeserializeOwned>(document: &str) -> Result<T, String> {
    let tree = Tree::read(document.as_bytes()).map_err(|fault| format!("{fault:?}"))?;
    T::deserialize(tree.root(ROOTS)).map_err(|error| error.to_string())
}

fn fault(document: &[u8]) -> Fault {
    Tree::read(document).expect_err(&String::from_utf8_lossy(
        &document[..document.len().min(80)],
    ))
}

/// Text of characters that XML can hold.
fn text() -> impl Strategy<Value = String> {
    let any = any::<Vec<char>>();
    any.prop_map(|chars| {
        chars
            .into_iter()
            .filter(|c| super::text::is_legal(*c))
            .take(12)
            .collect()
    })
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        Just(Kind::Plain),
        text().prop_map(Kind::Named),
        any::<(u8, Option<i64>)>().prop_map(|(width, height)| Kind::Sized { width, height }),
        (any::<bool>(), proptest::char::range(' ', '~')).prop_map(|(a, b)| Kind::Pair(a, b)),
    ]
}

fn thing() -> impl Strategy<Value = Thing> {
    let numbers = (
        any::<i8>(),
        any::<u64>(),
        any::<i64>(),
        -1e300..1e300_f64,
        any::<bool>(),
    );
    let texts = (
        text(),
        proptest::option::of(text()),
        proptest::collection::vec(text(), 0..4),
    );
    let entries = proptest::collection::btree_map(any::<String>(), any::<u16>(), 0..4);
    let boxes = any::<[Vec<Option<i32>>; 2]>();
    let leaf = (numbers, texts, entries, boxes, kind()).prop_map(
        |(numbers, texts, entries, boxes, kind)| {
            let (small, large, negative, float, yes) = numbers;
            let (text, odd, words) = texts;
            let (boxes, inner) = (boxes.into(), None);
            Thing {
                text,
                odd,
                small,
                large,
                negative,
                float,
                yes,
                kind,
                words,
                boxes,
                inner,
                entries,
            }
        },
    );
    leaf.prop_recursive(3, 3, 1, |inner| {
        (inner.clone(), inner).prop_map(|(mut outer, inner)| {
            outer.inner = Some(Box::new(inner));
            outer
        })
    })
}

proptest! {
    #[test]
    fn a_value_and_its_json_are_the_same_after_xml(thing in thing()) {
        let document = written(&thing);
        let by_xml: Thing = read(&document).map_err(|error| {
            TestCaseError::fail(format!("{error} in {document}"))
        })?;
        prop_assert_eq!(&by_xml, &thing);
        let json = serde_json::to_value(&thing).unwrap();
        prop_assert_eq!(&read::<Thing>(&written(&json)).unwrap(), &thing);
        let list = vec![thing.clone(), thing];
        prop_assert_eq!(read::<Vec<Thing>>(&written(&list)).unwrap(), list);
    }

    #[test]
    fn no_bytes_make_the_reader_fail_otherwise_than_by_its_answer(bytes in any::<Vec<u8>>()) {
        if let Ok(tree) = Tree::read(&bytes) {
            let _ = serde_json::Value::deserialize(tree.root(ROOTS));
        }
    }

    #[test]
    fn no_pieces_of_markup_make_it_fail_either(pieces in proptest::collection::vec(0_usize..PIECES.len(), 0..24)) {
        let document: String = pieces.into_iter().map(|at| PIECES[at]).collect();
        if let Ok(tree) = Tree::read(document.as_bytes()) {
            let _ = Vec::<Thing>::deserialize(tree.root(ROOTS));
            let _ = Thing::deserialize(tree.root(ROOTS));
        }
    }
}

const PIECES: [&str; 16] = [
    "<thing>",
    "</thing>",
    "<things>",
    "</things>",
    "<kind",
    ">",
    "/>",
    "</kind>",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "&#65;",
    "text",
    " a='b'",
    "<?x?>",
];

#[test]
fn the_shape_is_that_of_the_fields_with_singular_items() {
    let value = serde_json::json!({
        "authors": [{"name": "A & B"}, {"name": ""}], "none": null, "empty": [],
        "1st name": "\u{1}\r\n<", "yes": true, "list": [1, null],
    });
    let body = written(&value);
    let (head, body) = body.split_once('\n').unwrap();
    assert_eq!(head, r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    for part in [
        "<authors><author><name>A &amp; B</name></author><author><name/></author></authors>",
        "<empty></empty>",
        "<_x0031_st_x0020_name>\u{FFFD}&#13;\n&lt;</_x0031_st_x0020_name>",
        "<yes>true</yes>",
        "<list><item>1</item><item/></list>",
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert!(!body.contains("none"), "{body}");
    assert!(
        body.starts_with("<thing>") && body.ends_with("</thing>"),
        "{body}"
    );
    let list = written(&["a"]);
    assert!(
        list.ends_with("<things><thing>a</thing></things>"),
        "{list}"
    );
    assert!(written(&()).ends_with("<thing/>"));
}

#[test]
fn text_is_one_whatever_stands_between_its_parts() {
    for document in [
        "<thing>a &amp; b</thing>",
        "<thing>a <!-- & --><![CDATA[&]]> b</thing>",
        "\u{FEFF}<?xml version='1.0' encoding='utf-8'?>\n<!-- x --><thing>a &#38;&#x20;b</thing>\n",
    ] {
        assert_eq!(read::<String>(document).unwrap(), "a & b", "{document}");
    }
    assert_eq!(read::<String>("<thing>\r\na\rb</thing>").unwrap(), "\na\nb");
    assert_eq!(read::<i32>("<thing> -5\n</thing>").unwrap(), -5);
}

#[test]
fn a_document_that_is_more_than_data_is_refused() {
    for document in [
        "<!DOCTYPE thing><thing/>",
        "<!DOCTYPE t [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><thing>&b;</thing>",
        "<!DOCTYPE t SYSTEM \"file:///etc/passwd\"><thing/>",
        "<?xml-stylesheet href='x'?><thing/>",
        "<thing><?php x ?></thing>",
        "<thing/><?x?>",
    ] {
        assert!(
            matches!(fault(document.as_bytes()), Fault::Declares(_)),
            "{document}"
        );
    }
}

#[test]
fn a_document_that_is_not_well_formed_is_refused() {
    for document in [
        "",
        "x",
        "<",
        "<thing",
        "<thing>",
        "</thing>",
        "<thing></other>",
        "<thing/><thing/>",
        "x<thing/>",
        "<thing/>x",
        "<thing/>&lt;",
        "<thing>&unknown;</thing>",
        "<thing>&amp</thing>",
        "<thing>&#0;</thing>",
        "<thing>&#1;</thing>",
        "<thing>&#xD800;</thing>",
        "<thing>&#xFFFE;</thing>",
        "<thing>\u{1}</thing>",
        "<thing>\u{FFFF}</thing>",
        "<thing>]]></thing>",
        "<1a/>",
        "<a b/>",
        "<thing a=b/>",
        "<thing a='b' c/>",
        "<thing a='b' c=d/>",
        "<thing a='<'/>",
        "<thing 1='x'/>",
        " <?xml version='1.0'?><thing/>",
        "<thing/><?xml version='1.0'?>",
        "<?xml version='1.1'?><thing/>",
        "<?xml version='1.0' encoding='UTF-16'?><thing/>",
        "<?xml version='1.0' encoding='iso-8859-1'?><thing/>",
        "<?xml?><thing/>",
        "<thing><!-- -- --></thing>",
        "<thing><![CDATA[x</thing>",
        "<![CDATA[x]]><thing/>",
        "< thing/>",
        "<thing>\0</thing>",
        "<!-- only -->",
        "<thing><!x></thing>",
    ] {
        assert!(
            matches!(fault(document.as_bytes()), Fault::Malformed(_)),
            "{document:?}"
        );
    }
    let utf16: Vec<u8> = "\u{FEFF}<thing/>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for bytes in [
        &utf16[..],
        b"<thing>\xFF</thing>",
        b"<thing>\xED\xA0\x80</thing>",
    ] {
        assert!(matches!(fault(bytes), Fault::Malformed(_)), "{bytes:?}");
    }
}

#[test]
fn depth_and_number_of_elements_are_bounded() {
    let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
    assert!(Tree::read(nested(Tree::DEPTH_MAX).as_bytes()).is_ok());
    assert_eq!(
        fault(nested(Tree::DEPTH_MAX + 1).as_bytes()),
        Fault::TooDeep
    );
    assert_eq!(fault("<a>".repeat(300_000).as_bytes()), Fault::TooDeep);
    let wide = |inside: usize| format!("<a>{}</a>", "<b/>".repeat(inside));
    assert!(Tree::read(wide(Tree::ELEMENTS_MAX - 1).as_bytes()).is_ok());
    assert_eq!(fault(wide(Tree::ELEMENTS_MAX).as_bytes()), Fault::TooMany);
}

#[test]
fn what_is_of_another_type_is_said_in_the_words_of_serde() {
    for (document, words) in [
        (
            "<other/>",
            "invalid type: root element `other`, expected `thing`",
        ),
        (
            "<things/>",
            "invalid type: root element `things`, expected `thing`",
        ),
        (
            "<thing>x</thing>",
            "invalid type: string \"x\", expected struct Thing",
        ),
        ("<thing/>", "missing field `text`"),
        ("<thing x='1'/>", "unknown field `@x`"),
        ("<thing xmlns='urn:x'/>", "unknown field `@xmlns`"),
        (
            "<t:thing xmlns:t='u'/>",
            "invalid type: root element `t:thing`",
        ),
        (
            "<thing><text>a</text><text>b</text></thing>",
            "duplicate field `text`",
        ),
        (
            "<thing><text><b/></text></thing>",
            "invalid type: map, expected a string",
        ),
        (
            "<thing><small>300</small></thing>",
            "invalid value: integer `300`, expected i8",
        ),
        (
            "<thing><small>x</small></thing>",
            "invalid type: string \"x\", expected i8",
        ),
        (
            "<thing><small/></thing>",
            "invalid type: string \"\", expected i8",
        ),
        (
            "<thing><small>1.5</small></thing>",
            "invalid type: floating point `1.5`",
        ),
        ("<thing><float>1e999</float></thing>", "number out of range"),
        (
            "<thing><yes>1</yes></thing>",
            "invalid type: string \"1\", expected a boolean",
        ),
        (
            "<thing><words><other/></words></thing>",
            "unknown field `other`, expected `word`",
        ),
        (
            "<thing><words>x</words></thing>",
            "invalid type: string \"x\", expected a sequence",
        ),
        (
            "<thing><kind>other</kind></thing>",
            "unknown variant `other`",
        ),
        (
            "<thing><kind>named</kind></thing>",
            "invalid type: unit variant",
        ),
    ] {
        let error = read::<Thing>(document).unwrap_err();
        assert!(error.starts_with(words), "{document}: {error}");
    }
}
