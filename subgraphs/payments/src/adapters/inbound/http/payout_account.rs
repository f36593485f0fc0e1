//! The way to the payment provider's pages on which an organization's owner tells it what it asks.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kernel::{Fault, OrganizationId, Refusal};
use serde::{Deserialize, Serialize};
use service::rest::{Answer, Json, NotFound, Path, Query};
use utoipa::ToSchema;

use super::statement::Whose;
use crate::domain::{entities::payout::OnboardingAddress, use_cases::Payments};

// What else mail programs put behind a link is no reason to refuse it.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Opened {
    /// When the address ends, in seconds since 1970, as `onboardingUrl` has it.
    #[param(value_type = Option<i64>, example = 1_796_169_600)]
    until: Option<String>,
    /// Shows that the address was given out here: an HMAC-SHA256 in hexadecimal digits.
    #[param(pattern = "^[0-9a-f]{64}$")]
    signature: Option<String>,
}

/// Where an owner goes on, for programs that open it themselves.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OnboardingPage {
    /// The provider's page: good once, and for minutes.
    #[schema(format = "uri")]
    url: String,
}

/// Sends an owner of an organization on to the payment provider's pages, at the address that was given out as `onboardingUrl`.
///
/// Whoever has the address is sent on, for 15 minutes from when it was given out. Then ask for `onboardingUrl` again. Where the
/// account has nothing left to be told, it leads back to the organizer's pages. Programs that ask for `application/json` are told
/// where, and not sent.
#[utoipa::path(get, path = "/organizations/{organizationId}/payout-account", operation_id = "openPayoutOnboarding",
    tag = "books", params(Whose, Opened),
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses((status = 200, description = "The provider's page, for programs.", body = OnboardingPage),
        (status = 303, description = "The provider's page is at `Location`, good once and for minutes."), NotFound))]
pub(super) async fn open(
    State(payments): State<Payments>,
    asked: HeaderMap,
    Path(whose): Path<Whose>,
    Query(opened): Query<Opened>,
) -> Answer<Response> {
    let organization: OrganizationId = whose.organization_id;
    let (Some(payouts), Opened { until: Some(until), signature: Some(signature) }) =
        (payments.payouts(), opened)
    else {
        return Err(missing().into());
    };
    let until = until.parse().map_err(|_| missing())?;
    let url = payouts.onboard(&OnboardingAddress { organization, until, signature }).await?;
    let accept = asked.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    if accept.is_some_and(|accept| accept.trim_start().starts_with("application/json")) {
        return Ok((NOT_KEPT, Json(OnboardingPage { url })).into_response());
    }
    let location = HeaderValue::try_from(url).map_err(|cause| Fault::new("sending an owner on", cause))?;
    Ok((StatusCode::SEE_OTHER, NOT_KEPT, [(header::LOCATION, location)]).into_response())
}

/// What is good once is not kept.
const NOT_KEPT: [(HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

fn missing() -> Refusal {
    Refusal::not_found("onboarding address")
}
