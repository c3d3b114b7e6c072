//! One answer of an operation.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What one status means: a sentence, header fields, and a body for each media type.
///
/// # Examples
///
/// ```
/// use purlin_http::openapi::Answer;
/// use serde_json::json;
///
/// let answer = Answer::new("The picture").content("image/png", json!({}));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Answer {
    description: String,
    headers: BTreeMap<String, Value>,
    content: BTreeMap<String, Map<String, Value>>,
}

impl Answer {
    /// An answer without a body.
    pub fn new(description: impl Into<String>) -> Self {
        Self {
            description: description.into(),
            ..Self::default()
        }
    }

    /// Adds a body of the type `media_type`, with its JSON Schema (`{}`: anything).
    pub fn content(mut self, media_type: impl Into<String>, schema: Value) -> Self {
        let mut content = Map::new();
        content.insert("schema".into(), schema);
        self.content.insert(media_type.into(), content);
        self
    }

    /// Adds a header field, with its JSON Schema.
    pub fn header(mut self, name: &str, description: &str, schema: Value) -> Self {
        self.insert_header(name, description, schema);
        self
    }

    pub(super) fn insert_header(&mut self, name: &str, description: &str, schema: Value) {
        let header = json!({"description": description, "schema": schema});
        self.headers.insert(name.to_owned(), header);
    }

    pub(super) fn insert_example(&mut self, example: Value) {
        for content in self.content.values_mut() {
            content.insert("example".into(), example.clone());
        }
    }

    pub(super) fn set_description(&mut self, description: &str) {
        description.clone_into(&mut self.description);
    }

    pub(super) fn into_value(mut self) -> Value {
        let id = json!({"$ref": "#/components/headers/RequestId"});
        self.headers.insert("X-Request-Id".into(), id);
        let mut value = json!({"description": self.description, "headers": self.headers});
        if !self.content.is_empty() {
            value["content"] = json!(self.content);
        }
        value
    }
}
