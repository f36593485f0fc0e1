use contracts::{
    invoices::{Invoice, InvoiceKind},
    users::OrganizationChanged,
};
use kernel::{Fault, InvoiceId, OrderId, OrganizationId, RefundId, Refusal, Result, TicketTypeId};
use uuid::Uuid;

use super::Tickets;
use crate::domain::{
    entities::{
        Creditable, GoesBack, Inventory, InvoiceAddress, InvoiceSeries, MadeOf, OrderSnapshot, TicketType,
        invoice_of, is_invoiced, legal_name,
    },
    ports::Tx,
    pricing::PriceBreakdown,
};

/// Issues the invoice of an order whose tickets are issued in this transaction, and no other: so numbers have no gaps. None where
/// nothing was paid, or where the organization has not said who sells.
pub(super) async fn issue_invoice(
    tx: &mut dyn Tx,
    order: &OrderSnapshot,
    price: &PriceBreakdown,
    inventory: &Inventory,
) -> Result<Option<Invoice>, Fault> {
    let event = inventory.event();
    let seller = &event.settings.seller;
    if !is_invoiced(seller, price) {
        return Ok(None);
    }
    let (organization, now) = (event.facts.organization_id, tx.now());
    let series = InvoiceSeries::of(InvoiceKind::Invoice, now);
    let is_named = legal_name(seller).is_some();
    let Some(numbered) = tx.number_invoice(organization, series, order.id, is_named).await? else {
        tracing::warn!(%organization, order = %order.id, "there is no invoice: it is not known how the seller is called");
        return Ok(None);
    };
    let invoice = invoice_of(order, price, event, numbered, names(inventory.types()), now)?;
    tx.add_invoice(organization, &invoice, None).await?;
    Ok(Some(invoice))
}

/// Issues the credit note of what goes back of an order, which is locked, by a refund that is completed in this transaction: one
/// for each refund, where the order has an invoice and something goes back.
pub(super) async fn issue_credit_note(
    tx: &mut dyn Tx,
    refund: RefundId,
    order: OrderId,
    organization: OrganizationId,
    back: GoesBack,
) -> Result<Option<Invoice>, Fault> {
    let Some(creditable) = Creditable::of(tx.invoices_of(order).await?)? else { return Ok(None) };
    let Some(credited) = creditable.credited(back)? else { return Ok(None) };
    let now = tx.now();
    let series = InvoiceSeries::of(InvoiceKind::CreditNote, now);
    let count = tx.number_credit_note(organization, series).await?;
    let credit_note = creditable.note(credited, count, now)?;
    tx.add_invoice(organization, &credit_note, Some(refund)).await?;
    Ok(Some(credit_note))
}

/// What goes back for tickets, as a credit note says it.
pub(super) fn of_tickets(price: &PriceBreakdown, inventory: &Inventory) -> Result<GoesBack, Fault> {
    Ok(GoesBack::Of(MadeOf::of(price, names(inventory.types()))?))
}

fn names(types: &[TicketType]) -> impl Fn(TicketTypeId) -> String {
    move |id| {
        let known = types.iter().find(|known| known.state().id == id);
        known.map(|known| known.state().name.clone()).unwrap_or_default()
    }
}

impl Tickets {
    /// Keeps how an organization is called, for its invoices.
    pub async fn learn_organization(&self, message: Uuid, told: OrganizationChanged) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        tx.learn_organization(&told).await?;
        Ok(tx.commit().await?)
    }

    /// Where an invoice's file is found from now on, for a day.
    pub fn invoice_address(&self, invoice: InvoiceId) -> InvoiceAddress {
        InvoiceAddress::give_out(invoice, &self.keys, self.clock.now())
    }

    /// The invoice that an address opens.
    pub async fn invoice_at(&self, address: &InvoiceAddress) -> Result<Invoice> {
        let missing = || Refusal::not_found("invoice");
        if !address.is_ours(&self.keys) {
            return Err(missing().into());
        }
        if address.has_ended(self.clock.now()) {
            let message = "There is no such invoice: the time of this address is over. Ask for pdfUrl again to get a new one.";
            return Err(Refusal { message: message.to_owned(), ..missing() }.into());
        }
        Ok(self.reads.invoice(address.invoice).await?.ok_or_else(missing)?)
    }
}
