use async_graphql::{
    Value,
    registry::{MetaType, MetaTypeName, Registry},
};
use chrono::{DateTime, Utc};
use kernel::{Problems, Reason, Refusal, reasons};

use super::types::LONGEST_DECIMAL;

/// The most values of an enumeration that are told to whoever sent another.
const MOST_CHOICES: usize = 40;

/// What of an argument's value cannot be read, told as the domain tells what is wrong with it: a field of an input by its
/// own name, any other argument by its name.
///
/// async-graphql tells the first only, and of it no more than the type ("Failed to parse "Int""), and clients have to know
/// which field it is and what would be right.
pub(super) fn unreadable(
    registry: &Registry,
    numbers: Numbers,
    (name, ty): (&str, &str),
    value: &Value,
    found: &mut Problems,
) {
    let mut search = Search { registry, numbers, found };
    let is_input = search.is_input(ty) && matches!(value, Value::Object(_));
    search.value(ty, value, if is_input { "" } else { name });
}

/// Which numbers are taken for readable.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// Negative ones too.
    Whole,
    /// From 0 on.
    Natural,
}

struct Search<'r, 'p> {
    registry: &'r Registry,
    numbers: Numbers,
    found: &'p mut Problems,
}

impl Search<'_, '_> {
    fn value(&mut self, ty: &str, value: &Value, path: &str) {
        if self.found.are_enough() {
            return;
        }
        match (MetaTypeName::create(ty), value) {
            (MetaTypeName::NonNull(_), Value::Null) => {
                self.wrong(path, "must be given, and not be null", reasons::REQUIRED);
            }
            (MetaTypeName::List(_) | MetaTypeName::Named(_), Value::Null) => {}
            (MetaTypeName::List(ty), Value::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    self.value(ty, item, &format!("{path}[{at}]"));
                }
            }
            // One alone is a list of one.
            (MetaTypeName::NonNull(ty) | MetaTypeName::List(ty), value) => self.value(ty, value, path),
            (MetaTypeName::Named(name), value) => self.named(name, value, path),
        }
    }

    fn named(&mut self, name: &str, value: &Value, path: &str) {
        match (self.registry.types.get(name), value) {
            (Some(MetaType::InputObject { input_fields, .. }), Value::Object(given)) => {
                for field in input_fields.values() {
                    let path = within(path, &field.name);
                    match given.get(field.name.as_str()) {
                        Some(value) => self.value(&field.ty, value, &path),
                        None if field.ty.ends_with('!') && field.default_value.is_none() => {
                            self.wrong(&path, "must be given", reasons::REQUIRED);
                        }
                        None => {}
                    }
                }
                let unknown = given.keys().filter(|given| !input_fields.contains_key(given.as_str()));
                for unknown in unknown.collect::<Vec<_>>() {
                    self.wrong(&within(path, unknown), "is not known here", reasons::UNKNOWN);
                }
            }
            (Some(MetaType::InputObject { .. }), _) => {
                self.wrong(path, "must be an object", reasons::MALFORMED);
            }
            (Some(MetaType::Enum { enum_values, .. }), value) => {
                let sent = match value {
                    Value::Enum(sent) => Some(sent.as_str()),
                    Value::String(sent) => Some(sent.as_str()),
                    _ => None,
                };
                if !sent.is_some_and(|sent| enum_values.contains_key(sent)) {
                    let choices: Vec<_> = enum_values.keys().map(String::as_str).take(MOST_CHOICES).collect();
                    let message = format!("must be one of {}", choices.join(", "));
                    self.wrong(path, &message, reasons::UNKNOWN);
                }
            }
            (Some(MetaType::Scalar { is_valid, .. }), value) => {
                let is_valid = is_valid.as_ref().is_none_or(|is_valid| is_valid(value));
                if !is_valid || !may_be_read(name, value) {
                    self.wrong(path, &format!("must be {}", right(name)), reasons::MALFORMED);
                } else if self.numbers == Numbers::Natural && is_negative(name, value) {
                    self.wrong(path, "must be a whole number, 0 or more", reasons::OUT_OF_RANGE);
                }
            }
            _ => {}
        }
    }

    fn wrong(&mut self, path: &str, message: &str, reason: Reason) {
        self.found.add(Refusal::bad_input(path, message).because(reason));
    }

    fn is_input(&self, ty: &str) -> bool {
        let known = self.registry.types.get(MetaTypeName::concrete_typename(ty));
        matches!(known, Some(MetaType::InputObject { .. }))
    }
}

fn within(path: &str, name: &str) -> String {
    let dot = if path.is_empty() { "" } else { "." };
    format!("{path}{dot}{name}")
}

/// What scalars find out only when they read a value.
fn may_be_read(scalar: &str, value: &Value) -> bool {
    match (scalar, value) {
        ("Int", Value::Number(number)) => number.as_i64().is_some_and(|number| i32::try_from(number).is_ok()),
        ("DateTime", Value::String(text)) => text.parse::<DateTime<Utc>>().is_ok(),
        ("Decimal", Value::String(text)) => text.len() <= LONGEST_DECIMAL,
        ("CurrencyCode", Value::String(_)) => true,
        ("DateTime" | "Decimal" | "CurrencyCode", _) => false,
        _ => true,
    }
}

fn is_negative(scalar: &str, value: &Value) -> bool {
    matches!(value, Value::Number(number) if scalar == "Int" && number.as_i64().is_some_and(i64::is_negative))
}

/// What a value of this scalar has to look like.
fn right(scalar: &str) -> &'static str {
    match scalar {
        "Int" => "a whole number between -2147483648 and 2147483647",
        "Float" => "a number",
        "Boolean" => "true or false",
        "String" => "text",
        "ID" => "an id, as text",
        "DateTime" => "an instant by RFC 3339, such as 2027-03-14T19:30:00Z",
        "Decimal" => "a number as text, such as \"49.50\", in quotes and with at most 40 characters",
        "CurrencyCode" => "a currency of ISO 4217 as text, such as \"EUR\"",
        _ => "of another form; its description says which",
    }
}

#[cfg(test)]
mod tests;
