//! A payment intent: its states and which of them lead where.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::connect::forwarding::Forwarding;
use super::refused::Refused;

/// What somebody means to pay, and how far it has come.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) client_secret: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) created_at: i64,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) description: Option<String>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) return_url: Option<String>,
    pub(crate) automatic_payment_methods: Option<Automatic>,
    pub(crate) payment_method: Option<String>,
    pub(crate) latest_charge: Option<String>,
    pub(crate) status: Status,
    /// The Checkout session on whose page it is made.
    #[serde(default)]
    pub(crate) checkout: Option<String>,
    /// Where its money goes on to.
    #[serde(default)]
    pub(crate) forwarding: Forwarding,
}

/// `automatic_payment_methods`, as the caller set it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Automatic {
    pub(crate) enabled: bool,
    pub(crate) allow_redirects: String,
}

/// How far a payment has come.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    RequiresPaymentMethod { last_error: Option<Value> },
    RequiresConfirmation,
    RequiresAction,
    Succeeded,
    Canceled { at: i64, reason: Option<String> },
}

impl Status {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod { .. } => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Succeeded => "succeeded",
            Self::Canceled { .. } => "canceled",
        }
    }
}

impl Intent {
    /// Refuses when the payment is already decided, one way or the other.
    pub(crate) fn may_be_confirmed(&self, public_url: &str) -> Result<(), Refused> {
        let message = match self.status {
            Status::Succeeded => {
                "You cannot confirm this PaymentIntent because it has already succeeded after being previously \
                 confirmed."
            }
            Status::Canceled { .. } => {
                "You cannot confirm this PaymentIntent because it has a status of canceled. Only a PaymentIntent with \
                 one of the following statuses may be confirmed: requires_confirmation, requires_action."
            }
            _ => return Ok(()),
        };
        Err(self.unexpected_state(message, public_url))
    }

    /// Refuses a payment that might send the buyer away without knowing where to send them back.
    pub(crate) fn can_come_back(&self) -> Result<(), Refused> {
        let might_leave = self
            .automatic_payment_methods
            .as_ref()
            .is_some_and(|automatic| automatic.enabled && automatic.allow_redirects == "always");
        if might_leave && self.return_url.is_none() {
            return Err(Refused::invalid(
                "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some \
                 of these payment methods might redirect your customer off of your page, you must provide a \
                 `return_url`. If you don't want to accept redirect-based payment methods, set \
                 `automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` to \
                 `never`, or name the `allowed_payment_method_types`.",
            ));
        }
        Ok(())
    }

    pub(crate) fn may_be_canceled(&self, public_url: &str) -> Result<(), Refused> {
        match self.status {
            Status::Succeeded | Status::Canceled { .. } => Err(self.unexpected_state(
                &format!(
                    "You cannot cancel this PaymentIntent because it has a status of {}. Only a PaymentIntent with \
                     one of the following statuses may be canceled: requires_payment_method, requires_capture, \
                     requires_confirmation, requires_action, processing.",
                    self.status.name()
                ),
                public_url,
            )),
            _ => Ok(()),
        }
    }

    /// 400 `payment_intent_unexpected_state`, with the intent in it.
    pub(crate) fn unexpected_state(&self, message: &str, public_url: &str) -> Refused {
        Refused::invalid(message)
            .code("payment_intent_unexpected_state")
            .with("payment_intent", self.to_json(public_url))
            .after(Vec::new())
    }

    /// A charge went through.
    pub(crate) fn succeed(&mut self, charge: &str) {
        self.latest_charge = Some(charge.to_owned());
        self.status = Status::Succeeded;
    }

    /// An attempt failed; another payment method may be tried.
    pub(crate) fn fail(&mut self, charge: Option<&str>, error: Value) {
        if let Some(charge) = charge {
            self.latest_charge = Some(charge.to_owned());
        }
        self.payment_method = None;
        self.status = Status::RequiresPaymentMethod { last_error: Some(error) };
    }

    /// The intent as Stripe shows it.
    pub(crate) fn to_json(&self, public_url: &str) -> Value {
        let mut json = json!({
            "id": self.id, "object": "payment_intent", "amount": self.amount, "amount_capturable": 0,
            "amount_details": {"tip": {}}, "amount_received": 0, "application": null,
            "automatic_payment_methods": self.automatic_payment_methods.as_ref().map(|automatic| json!({
                "enabled": automatic.enabled, "allow_redirects": automatic.allow_redirects,
            })),
            "canceled_at": null, "cancellation_reason": null, "capture_method": "automatic_async",
            "client_secret": self.client_secret, "confirmation_method": "automatic",
            "created": self.created_at / 1000, "currency": self.currency, "customer": null,
            "description": self.description, "last_payment_error": null, "latest_charge": self.latest_charge,
            "livemode": false, "metadata": self.metadata, "next_action": null,
            "payment_method": self.payment_method, "payment_method_options": {},
            "payment_method_types": ["card"], "processing": null,
            "receipt_email": self.receipt_email, "review": null, "setup_future_usage": null, "shipping": null,
            "statement_descriptor": null, "statement_descriptor_suffix": null, "status": self.status.name(),
        });
        self.forwarding.show_in(&mut json);
        match &self.status {
            Status::RequiresPaymentMethod { last_error: Some(error) } => {
                json["last_payment_error"] = error.clone();
            }
            Status::RequiresAction => {
                json["next_action"] = json!({
                    "type": "redirect_to_url",
                    "redirect_to_url": {
                        "url": format!("{public_url}/sandbox/authenticate/{}", self.id),
                        "return_url": self.return_url,
                    },
                });
            }
            Status::Succeeded => json["amount_received"] = json!(self.amount),
            Status::Canceled { at, reason } => {
                json["canceled_at"] = json!(at / 1000);
                json["cancellation_reason"] = json!(reason);
            }
            _ => (),
        }
        json
    }
}
