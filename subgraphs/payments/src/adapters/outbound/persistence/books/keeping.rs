//! Adding to the books.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use contracts::{events::EventChanged, settings::OrganizationSettingsChanged, users::MembershipChanged};
use kernel::{Fault, Id, OrganizationId, Page, PageAsk, Result, to_millis};
use messaging::inbox;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};
use service::database::{Write, Writes, fault, for_update};
use uuid::Uuid;

use super::{SeaLedger, reading};
use crate::{
    adapters::outbound::persistence::CONSUMER,
    domain::{
        entities::books::{Balance, LedgerAsk, Line, OrderBook, Posted, PostingId},
        ports::{Booking, Ledger, OrderOf},
    },
};

const DOING: &str = "booking an order's money";

/// A transaction in which the book of an order is locked.
struct SeaBooking {
    transaction: DatabaseTransaction,
    of: OrderOf,
    /// Whose event it is; none while nobody has told.
    organization: Option<OrganizationId>,
    now: DateTime<Utc>,
}

#[async_trait]
impl Ledger for SeaLedger {
    async fn begin_booking(
        &self,
        message: Option<Uuid>,
        of: OrderOf,
    ) -> Result<Option<(Box<dyn Booking>, OrderBook)>, Fault> {
        let (transaction, now) = match message {
            None => self.database.begin_at().await.map_err(fault(DOING))?,
            Some(message) => {
                let transaction = self.database.begin().await.map_err(fault(DOING))?;
                let noted = inbox::noted(&transaction, CONSUMER, message).await.map_err(fault(DOING))?;
                let Some(now) = noted else { return Ok(None) };
                (transaction, now)
            }
        };
        let (book, organization) = locked(&transaction, &of).await?;
        Ok(Some((Box::new(SeaBooking { transaction, of, organization, now }), book)))
    }

    async fn note_event(&self, told: &EventChanged) -> Result<(), Fault> {
        self.keep_event(told).await
    }

    async fn note_terms(&self, told: &OrganizationSettingsChanged) -> Result<(), Fault> {
        self.keep_terms(told).await
    }

    async fn note_member(&self, told: &MembershipChanged) -> Result<(), Fault> {
        self.keep_member(told).await
    }

    async fn balances(
        &self,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, Vec<Balance>>, Fault> {
        reading::balances(&self.database, organizations).await
    }

    async fn pages(
        &self,
        organizations: &[OrganizationId],
        ask: LedgerAsk,
        page: &PageAsk,
        counted: bool,
    ) -> Result<HashMap<OrganizationId, Page<Posted>>> {
        reading::pages(&self.database, organizations, ask, page, counted).await
    }

    async fn lines(
        &self,
        organization: OrganizationId,
        ask: LedgerAsk,
        limit: u32,
    ) -> Result<Vec<Posted>, Fault> {
        reading::lines(&self.database, organization, ask, limit).await
    }
}

#[async_trait]
impl Booking for SeaBooking {
    async fn book(self: Box<Self>, book: &OrderBook, cause: &str, lines: &[Line]) -> Result<(), Fault> {
        let facts = serde_json::to_string(book).expect("a book is plain data, which JSON can hold");
        let keep = "UPDATE order_books SET facts = $1, organization_id = $2 WHERE order_id = $3";
        let values = [facts.into(), self.organization.map(Id::uuid).into(), self.of.order.uuid().into()];
        let mut writes = Writes::default();
        writes.add(Write::new(DOING, keep, values).changes(1), &self.transaction).await?;
        let unknown = || format!("nobody has told yet whose event {} is", self.of.event);
        for line in lines {
            let whose = self.organization.ok_or_else(|| Fault::passing(DOING, unknown()))?;
            writes.add(self.added(whose, cause, line), &self.transaction).await?;
        }
        writes.send(&self.transaction).await?;
        self.transaction.commit().await.map_err(fault("committing"))
    }
}

impl SeaBooking {
    fn added(&self, whose: OrganizationId, cause: &str, line: &Line) -> Write {
        let columns = "postings (id, organization_id, event_id, order_id, currency, kind, account, \
                       amount_minor, cause, at)";
        let values = [
            PostingId::new().uuid().into(),
            whose.uuid().into(),
            self.of.event.uuid().into(),
            self.of.order.uuid().into(),
            self.of.currency.code().into(),
            line.kind.name().into(),
            line.account.name().into(),
            line.minor.into(),
            cause.into(),
            to_millis(self.now).into(),
        ];
        Write::insert("adding to the books", columns, "", values)
    }
}

/// The book of an order, locked, and whose event it is for, if that is known.
async fn locked(
    transaction: &DatabaseTransaction,
    of: &OrderOf,
) -> Result<(OrderBook, Option<OrganizationId>), Fault> {
    let backend = transaction.get_database_backend();
    let (order, event) = (of.order.uuid(), of.event.uuid());
    let told = of.organization.map(Id::uuid);
    let open = "INSERT INTO order_books (order_id, event_id, organization_id, currency, facts) \
                VALUES ($1, $2, $3, $4, '{}') ON CONFLICT DO NOTHING";
    let values = [order.into(), event.into(), told.into(), of.currency.code().into()];
    let open = Statement::from_sql_and_values(backend, open, values);
    transaction.execute_raw(open).await.map_err(fault(DOING))?;
    let lock = format!(
        "SELECT facts, currency, COALESCE(organization_id, $2, (SELECT e.organization_id FROM events AS e \
         WHERE e.event_id = $3)) AS organization_id FROM order_books WHERE order_id = $1{}",
        for_update(backend)
    );
    let lock = Statement::from_sql_and_values(backend, lock, [order.into(), told.into(), event.into()]);
    let row = transaction.query_one_raw(lock).await.map_err(fault(DOING))?;
    let row = row.ok_or_else(|| Fault::passing(DOING, "its book was taken away at this moment"))?;
    let currency: String = row.try_get("", "currency").map_err(fault(DOING))?;
    if currency != of.currency.code() {
        return Err(Fault::broken_rule(format!(
            "money in {} cannot be booked for the order {}, which was paid in {currency}",
            of.currency, of.order
        )));
    }
    let facts: String = row.try_get("", "facts").map_err(fault(DOING))?;
    let book = serde_json::from_str(&facts).map_err(|cause| Fault::new("reading an order's book", cause))?;
    let organization: Option<Uuid> = row.try_get("", "organization_id").map_err(fault(DOING))?;
    Ok((book, organization.map(Id::from_uuid)))
}
