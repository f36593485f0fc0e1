use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use kernel::{Currency, OrganizationId};
use serde::Deserialize;
use service::{
    Caller,
    rest::{Answer, Forbidden, Path, Query},
};

use super::csv;
use crate::domain::use_cases::Books;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct Whose {
    /// The organization's id.
    #[param(value_type = String, pattern = "^(org_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "org_0190163d-8694-739b-aea5-966c26f8ad90")]
    organization_id: OrganizationId,
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

/// What was booked for an organization, as a table for spreadsheets.
///
/// A line for each posting, the oldest first; what the organization is owed changes by their amounts. After RFC 4180, in UTF-8
/// with a byte order mark; amounts in whole units of the currency, instants in UTC. Of a time in which more than 20,000 lines were
/// booked a shorter part has to be asked for.
#[utoipa::path(get, path = "/organizations/{organizationId}/statement", operation_id = "getStatement", tag = "books",
    params(Whose, Wanted), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "The table.", content_type = "text/csv", body = String), Forbidden))]
pub(super) async fn statement(
    State(books): State<Books>,
    caller: Caller,
    Path(whose): Path<Whose>,
    Query(wanted): Query<Wanted>,
) -> Answer<Response> {
    let currency = wanted.currency.map(|code| Currency::parse("currency", &code)).transpose()?;
    let time = (wanted.from, wanted.until);
    let lines = books.statement(caller.into(), whose.organization_id, currency, time).await?;
    let name = format!("attachment; filename=\"statement-{}.csv\"", whose.organization_id);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, csv::table(&lines)?).into_response())
}
