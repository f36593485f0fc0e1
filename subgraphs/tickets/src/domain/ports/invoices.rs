//! Where invoices are kept.

use std::collections::HashMap;

use async_trait::async_trait;
use contracts::{invoices::Invoice, users::OrganizationChanged};
use kernel::{Fault, InvoiceId, OrderId, OrganizationId, RefundId};

use crate::domain::entities::{InvoiceSeries, Numbered};

/// What a transaction does with invoices.
///
/// The row of a series is locked until commit by who takes a number of it: behind the event's and the order's, and nobody locks
/// an event or an order of another event behind it. What is not committed has taken no number.
#[async_trait]
pub trait Invoicing: Send {
    /// Keeps how an organization is called; late news change nothing.
    async fn learn_organization(&mut self, told: &OrganizationChanged) -> Result<(), Fault>;
    /// Takes the next number of an organization for the invoice of an order. None, and no number is taken, where nobody
    /// knows how the seller is called: `is_named` says that this is known already.
    async fn number_invoice(
        &mut self,
        organization: OrganizationId,
        series: InvoiceSeries,
        order: OrderId,
        is_named: bool,
    ) -> Result<Option<Numbered>, Fault>;
    /// Takes the next number of an organization for a credit note.
    async fn number_credit_note(
        &mut self,
        organization: OrganizationId,
        series: InvoiceSeries,
    ) -> Result<u64, Fault>;
    /// Keeps an invoice, or the credit note of a refund.
    async fn add_invoice(
        &mut self,
        organization: OrganizationId,
        invoice: &Invoice,
        refund: Option<RefundId>,
    ) -> Result<(), Fault>;
    /// The invoice of an order and its credit notes, in the order in which they were issued. While the order is locked there
    /// are no more of them.
    async fn invoices_of(&mut self, order: OrderId) -> Result<Vec<Invoice>, Fault>;
}

/// Invoices, straight from the database.
#[async_trait]
pub trait InvoiceReads: Send + Sync {
    /// An invoice or a credit note.
    async fn invoice(&self, id: InvoiceId) -> Result<Option<Invoice>, Fault>;
    /// Invoices and credit notes of orders, each order's in the order in which they were issued. Of an order that has none
    /// nothing is said.
    async fn invoices_of(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, Vec<Invoice>>, Fault>;
}
