//! Invoices and credit notes, and the numbers that they have.

use std::collections::HashMap;

use async_trait::async_trait;
use contracts::{invoices::Invoice, users::OrganizationChanged};
use kernel::{Fault, InvoiceId, OrderId, OrganizationId, RefundId};
use sea_orm::Value;
use service::database::Write;

use super::{
    reads::SeaReads,
    sql::{Row, all, among_ids, execute, ids, json, millis, one},
    transaction::SeaTx,
};
use crate::domain::{
    entities::{InvoiceSeries, Numbered},
    ports::{InvoiceReads, Invoicing},
};

/// Takes the next number where a condition holds, and gives it with what else is returned. The series' row is locked from
/// then on, and is as it was if all this is rolled back.
fn take_number(condition: &str, returned: &str) -> String {
    format!(
        "INSERT INTO invoice_numbers (organization_id, year, kind, last) SELECT $1, $2, $3, 1 WHERE {condition} \
         ON CONFLICT (organization_id, year, kind) DO UPDATE SET last = invoice_numbers.last + 1 \
         RETURNING last, {returned}"
    )
}

fn values<const MORE: usize>(
    organization: OrganizationId,
    series: InvoiceSeries,
    more: [Value; MORE],
) -> impl Iterator<Item = Value> {
    let series = [organization.uuid().into(), series.year.into(), series.kind.as_str().into()];
    series.into_iter().chain(more)
}

#[async_trait]
impl Invoicing for SeaTx {
    async fn learn_organization(&mut self, told: &OrganizationChanged) -> Result<(), Fault> {
        execute(
            &self.transaction,
            "keeping an organization's name",
            "INSERT INTO organizations (organization_id, version, name) VALUES ($1, $2, $3) \
             ON CONFLICT (organization_id) DO UPDATE SET version = excluded.version, name = excluded.name \
             WHERE organizations.version < excluded.version",
            [told.organization_id.uuid().into(), told.version.into(), told.name.clone().into()],
        )
        .await
        .map(drop)
    }

    async fn number_invoice(
        &mut self,
        organization: OrganizationId,
        series: InvoiceSeries,
        order: OrderId,
        is_named: bool,
    ) -> Result<Option<Numbered>, Fault> {
        self.send().await?;
        self.sent = true;
        let sql = take_number(
            "$4 OR EXISTS (SELECT 1 FROM organizations g WHERE g.organization_id = $1)",
            "(SELECT g.name FROM organizations g WHERE g.organization_id = $1) AS organization, \
             (SELECT o.contact FROM orders o WHERE o.id = $5) AS contact",
        );
        let values = values(organization, series, [is_named.into(), order.uuid().into()]);
        one(&self.transaction, "numbering an invoice", sql, values, |row| {
            let organization = row.get("organization")?;
            Ok(Numbered { count: row.sum("last")?, organization, contact: row.json_or_none("contact")? })
        })
        .await
    }

    async fn number_credit_note(
        &mut self,
        organization: OrganizationId,
        series: InvoiceSeries,
    ) -> Result<u64, Fault> {
        self.send().await?;
        self.sent = true;
        let doing = "numbering a credit note";
        let values = values(organization, series, []);
        let count = one(&self.transaction, doing, take_number("TRUE", "kind"), values, |row| row.sum("last"));
        count.await?.ok_or_else(|| Fault::broken_rule("a series of credit notes without a next number"))
    }

    async fn add_invoice(
        &mut self,
        organization: OrganizationId,
        invoice: &Invoice,
        refund: Option<RefundId>,
    ) -> Result<(), Fault> {
        let write = Write::insert(
            "keeping an invoice",
            "invoices (id, order_id, organization_id, refund_id, number, kind, issued_at, document)",
            "",
            [
                invoice.id.uuid().into(),
                invoice.order_id.uuid().into(),
                organization.uuid().into(),
                refund.map(kernel::Id::uuid).into(),
                invoice.number.clone().into(),
                invoice.kind.as_str().into(),
                millis(invoice.issued_at),
                json(invoice)?,
            ],
        );
        self.write(write.of(invoice.id.uuid())).await
    }

    async fn invoices_of(&mut self, order: OrderId) -> Result<Vec<Invoice>, Fault> {
        self.send().await?;
        let sql = "SELECT document FROM invoices WHERE order_id = $1 ORDER BY issued_at, id";
        all(&self.transaction, "reading an order's invoices", sql, [order.uuid().into()], document).await
    }
}

fn document(row: &Row) -> Result<Invoice, Fault> {
    row.json("document")
}

#[async_trait]
impl InvoiceReads for SeaReads {
    async fn invoice(&self, id: InvoiceId) -> Result<Option<Invoice>, Fault> {
        let sql = "SELECT document FROM invoices WHERE id = $1";
        one(&self.database.reads, "reading an invoice", sql, [id.uuid().into()], document).await
    }

    async fn invoices_of(&self, orders: &[OrderId]) -> Result<HashMap<OrderId, Vec<Invoice>>, Fault> {
        let backend = self.database.reads.get_database_backend();
        let them = among_ids(backend, "order_id", 1, orders);
        let sql = format!("SELECT document FROM invoices WHERE {them} ORDER BY order_id, issued_at, id");
        let doing = "reading invoices of orders";
        let mut found: HashMap<OrderId, Vec<Invoice>> = HashMap::new();
        for invoice in all(&self.database.reads, doing, sql, [ids(backend, orders)], document).await? {
            found.entry(invoice.order_id).or_default().push(invoice);
        }
        Ok(found)
    }
}
