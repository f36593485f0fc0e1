use async_graphql::{Context, ID, InputObject, Object, Result, SimpleObject};
use chrono::{DateTime, Utc};
use kernel::{Refusal, UserId};
use service::{
    clients::{Limiter, Quota, household},
    graphql::{IntoGraph, Url, Who::Buyer, access, id, require_user},
    request,
};

use super::objects::PaymentObject;
use crate::domain::{
    entities::{Checkout, Means},
    use_cases::{Pay, Payments, means},
};

/// What `pay` needs.
#[derive(Debug, InputObject)]
pub(super) struct PayInput {
    /// The order to be paid.
    order_id: ID,
    /// The payment method's name at the provider. In the sandbox Stripe's test names: `pm_card_visa`,
    /// `pm_card_chargeDeclined`, `pm_card_authenticationRequired`. Either this is given, or `confirmationToken`.
    payment_method: Option<String>,
    /// What Stripe's library in a browser gives for the card that was typed in; it pays once. Either this is given, or
    /// `paymentMethod`.
    confirmation_token: Option<String>,
    /// Where the bank sends the buyer after a confirmation. It begins with `https://` or `http://`. Left out, it is where
    /// this shop always sends buyers, if it does.
    return_url: Option<Url>,
    /// A text of the client's choice, at most 100 characters: the same for the same wish, so that
    /// sending it again changes nothing; a new one for another card.
    idempotency_key: String,
}

/// What `createCheckoutSession` needs.
#[derive(Debug, InputObject)]
pub(super) struct CreateCheckoutSessionInput {
    /// The order to be paid.
    order_id: ID,
    /// Where the payment provider sends the buyer who has paid. It begins with `https://` or `http://`. The buyer may get
    /// there before this shop has heard of the money: the order tells.
    success_url: Url,
    /// Where the payment provider sends the buyer who gives up. It begins with `https://` or `http://`.
    cancel_url: Url,
    /// A text of the client's choice, at most 100 characters: the same for the same wish, so that
    /// sending it again changes nothing.
    idempotency_key: String,
}

/// A page of the payment provider's, on which a buyer pays an order.
#[derive(Debug, SimpleObject)]
pub(super) struct CheckoutSession {
    /// The page. The buyer's browser goes there.
    url: Url,
    /// Until when the order can be paid there. The page is closed when the order ends, or is paid another way, and when too many
    /// cards were declined on it.
    expires_at: DateTime<Utc>,
}

/// How often may be tried to pay.
#[derive(Clone, Debug)]
pub struct Tries {
    of_buyer: Limiter,
    of_client: Limiter,
}

impl Tries {
    /// So often by one buyer, and so often from one address.
    pub fn new(of_buyer: Quota, of_client: Quota) -> Self {
        Self {
            of_buyer: Limiter::new("payments of an account", of_buyer),
            of_client: Limiter::new("payments from an address", of_client),
        }
    }

    /// From which address it is tried, as it is kept; none where that is this machine, which says nothing of the buyer.
    fn check(&self, buyer: UserId) -> Result<Option<String>, Refusal> {
        self.of_buyer.check(&buyer)?;
        let Some(client) = request::client() else { return Ok(None) };
        self.of_client.check(&client)?;
        Ok((!client.is_loopback()).then(|| household(client).to_string()))
    }
}

/// Paying.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paying;

#[Object]
impl Paying {
    /// Pays an order with a card. The answer may still be PENDING: the order's history tells the rest.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn pay(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which order, with what.")] input: PayInput,
    ) -> Result<Option<PaymentObject>> {
        let buyer = require_user(context)?;
        let client = context.data_unchecked::<Tries>().check(buyer).graph()?;
        let return_url = input.return_url.map(|url| url.0);
        let ask = Pay {
            buyer,
            order: id("orderId", &input.order_id)?,
            means: means(input.payment_method, input.confirmation_token, return_url).graph()?,
            key: input.idempotency_key,
            client,
        };
        let payment = context.data_unchecked::<Payments>().pay(ask).await.graph()?;
        Ok(Some(PaymentObject(payment)))
    }

    /// Makes a page of the payment provider's on which the buyer pays an order, instead of by `pay`. An order has one such page
    /// at a time: asked again, it is the same. What was begun with a card is given up; and who pays by `pay` after all pays
    /// once, since the page is closed before.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn create_checkout_session(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which order, and where the buyer goes afterwards.")]
        input: CreateCheckoutSessionInput,
    ) -> Result<Option<CheckoutSession>> {
        let buyer = require_user(context)?;
        let client = context.data_unchecked::<Tries>().check(buyer).graph()?;
        let (success_url, cancel_url) = (input.success_url.0, input.cancel_url.0);
        let ask = Pay {
            buyer,
            order: id("orderId", &input.order_id)?,
            means: Means::Checkout(Checkout { success_url, cancel_url, session: None }),
            key: input.idempotency_key,
            client,
        };
        let page = context.data_unchecked::<Payments>().open_page(ask).await.graph()?;
        Ok(Some(CheckoutSession { url: Url(page.url), expires_at: page.until }))
    }
}
