//! A sold order, as it is told; for tests of the parts and of the whole.

use contracts::{
    purchase::{EventOnTicket, SendConfirmation, TicketInHand},
    tickets::{
        HeldTicket, OrderRefunded, OrderRescheduled, RefundedTicket, TicketTransferred, TransferParty,
    },
};
use kernel::{Currency, EventId, Money, OrderId, RefundId, TicketId, TicketTypeId, UserId};

/// Somebody's place in the stalls.
pub(crate) fn ticket(holder: &str, email: &str, seat: &str) -> TicketInHand {
    TicketInHand {
        ticket_id: TicketId::new(),
        code: format!("K7PM-{seat}"),
        qr_payload: format!("ODY1.{}.c2lnbmF0dXJl", TicketId::new()),
        ticket_type: "Stalls, full price".to_owned(),
        section: Some("Stalls left".to_owned()),
        row: Some("12".to_owned()),
        seat: Some(seat.to_owned()),
        holder_name: holder.to_owned(),
        holder_email: email.to_owned(),
        price: Money::new(4950, Currency::EUR),
    }
}

/// What is to be confirmed to who bought these.
pub(crate) fn order(buyer_id: UserId, tickets: Vec<TicketInHand>) -> SendConfirmation {
    SendConfirmation {
        order_id: OrderId::new(),
        number: "ODY-7F3K2M".to_owned(),
        buyer_id,
        total: Money::new(4950 * i64::try_from(tickets.len()).unwrap(), Currency::EUR),
        event: EventOnTicket {
            event_id: EventId::new(),
            title: "Die Zauberflöte".to_owned(),
            slug: "die-zauberfloete".to_owned(),
            venue_name: "Theater an der Brücke".to_owned(),
            venue_address: "Brückengasse 4\n1060 Wien\nAustria".to_owned(),
            starts_at: "2027-03-13T19:00:00Z".parse().unwrap(),
            ends_at: "2027-03-13T22:00:00Z".parse().unwrap(),
            doors_at: Some("2027-03-13T18:00:00Z".parse().unwrap()),
            timezone: "Europe/Vienna".parse().unwrap(),
            currency: Currency::EUR,
        },
        tickets,
        invoice: None,
        contact: None,
        claim_token: None,
    }
}

/// What is told when these tickets of an order went back, with all that was paid for them.
pub(crate) fn refund(of: &SendConfirmation, tickets: &[TicketInHand]) -> OrderRefunded {
    let back = |ticket: &TicketInHand| RefundedTicket {
        ticket_id: ticket.ticket_id,
        ticket_type: ticket.ticket_type.clone(),
        section: ticket.section.clone(),
        row: ticket.row.clone(),
        seat: ticket.seat.clone(),
        holder_name: ticket.holder_name.clone(),
        holder_email: ticket.holder_email.clone(),
        passed_on: false,
    };
    let currency = of.total.currency;
    OrderRefunded {
        refund_id: RefundId::new(),
        order_id: of.order_id,
        number: of.number.clone(),
        event_id: of.event.event_id,
        organization_id: None,
        buyer_id: of.buyer_id,
        amount: Money::sum(currency, tickets.iter().map(|ticket| ticket.price)).unwrap(),
        fees: Money::zero(currency),
        tax: None,
        absorbed: None,
        lines: Vec::new(), // mails list tickets
        tickets: tickets.iter().map(back).collect(),
        whole: tickets.len() == of.tickets.len(),
        event: of.event.clone(),
        reason: Some("The gallery is closed".to_owned()),
        called_off: false,
        invoice: None,
        at: "2027-01-01T00:00:00Z".parse().unwrap(),
    }
}

/// What is told of an order whose event was moved by a week, to the hour.
pub(crate) fn rescheduled(of: &SendConfirmation) -> OrderRescheduled {
    let held = |ticket: &TicketInHand| HeldTicket {
        ticket_id: ticket.ticket_id,
        ticket_type: ticket.ticket_type.clone(),
        section: ticket.section.clone(),
        row: ticket.row.clone(),
        seat: ticket.seat.clone(),
        holder_name: ticket.holder_name.clone(),
        holder_email: ticket.holder_email.clone(),
    };
    let mut event = of.event.clone();
    event.starts_at = "2027-03-20T19:00:00Z".parse().unwrap();
    event.ends_at = "2027-03-20T22:00:00Z".parse().unwrap();
    event.doors_at = Some("2027-03-20T18:00:00Z".parse().unwrap());
    OrderRescheduled {
        order_id: of.order_id,
        number: of.number.clone(),
        buyer_id: of.buyer_id,
        event,
        previous_start: of.event.starts_at,
        reason: Some("The singer is ill".to_owned()),
        refundable_until: Some("2027-03-12T11:00:00Z".parse().unwrap()),
        sequence: 1,
        tickets: of.tickets.iter().map(held).collect(),
        at: "2027-01-01T00:00:00Z".parse().unwrap(),
    }
}

/// What is told when a ticket of an order was passed on to somebody without an account.
pub(crate) fn transferred(
    of: &SendConfirmation,
    ticket: &TicketInHand,
    name: &str,
    email: &str,
) -> TicketTransferred {
    let replaced = ticket;
    let ticket = TicketInHand {
        ticket_id: TicketId::new(),
        code: format!("NEW-{}", replaced.code),
        holder_name: name.to_owned(),
        holder_email: email.to_owned(),
        ..replaced.clone()
    };
    let party = |name: &str, email: &str| TransferParty {
        user_id: None,
        name: name.to_owned(),
        email: email.to_owned(),
        locale: None,
    };
    TicketTransferred {
        ticket_id: ticket.ticket_id,
        replaced_ticket_id: replaced.ticket_id,
        order_id: of.order_id,
        number: of.number.clone(),
        ticket_type_id: TicketTypeId::new(),
        from: party(&replaced.holder_name, &replaced.holder_email),
        to: party(name, email),
        ticket,
        event: of.event.clone(),
        sequence: 1,
        at: "2027-01-01T00:00:00Z".parse().unwrap(),
    }
}
