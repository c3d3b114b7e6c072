//! Any schema at all.

use proptest::prelude::*;

use super::*;

/// Any schema, some five levels deep.
fn schemas() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({})),
        Just(json!({"type": "string", "maxLength": 10})),
        Just(json!({"type": ["integer", "null"], "minimum": 0})),
        Just(json!({"enum": ["a", "b"]})),
        Just(json!({"$ref": "#/components/schemas/Node"})),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        prop_oneof![
            inner
                .clone()
                .prop_map(|items| json!({"type": "array", "items": items})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({"allOf": all})),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|any| json!({"anyOf": any})),
            (
                prop::collection::btree_map("[a-d]", inner, 0..4),
                any::<bool>()
            )
                .prop_map(|(fields, is_required)| {
                    let names: Vec<_> = fields.keys().cloned().collect();
                    let required = if is_required { names } else { Vec::new() };
                    json!({"type": "object", "properties": fields, "required": required})
                }),
        ]
    })
}

fn with_node(mut document: Value) -> Value {
    document["components"]["schemas"]["Node"] = json!({"type": "object",
        "properties": {"next": {"$ref": "#/components/schemas/Node"}}});
    document
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_document_compared_with_itself_has_no_changes(schema in schemas()) {
        for make in [request, answer] {
            let one = with_node(make(&schema));
            let mut same = one.clone();
            same["info"] = json!({"title": "so that the two are not the same"});
            prop_assert_eq!(changes(&one, &same), []);
        }
    }

    #[test]
    fn what_is_only_added_is_not_named(schema in schemas(), more in schemas(), which in 0..6) {
        let one = with_node(answer(&object(&json!({"a": schema}), &["a"])));
        let mut other = one.clone();
        let op = "/paths/~1books/post";
        match which {
            0 => other["paths"]["/more"] = json!({"get": {"responses": {"200": {}}}}),
            1 => other["paths"]["/books"]["get"] = json!({"responses": {}}),
            2 => other.pointer_mut(op).unwrap()["responses"]["409"] = json!({}),
            3 => other.pointer_mut(op).unwrap()["parameters"] =
                json!([{"in": "query", "name": "more", "schema": more}]),
            4 => other.pointer_mut(op).unwrap()["requestBody"] =
                json!({"content": {"application/json": {"schema": more}}}),
            _ => other.pointer_mut(&format!(
                "{op}/responses/200/content/application~1json/schema/properties"
            )).unwrap()["more"] = more,
        }
        prop_assert_eq!(changes(&one, &other), []);
    }

    #[test]
    fn no_two_documents_make_it_panic_or_hang(one in schemas(), other in schemas()) {
        for make in [request, answer] {
            changes(&with_node(make(&one)), &with_node(make(&other)));
        }
    }
}
