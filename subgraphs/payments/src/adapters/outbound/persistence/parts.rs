//! Attempts, refunds and disputes of payments, read by one statement for all.

use std::collections::HashMap;

use contracts::payments::DisputeState;
use kernel::{Fault, Money, RefundId, from_millis};
use sea_orm::{ConnectionTrait, FromQueryResult, QueryResult, Statement, Value};
use service::database::fault;
use uuid::Uuid;

use super::means;
use crate::domain::entities::{Attempt, AttemptState, Dispute, Refund, RefundState};

const ATTEMPT: i64 = 1;
const REFUND: i64 = 2;
const DISPUTE: i64 = 3;

/// A row of any of the three tables; what one has not is null.
#[derive(FromQueryResult)]
struct Part {
    kind: i64,
    payment_id: Uuid,
    id: Option<Uuid>,
    number: i64,
    state: String,
    text: Option<String>,
    name_outside: Option<String>,
    client_key: Option<String>,
    fingerprint: Option<String>,
    payment_method: Option<String>,
    minor: Option<i64>,
    currency: Option<String>,
    announced: i64,
    at: i64,
    tried: Option<i64>,
    asked: Option<String>,
    respond_by: Option<i64>,
    means: Option<String>,
    client: Option<String>,
    card: Option<String>,
    reverses: i64,
}

type Of = (Vec<Attempt>, Vec<Refund>, Vec<Dispute>);

/// The columns of [`rows_of`].
pub(super) const COLUMNS: [&str; 21] = [
    "kind",
    "payment_id",
    "id",
    "number",
    "state",
    "text",
    "name_outside",
    "client_key",
    "fingerprint",
    "payment_method",
    "minor",
    "currency",
    "announced",
    "at",
    "tried",
    "asked",
    "respond_by",
    "means",
    "client",
    "card",
    "reverses",
];

/// What payments consist of.
#[derive(Default)]
pub(super) struct Parts(HashMap<Uuid, Of>);

impl Parts {
    /// Adds a row of [`rows_of`], whose columns have this prefix.
    pub(super) fn add(&mut self, row: &QueryResult, prefix: &str) -> Result<(), Fault> {
        let part = Part::from_query_result(row, prefix).map_err(fault("reading what payments consist of"))?;
        let of = self.0.entry(part.payment_id).or_default();
        match part.kind {
            ATTEMPT => of.0.push(attempt(part)?),
            REFUND => of.1.push(refund(part)?),
            _ => of.2.push(dispute(part)?),
        }
        Ok(())
    }

    pub(super) fn sorted(mut self) -> Self {
        for (attempts, refunds, disputes) in self.0.values_mut() {
            attempts.sort_unstable_by_key(|attempt| attempt.number);
            refunds.sort_unstable_by_key(|refund| (refund.created_at, refund.id));
            disputes
                .sort_unstable_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
        }
        self
    }

    pub(super) fn take(&mut self, payment: Uuid) -> Of {
        self.0.remove(&payment).unwrap_or_default()
    }
}

/// The parts of these payments, each kind in its order.
pub(super) async fn of(connection: &impl ConnectionTrait, payments: &[Uuid]) -> Result<Parts, Fault> {
    let reading = fault("reading what payments consist of");
    let which: Vec<_> = (1..=payments.len()).map(|place| format!("${place}")).collect();
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        rows_of(&format!("payment_id IN ({})", which.join(", "))),
        payments.iter().map(|id| Value::from(*id)),
    );
    let mut parts = Parts::default();
    for row in &connection.query_all_raw(query).await.map_err(&reading)? {
        parts.add(row, "")?;
    }
    Ok(parts.sorted())
}

/// All parts of payments for which this holds.
pub(super) fn rows_of(which: &str) -> String {
    format!(
        "SELECT CAST({ATTEMPT} AS BIGINT) AS kind, payment_id, CAST(NULL AS UUID) AS id, \
         CAST(number AS BIGINT) AS number, state, detail AS text, charge AS name_outside, client_key, \
         fingerprint, payment_method, CAST(NULL AS BIGINT) AS minor, CAST(NULL AS TEXT) AS currency, \
         CAST(0 AS BIGINT) AS announced, started_at AS at, CAST(NULL AS BIGINT) AS tried, \
         CAST(NULL AS TEXT) AS asked, CAST(NULL AS BIGINT) AS respond_by, means, client, card, \
         CAST(0 AS BIGINT) AS reverses FROM attempts WHERE {which} \
         UNION ALL SELECT {REFUND}, payment_id, id, number, state, reason, provider_id, NULL, NULL, NULL, \
         amount_minor, currency, CASE WHEN announced THEN 1 ELSE 0 END, created_at, tried_minor, asked, NULL, \
         NULL, NULL, NULL, CASE WHEN reverses THEN 1 ELSE 0 END FROM refunds WHERE {which} \
         UNION ALL SELECT {DISPUTE}, payment_id, NULL, 0, state, reason, id, NULL, NULL, NULL, amount_minor, \
         currency, 1, created_at, NULL, NULL, respond_by, NULL, NULL, NULL, 0 FROM disputes WHERE {which}"
    )
}

fn attempt(row: Part) -> Result<Attempt, Fault> {
    let text = row.text.unwrap_or_default();
    let state = match row.state.as_str() {
        "OPEN" => AttemptState::Open,
        "CONFIRMED" => AttemptState::Confirmed,
        "ACTION" => AttemptState::Action,
        "OFFERED" => AttemptState::Offered,
        "SUCCEEDED" => AttemptState::Succeeded,
        "DECLINED" => AttemptState::Declined { code: text, charge: row.name_outside },
        "REJECTED" => AttemptState::Rejected { message: text, field: row.name_outside },
        "LOST" => AttemptState::Lost,
        "SUPERSEDED" => AttemptState::Superseded,
        "ENDED" => AttemptState::Ended,
        other => return Err(Fault::broken_rule(format!("an attempt is in the unknown state {other}"))),
    };
    Ok(Attempt {
        number: number(row.number)?,
        client_key: row.client_key.unwrap_or_default(),
        fingerprint: row.fingerprint.unwrap_or_default(),
        means: means::read(row.payment_method.unwrap_or_default(), row.means.as_deref())?,
        client: row.client,
        card: row.card,
        state,
        started_at: from_millis(row.at),
    })
}

fn refund(row: Part) -> Result<Refund, Fault> {
    let state = match row.state.as_str() {
        "OWED" => RefundState::Owed,
        "ACCEPTED" => RefundState::Accepted,
        "SUCCEEDED" => RefundState::Succeeded,
        // The provider gave nothing back by it.
        "FAILED" if row.name_outside.is_none() => RefundState::Covered,
        "FAILED" => RefundState::Failed,
        other => return Err(Fault::broken_rule(format!("a refund is in the unknown state {other}"))),
    };
    let owed = amount(row.minor, row.currency.as_deref())?;
    let asked = row.asked.as_deref().map(serde_json::from_str).transpose();
    Ok(Refund {
        id: RefundId::from_uuid(row.id.unwrap_or_default()),
        number: number(row.number)?,
        tried: Money::new(row.tried.unwrap_or(owed.minor), owed.currency),
        asked: asked.map_err(|cause| Fault::new("reading by whom a refund was asked", cause))?,
        amount: owed,
        reason: row.text.unwrap_or_default(),
        state,
        provider_id: row.name_outside,
        announced: row.announced != 0,
        created_at: from_millis(row.at),
        reverses: row.reverses != 0,
    })
}

fn dispute(row: Part) -> Result<Dispute, Fault> {
    let state = match row.state.as_str() {
        "OPEN" => DisputeState::Open,
        "WON" => DisputeState::Won,
        "LOST" => DisputeState::Lost,
        other => return Err(Fault::broken_rule(format!("a dispute is in the unknown state {other}"))),
    };
    Ok(Dispute {
        id: row.name_outside.unwrap_or_default(),
        amount: amount(row.minor, row.currency.as_deref())?,
        reason: row.text.unwrap_or_default(),
        respond_by: row.respond_by.map(from_millis),
        state,
        created_at: from_millis(row.at),
    })
}

fn number(number: i64) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|cause| Fault::new("reading the number of a try", cause))
}

fn amount(minor: Option<i64>, currency: Option<&str>) -> Result<Money, Fault> {
    Ok(Money::new(minor.unwrap_or_default(), currency.unwrap_or_default().parse()?))
}
