//! Instants have one form, however finely the database keeps them and whichever way chrono writes them.

use async_graphql::Value;
use chrono::{DateTime, Utc};

/// True for fields whose values are instants, and for the items of their lists.
pub(super) fn are_of(return_type: &str) -> bool {
    return_type.trim_end_matches('!') == "DateTime"
}

/// The instant in the form that clients read.
pub(super) fn in_one_form(value: Value) -> Value {
    match &value {
        Value::String(text) => {
            text.parse::<DateTime<Utc>>().map_or(value, |at| Value::String(kernel::rfc3339(at)))
        }
        _ => value,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{EmptyMutation, EmptySubscription, Object, Schema, SimpleObject};

    use super::*;
    use crate::graphql::limited;

    struct Root;

    #[derive(SimpleObject)]
    struct Step {
        at: DateTime<Utc>,
        until: Option<DateTime<Utc>>,
    }

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[Object]
    impl Root {
        async fn steps(&self) -> Vec<Step> {
            let of = |at: &str| Step { at: instant(at), until: None };
            vec![of("2027-03-14T19:30:00Z"), of("2027-03-14T21:30:00.123456789+02:00")]
        }

        async fn all(&self) -> Vec<DateTime<Utc>> {
            vec![instant("2027-03-14T19:30:00.1Z")]
        }

        /// What was sent comes back.
        async fn same(&self, at: DateTime<Utc>) -> Option<DateTime<Utc>> {
            Some(at)
        }

        async fn text(&self) -> &'static str {
            "2027-03-14T19:30:00+00:00"
        }
    }

    #[tokio::test]
    async fn every_instant_of_an_answer_has_three_digits_and_a_z() {
        let schema = limited(Schema::build(Root, EmptyMutation, EmptySubscription)).finish();
        let query = "{ steps { at until } all same(at: \"2027-03-14T21:30:00.1239+02:00\") text }";
        let answer = schema.execute(query).await;
        assert_eq!(answer.errors, []);
        assert_eq!(
            answer.data.into_json().unwrap(),
            serde_json::json!({
                "steps": [
                    { "at": "2027-03-14T19:30:00.000Z", "until": null },
                    { "at": "2027-03-14T19:30:00.123Z", "until": null },
                ],
                "all": ["2027-03-14T19:30:00.100Z"],
                "same": "2027-03-14T19:30:00.123Z",
                "text": "2027-03-14T19:30:00+00:00",
            })
        );
    }
}
