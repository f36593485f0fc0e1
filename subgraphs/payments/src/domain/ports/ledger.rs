//! What the books of organizations need of the world.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use contracts::{events::EventChanged, settings::OrganizationSettingsChanged, users::MembershipChanged};
use kernel::{Currency, EventId, Fault, OrderId, OrganizationId, Page, PageAsk, Result, UserId};
use uuid::Uuid;

use crate::domain::entities::books::{Balance, LedgerAsk, Line, OrderBook, Posted};

/// The order whose money something happened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderOf {
    /// Which.
    pub order: OrderId,
    /// For which event.
    pub event: EventId,
    /// Whose event, if that was told: otherwise it is known of the event.
    pub organization: Option<OrganizationId>,
    /// In which currency it was paid.
    pub currency: Currency,
}

/// Keeps the books of organizations, with what others tell of them.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// Begins a transaction in which something about an order's money is booked, with its book locked until the commit; none
    /// when a `message` told it that was handled before.
    async fn begin_booking(
        &self,
        message: Option<Uuid>,
        of: OrderOf,
    ) -> Result<Option<(Box<dyn Booking>, OrderBook)>, Fault>;
    /// Keeps when an event ends, whose it is and what it is called, unless a later change is known.
    async fn note_event(&self, told: &EventChanged) -> Result<(), Fault>;
    /// Keeps how long is waited with payouts, unless a later change is known.
    async fn note_terms(&self, told: &OrganizationSettingsChanged) -> Result<(), Fault>;
    /// Keeps a person's role, unless a later change is known.
    async fn note_member(&self, told: &MembershipChanged) -> Result<(), Fault>;
    /// What these organizations are owed now, by currency; nothing of those that have sold nothing.
    async fn balances(
        &self,
        organizations: &[OrganizationId],
    ) -> Result<HashMap<OrganizationId, Vec<Balance>>, Fault>;
    /// A page of the lines of each of these organizations, the latest first, for each the same; with their total if it is to
    /// be `counted`.
    async fn pages(
        &self,
        organizations: &[OrganizationId],
        ask: LedgerAsk,
        page: &PageAsk,
        counted: bool,
    ) -> Result<HashMap<OrganizationId, Page<Posted>>>;
    /// The lines of an organization, the oldest first, at most so many.
    async fn lines(
        &self,
        organization: OrganizationId,
        ask: LedgerAsk,
        limit: u32,
    ) -> Result<Vec<Posted>, Fault>;
}

/// A transaction in which something is booked; dropping it undoes everything.
#[async_trait]
pub trait Booking: Send {
    /// Keeps the book and adds these lines to its organization's, for this cause, and makes it all true. A passing fault when
    /// there are any, and nobody has told yet whose event it is.
    async fn book(self: Box<Self>, book: &OrderBook, cause: &str, lines: &[Line]) -> Result<(), Fault>;
}

/// Who manages which organization.
#[async_trait]
pub trait Members: Send + Sync {
    /// Those of these pairs of whom the person manages the organization.
    async fn managing(
        &self,
        asked: &[(OrganizationId, UserId)],
    ) -> Result<HashSet<(OrganizationId, UserId)>, Fault>;
    /// Refuses unless the person manages the organization. Who has just founded one is waited for.
    async fn require_manager(&self, organization: OrganizationId, user: UserId) -> Result<()>;
}
