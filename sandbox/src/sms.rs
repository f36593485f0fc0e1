//! The stand-in for Twilio's way of sending an SMS.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::auth::basic_auth;
use crate::state::Change;
use crate::world::World;
use crate::{clock, ids};

const LONGEST_BODY: usize = 1_600;

/// One SMS that was sent.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Sms {
    pub(crate) sid: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) body: String,
    pub(crate) sent_at: i64,
}

/// The account that may send SMS.
#[derive(Clone, Debug)]
pub struct SmsAccount {
    /// Twilio's account identifier, `AC…`; it stands in the path and is the user name.
    pub sid: String,
    /// The password.
    pub token: String,
}

/// `POST /2010-04-01/Accounts/{sid}/Messages.json`
pub(crate) async fn send(
    State(world): State<Arc<World>>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if !may_send(&world, &account, &headers) {
        return refusal(StatusCode::UNAUTHORIZED, 20003, "Authenticate");
    }
    if world.board.strikes(|switches| &mut switches.sms_fail) {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, 20503, "The sandbox was told to refuse this SMS");
    }
    let sms = match read(&body) {
        Ok(sms) => sms,
        Err((code, message)) => return refusal(StatusCode::BAD_REQUEST, code, message),
    };
    let answer = json!({
        "account_sid": account, "api_version": "2010-04-01", "body": sms.body,
        "date_created": chrono::DateTime::from_timestamp_millis(sms.sent_at).map(|at| at.to_rfc2822()),
        "direction": "outbound-api", "error_code": null, "error_message": null, "from": sms.from,
        "num_media": "0", "num_segments": "1", "sid": sms.sid, "status": "queued", "to": sms.to,
        "uri": format!("/2010-04-01/Accounts/{account}/Messages/{}.json", sms.sid),
    });
    match world.store.change(Change::Sms(sms)) {
        Ok(()) => (StatusCode::CREATED, Json(answer)).into_response(),
        Err(broken) => {
            tracing::error!(%broken, "the sandbox could not keep an SMS");
            refusal(StatusCode::INTERNAL_SERVER_ERROR, 20500, "Internal server error")
        }
    }
}

fn may_send(world: &World, account: &str, headers: &HeaderMap) -> bool {
    let Some((user, password)) = basic_auth(headers) else { return false };
    match &world.sms_account {
        Some(known) => known.sid == account && known.sid == user && known.token == password,
        None => user == account && !password.is_empty(),
    }
}

fn read(body: &[u8]) -> Result<Sms, (u32, &'static str)> {
    let (mut from, mut to, mut text) = (String::new(), String::new(), String::new());
    for (name, value) in form_urlencoded::parse(body) {
        match &*name {
            "From" | "MessagingServiceSid" => from = value.into_owned(),
            "To" => to = value.into_owned(),
            "Body" => text = value.into_owned(),
            _ => (),
        }
    }
    if to.is_empty() {
        return Err((21604, "A 'To' phone number is required."));
    }
    if !is_phone_number(&to) {
        return Err((21211, "The 'To' number is not a valid phone number."));
    }
    if from.is_empty() {
        return Err((21603, "A 'From' phone number is required."));
    }
    if text.is_empty() {
        return Err((21602, "Message body is required."));
    }
    if text.chars().count() > LONGEST_BODY {
        return Err((21617, "The concatenated message body exceeds the 1600 character limit."));
    }
    Ok(Sms { sid: ids::twilio("SM"), from, to, body: text, sent_at: clock::now_ms() })
}

/// E.164: a plus, then 7 to 15 digits of which the first is not 0.
fn is_phone_number(number: &str) -> bool {
    let Some(digits) = number.strip_prefix('+') else { return false };
    (7..=15).contains(&digits.len())
        && digits.bytes().all(|digit| digit.is_ascii_digit())
        && !digits.starts_with('0')
}

fn refusal(status: StatusCode, code: u32, message: &str) -> Response {
    let body = json!({
        "code": code, "message": message, "status": status.as_u16(),
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
    });
    (status, Json(body)).into_response()
}
