//! Confirmation tokens, which Stripe's library in a browser makes of what a person typed in; and looking at a card.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cards::{self, Card};
use super::charging::Changes;
use super::form::Params;
use super::intents::{read_url, required};
use super::refused::Refused;
use super::{Call, Done};
use crate::ids;

/// How long a token can be used.
const KEPT_MS: i64 = 12 * 60 * 60 * 1000;

/// A card that was typed in, to be used once.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub(crate) id: String,
    pub(crate) card: String,
    pub(crate) return_url: Option<String>,
    pub(crate) created_at: i64,
    /// The payment it was used for.
    pub(crate) payment_intent: Option<String>,
}

/// `POST /v1/test_helpers/confirmation_tokens`
pub(crate) fn create(call: &Call<'_>, params: &Params) -> Result<Done, Refused> {
    params.only(&["payment_method", "return_url"])?;
    let card = cards::card(params.text("payment_method")?.ok_or_else(|| required("payment_method"))?)?;
    let token = Token {
        id: ids::fresh("ctoken"),
        card: card.name.to_owned(),
        return_url: read_url(params, "return_url")?,
        created_at: call.now,
        payment_intent: None,
    };
    let mut changes = Changes::new(call);
    changes.token(&token);
    Ok(Done::new(token.to_json(card), changes))
}

/// `GET /v1/confirmation_tokens/{id}`
pub(crate) fn retrieve(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&[])?;
    let missing = || Refused::missing("ConfirmationToken", id, "id").not_found();
    let token = call.state.tokens.get(id).ok_or_else(missing)?;
    Ok(Done::new(token.to_json(cards::card(&token.card)?), Changes::new(call)))
}

/// `GET /v1/payment_methods/{id}`
pub(crate) fn retrieve_method(call: &Call<'_>, id: &str, params: &Params) -> Result<Done, Refused> {
    params.only(&[])?;
    let card = cards::card(id).map_err(Refused::not_found)?;
    Ok(Done::new(card.to_json(call.now), Changes::new(call)))
}

/// The token of this name, for a payment: each is used once.
pub(super) fn used_for(call: &Call<'_>, id: &str, intent: &str) -> Result<Token, Refused> {
    let missing = || Refused::missing("ConfirmationToken", id, "confirmation_token");
    let mut token = call.state.tokens.get(id).cloned().ok_or_else(missing)?;
    if token.payment_intent.is_some() {
        return Err(Refused::invalid(
            "The provided confirmation token has already been used and cannot be used again.",
        )
        .code("resource_already_exists")
        .param("confirmation_token"));
    }
    if call.now - token.created_at > KEPT_MS {
        return Err(
            Refused::invalid("The provided confirmation token has expired.").param("confirmation_token")
        );
    }
    token.payment_intent = Some(intent.to_owned());
    Ok(token)
}

impl Token {
    fn to_json(&self, card: &Card) -> Value {
        json!({
            "id": self.id, "object": "confirmation_token", "created": self.created_at / 1000,
            "expires_at": (self.created_at + KEPT_MS) / 1000, "livemode": false, "mandate_data": null,
            "payment_intent": self.payment_intent, "payment_method_options": null,
            "payment_method_preview": card.preview(), "return_url": self.return_url, "setup_future_usage": null,
            "setup_intent": null, "shipping": null, "use_stripe_sdk": true,
        })
    }
}
