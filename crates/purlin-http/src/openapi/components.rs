//! What the operations of a document share.

use std::collections::BTreeMap;

use purlin_base::ErrorClass;
use serde_json::{Value, json};

use super::{problem, schemas::Schemas, security::SecurityScheme};

/// Schemas, failures and security schemes, each once.
#[derive(Default)]
pub(super) struct Components {
    pub(super) schemas: Schemas,
    responses: BTreeMap<String, Value>,
    security: BTreeMap<&'static str, Value>,
}

impl Components {
    /// A reference to the answer to failures of `class`.
    pub(super) fn failure(&mut self, class: ErrorClass) -> Value {
        let name = format!("{class:?}");
        let schema = self.schemas.answer::<problem::Body>();
        let answer = || problem::answer(class, &schema).into_value();
        self.responses.entry(name.clone()).or_insert_with(answer);
        json!({"$ref": format!("#/components/responses/{name}")})
    }

    /// The name of `scheme`, which is in the document from now on.
    pub(super) fn scheme(&mut self, scheme: SecurityScheme) -> &'static str {
        self.security.insert(scheme.name, scheme.value);
        scheme.name
    }

    /// `document` with these components, and every reference in it put right.
    pub(super) fn complete(self, mut document: Value) -> Value {
        document["components"] = json!({
            "headers": {"RequestId": {
                "description": "Names the request in logs: the caller's own `X-Request-Id` if it \
                    is well formed, else a new one.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
            }},
            "responses": self.responses,
            "securitySchemes": self.security,
        });
        let schemas = self.schemas.complete(&mut document);
        document["components"]["schemas"] = schemas;
        super::xml::annotate(&mut document);
        document
    }
}
