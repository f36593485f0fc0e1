//! What people do at the doors.

use serde_json::json;

use crate::{Outcome, Person};

impl Person {
    /// Scans a code at a gate.
    pub async fn scans(&self, event: &str, code: &str, gate: &str) -> Outcome {
        let query = "mutation($input: CheckInInput!) { checkIn(input: $input) { \
                     outcome message gate at ticket { id status holderName checkedInAt } } }";
        let input = json!({ "eventId": event, "code": code, "gate": gate });
        self.does("checkIn", query, json!({ "input": input })).await
    }
}
