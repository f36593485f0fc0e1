//! Payments in the graph.

mod loaders;
mod objects;
mod pay;
mod settings;
mod told;

use async_graphql::{Context, EmptySubscription, ID, Object, Result, Schema, SchemaBuilder};
use kernel::PaymentId;
use service::graphql::{Who::Public, access, id, limited, loader};

use self::{
    objects::{OrderObject, PaymentObject},
    pay::Mutation,
    settings::PaymentSettings,
};
use crate::domain::use_cases::Payments;
pub use pay::Tries;

/// The schema of payments.
pub type PaymentsSchema = Schema<Query, Mutation, EmptySubscription>;

/// The schema, still without the use cases behind it.
pub fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    limited(Schema::build(Query, Mutation, EmptySubscription))
}

/// The schema over these use cases, with so many tries to pay for each buyer and each client.
pub fn schema_over(payments: Payments, tries: Tries) -> PaymentsSchema {
    schema().data(loader(loaders::Finder(payments.clone()))).data(payments).data(tries).finish()
}

/// Reading.
#[derive(Clone, Copy, Debug)]
pub struct Query;

#[Object]
impl Query {
    /// With what a browser speaks to the payment provider by itself. It is the same for all orders.
    #[graphql(directive = access::apply([Public].into(), None))]
    async fn payment_settings(&self, context: &Context<'_>) -> Result<Option<PaymentSettings>> {
        Ok(Some(PaymentSettings::of(context.data::<Payments>()?)))
    }

    #[graphql(entity)]
    async fn find_payment_by_id(&self, context: &Context<'_>, id: ID) -> Result<Option<PaymentObject>> {
        let Ok(payment) = self::id("id", &id) else { return Ok(None) };
        let payment: PaymentId = payment;
        Ok(loaders::load(context, payment).await?.map(PaymentObject))
    }

    #[graphql(entity)]
    async fn find_order_by_id(&self, id: ID) -> Option<OrderObject> {
        Some(OrderObject { id })
    }
}
