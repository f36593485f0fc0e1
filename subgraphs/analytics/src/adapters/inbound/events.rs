use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use contracts::{
    Contract,
    events::EventChanged,
    payments::{PaymentDeclined, PaymentRefunded, PaymentSucceeded, RefundReturned},
    tickets::{
        InventoryOpened, OrderEnded, OrderPlaced, OrderRefunded, PlacesHeld, ReservationEnded,
        TicketCheckedIn, TicketTypeChanged, TicketsIssued,
    },
    users::MembershipChanged,
};
use futures::FutureExt as _;
use kernel::{Fault, Result};
use messaging::{Handler, Message, Together};
use uuid::Uuid;

use crate::domain::{Analytics, entities::Fact};

/// The most messages of which note is taken in one transaction.
const AT_ONCE: usize = 64;
/// How long after one such transaction began the next one begins at the earliest: reports are looked at by people.
pub const BREATH: Duration = Duration::from_millis(25);

/// What analytics reads from the bus.
pub const SUBJECTS: [&str; 15] = [
    EventChanged::SUBJECT,
    MembershipChanged::SUBJECT,
    InventoryOpened::SUBJECT,
    TicketTypeChanged::SUBJECT,
    PlacesHeld::SUBJECT,
    ReservationEnded::SUBJECT,
    OrderPlaced::SUBJECT,
    TicketsIssued::SUBJECT,
    OrderEnded::SUBJECT,
    OrderRefunded::SUBJECT,
    TicketCheckedIn::SUBJECT,
    PaymentSucceeded::SUBJECT,
    PaymentDeclined::SUBJECT,
    PaymentRefunded::SUBJECT,
    RefundReturned::SUBJECT,
];

/// Takes note of what others tell: of what waits at the same time in one transaction.
#[derive(Clone)]
pub struct Hearer {
    together: Together<(Uuid, Fact)>,
}

impl Hearer {
    /// Hands what it hears to these use cases; `breath` is how long what comes meanwhile is gathered at most.
    pub fn new(analytics: Analytics, breath: Duration) -> Self {
        let take_note = Arc::new(move |told: Vec<(Uuid, Fact)>| {
            let analytics = analytics.clone();
            async move { analytics.take_note(&told).await }.boxed()
        });
        Self { together: Together::new(AT_ONCE, breath, take_note) }
    }
}

#[async_trait]
impl Handler for Hearer {
    async fn handle(&self, message: &Message) -> Result<()> {
        match fact(message)? {
            Some(fact) => self.together.done((message.id, fact)).await,
            None => Ok(()),
        }
    }

    fn at_once(&self) -> usize {
        AT_ONCE
    }
}

/// What a message says; none when it is no concern of sales.
pub fn fact(message: &Message) -> Result<Option<Fact>, Fault> {
    Ok(match message.subject.as_str() {
        EventChanged::SUBJECT => message.read()?.map(Fact::EventChanged),
        MembershipChanged::SUBJECT => message.read()?.map(Fact::MembershipChanged),
        InventoryOpened::SUBJECT => message.read()?.map(Fact::InventoryOpened),
        TicketTypeChanged::SUBJECT => message.read()?.map(Fact::TicketTypeChanged),
        PlacesHeld::SUBJECT => message.read()?.map(Fact::PlacesHeld),
        ReservationEnded::SUBJECT => message.read()?.map(Fact::ReservationEnded),
        OrderPlaced::SUBJECT => message.read()?.map(Fact::OrderPlaced),
        TicketsIssued::SUBJECT => message.read()?.map(Fact::TicketsIssued),
        OrderEnded::SUBJECT => message.read()?.map(Fact::OrderEnded),
        OrderRefunded::SUBJECT => message.read()?.map(Fact::OrderRefunded),
        TicketCheckedIn::SUBJECT => message.read()?.map(Fact::TicketCheckedIn),
        PaymentSucceeded::SUBJECT => message.read()?.map(Fact::PaymentSucceeded),
        PaymentDeclined::SUBJECT => message.read()?.map(Fact::PaymentDeclined),
        PaymentRefunded::SUBJECT => message.read()?.map(Fact::PaymentRefunded),
        RefundReturned::SUBJECT => message.read()?.map(Fact::RefundReturned),
        _ => None,
    })
}
