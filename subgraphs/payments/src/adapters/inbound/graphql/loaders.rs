//! One question to the database for all payments, and for all organizations' books, that a request asks for.

use std::{collections::HashMap, hash::Hash};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
};
use kernel::{Cursor, OrderId, OrganizationId, Page, PageAsk, PaymentId, UserId, Viewer};
use service::graphql::{IntoGraph, caller};

use crate::domain::{
    entities::{
        Payment,
        books::{Balance, LedgerAsk, Posted},
    },
    use_cases::{AccountRead, Books, Payments, may_read},
};

/// Finds payments, and what is in the books of organizations, many at a time.
#[derive(Clone)]
pub(super) struct Finder {
    pub(super) payments: Payments,
    pub(super) books: Books,
}

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
        let found = self.payments.payments(ids).await.graph()?;
        Ok(found.into_iter().map(|payment| (payment.snapshot().id, payment)).collect())
    }
}

impl Loader<OrderId> for Finder {
    type Value = Payment;
    type Error = async_graphql::Error;

    async fn load(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, Payment>, async_graphql::Error> {
        let found = self.payments.payments_of_orders(orders).await.graph()?;
        Ok(found.into_iter().map(|payment| (payment.snapshot().order_id, payment)).collect())
    }
}

/// The balances of an organization, as somebody may see them.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct BalancesSeen(pub(super) Viewer, pub(super) OrganizationId);

impl Loader<BalancesSeen> for Finder {
    type Value = Vec<Balance>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[BalancesSeen],
    ) -> Result<HashMap<BalancesSeen, Vec<Balance>>, async_graphql::Error> {
        let asked: Vec<_> = keys.iter().map(|BalancesSeen(viewer, of)| (*viewer, *of)).collect();
        let found = self.books.balances(&asked).await.graph()?;
        Ok(found.into_iter().map(|((viewer, of), balances)| (BalancesSeen(viewer, of), balances)).collect())
    }
}

/// The account of an organization at the payment provider, as somebody may see it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct AccountSeen(pub(super) Viewer, pub(super) OrganizationId);

impl Loader<AccountSeen> for Finder {
    type Value = AccountRead;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[AccountSeen],
    ) -> Result<HashMap<AccountSeen, AccountRead>, async_graphql::Error> {
        let Some(payouts) = self.payments.payouts() else { return Ok(HashMap::new()) };
        let asked: Vec<_> = keys.iter().map(|AccountSeen(viewer, of)| (*viewer, *of)).collect();
        let found = payouts.accounts(&asked).await.graph()?;
        Ok(found.into_iter().map(|((viewer, of), account)| (AccountSeen(viewer, of), account)).collect())
    }
}

/// A page of the books of an organization, as somebody may see them.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct LedgerSeen {
    pub(super) viewer: Viewer,
    pub(super) organization: OrganizationId,
    pub(super) ask: LedgerAsk,
    pub(super) first: u32,
    pub(super) after: Option<String>,
    pub(super) counted: bool,
}

impl Loader<LedgerSeen> for Finder {
    type Value = Page<Posted>;
    type Error = async_graphql::Error;

    async fn load(
        &self,
        keys: &[LedgerSeen],
    ) -> Result<HashMap<LedgerSeen, Page<Posted>>, async_graphql::Error> {
        // One operation asks alike for all organizations of a list.
        let mut alike: HashMap<(LedgerAsk, u32, &Option<String>, bool), Vec<_>> = HashMap::new();
        for key in keys {
            let ask = (key.ask, key.first, &key.after, key.counted);
            alike.entry(ask).or_default().push((key.viewer, key.organization));
        }
        let mut pages = HashMap::with_capacity(keys.len());
        for ((ask, first, after, counted), asked) in alike {
            let page = PageAsk { first, after: after.clone().map(Cursor::after) };
            for ((viewer, organization), found) in
                self.books.pages(&asked, ask, &page, counted).await.graph()?
            {
                let after = after.clone();
                pages.insert(LedgerSeen { viewer, organization, ask, first, after, counted }, found);
            }
        }
        Ok(pages)
    }
}
