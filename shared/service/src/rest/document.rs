use serde_json::{Value, json};
use utoipa::{
    PartialSchema,
    openapi::{InfoBuilder, OpenApi, OpenApiBuilder},
};

use super::{PROBLEM_JSON, Problem, growth, pages::AFTER};

/// What a service's document says of it.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The service's name, as in its paths: `tickets`.
    pub service: &'static str,
    /// What can be done here, in a few sentences.
    pub description: &'static str,
}

/// The OpenAPI document of a service, from what its routes say: paths from the root, the problems that
/// every operation can answer with, bearer tokens. Keys are sorted, so that it can be compared.
pub fn document(about: About, routes: OpenApi) -> Value {
    let info = InfoBuilder::new()
        .title(format!("Odysseus {}", about.service))
        .description(Some(about.description))
        .version("1");
    let whole = OpenApiBuilder::new().info(info).build().nest(format!("/api/{}/v1", about.service), routes);
    let mut whole = serde_json::to_value(whole).expect("a document is plain data, which JSON can hold");
    for item in members(&mut whole["paths"]) {
        members(item).filter(|operation| operation.is_object()).for_each(complete);
    }
    whole["components"]["schemas"]["Problem"] =
        serde_json::to_value(Problem::schema()).expect("a schema is plain data, which JSON can hold");
    whole["components"]["securitySchemes"]["bearerAuth"] = json!({
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The `accessToken` that users' `POST /api/users/v1/token` answers with.",
    });
    growth::tell(&mut whole);
    sorted(whole)
}

/// Adds to an operation what follows from its parameters, its body and its security.
fn complete(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    let has_parameters = parameters.is_some_and(|parameters| {
        parameters.iter_mut().for_each(without_null);
        !parameters.is_empty()
    });
    let has_body = operation.get("requestBody").is_some();
    let is_secured = operation.get("security").is_some();
    with_headers(operation);
    if let Some(id) = operation["operationId"].as_str() {
        operation["operationId"] = camel_case(id).into();
    }
    let mut add = |status: &str, description: &str| {
        if operation["responses"].get(status).is_none() {
            operation["responses"][status] = json!({
                "description": description,
                "content": { PROBLEM_JSON: { "schema": { "$ref": "#/components/schemas/Problem" } } },
            });
        }
    };
    if has_parameters || has_body {
        add("400", "`BAD_USER_INPUT`: the input is wrong; `errors` names all the parts that are.");
    }
    if has_body {
        add("413", "`BAD_USER_INPUT`: the body is larger than is read here.");
        add("415", "`BAD_USER_INPUT`: the body is of another media type.");
    }
    if is_secured {
        add("401", "`UNAUTHENTICATED`: the access token is missing, wrong or expired.");
    }
    add("500", "`INTERNAL`: our own fault, which has been noted.");
    add("503", "`SERVICE_UNAVAILABLE`: trying again later is right.");
}

/// Adds what is told and asked by headers: of a list where its next page is, of what may be kept its tag.
fn with_headers(operation: &mut Value) {
    let in_pages = operation["parameters"].as_array().is_some_and(|parameters| {
        parameters.iter().any(|parameter| parameter["name"] == AFTER && parameter["in"] == "query")
    });
    let text = || json!({ "type": "string" });
    if in_pages {
        operation["responses"]["200"]["headers"]["Link"] = json!({
            "description": "Where the next page is (RFC 8288), with `rel=\"next\"`; not there with the last one.",
            "schema": text(),
        });
    }
    if operation["responses"].get("304").is_some() {
        operation["responses"]["200"]["headers"]["ETag"] = json!({
            "description": "The tag of this answer: as long as it is the same, so is the answer.",
            "schema": text(),
        });
        let parameter = json!({
            "name": "If-None-Match",
            "in": "header",
            "description": "The `ETag` of the answer that the client has: nothing is sent as long as it is the same.",
            "required": false,
            "schema": text(),
        });
        match operation.get_mut("parameters").and_then(Value::as_array_mut) {
            Some(parameters) => parameters.push(parameter),
            None => operation["parameters"] = json!([parameter]),
        }
    }
}

/// A parameter is sent or left out; there is no null in a path or a query.
fn without_null(parameter: &mut Value) {
    let Some(schema) = parameter.get_mut("schema") else { return };
    if let Some(kinds) = schema.get_mut("type").and_then(Value::as_array_mut) {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            schema["type"] = only.clone();
        }
    }
    if let Some(choices) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        choices.retain(|choice| choice["type"] != "null");
        if let [only] = choices.as_slice() {
            *schema = only.clone();
        }
    }
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut whole, word| {
        let mut letters = word.chars();
        whole.extend(letters.next().map(|letter| letter.to_ascii_uppercase()));
        whole.push_str(letters.as_str());
        whole
    })
}

fn members(value: &mut Value) -> impl Iterator<Item = &mut Value> {
    value.as_object_mut().into_iter().flat_map(|object| object.values_mut())
}

/// The same with the keys of every object in the order of the alphabet, whatever map `serde_json` has.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
