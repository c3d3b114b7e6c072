//! Reads an XML document into a tree of elements, and refuses everything that is more than data.

use std::borrow::Cow;

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesDecl, BytesRef, BytesStart, Event},
};

use super::{name, text};

/// Why a document is not read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not XML 1.0 in UTF-8; the reason in words.
    Malformed(String),
    /// It has a document type, or a processing instruction.
    Declares(&'static str),
    /// Elements are nested deeper than [`Tree::DEPTH_MAX`].
    TooDeep,
    /// There are more elements than [`Tree::ELEMENTS_MAX`].
    TooMany,
}

impl From<quick_xml::Error> for Fault {
    fn from(error: quick_xml::Error) -> Self {
        Self::Malformed(error.to_string())
    }
}

fn malformed<T>(why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Malformed(why.into()))
}

/// The elements of a document, in the order they begin. The root is the first.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    elements: Vec<Element<'a>>,
}

/// One element, or the first attribute of one, as a child whose name begins with `@`.
#[derive(Debug)]
pub(super) struct Element<'a> {
    pub(super) name: Cow<'a, str>,
    /// All text directly inside, joined.
    pub(super) text: Cow<'a, str>,
    first_child: Option<u32>,
    last_child: Option<u32>,
    next: Option<u32>,
}

impl<'a> Tree<'a> {
    /// Elements inside each other, as in JSON.
    pub(crate) const DEPTH_MAX: usize = 128;
    /// Elements in one document. Each takes about 80 bytes of memory, and no more than 4 of a body.
    pub(crate) const ELEMENTS_MAX: usize = 65_536;

    /// Reads `document`.
    pub(crate) fn read(document: &'a [u8]) -> Result<Self, Fault> {
        let document = document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document);
        let Ok(source) = std::str::from_utf8(document) else {
            return malformed("it is not UTF-8");
        };
        if let Some(c) = source.chars().find(|c| !text::is_legal(*c)) {
            return malformed(format!("the character {c:?} is not allowed"));
        }
        let mut reader = Reader::from_str(source);
        reader.config_mut().check_comments = true;
        let mut building = Building::new(source);
        loop {
            let begin = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
            match reader.read_event()? {
                Event::Eof => return building.end(),
                event => building.take(event, begin)?,
            }
        }
    }

    pub(super) fn element(&self, at: u32) -> &Element<'a> {
        &self.elements[at as usize]
    }

    /// The places of the elements directly in the one at `at`.
    pub(super) fn children(&self, at: u32) -> impl Iterator<Item = u32> {
        let next = |at: &u32| self.element(*at).next;
        std::iter::successors(self.element(at).first_child, next)
    }
}

impl Element<'_> {
    pub(super) fn has_children(&self) -> bool {
        self.first_child.is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.has_children() && self.text.is_empty()
    }
}

/// A tree that is being built.
struct Building<'a> {
    source: &'a str,
    elements: Vec<Element<'a>>,
    /// The places of the elements that have begun and not ended.
    open: Vec<u32>,
}

impl<'a> Building<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            elements: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Takes the event that begins at byte `begin`.
    fn take(&mut self, event: Event<'a>, begin: usize) -> Result<(), Fault> {
        match event {
            Event::Start(tag) => self.start(&tag, begin),
            Event::Empty(tag) => {
                self.start(&tag, begin)?;
                self.open.pop();
                Ok(())
            }
            Event::End(_) => {
                self.open.pop();
                Ok(())
            }
            Event::Text(text) => {
                let text = text.xml10_content().map_err(quick_xml::Error::from)?;
                match text.contains("]]>") {
                    true => malformed("`]]>` must not stand in text"),
                    false => self.text(text),
                }
            }
            Event::CData(text) => {
                let text = text.xml10_content().map_err(quick_xml::Error::from)?;
                match self.open.is_empty() {
                    true => malformed("there is text outside the root element"),
                    false => self.text(text),
                }
            }
            Event::GeneralRef(reference) => {
                let character = character(&reference)?;
                self.text(Cow::Owned(character.to_string()))
            }
            Event::Decl(declaration) if begin == 0 => declared(&declaration),
            Event::Decl(_) => malformed("the declaration must be at the very beginning"),
            Event::PI(_) => Err(Fault::Declares("a processing instruction")),
            Event::DocType(_) => Err(Fault::Declares("a document type")),
            Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>, begin: usize) -> Result<(), Fault> {
        let length = tag.name().as_ref().len();
        let Some(name) = self.source.get(begin + 1..begin + 1 + length) else {
            return malformed("a tag has no name");
        };
        if !name::is_legal(name) {
            return malformed("a tag has no legal name");
        }
        if self.open.is_empty() && !self.elements.is_empty() {
            return malformed("there are two root elements");
        }
        if self.open.len() == Tree::DEPTH_MAX {
            return Err(Fault::TooDeep);
        }
        let at = self.add(name.into())?;
        self.open.push(at);
        self.attribute(tag)
    }

    /// Notes the first attribute; there is no place for any. That two have one name is not looked
    /// for: it would take a time that grows with the square of their number.
    fn attribute(&mut self, tag: &BytesStart<'_>) -> Result<(), Fault> {
        for (index, attribute) in tag.attributes().with_checks(false).enumerate() {
            let attribute = attribute.map_err(quick_xml::Error::from)?;
            let key = std::str::from_utf8(attribute.key.as_ref()).unwrap_or_default();
            if !name::is_legal(key) || attribute.value.contains(&b'<') {
                return malformed("an attribute is not well formed");
            }
            if index == 0 {
                self.add(format!("@{key}").into())?;
            }
        }
        Ok(())
    }

    /// Adds an element to the innermost open one.
    fn add(&mut self, name: Cow<'a, str>) -> Result<u32, Fault> {
        if self.elements.len() == Tree::ELEMENTS_MAX {
            return Err(Fault::TooMany);
        }
        let at = u32::try_from(self.elements.len()).map_err(|_| Fault::TooMany)?;
        self.elements.push(Element {
            name,
            text: Cow::Borrowed(""),
            first_child: None,
            last_child: None,
            next: None,
        });
        if let Some(&parent) = self.open.last() {
            match self.elements[parent as usize].last_child.replace(at) {
                Some(before) => self.elements[before as usize].next = Some(at),
                None => self.elements[parent as usize].first_child = Some(at),
            }
        }
        Ok(at)
    }

    fn text(&mut self, more: Cow<'a, str>) -> Result<(), Fault> {
        let Some(&at) = self.open.last() else {
            return match text::is_blank(&more) {
                true => Ok(()),
                false => malformed("there is text outside the root element"),
            };
        };
        let text = &mut self.elements[at as usize].text;
        match text.is_empty() {
            true => *text = more,
            false => text.to_mut().push_str(&more),
        }
        Ok(())
    }

    fn end(self) -> Result<Tree<'a>, Fault> {
        if !self.open.is_empty() {
            return malformed("it ends before its root element does");
        }
        if self.elements.is_empty() {
            return malformed("there is no root element");
        }
        Ok(Tree {
            elements: self.elements,
        })
    }
}

/// The character that `&lt;` or `&#60;` stands for. Entities of the sender's own there are none.
fn character(reference: &BytesRef<'_>) -> Result<char, Fault> {
    if let Some(c) = reference.resolve_char_ref()? {
        return match text::is_legal(c) {
            true => Ok(c),
            false => malformed("a reference is to a character that is not allowed"),
        };
    }
    let name = reference.decode().map_err(quick_xml::Error::from)?;
    let known = resolve_predefined_entity(&name).and_then(|text| text.chars().next());
    known.map_or_else(|| malformed("an entity is not known"), Ok)
}

fn declared(declaration: &BytesDecl<'_>) -> Result<(), Fault> {
    if declaration.xml_version()? != XmlVersion::Explicit1_0 {
        return malformed("it is not XML 1.0");
    }
    let Some(encoding) = declaration.encoding() else {
        return Ok(());
    };
    let encoding = encoding.map_err(quick_xml::Error::from)?;
    let ours = [&b"utf-8"[..], b"us-ascii"];
    match ours.iter().any(|name| encoding.eq_ignore_ascii_case(name)) {
        true => Ok(()),
        false => malformed("it is not UTF-8"),
    }
}
