//! Payments in the graph.

mod health;
mod loaders;
mod objects;
mod organization;
mod pay;
mod payout_account;
mod settings;
mod told;

use async_graphql::{Context, EmptySubscription, ID, MergedObject, Object, Result, Schema, SchemaBuilder};
use kernel::PaymentId;
use service::graphql::{
    IntoGraph,
    Who::{Operator, Public},
    access, id, limited, loader, viewer,
};

use self::{
    health::{MoneyHealth, ReplayWebhookPayload},
    objects::{OrderObject, PaymentObject},
    organization::Organization,
    pay::Paying,
    settings::PaymentSettings,
};
use crate::domain::use_cases::{Books, Health, Payments};
pub use pay::Tries;

/// The schema of payments.
pub type PaymentsSchema = Schema<Query, Mutation, EmptySubscription>;

/// The schema, still without the use cases behind it.
pub fn schema() -> SchemaBuilder<Query, Mutation, EmptySubscription> {
    limited(Schema::build(Query, Mutation(Paying, Replaying), EmptySubscription))
}

/// The schema over these use cases, with so many tries to pay for each buyer and each client.
pub fn schema_over(payments: Payments, books: Books, health: Health, tries: Tries) -> PaymentsSchema {
    let finder = loaders::Finder { payments: payments.clone(), books };
    schema().data(loader(finder)).data(payments).data(health).data(tries).finish()
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

    /// How it stands with the money; for operators only.
    #[graphql(directive = access::apply([Operator].into(), None))]
    async fn money_health(&self, context: &Context<'_>) -> Result<Option<MoneyHealth>> {
        let health = context.data::<Health>()?.money_health(viewer(context)).await.graph()?;
        Ok(health.map(MoneyHealth::from))
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

    #[graphql(entity)]
    async fn find_organization_by_id(&self, id: ID) -> Option<Organization> {
        id.parse().ok().map(Organization)
    }
}

/// Changing.
#[derive(Clone, Copy, Debug, MergedObject)]
pub struct Mutation(Paying, Replaying);

/// Putting right what was not understood.
#[derive(Clone, Copy, Debug)]
struct Replaying;

#[Object]
impl Replaying {
    /// Hears a webhook that was put aside once more, as if it came now; for operators only. It may be done often.
    #[graphql(directive = access::apply([Operator].into(), None))]
    async fn replay_webhook(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The webhook's id, as moneyHealth tells it.")] id: ID,
    ) -> Result<Option<ReplayWebhookPayload>> {
        let still_parked = context.data::<Health>()?.replay(viewer(context), &id).await.graph()?;
        Ok(Some(ReplayWebhookPayload { still_parked: still_parked.map(Into::into) }))
    }
}
