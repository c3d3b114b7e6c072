//! The parameters of an operation.

use serde_json::{Value, json};

/// One parameter: its name, where it stands, and its JSON Schema.
///
/// # Examples
///
/// ```
/// use purlin_http::openapi::Parameter;
/// use serde_json::json;
///
/// let key = Parameter::header("Idempotency-Key", json!({"type": "string", "minLength": 1}))
///     .required()
///     .description("Names the request: sent again, it is done once.");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    pub(super) name: String,
    pub(super) place: &'static str,
    value: Value,
}

impl Parameter {
    /// In the query, and optional.
    pub fn query(name: impl Into<String>, schema: Value) -> Self {
        Self::new("query", name.into(), schema)
    }

    /// In the header fields, and optional.
    pub fn header(name: impl Into<String>, schema: Value) -> Self {
        Self::new("header", name.into(), schema)
    }

    /// In the path.
    pub fn path(name: impl Into<String>, schema: Value) -> Self {
        Self::new("path", name.into(), schema).required()
    }

    fn new(place: &'static str, name: String, schema: Value) -> Self {
        let value = json!({"name": name, "in": place, "schema": schema});
        Self { name, place, value }
    }

    /// It must be there.
    pub fn required(mut self) -> Self {
        self.value["required"] = true.into();
        self
    }

    /// Says what it means.
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.value["description"] = Value::String(text.into());
        self
    }

    /// Adds an example of its value.
    pub fn example(mut self, value: impl Into<Value>) -> Self {
        self.value["example"] = value.into();
        self
    }

    pub(super) fn into_value(self) -> Value {
        self.value
    }
}

/// The parameters that a struct with the JSON Schema `schema` reads from `place`.
pub(super) fn of_struct(place: &'static str, schema: &Value) -> Vec<Parameter> {
    let Some(fields) = schema["properties"].as_object() else {
        return Vec::new();
    };
    let required = schema["required"].as_array().map_or(&[][..], Vec::as_slice);
    let one = |(name, schema): (&String, &Value)| {
        let mut schema = without_null(schema.clone());
        let description = schema
            .as_object_mut()
            .and_then(|it| it.remove("description"));
        let mut parameter = Parameter::new(place, name.clone(), schema);
        if let Some(Value::String(text)) = description {
            parameter = parameter.description(text);
        }
        match place == "path" || required.contains(&json!(name)) {
            true => parameter.required(),
            false => parameter,
        }
    };
    fields.iter().map(one).collect()
}

/// A parameter is not there or has a value: `null` is a word of JSON alone.
fn without_null(mut schema: Value) -> Value {
    let Some(fields) = schema.as_object_mut() else {
        return schema;
    };
    if fields.get("default").is_some_and(Value::is_null) {
        fields.remove("default");
    }
    if let Some(Value::Array(types)) = fields.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = &mut types[..] {
            let only = only.take();
            fields.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(values)) = fields.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(forms)) = fields.get_mut("anyOf") {
        forms.retain(|form| form["type"] != "null");
        if let [Value::Object(only)] = &mut forms[..] {
            let only = std::mem::take(only);
            fields.remove("anyOf");
            fields.extend(only);
        }
    }
    schema
}

/// The parameters of the path `template`, which one extractor reads by a type with the JSON Schema
/// `schema`: a struct by their names, a tuple by their order, or a single one.
pub(super) fn of_path(template: &str, schema: &Value) -> Vec<Parameter> {
    let names = names(template);
    if schema["properties"].is_object() {
        let mut found = of_struct("path", schema);
        found.retain(|parameter| names.contains(&&*parameter.name));
        return found;
    }
    let one = |(index, name): (usize, &&str)| {
        let schema = match &schema["prefixItems"] {
            Value::Array(items) => items.get(index).cloned(),
            _ if schema["type"] == "object" => schema.get("additionalProperties").cloned(),
            _ => Some(schema.clone()),
        };
        schema.map(|schema| Parameter::path(*name, schema))
    };
    names.iter().enumerate().filter_map(one).collect()
}

/// The names of the parameters in `template`, in order.
pub(super) fn names(template: &str) -> Vec<&str> {
    let name = |segment: &'_ str| -> Option<std::ops::Range<usize>> {
        let inner = segment.strip_prefix('{')?.strip_suffix('}')?;
        let skipped = 1 + usize::from(inner.starts_with('*'));
        Some(skipped..segment.len() - 1)
    };
    let segments = template.split('/');
    segments
        .filter_map(|segment| Some(&segment[name(segment)?]))
        .collect()
}
