//! REST: an event's report, as JSON and as a table.

mod csv;
mod report;

use service::rest::{About, OpenApiRouter, document, routes};

use crate::domain::Analytics;

/// What the document says of this service.
pub(crate) const ABOUT: About = About {
    service: "analytics",
    description: "How events sell, for owners and managers of their organization.",
};

/// `/api/analytics/v1/…`
pub(crate) fn routes() -> OpenApiRouter<Analytics> {
    OpenApiRouter::new().routes(routes!(report::report)).routes(routes!(report::report_csv))
}

/// The OpenAPI document, as it is checked in.
pub fn openapi() -> serde_json::Value {
    document(ABOUT, routes().into_openapi())
}
