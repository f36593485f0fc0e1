//! Which operation of the API an address is.

use axum::http::Method;

use super::charging::Changes;
use super::connect::transfer::Transfer;
use super::connect::{accounts, fee, onboarding, payouts, transfers};
use super::form::Params;
use super::refused::Refused;
use super::{Call, Done, balance, events, intents, refunds, sessions, tokens};

/// What is played for those who act for a connected account.
const OF_ACCOUNTS: &[&str] = &["accounts", "balance", "balance_transactions", "charges", "events", "payouts"];

/// Does what is asked for.
pub(super) fn perform(
    call: &Call<'_>,
    method: &Method,
    path: &str,
    params: &Params,
) -> Result<Done, Refused> {
    let segments: Vec<_> = path.trim_start_matches("/v1/").split('/').collect();
    if call.account.is_some() && !OF_ACCOUNTS.contains(&segments[0]) {
        return Err(Refused::invalid(format!(
            "The sandbox plays no direct charges: the header Stripe-Account goes with {}.",
            OF_ACCOUNTS.join(", ")
        )));
    }
    match (method.as_str(), segments.as_slice()) {
        ("POST", ["payment_intents"]) => intents::create(call, params),
        ("GET", ["payment_intents"]) => intents::list(call, params),
        ("GET", ["payment_intents", id]) => intents::retrieve(call, id, params),
        ("POST", ["payment_intents", id, "confirm"]) => intents::confirm(call, id, params),
        ("POST", ["payment_intents", id, "cancel"]) => intents::cancel(call, id, params),
        ("POST", ["checkout", "sessions"]) => sessions::create(call, params),
        ("GET", ["checkout", "sessions"]) => sessions::list(call, params),
        ("GET", ["checkout", "sessions", id]) => sessions::retrieve(call, id, params),
        ("POST", ["checkout", "sessions", id, "expire"]) => sessions::expire(call, id, params),
        ("POST", ["test_helpers", "confirmation_tokens"]) => tokens::create(call, params),
        ("GET", ["confirmation_tokens", id]) => tokens::retrieve(call, id, params),
        ("GET", ["payment_methods", id]) => tokens::retrieve_method(call, id, params),
        ("POST", ["refunds"]) => refunds::create(call, params),
        ("GET", ["refunds"]) => refunds::list(call, params),
        ("GET", ["refunds", id]) => refunds::retrieve(call, id, params),
        ("GET", ["balance"]) => balance::retrieve(call, params),
        ("GET", ["balance_transactions"]) => balance::list(call, params),
        ("GET", ["events"]) => events::list(call, params),
        ("GET", ["charges", id]) => charge(call, id, params),
        ("POST", ["accounts"]) => accounts::create(call, params),
        ("GET", ["accounts"]) => accounts::list(call, params),
        ("GET", ["accounts", id]) => accounts::retrieve(call, id, params),
        ("POST", ["accounts", id]) => accounts::update(call, id, params),
        ("POST", ["account_links"]) => onboarding::create_link(call, params),
        ("GET", ["application_fees", id]) => fee::retrieve(call, id, params),
        ("POST", ["transfers"]) => transfers::create(call, params),
        ("GET", ["transfers"]) => transfers::list(call, params),
        ("GET", ["transfers", id]) => transfers::retrieve(call, id, params),
        ("POST", ["transfers", id, "reversals"]) => transfers::reverse(call, id, params),
        ("GET", ["transfers", id, "reversals"]) => transfers::reversals(call, id, params),
        ("POST", ["payouts"]) => payouts::create(call, params),
        ("GET", ["payouts"]) => payouts::list(call, params),
        ("GET", ["payouts", id]) => payouts::retrieve(call, id, params),
        ("POST", ["payouts", id, "cancel"]) => payouts::cancel(call, id, params),
        _ => Err(Refused::invalid(format!(
            "Unrecognized request URL ({method}: {path}). The sandbox knows payment_intents, checkout/sessions, \
             confirmation_tokens, payment_methods, refunds, charges, balance, balance_transactions, events, accounts, \
             account_links, application_fees, transfers and payouts."
        ))
        .not_found()),
    }
}

/// `GET /v1/charges/{id}`; an account sees the payments it got, and nobody else's.
fn charge(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&[])?;
    let json = match call.account {
        None => call.state.charges.get(id).map(|charge| charge.to_json(call.public_url)),
        Some(account) => {
            let mut its = call.state.transfers.newest_first().filter(|transfer| transfer.account == account);
            its.find(|transfer| transfer.payment == id).map(Transfer::payment_to_json)
        }
    };
    let json = json.ok_or_else(|| Refused::missing("charge", id, "id").not_found())?;
    Ok(Done::new(json, Changes::new(call)))
}
