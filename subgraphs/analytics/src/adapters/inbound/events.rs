use async_trait::async_trait;
use contracts::{
    Contract,
    events::EventChanged,
    payments::{PaymentDeclined, PaymentRefunded, PaymentSucceeded},
    tickets::{
        InventoryOpened, OrderEnded, OrderPlaced, PlacesHeld, ReservationEnded, TicketCheckedIn,
        TicketTypeChanged, TicketsIssued,
    },
    users::MembershipChanged,
};
use kernel::{Fault, Result};
use messaging::{Handler, Message};

use crate::domain::{Analytics, use_cases::Fact};

/// What analytics reads from the bus.
pub const SUBJECTS: [&str; 13] = [
    EventChanged::SUBJECT,
    MembershipChanged::SUBJECT,
    InventoryOpened::SUBJECT,
    TicketTypeChanged::SUBJECT,
    PlacesHeld::SUBJECT,
    ReservationEnded::SUBJECT,
    OrderPlaced::SUBJECT,
    TicketsIssued::SUBJECT,
    OrderEnded::SUBJECT,
    TicketCheckedIn::SUBJECT,
    PaymentSucceeded::SUBJECT,
    PaymentDeclined::SUBJECT,
    PaymentRefunded::SUBJECT,
];

/// Takes note of what others tell.
#[derive(Clone)]
pub struct Hearer {
    /// Who takes note.
    pub analytics: Analytics,
}

#[async_trait]
impl Handler for Hearer {
    async fn handle(&self, message: &Message) -> Result<()> {
        match fact(message)? {
            Some(fact) => self.analytics.take_note(message.id, &fact).await,
            None => Ok(()),
        }
    }
}

fn fact(message: &Message) -> Result<Option<Fact>, Fault> {
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
        TicketCheckedIn::SUBJECT => message.read()?.map(Fact::TicketCheckedIn),
        PaymentSucceeded::SUBJECT => message.read()?.map(Fact::PaymentSucceeded),
        PaymentDeclined::SUBJECT => message.read()?.map(Fact::PaymentDeclined),
        PaymentRefunded::SUBJECT => message.read()?.map(Fact::PaymentRefunded),
        _ => None,
    })
}
