use std::collections::HashMap;

use async_graphql::{Context, Enum, Error, ID, Object, Result, dataloader::Loader};
use chrono::{DateTime, Utc};
use contracts::invoices;
use kernel::OrderId;
use service::graphql::{
    IntoGraph, Money, Url,
    Who::{Buyer, Manager, Operator, Owner},
    access,
};

use super::{Surroundings, loaders::Loaders};
use crate::{adapters::inbound::http::invoice_url, domain::use_cases::Tickets};

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "invoices::InvoiceKind")]
pub(crate) enum InvoiceKind {
    /// Of what was sold.
    Invoice,
    /// Of what goes back of it. Its total is what goes back.
    CreditNote,
}

/// An invoice, or a credit note that corrects one. It stays as it was issued.
pub(crate) struct Invoice(pub(super) invoices::Invoice);

/// An invoice, or a credit note that corrects one. It stays as it was issued.
#[Object(directive = access::apply([Buyer, Manager, Owner, Operator].into(), None))]
impl Invoice {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// Its number, unique among those of its seller: 2026-000123, or CN-2026-000007 of a credit note. Invoices and credit
    /// notes of a year, in UTC, are counted each for themselves, without gaps.
    async fn number(&self) -> &str {
        &self.0.number
    }

    /// What it is.
    async fn kind(&self) -> InvoiceKind {
        self.0.kind.into()
    }

    /// When it was issued.
    async fn issued_at(&self) -> DateTime<Utc> {
        self.0.issued_at
    }

    /// What was paid, or goes back. It is never negative.
    async fn total(&self) -> Money {
        self.0.total.into()
    }

    /// Where it is found as a PDF, for 24 hours from now: then ask again. The address opens it, so share it as you would the
    /// invoice.
    async fn pdf_url(&self, context: &Context<'_>) -> Result<Option<Url>> {
        let address = context.data::<Tickets>()?.invoice_address(self.0.id);
        Ok(Some(Url(invoice_url(&context.data::<Surroundings>()?.public_url, &address))))
    }
}

/// The invoices of an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct InvoicesOf(pub(super) OrderId);

impl Loader<InvoicesOf> for Loaders {
    type Value = Vec<invoices::Invoice>;
    type Error = Error;

    async fn load(&self, orders: &[InvoicesOf]) -> Result<HashMap<InvoicesOf, Vec<invoices::Invoice>>> {
        let orders: Vec<OrderId> = orders.iter().map(|of| of.0).collect();
        let found = self.0.reads().invoices_of(&orders).await.graph()?;
        Ok(found.into_iter().map(|(order, invoices)| (InvoicesOf(order), invoices)).collect())
    }
}
