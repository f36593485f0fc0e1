//! Stripe's own pages, which it calls Checkout sessions; and which card it is that would be tried.

use std::collections::HashMap;

use kernel::Fault;
use miniserde::Deserialize;
use stripe::{ApiErrorsType, StripeError, StripeRequest};
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAllowedPaymentMethodTypes as Types,
    CreateCheckoutSessionLineItems, CreateCheckoutSessionLineItemsPriceData,
    CreateCheckoutSessionPaymentIntentData, CreateCheckoutSessionPaymentIntentDataTransferData,
    ExpireCheckoutSession, ProductData, RetrieveCheckoutSession,
};
use stripe_client_core::{RequestBuilder, StripeMethod};
use stripe_shared::CheckoutSessionMode;

use super::{
    stripe_gateway::{NoAnswer, StripeGateway, currency, idempotent, is_about_account},
    stripe_shapes::{ORDER_ID, ORDER_NUMBER, PAGE, PAYMENT_ID, page_of},
};
use crate::domain::{
    entities::Means,
    ports::{NewPage, Offered, PageSeen, PageStatus},
};

/// What Stripe is to tell of a page beside it: what was paid on it, and how.
const WITH_ITS_MONEY: &str = "payment_intent.latest_charge";

/// How many characters the name of what is bought may have.
const LONGEST_NAME: usize = 250;

/// What is read of a confirmation token.
#[derive(Deserialize)]
struct TokenSeen {
    payment_method_preview: Option<MethodSeen>,
}

/// What is read of a payment method.
#[derive(Deserialize)]
struct MethodSeen {
    card: Option<CardSeen>,
}

#[derive(Deserialize)]
struct CardSeen {
    fingerprint: Option<String>,
}

impl MethodSeen {
    fn fingerprint(self) -> Option<String> {
        self.card?.fingerprint
    }
}

impl StripeGateway {
    /// Makes a page for cards and the wallets that hold them: what takes days would hold the seats for so long.
    pub(super) async fn make_page(&self, ask: &NewPage) -> Result<Offered, Fault> {
        let key = idempotent(&ask.key)?;
        let metadata = HashMap::from([
            (PAYMENT_ID.to_owned(), ask.payment_id.to_string()),
            (ORDER_ID.to_owned(), ask.order_id.to_string()),
            (ORDER_NUMBER.to_owned(), ask.number.clone()),
            (PAGE.to_owned(), ask.attempt.to_string()),
        ]);
        let mut price = CreateCheckoutSessionLineItemsPriceData::new(currency(ask.amount));
        price.unit_amount = Some(ask.amount.units);
        price.product_data = Some(ProductData::new(short(&ask.description)));
        let mut line = CreateCheckoutSessionLineItems::new();
        line.price_data = Some(price);
        line.quantity = Some(1);
        let mut money = CreateCheckoutSessionPaymentIntentData::new();
        money.description = Some(ask.description.clone());
        money.metadata = Some(metadata.clone());
        if let Some(to) = &ask.to {
            let to_account = CreateCheckoutSessionPaymentIntentDataTransferData::new(to.account.clone());
            money.transfer_data = Some(to_account);
            money.application_fee_amount = Some(to.fee.units).filter(|units| *units > 0);
        }
        let request = CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Payment)
            .allowed_payment_method_types(vec![Types::Card])
            .line_items(vec![line])
            .payment_intent_data(money)
            .metadata(metadata)
            .client_reference_id(ask.order_id.to_string())
            .success_url(ask.success_url.clone())
            .cancel_url(ask.cancel_url.clone())
            .expires_at(ask.kept_until.timestamp());
        match self.again(|| request.customize().request_strategy(key.clone()).send(self.line())).await {
            Ok(session) => Ok(Offered::Page(Box::new(page_of(&session)))),
            Err(NoAnswer::Stripe(StripeError::Stripe(error, _)))
                if ask.to.is_some() && is_about_account(&error) =>
            {
                Ok(Offered::AccountRefused { message: error.message.unwrap_or_default() })
            }
            Err(NoAnswer::Stripe(StripeError::Stripe(error, 400))) => match unusual_address(&error) {
                Some(field) => Ok(Offered::Rejected {
                    message: error.message.unwrap_or_default(),
                    field: field.to_owned(),
                }),
                None => Err(NoAnswer::Stripe(StripeError::Stripe(error, 400)).fault(MAKING)),
            },
            Err(error) => Err(error.fault(MAKING)),
        }
    }

    /// Closes a page, or looks how it stands when it cannot be closed.
    pub(super) async fn close_page(&self, page: &str) -> Result<PageSeen, Fault> {
        // No key: what is closed already is answered with a refusal, and looked at.
        let request = ExpireCheckoutSession::new(page);
        match self.again(|| request.customize().send(self.line())).await {
            Ok(session) => Ok(page_of(&session)),
            Err(NoAnswer::Stripe(StripeError::Stripe(error, 400))) => {
                let refused = || NoAnswer::Stripe(StripeError::Stripe(error, 400)).fault(CLOSING);
                let seen = self.page(page).await?.filter(|seen| seen.status != PageStatus::Open);
                seen.ok_or_else(refused)
            }
            Err(error) => Err(error.fault(CLOSING)),
        }
    }

    pub(super) async fn page(&self, page: &str) -> Result<Option<PageSeen>, Fault> {
        let request = RetrieveCheckoutSession::new(page).expand(vec![WITH_ITS_MONEY.to_owned()]);
        match self.again(|| request.customize().send(self.line())).await {
            Ok(session) => Ok(Some(page_of(&session))),
            Err(NoAnswer::Stripe(StripeError::Stripe(_, 404))) => Ok(None),
            Err(error) => Err(error.fault("looking at a page at Stripe")),
        }
    }

    pub(super) async fn card(&self, means: &Means) -> Result<Option<String>, Fault> {
        let get = |path: String| RequestBuilder::new(StripeMethod::Get, path);
        let seen = match means {
            Means::Method { name, .. } => {
                let read = || get(format!("/payment_methods/{name}")).customize::<MethodSeen>();
                let method = self.again(|| read().send(self.line())).await;
                method.map(MethodSeen::fingerprint)
            }
            Means::Token { name, .. } => {
                let read = || get(format!("/confirmation_tokens/{name}")).customize::<TokenSeen>();
                let token = self.again(|| read().send(self.line())).await;
                token.map(|token| token.payment_method_preview.and_then(MethodSeen::fingerprint))
            }
            Means::Checkout(_) => return Ok(None),
        };
        match seen {
            Ok(card) => Ok(card),
            // That there is none of this name, trying it says better.
            Err(NoAnswer::Stripe(StripeError::Stripe(_, 400 | 404))) => Ok(None),
            Err(error) => Err(error.fault("looking at a card at Stripe")),
        }
    }
}

const MAKING: &str = "asking Stripe for a page";
const CLOSING: &str = "closing a page at Stripe";

/// What is bought, as long as Stripe lets its name be.
fn short(description: &str) -> String {
    description.chars().take(LONGEST_NAME).collect()
}

/// Which of the buyer's addresses Stripe does not take, as our input names it.
fn unusual_address(error: &stripe::ApiErrors) -> Option<&'static str> {
    match (&error.type_, error.param.as_deref()) {
        (ApiErrorsType::InvalidRequestError, Some("success_url")) => Some("successUrl"),
        (ApiErrorsType::InvalidRequestError, Some("cancel_url")) => Some("cancelUrl"),
        _ => None,
    }
}
