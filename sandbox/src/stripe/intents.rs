//! Payment intents: create, look up, confirm, cancel.

use serde_json::Value;

use super::cards::{self, Card};
use super::charging::{self, Changes};
use super::connect::forwarding::Forwarding;
use super::form::Params;
use super::intent::{Automatic, Intent, Status};
use super::refused::Refused;
use super::{Call, Done, listing, money, tokens};
use crate::ids;

const CREATE: &[&str] = &[
    "allowed_payment_method_types",
    "amount",
    "application_fee_amount",
    "automatic_payment_methods",
    "capture_method",
    "confirm",
    "confirmation_method",
    "currency",
    "description",
    "error_on_requires_action",
    "expand",
    "metadata",
    "off_session",
    "on_behalf_of",
    "payment_method",
    "payment_method_types",
    "receipt_email",
    "return_url",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_data",
    "transfer_group",
    "use_stripe_sdk",
];
const CONFIRM: &[&str] = &[
    "confirmation_token",
    "error_on_requires_action",
    "expand",
    "off_session",
    "payment_method",
    "receipt_email",
    "return_url",
    "use_stripe_sdk",
];
const CANCEL_REASONS: &[&str] = &["duplicate", "fraudulent", "requested_by_customer", "abandoned"];

/// `POST /v1/payment_intents`
pub(crate) fn create(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(CREATE)?;
    let mut intent = read_new(call, params)?;
    let card = params.text("payment_method")?.map(cards::card).transpose()?;
    let confirm = params.boolean("confirm")?.unwrap_or(false);
    let expand = Expand::read(params)?;
    if let Some(card) = card {
        intent.payment_method = Some(card.name.to_owned());
        intent.status = Status::RequiresConfirmation;
    }
    let mut changes = Changes::new(call);
    changes.event("payment_intent.created", &intent.id, &intent.to_json(call.public_url));
    if confirm {
        let card = card.ok_or_else(|| missing_card(&intent, call).before_work())?;
        intent.can_come_back()?;
        return pay(call, intent, card, &expand, changes);
    }
    changes.intent(&intent);
    Ok(Done::new(expand.show(call, &intent, &changes), changes))
}

/// `GET /v1/payment_intents/{id}`
pub(crate) fn retrieve(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&["client_secret", "expand"])?;
    let intent = find(call, id)?;
    let changes = Changes::new(call);
    Ok(Done::new(Expand::read(params)?.show(call, &intent, &changes), changes))
}

/// `GET /v1/payment_intents`
pub(crate) fn list(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(listing::PARAMS)?;
    let all = call.state.intents.newest_first();
    let page = listing::page(
        params,
        "/v1/payment_intents",
        all,
        |intent| &intent.id,
        |intent| intent.to_json(call.public_url),
    )?;
    Ok(Done::new(page, Changes::new(call)))
}

/// `POST /v1/payment_intents/{id}/confirm`
pub(crate) fn confirm(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(CONFIRM)?;
    let mut intent = find(call, id)?;
    let method = params.text("payment_method")?;
    let token = params.text("confirmation_token")?;
    if method.is_some() && token.is_some() {
        return Err(Refused::invalid(
            "You may only specify one of these parameters: payment_method, confirmation_token.",
        )
        .param("confirmation_token"));
    }
    let token = token.map(|token| tokens::used_for(call, token, id)).transpose()?;
    let given = token.as_ref().map(|token| token.card.as_str()).or(method).map(cards::card).transpose()?;
    let return_url = read_url(params, "return_url")?;
    let expand = Expand::read(params)?;
    intent.may_be_confirmed(call.public_url)?;
    let card = match (given, &intent.payment_method) {
        (Some(card), _) => card,
        (None, Some(name)) => cards::card(name)?,
        (None, None) => return Err(missing_card(&intent, call)),
    };
    intent.payment_method = Some(card.name.to_owned());
    intent.forwarding.check(call, None)?;
    let of_token = token.as_ref().and_then(|token| token.return_url.clone());
    intent.return_url = return_url.or(of_token).or(intent.return_url);
    intent.can_come_back()?;
    let mut changes = Changes::new(call);
    if let Some(token) = &token {
        changes.token(token);
    }
    pay(call, intent, card, &expand, changes)
}

/// `POST /v1/payment_intents/{id}/cancel`
pub(crate) fn cancel(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&["cancellation_reason", "expand"])?;
    let mut intent = find(call, id)?;
    let reason = params.word("cancellation_reason", CANCEL_REASONS)?;
    let expand = Expand::read(params)?;
    intent.may_be_canceled(call.public_url)?;
    intent.status = Status::Canceled { at: call.now, reason };
    let mut changes = Changes::new(call);
    changes.intent(&intent);
    changes.event("payment_intent.canceled", &intent.id, &intent.to_json(call.public_url));
    Ok(Done::new(expand.show(call, &intent, &changes), changes))
}

/// Attempts the payment; a decline is an error that leaves its traces.
fn pay(
    call: &Call<'_>,
    mut intent: Intent,
    card: &Card,
    expand: &Expand,
    mut changes: Changes<'_>,
) -> Result<Done, Refused> {
    match charging::attempt(&mut intent, card, charging::Asked::NotYet, &mut changes) {
        Ok(()) => Ok(Done::new(expand.show(call, &intent, &changes), changes)),
        Err(declined) => Err(declined.after(changes.made)),
    }
}

fn read_new(call: &Call<'_>, params: &Params) -> Result<Intent, Refused> {
    let amount = params.integer("amount")?.ok_or_else(|| required("amount"))?;
    let currency = money::known_currency(params.text("currency")?.ok_or_else(|| required("currency"))?)?;
    let amount = money::chargeable(amount, &currency)?;
    params.word("capture_method", &["automatic", "automatic_async"])?;
    params.word("confirmation_method", &["automatic"])?;
    check_types(params)?;
    let id = ids::fresh("pi");
    Ok(Intent {
        client_secret: format!("{id}_secret_{}", ids::letters(25)),
        id,
        amount,
        currency,
        created_at: call.now,
        metadata: params.metadata("metadata")?,
        description: params.short_text("description", 1_000)?,
        receipt_email: params.short_text("receipt_email", 512)?,
        return_url: read_url(params, "return_url")?,
        automatic_payment_methods: read_automatic(params)?,
        payment_method: None,
        latest_charge: None,
        status: Status::RequiresPaymentMethod { last_error: None },
        checkout: None,
        forwarding: Forwarding::read(call, params, None, amount)?,
    })
}

/// Without types of its own, a payment takes what the dashboard allows, redirects included.
fn read_automatic(params: &Params) -> Result<Option<Automatic>, Refused> {
    let redirects = params.word("automatic_payment_methods[allow_redirects]", &["always", "never"])?;
    let given = params.boolean("automatic_payment_methods[enabled]")?;
    let has_types = !params.list("allowed_payment_method_types").is_empty();
    if has_types && given.is_some() {
        return Err(Refused::invalid(
            "You may only specify one of these parameters: allowed_payment_method_types, automatic_payment_methods.",
        ));
    }
    let enabled = given.or(if has_types { None } else { Some(true) });
    Ok(enabled.map(|enabled| Automatic {
        enabled,
        allow_redirects: redirects.unwrap_or_else(|| "always".to_owned()),
    }))
}

/// Of all types only cards can be played here.
fn check_types(params: &Params) -> Result<(), Refused> {
    if !params.list("payment_method_types").is_empty() {
        return Err(Refused::invalid(
            "payment_method_types is no longer supported. Use automatic_payment_methods or \
             allowed_payment_method_types instead.",
        )
        .code("payment_method_types_no_longer_supported")
        .param("payment_method_types"));
    }
    let allowed = params.list("allowed_payment_method_types");
    if !allowed.is_empty() && !allowed.contains(&"card") {
        return Err(Refused::invalid("The sandbox takes the payment method type card only")
            .param("allowed_payment_method_types"));
    }
    Ok(())
}

/// Only http and https: the address is put into a link that people follow.
pub(crate) fn read_url(params: &Params, name: &str) -> Result<Option<String>, Refused> {
    let given = params.short_text(name, 2_048)?;
    match given {
        Some(url) if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) => {
            Err(Refused::invalid("Not a valid URL").code("url_invalid").param(name))
        }
        given => Ok(given),
    }
}

fn find(call: &Call<'_>, id: &str) -> Result<Intent, Refused> {
    call.state
        .intents
        .get(id)
        .cloned()
        .ok_or_else(|| Refused::missing("payment_intent", id, "intent").not_found())
}

fn missing_card(intent: &Intent, call: &Call<'_>) -> Refused {
    intent.unexpected_state(
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the \
         PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment \
         method.",
        call.public_url,
    )
}

pub(crate) fn required(name: &str) -> Refused {
    Refused::invalid(format!("Missing required param: {name}.")).code("parameter_missing").param(name)
}

/// What the caller wants to see in full instead of by its identifier.
struct Expand {
    latest_charge: bool,
}

impl Expand {
    fn read(params: &Params) -> Result<Self, Refused> {
        let mut expand = Self { latest_charge: false };
        for name in params.list("expand") {
            if name != "latest_charge" {
                return Err(
                    Refused::invalid(format!("This property cannot be expanded ({name}).")).param("expand")
                );
            }
            expand.latest_charge = true;
        }
        Ok(expand)
    }

    fn show(&self, call: &Call<'_>, intent: &Intent, changes: &Changes<'_>) -> Value {
        let mut json = intent.to_json(call.public_url);
        if self.latest_charge
            && let Some(id) = &intent.latest_charge
            && let Some(charge) = changes.charge_made(id).or_else(|| call.state.charges.get(id))
        {
            json["latest_charge"] = charge.to_json(call.public_url);
        }
        json
    }
}
