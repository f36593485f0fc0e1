use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use kernel::{EventId, Fault, Public, kinds};
use serde::{Deserialize, Serialize};
use service::{
    Caller,
    rest::{Answer, Forbidden, Json, Money, NotFound, Path},
};
use utoipa::ToSchema;

use super::csv;
use crate::domain::{
    Analytics,
    entities::{Figures, Report, TicketTypeReport},
};

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase")]
#[into_params(parameter_in = Path)]
pub(super) struct Which {
    /// The event's id.
    #[param(value_type = String, pattern = "^(evt_)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
        example = "evt_0190163d-8694-739b-aea5-966c26f8ad90")]
    event_id: EventId,
}

/// How an event sells.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct SalesReport {
    /// Of which event.
    #[schema(value_type = String, example = "evt_0190163d-8694-739b-aea5-966c26f8ad90")]
    event_id: Public<kinds::Event>,
    /// The currency of all its amounts, after ISO 4217.
    #[schema(example = "EUR")]
    currency: String,
    /// What was paid for tickets, fees included, before refunds. Money that came too late for tickets
    /// and went back is not in it.
    gross_revenue: Money,
    /// What is left of it after fees and refunds.
    net_revenue: Money,
    /// What went back to buyers.
    refunded: Money,
    /// Fees that buyers paid.
    fees: Money,
    /// How many tickets were issued, refunded ones included.
    tickets_sold: i64,
    /// How many of them went back: those that an organizer refunded, and all of an order whose whole payment was returned
    /// at the payment provider.
    tickets_refunded: i64,
    /// How many people were let in.
    checked_in: i64,
    /// How many places the event has; 0 before its sales are opened.
    capacity: i64,
    /// The same by ticket type, in the order they were made; those without sales too.
    by_ticket_type: Vec<TicketTypeSales>,
    /// How far buyers came.
    funnel: Funnel,
}

/// How a ticket type sells.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TicketTypeSales {
    /// Which ticket type.
    #[schema(value_type = String, example = "typ_0190163d-8694-739b-aea5-966c26f8ad90")]
    ticket_type_id: Public<kinds::TicketType>,
    /// Its name.
    name: String,
    /// How many tickets were issued, refunded ones included.
    tickets_sold: i64,
    /// How many of them went back: those that an organizer refunded, and all of an order whose whole payment was returned
    /// at the payment provider.
    tickets_refunded: i64,
    /// How many people were let in.
    checked_in: i64,
    /// What was paid for the tickets, without fees, before refunds.
    gross_revenue: Money,
}

/// How far buyers came.
#[derive(Debug, Serialize, ToSchema)]
struct Funnel {
    /// Reservations made.
    holds: i64,
    /// Orders placed.
    checkouts: i64,
    /// Orders paid for, and free ones that stand.
    paid: i64,
    /// Reservations and orders whose time ran out.
    expired: i64,
    /// Orders for which a card was declined, however often; they may have been paid with another.
    declined: i64,
}

/// How an event sells.
#[utoipa::path(get, path = "/events/{eventId}/report", operation_id = "getSalesReport", tag = "reports",
    params(Which), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "The report.", body = SalesReport), Forbidden, NotFound))]
pub(super) async fn report(
    State(analytics): State<Analytics>,
    caller: Caller,
    Path(which): Path<Which>,
) -> Answer<Json<SalesReport>> {
    let report = analytics.read_sales(which.event_id, caller).await?;
    Ok(Json(SalesReport::of(&report)?))
}

/// How an event sells, as a table for spreadsheets.
///
/// A line for each ticket type, and the whole event's at the end. After RFC 4180, in UTF-8 with a byte order mark; amounts in whole units of the currency.
#[utoipa::path(get, path = "/events/{eventId}/report.csv", operation_id = "getSalesReportTable", tag = "reports",
    params(Which), security(("bearerAuth" = [])),
    extensions(("x-access" = json!({"who": ["MANAGER", "OWNER", "OPERATOR"]}))),
    responses((status = 200, description = "The table.", content_type = "text/csv", body = String), Forbidden, NotFound))]
pub(super) async fn report_csv(
    State(analytics): State<Analytics>,
    caller: Caller,
    Path(which): Path<Which>,
) -> Answer<Response> {
    let report = analytics.read_sales(which.event_id, caller).await?;
    let name = format!("attachment; filename=\"sales-{}.csv\"", which.event_id);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, csv::table(&report)?).into_response())
}

impl SalesReport {
    fn of(report: &Report) -> Result<Self, Fault> {
        let Figures { holds, checkouts, paid, expired, declined, .. } = report.figures;
        Ok(Self {
            event_id: report.event.id.public(),
            currency: report.event.currency.code().to_owned(),
            gross_revenue: report.money(report.figures.gross).into(),
            net_revenue: report.net()?.into(),
            refunded: report.refunded().into(),
            fees: report.money(report.figures.fees).into(),
            tickets_sold: report.figures.tickets_sold,
            tickets_refunded: report.figures.tickets_refunded,
            checked_in: report.figures.checked_in,
            capacity: report.capacity,
            by_ticket_type: report.by_type.iter().map(|of| TicketTypeSales::of(report, of)).collect(),
            funnel: Funnel { holds, checkouts, paid, expired, declined },
        })
    }
}

impl TicketTypeSales {
    fn of(report: &Report, of: &TicketTypeReport) -> Self {
        Self {
            ticket_type_id: of.id.public(),
            name: of.name.clone(),
            tickets_sold: of.sales.sold,
            tickets_refunded: of.sales.refunded,
            checked_in: of.sales.checked_in,
            gross_revenue: report.money(of.sales.revenue).into(),
        }
    }
}
