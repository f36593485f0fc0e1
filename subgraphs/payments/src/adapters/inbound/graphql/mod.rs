//! Payments in the graph.

mod objects;
mod pay;

use async_graphql::{Context, EmptySubscription, ID, Object, Result, Schema, SchemaBuilder};
use service::graphql::{IntoGraph, caller, id, limited};

use self::{
    objects::{OrderObject, PaymentObject},
    pay::Mutation,
};
use crate::domain::use_cases::Payments;

/// The schema of payments.
pub type PaymentsSchema = Schema<Query, Mutation, EmptySubscription>;

/// The schema, still without the use cases behind it.
pub fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    limited(Schema::build(Query, Mutation, EmptySubscription))
}

/// Reading.
#[derive(Clone, Copy, Debug)]
pub struct Query;

#[Object]
impl Query {
    #[graphql(entity)]
    async fn find_payment_by_id(&self, context: &Context<'_>, id: ID) -> Result<Option<PaymentObject>> {
        let Ok(id) = self::id("id", &id) else { return Ok(None) };
        let reader = caller(context).map(|caller| caller.user);
        let payment = context.data_unchecked::<Payments>().payment(id, reader).await.graph()?;
        Ok(payment.map(PaymentObject))
    }

    #[graphql(entity)]
    async fn find_order_by_id(&self, id: ID) -> OrderObject {
        OrderObject { id }
    }
}
