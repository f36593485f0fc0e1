//! Checkout sessions: create, look up, list, expire; and what a person does on the page.

use std::sync::Arc;

use serde_json::Value;

use super::cards;
use super::charging::{self, Asked, Changes};
use super::connect::forwarding::Forwarding;
use super::form::Params;
use super::intent::{Automatic, Intent, Status};
use super::intents::{read_url, required};
use super::refused::Refused;
use super::session::{Session, SessionStatus};
use super::unasked::{act, when_due};
use super::{Call, Done, listing, money};
use crate::ids;
use crate::state::State;
use crate::switches::Switches;
use crate::world::World;

const CREATE: &[&str] = &[
    "allowed_payment_method_types",
    "cancel_url",
    "client_reference_id",
    "expand",
    "expires_at",
    "line_items",
    "metadata",
    "mode",
    "payment_intent_data",
    "success_url",
];
/// The most lines that are read.
const MOST_LINES: usize = 20;
const MINUTE_MS: i64 = 60 * 1000;
/// How long a session is kept when nothing else is said, and at most.
const KEPT_MS: i64 = 24 * 60 * MINUTE_MS;
/// How long it is kept at least.
const LEAST_MS: i64 = 30 * MINUTE_MS;

/// `POST /v1/checkout/sessions`
pub(crate) fn create(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(CREATE)?;
    if params.word("mode", &["payment"])?.is_none() {
        return Err(required("mode"));
    }
    let types = params.list("allowed_payment_method_types");
    if !types.is_empty() && !types.contains(&"card") {
        return Err(Refused::invalid("The sandbox takes the payment method type card only")
            .param("allowed_payment_method_types"));
    }
    let (amount, currency, name) = read_lines(params)?;
    let session = Session {
        id: ids::fresh("cs_test"),
        amount: money::chargeable(amount, &currency)?,
        currency,
        forwarding: Forwarding::read(call, params, Some("payment_intent_data"), amount)?,
        name,
        created_at: call.now,
        expires_at: read_expiry(call.now, params)?,
        metadata: params.metadata("metadata")?,
        intent_metadata: params.metadata("payment_intent_data[metadata]")?,
        intent_description: params.short_text("payment_intent_data[description]", 1_000)?,
        client_reference_id: params.short_text("client_reference_id", 200)?,
        success_url: read_url(params, "success_url")?.ok_or_else(|| required("success_url"))?,
        cancel_url: read_url(params, "cancel_url")?,
        payment_intent: None,
        status: SessionStatus::Open,
    };
    let mut changes = Changes::new(call);
    changes.session(&session);
    Ok(Done::new(session.to_json(call.public_url), changes))
}

/// `GET /v1/checkout/sessions/{id}`
pub(crate) fn retrieve(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&["expand"])?;
    let session = find(call, id)?;
    let mut json = session.to_json(call.public_url);
    for name in params.list("expand") {
        let intent = session.payment_intent.as_deref().and_then(|id| call.state.intents.get(id));
        match (name, intent) {
            ("payment_intent" | "payment_intent.latest_charge", None) => {}
            ("payment_intent", Some(intent)) => json["payment_intent"] = intent.to_json(call.public_url),
            ("payment_intent.latest_charge", Some(intent)) => {
                json["payment_intent"] = with_its_charge(call, intent);
            }
            _ => {
                return Err(
                    Refused::invalid(format!("This property cannot be expanded ({name}).")).param("expand")
                );
            }
        }
    }
    Ok(Done::new(json, Changes::new(call)))
}

/// `GET /v1/checkout/sessions`
pub(crate) fn list(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(listing::PARAMS)?;
    let all = call.state.sessions.newest_first();
    let show = |session: &Session| session.to_json(call.public_url);
    let page = listing::page(params, "/v1/checkout/sessions", all, |session| &session.id, show)?;
    Ok(Done::new(page, Changes::new(call)))
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub(crate) fn expire(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&["expand"])?;
    let session = find(call, id)?;
    if session.status != SessionStatus::Open {
        return Err(Refused::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of {}.",
            session.status.name()
        )));
    }
    let (session, changes) = expired(call, session);
    Ok(Done::new(session.to_json(call.public_url), changes))
}

/// Nobody can pay on it any more.
fn expired<'a>(call: &'a Call<'a>, mut session: Session) -> (Session, Changes<'a>) {
    let mut changes = Changes::new(call);
    session.status = SessionStatus::Expired;
    let begun = session.payment_intent.as_deref().and_then(|id| call.state.intents.get(id));
    if let Some(mut intent) = begun.cloned() {
        intent.status = Status::Canceled { at: call.now, reason: Some("abandoned".to_owned()) };
        changes.intent(&intent);
        changes.event("payment_intent.canceled", &intent.id, &intent.to_json(call.public_url));
    }
    changes.session(&session);
    changes.event("checkout.session.expired", &session.id, &session.to_json(call.public_url));
    (session, changes)
}

/// What came of what a person did on the page.
pub(crate) enum Paying {
    /// The session and its payment as they stand now.
    Tried(Box<(Session, Intent)>),
    /// Nobody can pay on it any more.
    TooLate(Box<Session>),
    /// Stripe does not take it as things stand, and why.
    Refused(String),
    /// There is no such session.
    Unknown,
}

/// A person pays with this card.
pub(crate) fn pay(world: &World, id: &str, card: &str) -> std::io::Result<Paying> {
    act(world, |call| {
        let mut changes = Changes::new(call);
        let Some(mut session) = call.state.sessions.get(id).cloned() else {
            return (Paying::Unknown, changes);
        };
        let Ok(card) = cards::card(card) else { return (Paying::Unknown, changes) };
        if session.status != SessionStatus::Open || session.expires_at <= call.now {
            return (Paying::TooLate(Box::new(session)), changes);
        }
        if let Err(refused) = session.forwarding.check(call, None) {
            return (Paying::Refused(refused.message()), changes);
        }
        let begun = session.payment_intent.as_deref().and_then(|id| call.state.intents.get(id));
        let mut intent = begun.cloned().unwrap_or_else(|| {
            let intent = new_intent(&session, call.now);
            changes.event("payment_intent.created", &intent.id, &intent.to_json(call.public_url));
            intent
        });
        session.payment_intent = Some(intent.id.clone());
        changes.session(&session);
        intent.payment_method = Some(card.name.to_owned());
        // A decline is told by the intent itself; nobody waits here for an error.
        let _ = charging::attempt(&mut intent, card, Asked::NotYet, &mut changes);
        let session = complete(call, &intent, &mut changes).unwrap_or(session);
        (Paying::Tried(Box::new((session, intent))), changes)
    })
}

/// A payment that was made on a page completes it.
pub(crate) fn complete(call: &Call<'_>, intent: &Intent, changes: &mut Changes<'_>) -> Option<Session> {
    let id = intent.checkout.as_deref().filter(|_| matches!(intent.status, Status::Succeeded))?;
    let mut session = call.state.sessions.get(id).cloned()?;
    session.payment_intent = Some(intent.id.clone());
    session.status = SessionStatus::Complete;
    changes.session(&session);
    changes.event("checkout.session.completed", &session.id, &session.to_json(call.public_url));
    Some(session)
}

/// Ends the sessions whose time has come, until the sandbox stops.
pub(crate) async fn settle(world: Arc<World>) {
    let next = |state: &State, _: &Switches| {
        let open = state.open_sessions.iter().filter_map(|id| state.sessions.get(id));
        open.map(|session| (session.expires_at, session.id.clone())).min()
    };
    when_due(world, "a Checkout session", next, expire_one).await;
}

fn expire_one(world: &World, id: &str) -> std::io::Result<()> {
    act(world, |call| match call.state.sessions.get(id).cloned() {
        Some(session) if session.status == SessionStatus::Open => ((), expired(call, session).1),
        _ => ((), Changes::new(call)),
    })
}

fn new_intent(session: &Session, now: i64) -> Intent {
    let id = ids::fresh("pi");
    Intent {
        client_secret: format!("{id}_secret_{}", ids::letters(25)),
        id,
        amount: session.amount,
        currency: session.currency.clone(),
        created_at: now,
        metadata: session.intent_metadata.clone(),
        description: session.intent_description.clone(),
        receipt_email: None,
        return_url: None,
        automatic_payment_methods: Some(Automatic { enabled: true, allow_redirects: "always".to_owned() }),
        payment_method: None,
        latest_charge: None,
        status: Status::RequiresPaymentMethod { last_error: None },
        checkout: Some(session.id.clone()),
        forwarding: session.forwarding.clone(),
    }
}

/// How much, in what, and for what.
fn read_lines(params: &Params) -> Result<(i64, String, String), Refused> {
    let (mut amount, mut currency, mut names) = (0_i64, None, Vec::new());
    for line in 0..MOST_LINES {
        let of = |name: &str| format!("line_items[{line}]{name}");
        let Some(unit) = params.integer(&of("[price_data][unit_amount]"))? else { break };
        let quantity = params.integer(&of("[quantity]"))?.unwrap_or(1);
        if quantity < 1 {
            return Err(Refused::invalid("Quantities are from 1").param(&of("[quantity]")));
        }
        let name = of("[price_data][currency]");
        let in_what = money::known_currency(params.text(&name)?.ok_or_else(|| required(&name))?)?;
        if currency.get_or_insert_with(|| in_what.clone()) != &in_what {
            return Err(Refused::invalid("All prices on a session must have the same currency.").param(&name));
        }
        let name = of("[price_data][product_data][name]");
        names.push(params.short_text(&name, 250)?.ok_or_else(|| required(&name))?);
        let more = unit.checked_mul(quantity).and_then(|more| amount.checked_add(more));
        amount = more.ok_or_else(|| Refused::invalid("Amounts are too large").param("line_items"))?;
    }
    let currency = currency.ok_or_else(|| required("line_items"))?;
    Ok((amount, currency, names.join(", ")))
}

fn read_expiry(now: i64, params: &Params) -> Result<i64, Refused> {
    let Some(seconds) = params.integer("expires_at")? else { return Ok(now + KEPT_MS) };
    let at = seconds.saturating_mul(1000);
    // Whole seconds are told.
    if at + 1000 <= now + LEAST_MS {
        return Err(Refused::invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
        )
        .param("expires_at"));
    }
    if at > now + KEPT_MS {
        return Err(Refused::invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
        )
        .param("expires_at"));
    }
    Ok(at)
}

fn with_its_charge(call: &Call<'_>, intent: &Intent) -> Value {
    let mut json = intent.to_json(call.public_url);
    if let Some(charge) = intent.latest_charge.as_deref().and_then(|id| call.state.charges.get(id)) {
        json["latest_charge"] = charge.to_json(call.public_url);
    }
    json
}

fn find(call: &Call<'_>, id: &str) -> Result<Session, Refused> {
    let session = call.state.sessions.get(id).cloned();
    session.ok_or_else(|| Refused::missing("checkout.session", id, "session").not_found())
}
