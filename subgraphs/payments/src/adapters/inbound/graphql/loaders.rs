//! One question to the database for all payments that a request asks for.

use std::{collections::HashMap, hash::Hash};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use kernel::{OrderId, PaymentId, UserId};
use service::graphql::{IntoGraph, caller};

use crate::domain::{
    entities::Payment,
    use_cases::{Payments, may_read},
};

/// Finds payments, many at a time.
#[derive(Clone)]
pub(super) struct Finder(pub(super) Payments);

/// A payment, for its buyer; for anybody else there is none.
pub(super) async fn load<K>(context: &Context<'_>, key: K) -> async_graphql::Result<Option<Payment>>
where
    K: Send + Sync + Hash + Eq + Clone + 'static,
    Finder: Loader<K, Value = Payment, Error = async_graphql::Error>,
{
    let reader: Option<UserId> = caller(context).map(|caller| caller.user);
    let found = context.data::<DataLoader<Finder>>()?.load_one(key).await?;
    Ok(found.filter(|payment| may_read(payment, reader)))
}

impl Loader<PaymentId> for Finder {
    type Value = Payment;
    type Error = async_graphql::Error;

    async fn load(&self, ids: &[PaymentId]) -> Result<HashMap<PaymentId, Payment>, async_graphql::Error> {
        let found = self.0.payments(ids).await.graph()?;
        Ok(found.into_iter().map(|payment| (payment.snapshot().id, payment)).collect())
    }
}

impl Loader<OrderId> for Finder {
    type Value = Payment;
    type Error = async_graphql::Error;

    async fn load(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, Payment>, async_graphql::Error> {
        let found = self.0.payments_of_orders(orders).await.graph()?;
        Ok(found.into_iter().map(|payment| (payment.snapshot().order_id, payment)).collect())
    }
}
