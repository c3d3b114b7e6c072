//! What breaks a published version, rule by rule, each one way and the other.

use purlin_http::openapi_check::{Change, DocumentError, Rule, breaking_changes};
use serde_json::{Value, json};

mod random;
mod widenings;

fn document(operation: &Value) -> Value {
    json!({"openapi": "3.1.0", "paths": {"/books": {"post": operation}}})
}

fn answer(schema: &Value) -> Value {
    let content = json!({"application/json": {"schema": schema}});
    document(&json!({"responses": {"200": {"content": content}}}))
}

fn request(schema: &Value) -> Value {
    let content = json!({"application/json": {"schema": schema}});
    document(&json!({"requestBody": {"content": content}}))
}

fn changes(from: &Value, to: &Value) -> Vec<Change> {
    breaking_changes(from, to).unwrap()
}

fn rules(from: &Value, to: &Value) -> Vec<Rule> {
    changes(from, to)
        .into_iter()
        .map(|change| change.rule)
        .collect()
}

#[track_caller]
fn breaks_one_way(case: &str, rule: Rule, from: &Value, to: &Value) {
    assert_eq!(rules(from, to), [rule], "{case}");
    assert_eq!(rules(to, from), [], "{case}, the other way");
}

fn object(fields: &Value, required: &[&str]) -> Value {
    json!({"type": "object", "properties": fields, "required": required})
}

#[test]
fn each_change_of_an_operation_breaks_one_way_and_is_fine_the_other() {
    let op = |more: Value| {
        let mut operation = json!({"operationId": "create", "responses": {"201": {}}});
        let members = operation.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        document(&operation)
    };
    let plain = op(json!({}));
    let with_parameter = |more: Value| {
        let mut parameter = json!({"in": "query", "name": "q", "schema": {"type": "string"}});
        let members = parameter.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        op(json!({"parameters": [parameter]}))
    };
    let body = |required: bool| {
        op(json!({"requestBody": {"required": required, "content": {"application/json": {}}}}))
    };
    let types = |names: &[&str]| {
        let content: serde_json::Map<_, _> = names
            .iter()
            .map(|name| ((*name).to_owned(), json!({})))
            .collect();
        op(json!({"responses": {"201": {"content": content}}}))
    };
    let header = |header: Value| op(json!({"responses": {"201": {"headers": header}}}));
    let always = json!({"Location": {"required": true, "schema": {"type": "string"}}});
    let perhaps = json!({"location": {"schema": {"type": "string"}}});
    let nowhere = json!({"openapi": "3.1.0", "paths": {}});
    let no_method = json!({"openapi": "3.1.0", "paths": {"/books": {"summary": "Books"}}});
    let two = op(json!({"responses": {"201": {}, "409": {}}}));
    let cases = [
        ("a path", Rule::PathRemoved, &plain, &nowhere),
        ("a method", Rule::MethodRemoved, &plain, &no_method),
        ("a status", Rule::StatusRemoved, &two, &plain),
        (
            "a parameter",
            Rule::ParameterRemoved,
            &with_parameter(json!({})),
            &plain,
        ),
        (
            "a new required parameter",
            Rule::ParameterRequired,
            &with_parameter(json!({})),
            &with_parameter(json!({"required": true})),
        ),
        ("a body", Rule::BodyRequired, &body(false), &body(true)),
        (
            "a media type",
            Rule::MediaTypeRemoved,
            &types(&["application/json", "application/xml"]),
            &types(&["Application/JSON"]),
        ),
        (
            "a header field",
            Rule::HeaderRemoved,
            &header(always.clone()),
            &plain,
        ),
        (
            "an optional field",
            Rule::HeaderOptional,
            &header(always),
            &header(perhaps),
        ),
        (
            "security",
            Rule::SecurityAdded,
            &plain,
            &op(json!({"security": [{"bearer": []}]})),
        ),
        (
            "a scope",
            Rule::SecurityAdded,
            &op(json!({"security": [{"bearer": ["read"]}]})),
            &op(json!({"security": [{"bearer": ["read", "write"]}]})),
        ),
        (
            "an operation id",
            Rule::OperationIdChanged,
            &plain,
            &document(&json!({"responses": {"201": {}}})),
        ),
    ];
    for (case, rule, from, to) in cases {
        breaks_one_way(case, rule, from, to);
    }
    let required = with_parameter(json!({"required": true}));
    assert_eq!(rules(&plain, &required), [Rule::ParameterRequired]);
    assert_eq!(rules(&plain, &with_parameter(json!({}))), []);
}

#[test]
fn a_style_an_operation_id_and_a_default_break_both_ways() {
    let style = |style: &str| {
        json!({"parameters": [{"in": "query", "name": "ids", "style": style,
            "schema": {"type": "array", "items": {"type": "string"}}}]})
    };
    let (form, pipes) = (document(&style("form")), document(&style("pipeDelimited")));
    let id = |id: &str| document(&json!({"operationId": id}));
    let default = |value: Value| request(&json!({"type": "integer", "default": value}));
    let cases = [
        (Rule::ParameterStyleChanged, form, pipes),
        (Rule::OperationIdChanged, id("list"), id("list_books")),
        (Rule::DefaultChanged, default(json!(10)), default(json!(20))),
    ];
    for (rule, from, to) in cases {
        assert_eq!(rules(&from, &to), [rule]);
        assert_eq!(rules(&to, &from), [rule]);
    }
}

#[test]
fn a_field_that_is_gone_breaks_and_a_new_optional_one_does_not() {
    let one = object(&json!({"title": {"type": "string"}}), &[]);
    let two = object(
        &json!({"title": {"type": "string"}, "year": {"type": "integer"}}),
        &[],
    );
    breaks_one_way("read", Rule::FieldRemoved, &answer(&two), &answer(&one));
    breaks_one_way("sent", Rule::InputRemoved, &request(&two), &request(&one));
}

#[test]
fn a_renamed_field_is_named_with_what_it_may_be_now() {
    let named = |name: &str| answer(&object(&json!({name: {"type": "string"}}), &[]));
    let found = changes(&named("author"), &named("authors"));
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].to_string(),
        "POST /books, answer 200 application/json /author: \
         the field is gone; is it authors now? (field-removed)"
    );
}

#[test]
fn the_place_leads_through_references_elements_and_variants() {
    let with = |title: Value| {
        json!({"openapi": "3.1.1",
            "components": {"schemas": {
                "Page": {"type": "object", "properties": {
                    "items": {"type": "array", "items": {"$ref": "#/components/schemas/Book"}}}},
                "Book": {"allOf": [{"$ref": "#/components/schemas/Core"}, {"type": "object"}]},
                "Core": {"type": "object", "properties": {"title": title}}}},
            "paths": {"/books/{id}": {"get": {"responses": {"200": {"content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}}}}}})
    };
    let found = changes(
        &with(json!({"type": "string"})),
        &with(json!({"type": "integer"})),
    );
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].operation, "GET /books/{id}");
    assert_eq!(found[0].place, "answer 200 application/json /items/*/title");
    assert_eq!(found[0].what, "was string, is integer");
}

#[test]
fn schemas_that_refer_to_themselves_end_and_are_compared_once_around() {
    let tree = |value: &str| {
        let mut document = answer(&json!({"$ref": "#/components/schemas/Tree"}));
        document["components"]["schemas"] = json!({
            "Tree": {"type": "object", "properties": {
                "value": {"type": value},
                "left": {"anyOf": [{"$ref": "#/components/schemas/Tree"}, {"type": "null"}]},
                "rest": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}},
            "Loop": {"allOf": [{"$ref": "#/components/schemas/Loop"}]}});
        document["components"]["schemas"]["Tree"]["properties"]["loop"] =
            json!({"$ref": "#/components/schemas/Loop"});
        document
    };
    assert_eq!(
        rules(&tree("string"), &tree("integer")),
        [Rule::TypeWidened]
    );
    let mut other = tree("string");
    other["info"] = json!({"title": "so that the two are not the same"});
    assert_eq!(rules(&tree("string"), &other), []);
}

#[test]
fn documents_that_double_at_every_level_give_up_instead_of_hanging() {
    type Double = fn(Value) -> Value;
    let doubles: [Double; 4] = [
        |next| json!({"allOf": [next, next]}),
        |next| json!({"oneOf": [next, next]}),
        |next| json!({"allOf": [next, next], "anyOf": [next, next]}),
        |next| json!({"type": "object", "properties": {"a": next, "b": next}}),
    ];
    for double in doubles {
        let deep = |last: &str| {
            let mut document = answer(&json!({"$ref": "#/components/schemas/S0"}));
            for level in 0..60 {
                let next = json!({"$ref": format!("#/components/schemas/S{}", level + 1)});
                document["components"]["schemas"][format!("S{level}")] = double(next);
            }
            document["components"]["schemas"]["S60"] = json!({"type": last});
            document
        };
        let found = rules(&deep("string"), &deep("integer"));
        let all = found.len();
        assert!(
            found.contains(&Rule::TooLarge),
            "{all} {:?} {:?}",
            found.first(),
            deep("string")
        );
    }
}

#[test]
fn fields_that_only_the_other_side_sends_do_not_count() {
    let with = |more: Value| {
        object(
            &json!({"title": {"type": "string"}, "id": more}),
            &["title"],
        )
    };
    let read = json!({"type": "string", "readOnly": true});
    let without = object(&json!({"title": {"type": "string"}}), &["title"]);
    assert_eq!(rules(&request(&with(read.clone())), &request(&without)), []);
    assert_eq!(
        rules(&answer(&with(read)), &answer(&without)),
        [Rule::FieldRemoved]
    );
    let write = json!({"type": "string", "writeOnly": true});
    assert_eq!(rules(&answer(&with(write)), &answer(&without)), []);
}

#[test]
fn parameters_of_the_path_are_known_by_position_and_those_of_the_header_by_any_case() {
    let with = |name: &str, header: &str| {
        json!({"openapi": "3.1.0", "paths": {format!("/books/{{{name}}}"): {
            "parameters": [{"in": "path", "name": name, "schema": {"type": "string"}}],
            "get": {"parameters": [{"in": "header", "name": header}]}}}})
    };
    assert_eq!(rules(&with("id", "X-Shop"), &with("book", "x-shop")), []);
}

#[test]
fn a_path_may_move_between_the_server_and_the_routes() {
    let one = json!({"openapi": "3.1.0", "servers": [{"url": "http://127.0.0.1:3000/api/"}],
        "paths": {"/books": {"get": {}}}});
    let other = json!({"openapi": "3.1.0", "paths": {"/api/books": {"get": {}}}});
    assert_eq!(rules(&one, &other), []);
    assert_eq!(rules(&other, &one), []);
}

#[test]
fn a_scheme_is_known_by_what_it_is_and_not_by_its_name() {
    let with = |name: &str, scheme: Value| {
        json!({"openapi": "3.1.0", "security": [{name: []}],
            "components": {"securitySchemes": {name: scheme}}, "paths": {"/books": {"get": {}}}})
    };
    let bearer = || json!({"type": "http", "scheme": "bearer", "description": "a token"});
    let basic = json!({"type": "http", "scheme": "basic"});
    assert_eq!(rules(&with("a", bearer()), &with("b", bearer())), []);
    assert_eq!(
        rules(&with("a", bearer()), &with("a", basic)),
        [Rule::SecurityAdded]
    );
}

#[test]
fn a_range_of_statuses_stands_for_each_of_them() {
    let with = |status: &str| document(&json!({"responses": {status: {}}}));
    assert_eq!(rules(&with("404"), &with("4XX")), []);
    assert_eq!(rules(&with("404"), &with("5XX")), [Rule::StatusRemoved]);
}

#[test]
fn one_way_to_write_a_schema_is_as_good_as_another() {
    let string = json!({"type": "string"});
    let pairs = [
        (
            json!({"type": ["string", "null"]}),
            json!({"oneOf": [string, {"type": "null"}]}),
        ),
        (
            json!({"type": ["string", "integer"]}),
            json!({"anyOf": [string, {"type": "integer"}]}),
        ),
        (json!({"const": "a"}), json!({"enum": ["a"]})),
        (
            json!({"type": "integer", "exclusiveMinimum": 0}),
            json!({"type": "integer", "minimum": 1}),
        ),
        (
            json!({"allOf": [{"maxLength": 9}, {"maxLength": 5}]}),
            json!({"maxLength": 5}),
        ),
        (json!(true), json!({})),
        (
            json!({"type": "object", "additionalProperties": false}),
            json!({"type": "object", "unevaluatedProperties": false}),
        ),
    ];
    for (one, other) in pairs {
        for make in [request, answer] {
            assert_eq!(rules(&make(&one), &make(&other)), [], "{one} and {other}");
            assert_eq!(rules(&make(&other), &make(&one)), [], "{other} and {one}");
        }
    }
}

#[test]
fn how_a_value_is_written_as_xml_and_told_from_others_stays() {
    let plain = json!({"type": "object"});
    for (word, value) in [
        ("xml", json!({"name": "book"})),
        ("discriminator", json!({"propertyName": "kind"})),
    ] {
        let mut said = plain.clone();
        said[word] = value;
        for make in [request, answer] {
            let (from, to) = (make(&said), make(&plain));
            assert_eq!(rules(&from, &to), [Rule::ConditionChanged], "{word}");
            assert_eq!(rules(&to, &from), [Rule::ConditionChanged], "{word}");
        }
    }
}

#[test]
fn a_change_inside_a_variant_is_named_there() {
    let with = |kind: &str| {
        let circle = json!({"type": "object", "required": ["kind"],
            "properties": {"kind": {"const": "circle"}, "radius": {"type": kind}}});
        let square = json!({"type": "object", "required": ["kind"],
            "properties": {"kind": {"const": "square"}, "side": {"type": "number"}}});
        answer(&json!({"oneOf": [circle, square]}))
    };
    let found = changes(&with("number"), &with("string"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        found[0].place,
        "answer 200 application/json /<circle>/radius"
    );
}

#[test]
fn what_is_no_document_of_openapi_3_1_is_refused() {
    let good = answer(&json!({}));
    let swagger = json!({"swagger": "2.0", "paths": {}});
    let which = "committed";
    assert_eq!(
        breaking_changes(&swagger, &good),
        Err(DocumentError::NotOpenApi { which })
    );
    let empty = json!({"openapi": "3.1.0"});
    let which = "served";
    assert_eq!(
        breaking_changes(&good, &empty),
        Err(DocumentError::NoPaths { which })
    );
}

#[test]
fn every_rule_has_a_code_of_its_own() {
    let mut codes: Vec<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Rule::ALL.len());
}
