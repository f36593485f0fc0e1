use serde_json::Value;

/// Says of each choice among values that it may grow, as the API's policy promises: `x-extensible-enum` beside `enum`.
/// Problems have the graph's codes, which are a closed list.
pub(super) fn tell(document: &mut Value) {
    match document {
        Value::Object(object) => {
            if let Some(values) = object.get("enum").filter(|values| is_choice(values)).cloned() {
                object.insert("x-extensible-enum".to_owned(), values);
            }
            object.iter_mut().filter(|(name, _)| *name != "Problem").for_each(|(_, part)| tell(part));
        }
        Value::Array(items) => items.iter_mut().for_each(tell),
        _ => {}
    }
}

fn is_choice(values: &Value) -> bool {
    values.as_array().is_some_and(|values| values.len() > 1 && values.iter().all(Value::is_string))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn choices_may_grow_and_the_codes_of_problems_do_not() {
        let choice = json!({ "type": "string", "enum": ["PAID", "EXPIRED"] });
        let grown = json!({
            "type": "string", "enum": ["PAID", "EXPIRED"], "x-extensible-enum": ["PAID", "EXPIRED"]
        });
        let document = |choice: &Value, only: &Value| {
            json!({
                "paths": { "/a": { "get": { "parameters": [{ "schema": choice }] } } },
                "components": { "schemas": {
                    "Order": { "properties": { "status": choice, "kind": only } },
                    "Problem": { "properties": { "code": { "enum": ["CONFLICT", "INTERNAL"] } } },
                } },
            })
        };
        let only = json!({ "type": "string", "enum": ["ORDER"] });
        let mut told = document(&choice, &only);
        tell(&mut told);
        assert_eq!(told, document(&grown, &only));
    }
}
