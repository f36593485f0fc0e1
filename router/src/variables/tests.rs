use hive_router::{
    executor::variables::{VariableCoercionError, collect_variables},
    graphql_tools::parser::query::parse_query,
    query_planner::ast::{
        operation::{OperationDefinition, VariableDefinition},
        selection_set::SelectionSet,
    },
    sonic_rs::{from_str, json},
};

use super::*;

fn graph() -> SchemaMetadata {
    let colours = ["RED", "BLUE"].map(str::to_owned).into_iter().collect();
    let enum_values = [("Colour".to_owned(), colours)].into_iter().collect();
    SchemaMetadata { enum_values, ..SchemaMetadata::default() }
}

fn read(query: &str) -> Document {
    parse_query::<String>(query).unwrap().into_static()
}

fn refusal(query: &str, variables: &str) -> Option<Refusal> {
    let document = read(query);
    operation(&document, None).unwrap().wrong(&graph(), &from_str(variables).unwrap()).refuse().err()
}

/// What hive-router itself says of it.
fn hives(query: &str, variables: &str) -> Option<VariableCoercionError> {
    let document = read(query);
    let definitions = operation(&document, None).unwrap().operation.variable_definitions().iter();
    let definitions = definitions.map(|variable| VariableDefinition {
        name: variable.name.clone(),
        variable_type: (&variable.var_type).into(),
        default_value: variable.default_value.as_ref().map(Into::into),
    });
    let operation = OperationDefinition {
        name: None,
        operation_kind: None,
        selection_set: SelectionSet { items: Vec::new() },
        variable_definitions: Some(definitions.collect()),
    };
    collect_variables(&operation, &mut from_str(variables).unwrap(), &graph()).err()
}

#[test]
fn what_hive_router_refuses_is_told_with_its_place_and_nothing_else_is() {
    for (query, variables, told) in [
        ("query($id: ID!) { event(id: $id) }", "{}", Some(("id", "REQUIRED", "id: must be given"))),
        (
            "query($id: ID!) { event(id: $id) }",
            r#"{ "id": null }"#,
            Some(("id", "REQUIRED", "id: must be given, and not be null")),
        ),
        (
            "query($id: ID!) { event(id: $id) }",
            r#"{ "id": 7 }"#,
            Some(("id", "MALFORMED", "id: must be an id, as text")),
        ),
        (
            "query($page: Int) { a { b(first: $page) } }",
            r#"{ "page": "ten" }"#,
            Some((
                "first",
                "MALFORMED",
                "first: must be a whole number between -2147483648 and 2147483647 (it is the variable $page)",
            )),
        ),
        (
            "query($in: [Colour!]) { a(in: $in) }",
            r#"{ "in": ["RED", "GREEN"] }"#,
            Some(("in/1", "UNKNOWN", "in[1]: must be one of BLUE, RED")),
        ),
        (
            "mutation($id: ID!) { change(input: { lines: [{ id: $id }] }) }",
            r#"{ "id": true }"#,
            Some(("input/lines/0/id", "MALFORMED", "lines[0].id: must be an id, as text")),
        ),
        (
            "mutation($input: Wish!) { wish(input: $input) }",
            "{}",
            Some(("input", "REQUIRED", "input: must be given")),
        ),
        (
            "query($yes: Boolean!) { ...more @include(if: $yes) } fragment more on Query { a }",
            r#"{ "yes": "yes" }"#,
            Some(("yes", "MALFORMED", "yes: must be true or false")),
        ),
        (
            "query($of: String) { ...more } fragment more on Query { a { b(of: $of) } }",
            r#"{ "of": [] }"#,
            Some(("of", "MALFORMED", "of: must be text")),
        ),
        ("query($n: Float) { a(n: $n) }", r#"{ "n": 1 }"#, None),
        ("query($n: Int = 3) { a(n: $n) }", "{}", None),
        ("query($n: [Int]) { a(n: $n) }", r#"{ "n": 1 }"#, None),
        ("query($at: DateTime!) { a(at: $at) }", r#"{ "at": "never" }"#, None),
        ("mutation($input: Wish!) { wish(input: $input) }", r#"{ "input": { "unknown": 1 } }"#, None),
    ] {
        let refusal = refusal(query, variables);
        assert_eq!(refusal.is_some(), hives(query, variables).is_some(), "{query} {variables}");
        let told_here = refusal.as_ref().map(|refusal| {
            (refusal.path().unwrap().join("/"), refusal.reason.as_ref(), refusal.message.as_str())
        });
        let told = told.map(|(path, reason, message)| (path.to_owned(), reason, message));
        assert_eq!(told_here, told, "{query} {variables}");
    }
}

#[test]
fn all_variables_that_are_wrong_are_told_at_once() {
    let query = "query($a: Int!, $b: Colour, $c: ID!) { it(a: $a, b: $b, c: $c) }";
    let refusal = refusal(query, r#"{ "b": "GREEN", "c": "x" }"#).unwrap();
    let fields: Vec<_> = refusal.problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!((fields, refusal.reason.as_ref()), (vec!["a", "b"], "REQUIRED"));
}

#[test]
fn only_hive_routers_refusal_of_a_variable_is_replaced() {
    let context = PluginContext::default();
    let (query, none) = ("query($id: ID!) { event(id: $id) }", "{}");
    let hives = GraphQLError::from_message_and_code(hives(query, none).unwrap().to_string(), REFUSED);
    assert!(about_wrong(&hives, &context).is_none());
    let params = GraphQLParams { query: Some(query.into()), ..GraphQLParams::default() };
    note(&context, &graph(), &read(query), &params);
    let told = about_wrong(&hives, &context).unwrap();
    assert_eq!(
        json!(told),
        json!({ "message": "id: must be given", "extensions": {
            "code": "BAD_USER_INPUT", "reason": "REQUIRED", "field": "id", "path": ["id"],
            "problems": [{ "path": ["id"], "message": "must be given", "reason": "REQUIRED" }],
        } })
    );
    assert!(about_wrong(&hives.clone().add_subgraph_name("events"), &context).is_none());
    assert!(about_wrong(&GraphQLError::from_message_and_code("?", "BAD_REQUEST"), &context).is_none());
}
