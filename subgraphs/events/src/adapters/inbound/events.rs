//! What comes from the bus.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use contracts::{
    Contract,
    tickets::{StockChanged, TicketTypeChanged, TicketsIssued},
    users::MembershipChanged,
};
use futures::FutureExt as _;
use kernel::Result;
use messaging::{Handler, Message, Together};
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::domain::Events;

/// The most messages that are in hand at once, and the most sales that are counted in one transaction.
const AT_ONCE: usize = 128;
/// How many changes of members, prices and what is left are noted at once, each on a connection of its own.
const ONE_BY_ONE: usize = 8;
/// How long after sales were counted the next ones are at the earliest: nobody waits for what sells most.
pub const BREATH: Duration = Duration::from_millis(500);

/// What events reads.
pub const SUBJECTS: [&str; 4] =
    [MembershipChanged::SUBJECT, TicketsIssued::SUBJECT, TicketTypeChanged::SUBJECT, StockChanged::SUBJECT];

/// Takes note of what other services tell.
#[derive(Clone)]
pub struct Inbox {
    events: Events,
    one_by_one: Arc<Semaphore>,
    sales: Together<(Uuid, TicketsIssued)>,
}

impl Inbox {
    /// Hands what it hears to these use cases; `breath` is how long sales are gathered at most.
    pub fn new(events: Events, breath: Duration) -> Self {
        let counting = events.clone();
        let count = Arc::new(move |told: Vec<(Uuid, TicketsIssued)>| {
            let events = counting.clone();
            async move { events.note_sales(&told).await }.boxed()
        });
        Self {
            events,
            one_by_one: Arc::new(Semaphore::new(ONE_BY_ONE)),
            sales: Together::new(AT_ONCE, breath, count),
        }
    }
}

#[async_trait]
impl Handler for Inbox {
    async fn handle(&self, message: &Message) -> Result<()> {
        if let Some(change) = message.read::<MembershipChanged>()? {
            let _one_of_few = self.one_by_one.acquire().await.expect("this semaphore is never closed");
            return self.events.note_membership(message.id, &change).await;
        }
        if let Some(offer) = message.read::<TicketTypeChanged>()? {
            let _one_of_few = self.one_by_one.acquire().await.expect("this semaphore is never closed");
            return self.events.note_offer(message.id, &offer).await;
        }
        if let Some(stock) = message.read::<StockChanged>()? {
            let _one_of_few = self.one_by_one.acquire().await.expect("this semaphore is never closed");
            return self.events.note_stock(message.id, &stock).await;
        }
        match message.read::<TicketsIssued>()? {
            Some(sale) => self.sales.done((message.id, sale)).await,
            None => Ok(()),
        }
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }
}
