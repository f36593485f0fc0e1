//! What a mail provider reports of mails that did not arrive.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, header},
};
use kernel::{Refusal, reasons};
use serde::{Deserialize, Serialize};
use service::rest::{Answer, Json};
use utoipa::ToSchema;

use crate::{Notifications, domain::use_cases::Bounce};

/// The most reports in one ask.
const MOST: usize = 100;

/// What reports are told to, and the secret that their teller shows.
#[derive(Clone)]
pub(super) struct Ear {
    pub(super) notifications: Notifications,
    /// Empty: nobody may tell anything.
    pub(super) secret: Arc<str>,
}

/// What did not arrive.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Bounces {
    /// Each mail that did not arrive; 1 to 100.
    bounces: Vec<Report>,
}

/// A mail that did not arrive.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Report {
    /// To which address.
    #[schema(example = "ada@example.org")]
    recipient: String,
    /// The enhanced status code of RFC 3463. One that begins with 5 is for good; any other changes nothing.
    #[schema(example = "5.1.1")]
    status: String,
    /// The mail server's words.
    #[schema(example = "550 no such user")]
    diagnostic: Option<String>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Marked {
    /// How many addresses are marked that were not before.
    marked: u32,
}

/// Takes reports of mails that did not arrive, from the mail provider.
///
/// For whoever shows the secret of `NOTIFICATIONS__BOUNCE_SECRET` as a bearer token. An address to which mail cannot be brought
/// for good gets only mails that its reader cannot do without, until it is verified anew. The same report may come often.
#[utoipa::path(post, path = "/bounces", operation_id = "receiveBounces", tag = "webhooks",
    request_body = Bounces,
    extensions(("x-access" = json!({"who": ["HOLDER"]}))),
    responses((status = 200, description = "They were heard, now or before.", body = Marked), service::rest::Unauthorized))]
pub(super) async fn hear(
    State(ear): State<Ear>,
    headers: HeaderMap,
    Json(told): Json<Bounces>,
) -> Answer<Json<Marked>> {
    let shown = headers.get(header::AUTHORIZATION).and_then(|shown| shown.to_str().ok());
    let shown = shown.and_then(|shown| shown.strip_prefix("Bearer ")).unwrap_or_default();
    if ear.secret.is_empty() || !is_same(shown, &ear.secret) {
        return Err(Refusal::unauthenticated().into());
    }
    if told.bounces.is_empty() || told.bounces.len() > MOST {
        let wrong = Refusal::bad_input("bounces", format!("must have from 1 to {MOST} entries"));
        return Err(wrong.because(reasons::WRONG_COUNT).into());
    }
    let for_good = told.bounces.into_iter().filter(|one| one.status.starts_with("5."));
    let bounces: Vec<_> = for_good
        .map(|one| {
            let why = one.diagnostic.unwrap_or(one.status);
            Bounce { address: one.recipient, why }
        })
        .collect();
    let marked = ear.notifications.mark_unreachable(&bounces).await?;
    Ok(Json(Marked { marked }))
}

/// Digests are compared: how long that takes tells nothing of the secret.
fn is_same(shown: &str, secret: &str) -> bool {
    kernel::fingerprint(&shown) == kernel::fingerprint(&secret)
}
