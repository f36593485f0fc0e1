//! REST: an order, its tickets and invoices as files, and the door, over the same use cases as the graph.

mod check_ins;
mod export;
mod files;
mod invoices;
mod keys;
mod orders;
mod seat_map;
mod shapes;

use axum::Extension;
use service::rest::{About, Exports, OpenApiRouter, document, routes};

pub(crate) use self::{invoices::invoice_url, seat_map::SeatMaps};
use crate::domain::{entities::FileAddress, use_cases::Tickets};

/// What the document says of this service.
pub(crate) const ABOUT: About = About {
    service: "tickets",
    description: "Seat maps, orders with their tickets, tickets and invoices as files, and check-in at the door. Holding places and \
                  buying them is done in the graph.",
};

/// What handlers need.
#[derive(Clone)]
pub(crate) struct Rest {
    /// The use cases.
    pub(crate) tickets: Tickets,
    /// Where the platform is reached, for links.
    pub(crate) public_url: String,
    /// Seat maps that are ready to be sent.
    pub(crate) maps: SeatMaps,
}

/// `/api/tickets/v1/…`
pub(crate) fn routes() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(orders::order))
        .routes(routes!(files::ticket_file))
        .routes(routes!(invoices::invoice_file))
        .routes(routes!(check_ins::check_in))
        .routes(routes!(keys::keys))
        .routes(routes!(seat_map::seat_map))
        .merge(exports())
}

fn exports() -> OpenApiRouter<Rest> {
    OpenApiRouter::new()
        .routes(routes!(export::export))
        .layer(Extension(Exports::new("tickets", &export::KINDS)))
}

/// The OpenAPI document, as it is checked in.
pub fn openapi() -> serde_json::Value {
    document(ABOUT, routes().into_openapi())
}

/// An address of a ticket's file as clients have it.
pub(crate) fn file_url(public_url: &str, address: &FileAddress) -> String {
    let FileAddress { ticket, form, until, signature } = address;
    let (base, ticket, form) = (public_url.trim_end_matches('/'), ticket.public(), form.as_str());
    format!("{base}/api/tickets/v1/tickets/{ticket}.{form}?until={until}&signature={signature}")
}
