use contracts::{
    events::EventChanged,
    payments::{PaymentDeclined, PaymentRefunded, PaymentSucceeded, RefundReturned},
    tickets::{
        InventoryOpened, OrderEnded, OrderPlaced, OrderRefunded, PlacesHeld, ReservationEnded,
        TicketCheckedIn, TicketTypeChanged, TicketsIssued,
    },
    users::MembershipChanged,
};

/// What analytics listens to.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "each is its contract")]
pub enum Fact {
    EventChanged(EventChanged),
    MembershipChanged(MembershipChanged),
    InventoryOpened(InventoryOpened),
    TicketTypeChanged(TicketTypeChanged),
    PlacesHeld(PlacesHeld),
    ReservationEnded(ReservationEnded),
    OrderPlaced(OrderPlaced),
    TicketsIssued(TicketsIssued),
    OrderEnded(OrderEnded),
    OrderRefunded(OrderRefunded),
    TicketCheckedIn(TicketCheckedIn),
    PaymentSucceeded(PaymentSucceeded),
    PaymentDeclined(PaymentDeclined),
    PaymentRefunded(PaymentRefunded),
    RefundReturned(RefundReturned),
}
