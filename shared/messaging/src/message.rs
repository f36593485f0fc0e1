use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use contracts::Contract;
use kernel::Fault;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A fact, an ask or a reply on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// The same however often it is delivered.
    pub id: Uuid,
    /// Where it is published.
    pub subject: String,
    /// The aggregate it is about.
    pub about: Uuid,
    /// The aggregate's version after what happened; 0 where order does not matter.
    pub version: i64,
    /// When it was committed.
    pub occurred_at: DateTime<Utc>,
    /// Trace context and the like.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The contract, as JSON.
    pub payload: serde_json::Value,
}

impl Message {
    /// The contract inside, if the message is of its subject.
    pub fn read<C: Contract>(&self) -> Result<Option<C>, Fault> {
        if self.subject != C::SUBJECT {
            return Ok(None);
        }
        C::deserialize(&self.payload)
            .map(Some)
            .map_err(|cause| Fault::new(format!("reading {} {}", self.subject, self.id), cause))
    }
}
