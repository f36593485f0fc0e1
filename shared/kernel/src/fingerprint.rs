use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What tells one input from another, for idempotency keys: the SHA-256 of its canonical JSON, in hexadecimal.
///
/// It stays the same whatever order fields are written in, and however Rust prints the type; and it shows nothing of
/// names and addresses that are in the input. Lists keep their order: sort those that are sets before.
///
/// # Panics
/// If the value cannot be JSON, such as a map whose keys are no text.
pub fn fingerprint(input: &impl Serialize) -> String {
    let value = serde_json::to_value(input).expect("what is asked of a service is plain data");
    let mut canonical = String::new();
    write(&value, &mut canonical);
    hex::encode(Sha256::digest(canonical))
}

/// Like `Value`'s own text, but for the order of fields, which depends on a feature of its crate.
fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (at, (name, value)) in fields.into_iter().enumerate() {
                text.push_str(if at == 0 { "" } else { "," });
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write(value, text);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { "," });
                write(item, text);
            }
            text.push(']');
        }
        plain => text.push_str(&plain.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_input_has_the_same_fingerprint_in_whatever_order_it_is_written() {
        let one: Value = serde_json::from_str(r#"{"b": [1, {"y": null, "x": "ä\""}], "a": true}"#).unwrap();
        let same: Value = serde_json::from_str(r#"{"a":true,"b":[1,{"x":"ä\"","y":null}]}"#).unwrap();
        assert_eq!(fingerprint(&one), fingerprint(&same));
        assert_eq!(fingerprint(&one).len(), 64);
    }

    #[test]
    fn any_other_input_has_another() {
        let all = [
            json!({ "a": 1 }),
            json!({ "a": "1" }),
            json!({ "a": [1] }),
            json!({ "a": 2 }),
            json!({ "a": 1, "b": null }),
            json!({ "a,": 1 }),
            json!([["a", 1]]),
            json!("{\"a\":1}"),
        ];
        let fingerprints: std::collections::BTreeSet<_> = all.iter().map(fingerprint).collect();
        assert_eq!(fingerprints.len(), all.len());
    }

    #[test]
    fn it_is_the_digest_of_canonical_json() {
        // printf '{"a":1,"b":"c"}' | sha256sum
        let known = "1aac99d7067b5cda38322c82194676b29b993fdd2f1e93f4af3f2b2ec43212bb";
        assert_eq!(fingerprint(&json!({ "b": "c", "a": 1 })), known);
    }
}
