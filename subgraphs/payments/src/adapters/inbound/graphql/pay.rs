use async_graphql::{Context, ID, InputObject, Object, Result};
use kernel::{Refusal, UserId};
use service::{
    clients::{Limiter, Quota},
    graphql::{IntoGraph, Who::Buyer, access, id, require_user},
    request,
};

use super::objects::PaymentObject;
use crate::domain::use_cases::{Pay, Payments};

/// What `pay` needs.
#[derive(Debug, InputObject)]
pub(super) struct PayInput {
    /// The order to be paid.
    order_id: ID,
    /// The payment method's name at the provider. In the sandbox Stripe's test names: `pm_card_visa`,
    /// `pm_card_chargeDeclined`, `pm_card_authenticationRequired`.
    payment_method: String,
    /// A text of the client's choice, at most 100 characters: the same for the same wish, so that
    /// sending it again changes nothing; a new one for another card.
    idempotency_key: String,
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

    fn check(&self, buyer: UserId) -> Result<(), Refusal> {
        self.of_buyer.check(&buyer)?;
        request::client().map_or(Ok(()), |client| self.of_client.check(&client))
    }
}

/// Changing.
#[derive(Clone, Copy, Debug)]
pub struct Mutation;

#[Object]
impl Mutation {
    /// Pays an order with a card. The answer may still be PENDING: the order's history tells the rest.
    #[graphql(directive = access::apply([Buyer].into(), None))]
    async fn pay(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which order, with what.")] input: PayInput,
    ) -> Result<Option<PaymentObject>> {
        let buyer = require_user(context)?;
        context.data_unchecked::<Tries>().check(buyer).graph()?;
        let ask = Pay {
            buyer,
            order: id("orderId", &input.order_id)?,
            method: input.payment_method,
            key: input.idempotency_key,
        };
        let payment = context.data_unchecked::<Payments>().pay(ask).await.graph()?;
        Ok(Some(PaymentObject(payment)))
    }
}
