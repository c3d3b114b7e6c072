//! Wider schemas: fine for what is sent, broken for what is read.

use super::*;

/// Wider on the right: fine for what is sent, broken for what is read, and the other way round.
fn widenings() -> Vec<(Rule, Option<Rule>, Value, Value)> {
    let string = || json!({"type": "string"});
    let book = || json!({"title": {"type": "string"}});
    let circle = || {
        json!({"type": "object", "title": "Circle", "required": ["radius"],
        "properties": {"radius": {"type": "number"}}})
    };
    let square = || {
        json!({"type": "object", "title": "Square", "required": ["side"],
        "properties": {"side": {"type": "number"}}})
    };
    vec![
        // Named for an input that goes from right to left; for an answer from left to right.
        (
            Rule::TypeNarrowed,
            Some(Rule::TypeWidened),
            string(),
            json!({"type": ["string", "integer"]}),
        ),
        (
            Rule::TypeNarrowed,
            Some(Rule::TypeWidened),
            json!({"type": "integer"}),
            json!({"type": "number"}),
        ),
        (
            Rule::TypeNarrowed,
            Some(Rule::TypeWidened),
            string(),
            json!({}),
        ),
        (
            Rule::NullRefused,
            Some(Rule::ValueNullable),
            string(),
            json!({"type": ["string", "null"]}),
        ),
        (
            Rule::NullRefused,
            Some(Rule::ValueNullable),
            string(),
            json!({"anyOf": [string(), {"type": "null"}]}),
        ),
        (
            Rule::ValueRefused,
            Some(Rule::ValueAdded),
            json!({"enum": ["a"]}),
            json!({"enum": ["a", "b"]}),
        ),
        (
            Rule::ValueRefused,
            Some(Rule::ValueAdded),
            json!({"type": "string", "const": "a"}),
            string(),
        ),
        (
            Rule::ValueRefused,
            Some(Rule::ValueAdded),
            json!({"enum": ["a"]}),
            json!({"oneOf": [{"const": "a", "description": "first"}, {"const": "b"}]}),
        ),
        (
            Rule::FieldRequired,
            Some(Rule::FieldOptional),
            object(&book(), &["title"]),
            object(&book(), &[]),
        ),
        (
            Rule::VariantRemoved,
            Some(Rule::VariantAdded),
            json!({"oneOf": [circle()]}),
            json!({"oneOf": [circle(), square()]}),
        ),
        (
            Rule::FormatAdded,
            Some(Rule::FormatLoosened),
            json!({"type": "string", "format": "uuid"}),
            string(),
        ),
        (
            Rule::FormatAdded,
            Some(Rule::FormatLoosened),
            json!({"type": "integer", "format": "int32"}),
            json!({"type": "integer", "format": "int64"}),
        ),
        (
            Rule::BoundTightened,
            None,
            json!({"type": "string", "maxLength": 10}),
            json!({"type": "string", "maxLength": 11}),
        ),
        (
            Rule::BoundTightened,
            None,
            json!({"type": "string", "minLength": 1}),
            string(),
        ),
        (
            Rule::BoundTightened,
            None,
            json!({"type": "array", "maxItems": 3}),
            json!({"type": "array"}),
        ),
        (
            Rule::BoundTightened,
            None,
            json!({"type": "integer", "minimum": 1}),
            json!({"type": "integer", "minimum": 0}),
        ),
        (
            Rule::BoundTightened,
            None,
            json!({"type": "number", "exclusiveMaximum": 5}),
            json!({"type": "number", "maximum": 5}),
        ),
        (
            Rule::BoundTightened,
            None,
            json!({"type": "integer", "multipleOf": 10}),
            json!({"type": "integer", "multipleOf": 5}),
        ),
        (
            Rule::PatternAdded,
            None,
            json!({"type": "string", "pattern": "^a"}),
            string(),
        ),
        (
            Rule::FieldsClosed,
            None,
            json!({"type": "object", "additionalProperties": false}),
            json!({"type": "object"}),
        ),
        (
            Rule::ConditionChanged,
            Some(Rule::ConditionChanged),
            json!({"type": "string", "not": {"const": "x"}}),
            string(),
        ),
        (
            Rule::ConditionChanged,
            Some(Rule::ConditionChanged),
            json!({"type": "array", "uniqueItems": true}),
            json!({"type": "array"}),
        ),
    ]
}

#[test]
fn each_widening_is_fine_for_what_is_sent_and_breaks_what_is_read() {
    for (input, output, narrow, wide) in widenings() {
        let case = format!("{narrow} to {wide}");
        assert_eq!(
            rules(&request(&narrow), &request(&wide)),
            [],
            "sent, {case}"
        );
        assert_eq!(
            rules(&request(&wide), &request(&narrow)),
            [input],
            "sent, back from {case}"
        );
        let output: Vec<_> = output.into_iter().collect();
        assert_eq!(
            rules(&answer(&narrow), &answer(&wide)),
            output,
            "read, {case}"
        );
        assert_eq!(
            rules(&answer(&wide), &answer(&narrow)),
            [],
            "read, back from {case}"
        );
    }
}
