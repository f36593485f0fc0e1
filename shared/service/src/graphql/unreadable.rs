use std::fmt::Write as _;

use async_graphql::{
    Value, Variables,
    parser::types::{ExecutableDocument, OperationType, Selection},
    registry::{MetaInputValue, MetaType, MetaTypeName, Registry},
};
use chrono::{DateTime, Utc};

use super::types::LONGEST_DECIMAL;

/// The arguments of an operation that their scalars cannot read, each with its type and its path.
///
/// async-graphql tells only the type when a value cannot be read ("Failed to parse "Int""), and clients
/// have to know which field it is.
pub(super) fn unreadable(
    registry: &Registry,
    document: &ExecutableDocument,
    variables: &Variables,
) -> Vec<(&'static str, String)> {
    let mut search = Search { registry, found: Vec::new() };
    for (_, operation) in document.operations.iter() {
        let root = match operation.node.ty {
            OperationType::Query => Some(&registry.query_type),
            OperationType::Mutation => registry.mutation_type.as_ref(),
            OperationType::Subscription => registry.subscription_type.as_ref(),
        };
        let Some(root) = root.and_then(|name| registry.types.get(name)) else { continue };
        for selection in &operation.node.selection_set.node.items {
            let Selection::Field(field) = &selection.node else { continue };
            let Some(known) = root.field_by_name(field.node.name.node.as_str()) else { continue };
            for (name, value) in &field.node.arguments {
                let Some(argument) = known.args.get(name.node.as_str()) else { continue };
                let value = value.node.clone();
                let value = value.into_const_with(|name| variables.get(&name).cloned().ok_or(()));
                if let Ok(value) = value {
                    search.argument(argument, &value);
                }
            }
        }
    }
    search.found
}

struct Search<'r> {
    registry: &'r Registry,
    found: Vec<(&'static str, String)>,
}

impl<'r> Search<'r> {
    /// Fields of an input are called by their own names; any other argument by its name.
    fn argument(&mut self, argument: &MetaInputValue, value: &Value) {
        let is_input = self.fields(&argument.ty).is_some();
        self.value(&argument.ty, value, if is_input { "" } else { &argument.name });
    }

    fn value(&mut self, ty: &str, value: &Value, path: &str) {
        match (MetaTypeName::concrete_typename(ty), value) {
            (_, Value::List(items)) => {
                for (at, item) in items.iter().enumerate() {
                    let mut path = path.to_owned();
                    write!(path, "[{at}]").expect("a String takes whatever is written");
                    self.value(ty, item, &path);
                }
            }
            (name, Value::Object(given)) => {
                for field in self.fields(name).into_iter().flatten() {
                    if let Some(value) = given.get(field.name.as_str()) {
                        let dot = if path.is_empty() { "" } else { "." };
                        self.value(&field.ty, value, &format!("{path}{dot}{}", field.name));
                    }
                }
            }
            ("Int", Value::Number(number))
                if number.as_i64().is_none_or(|number| i32::try_from(number).is_err()) =>
            {
                self.found.push(("Int", path.to_owned()));
            }
            ("DateTime", Value::String(text)) if text.parse::<DateTime<Utc>>().is_err() => {
                self.found.push(("DateTime", path.to_owned()));
            }
            ("Decimal", Value::Null) => {}
            ("Decimal", Value::String(text)) if text.len() <= LONGEST_DECIMAL => {}
            ("Decimal", _) => self.found.push(("Decimal", path.to_owned())),
            ("CurrencyCode", value) if !matches!(value, Value::String(_) | Value::Null) => {
                self.found.push(("CurrencyCode", path.to_owned()));
            }
            _ => {}
        }
    }

    fn fields(&self, ty: &str) -> Option<impl Iterator<Item = &'r MetaInputValue> + use<'r>> {
        match self.registry.types.get(MetaTypeName::concrete_typename(ty)) {
            Some(MetaType::InputObject { input_fields, .. }) => Some(input_fields.values()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, InputObject, Object, Request, Schema};
    use serde_json::json;

    use super::super::{MoneyInput, Operations};
    use super::*;

    #[derive(InputObject)]
    struct Wish {
        from: DateTime<Utc>,
        lines: Vec<Line>,
    }

    #[derive(InputObject)]
    struct Line {
        quantity: i32,
        price: Option<MoneyInput>,
    }

    struct Query;

    #[Object]
    impl Query {
        async fn wish(&self, input: Option<Wish>, first: Option<i32>) -> usize {
            input.map_or(0, |wish| {
                let years = wish.from.timestamp().unsigned_abs();
                let priced = |line: &Line| usize::from(line.price.is_some());
                wish.lines
                    .iter()
                    .map(|line| line.quantity.unsigned_abs() as usize + priced(line))
                    .sum::<usize>()
                    + usize::try_from(years + u64::from(first.unwrap_or(0).unsigned_abs())).unwrap_or(0)
            })
        }
    }

    async fn named(query: &str, variables: serde_json::Value) -> String {
        refused(query, variables).await.0
    }

    async fn refused(query: &str, variables: serde_json::Value) -> (String, String) {
        let schema = Schema::build(Query, EmptyMutation, EmptySubscription).extension(Operations).finish();
        let request = Request::new(query).variables(Variables::from_json(variables));
        let errors = schema.execute(request).await.errors;
        let error = serde_json::to_value(&errors[0]).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        (text(&error["extensions"]["field"]), text(&error["message"]))
    }

    #[tokio::test]
    async fn a_value_that_cannot_be_read_is_told_by_what_would_be_right() {
        let input = "query($input: Wish) { wish(input: $input) }";
        let never = json!({ "input": { "from": "tomorrow", "lines": [] } });
        let message = "from: must be an instant by RFC 3339, such as 2027-03-14T19:30:00Z";
        assert_eq!(refused(input, never).await.1, message);
        let many = refused("{ wish(first: 99999999999) }", json!({})).await.1;
        assert_eq!(many, "first: must be a whole number between -2147483648 and 2147483647");
    }

    #[tokio::test]
    async fn a_value_that_cannot_be_read_is_named_by_its_field() {
        let input = "query($input: Wish) { wish(input: $input) }";
        let line = |quantity: i64| json!({ "quantity": quantity });
        let huge = json!({ "input": { "from": "2026-01-01T00:00:00Z", "lines": [line(1), line(1 << 40)] } });
        assert_eq!(named(input, huge).await, "lines[1].quantity");
        let never = json!({ "input": { "from": "tomorrow", "lines": [] } });
        assert_eq!(named(input, never).await, "from");
        for price in [
            json!({ "amount": 12.5, "currency": "EUR" }),
            json!({ "amount": "1".repeat(41), "currency": "EUR" }),
            json!({ "amount": true, "currency": "EUR" }),
        ] {
            let lines = json!([line(1), { "quantity": 1, "price": price }]);
            let wish = json!({ "input": { "from": "2026-01-01T00:00:00Z", "lines": lines } });
            assert_eq!(named(input, wish).await, "lines[1].price.amount");
        }
        let price = json!({ "amount": "12.50", "currency": 978 });
        let wish = json!({ "input": { "from": "2026-01-01T00:00:00Z", "lines": [{ "quantity": 1, "price": price }] } });
        assert_eq!(named(input, wish).await, "lines[0].price.currency");
        assert_eq!(named("{ wish(first: 99999999999) }", json!({})).await, "first");
        let first = "query($n: Int) { wish(first: $n) }";
        assert_eq!(named(first, json!({ "n": -99_999_999_999_i64 })).await, "first");
    }
}
