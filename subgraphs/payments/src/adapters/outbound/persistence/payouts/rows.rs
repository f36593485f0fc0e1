//! Rows of payouts, as payouts.

use kernel::{Currency, Fault, Id, Money, OrganizationId, from_millis};
use sea_orm::QueryResult;
use service::database::fault;
use uuid::Uuid;

use crate::domain::entities::payout::{Payout, PayoutAccount, PayoutAccountStatus, PayoutKind, PayoutState};

/// The columns that [`payout`] reads.
pub(super) const PAYOUT: &str = "id, organization_id, account, kind, transfer, currency, amount_minor, state, provider_id, \
                                 looks, due_at, failure, created_at, ended_at";

pub(super) fn payout(row: &QueryResult) -> Result<Payout, Fault> {
    let id: Uuid = row.try_get("", "id").map_err(reading())?;
    let unknown = |what: &str| Fault::broken_rule(format!("payout {id} has an unknown {what}"));
    let kind = PayoutKind::from_columns(&text(row, "kind")?, optional_text(row, "transfer")?);
    let currency: Currency = text(row, "currency")?.parse()?;
    Ok(Payout {
        id: Id::from_uuid(id),
        organization: organization(row)?,
        account: text(row, "account")?,
        kind: kind.ok_or_else(|| unknown("kind"))?,
        amount: Money::new(number(row, "amount_minor")?, currency),
        state: PayoutState::from_name(&text(row, "state")?).ok_or_else(|| unknown("state"))?,
        provider_id: optional_text(row, "provider_id")?,
        looks: u32::try_from(number(row, "looks")?).unwrap_or(u32::MAX),
        due_at: optional(row, "due_at")?.map(from_millis),
        failure: optional_text(row, "failure")?,
        created_at: from_millis(number(row, "created_at")?),
        ended_at: optional(row, "ended_at")?.map(from_millis),
        booked: Vec::new(),
    })
}

pub(super) fn account(row: &QueryResult) -> Result<PayoutAccount, Fault> {
    let organization = organization(row)?;
    let name = text(row, "status")?;
    let unknown = || Fault::broken_rule(format!("the account of {organization} is {name}"));
    let status = PayoutAccountStatus::from_name(&name).ok_or_else(unknown)?;
    Ok(PayoutAccount { organization, id: text(row, "account")?, status })
}

fn organization(row: &QueryResult) -> Result<OrganizationId, Fault> {
    Ok(Id::from_uuid(row.try_get("", "organization_id").map_err(reading())?))
}

pub(super) fn text(row: &QueryResult, column: &str) -> Result<String, Fault> {
    row.try_get("", column).map_err(reading())
}

pub(super) fn number(row: &QueryResult, column: &str) -> Result<i64, Fault> {
    row.try_get("", column).map_err(reading())
}

pub(super) fn optional(row: &QueryResult, column: &str) -> Result<Option<i64>, Fault> {
    row.try_get("", column).map_err(reading())
}

fn optional_text(row: &QueryResult, column: &str) -> Result<Option<String>, Fault> {
    row.try_get("", column).map_err(reading())
}

fn reading() -> impl Fn(sea_orm::DbErr) -> Fault {
    fault("reading payouts")
}
