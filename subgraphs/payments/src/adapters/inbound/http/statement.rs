use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use kernel::{Currency, OrganizationId, Public, kinds};
use serde::{Deserialize, Serialize};
use service::{
    Caller,
    rest::{Answer, Forbidden, Json, Money, Path, Query},
};
use utoipa::ToSchema;

use super::csv;
use crate::domain::{
    entities::books::{Kind, Posted},
    use_cases::Books,
};

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct Whose {
    /// The organization's id.
    #[param(value_type = String, pattern = "^(org_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "org_0190163d-8694-739b-aea5-966c26f8ad90")]
    pub(super) organization_id: OrganizationId,
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// In this currency only, of ISO 4217.
    #[param(example = "EUR", pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// Booked then or later.
    #[param(example = "2027-01-01T00:00:00Z")]
    from: DateTime<Utc>,
    /// Booked before; at most 366 days after `from`.
    #[param(example = "2027-02-01T00:00:00Z")]
    until: DateTime<Utc>,
}

/// What was booked for an organization in a time.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Statement {
    /// Whose books it is of.
    #[schema(value_type = String, example = "org_0190163d-8694-739b-aea5-966c26f8ad90")]
    organization_id: Public<kinds::Organization>,
    /// Booked then or later.
    #[serde(serialize_with = "service::rest::instant")]
    from: DateTime<Utc>,
    /// Booked before.
    #[serde(serialize_with = "service::rest::instant")]
    until: DateTime<Utc>,
    /// What was booked, the oldest first.
    #[schema(max_items = 20_000)]
    postings: Vec<Posting>,
}

/// A line of an organization's books. Lines are added and never changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Posting {
    /// Its id.
    #[schema(value_type = String, example = "led_0190163d-8694-739b-aea5-966c26f8ad90")]
    id: Public<Posted>,
    /// When it was booked.
    #[serde(serialize_with = "service::rest::instant")]
    at: DateTime<Utc>,
    /// What it is about.
    kind: LedgerKind,
    /// How much more the organization is owed by it; less, where it begins with a minus.
    amount: Money,
    /// Of which order; null for what is no order's.
    #[schema(value_type = Option<String>, example = "ord_0190163d-8694-739b-aea5-966c26f8ad90")]
    order_id: Option<Public<kinds::Order>>,
    /// Of which event; null for what is no event's.
    #[schema(value_type = Option<String>, example = "evt_0190163d-8694-739b-aea5-966c26f8ad90")]
    event_id: Option<Public<kinds::Event>>,
    /// The event's title, where it is known.
    event: Option<String>,
}

/// What a line is about. `SALE`: tickets were sold. `FEE`: the platform's fees. `TAX`: taxes that buyers paid, or got back.
/// `PROVIDER_FEE`: what the payment provider keeps. `REFUND`: money went back to a buyer. `DISPUTE`: a buyer's bank took money
/// back, or returned it. `PAYOUT`: money was paid out. `CASH`: the organization took cash itself.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum LedgerKind {
    Sale,
    Fee,
    Tax,
    ProviderFee,
    Refund,
    Dispute,
    Payout,
    Cash,
}

impl From<Kind> for LedgerKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Sale => Self::Sale,
            Kind::Fee => Self::Fee,
            Kind::Tax => Self::Tax,
            Kind::ProviderFee => Self::ProviderFee,
            Kind::Refund => Self::Refund,
            Kind::Dispute => Self::Dispute,
            Kind::Payout => Self::Payout,
            Kind::Cash => Self::Cash,
        }
    }
}

impl From<Posted> for Posting {
    fn from(line: Posted) -> Self {
        Self {
            id: line.id.public(),
            at: line.at,
            kind: line.kind.into(),
            amount: line.amount.into(),
            order_id: line.order.map(kernel::Id::public),
            event_id: line.event.map(kernel::Id::public),
            event: line.title,
        }
    }
}

/// What was booked for an organization.
///
/// A posting for each line, the oldest first; what the organization is owed changes by their amounts. Of a time in which more
/// than 20,000 lines were booked a shorter part has to be asked for.
#[utoipa::path(get, path = "/organizations/{organizationId}/statement", operation_id = "getStatement", tag = "books",
    params(Whose, Wanted), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "The statement.", body = Statement), Forbidden))]
pub(super) async fn statement(
    State(books): State<Books>,
    caller: Caller,
    Path(whose): Path<Whose>,
    Query(wanted): Query<Wanted>,
) -> Answer<Json<Statement>> {
    let lines = booked(&books, caller, &whose, &wanted).await?;
    Ok(Json(Statement {
        organization_id: whose.organization_id.public(),
        from: wanted.from,
        until: wanted.until,
        postings: lines.into_iter().map(Posting::from).collect(),
    }))
}

/// What was booked for an organization, as a table for spreadsheets.
///
/// A line for each posting, the oldest first; what the organization is owed changes by their amounts. After RFC 4180, in UTF-8
/// with a byte order mark; amounts in whole units of the currency, instants in UTC. Of a time in which more than 20,000 lines were
/// booked a shorter part has to be asked for.
#[utoipa::path(get, path = "/organizations/{organizationId}/statement.csv", operation_id = "getStatementTable",
    tag = "books", params(Whose, Wanted), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "The table.", content_type = "text/csv", body = String), Forbidden))]
pub(super) async fn statement_csv(
    State(books): State<Books>,
    caller: Caller,
    Path(whose): Path<Whose>,
    Query(wanted): Query<Wanted>,
) -> Answer<Response> {
    let lines = booked(&books, caller, &whose, &wanted).await?;
    let name = format!("attachment; filename=\"statement-{}.csv\"", whose.organization_id);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, csv::table(&lines)?).into_response())
}

async fn booked(
    books: &Books,
    caller: Caller,
    whose: &Whose,
    wanted: &Wanted,
) -> kernel::Result<Vec<Posted>> {
    let currency = wanted.currency.as_deref().map(|code| Currency::parse("currency", code)).transpose()?;
    books.statement(caller.into(), whose.organization_id, currency, (wanted.from, wanted.until)).await
}
