//! What of an order goes back when somebody gives tickets back, and on which terms: the same for who asks first what it would
//! be, and for who does it.

use chrono::{DateTime, Utc};
use kernel::{Error, ErrorCode, Fault, Money, Rate, Refusal, Result, TicketId, rfc3339};

use crate::domain::{
    entities::{KnownEvent, OrderMoney, Price, Standing, TicketSnapshot, TicketStatus},
    ports::OrderView,
    pricing::{PriceBreakdown, RefundTerms, TicketUnit},
    reasons,
};

/// Who gives tickets back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GivenBackBy {
    /// Who bought them, within the policy of the order.
    Buyer,
    /// The organizer: all of what was paid, whenever that is.
    Organizer,
}

/// Tickets that go back, with their money.
#[derive(Clone, Debug)]
pub(super) struct GivingBack {
    /// Which.
    pub tickets: Vec<TicketId>,
    /// What of their price goes back.
    pub price: PriceBreakdown,
    /// Until when it is as much; none where that does not end.
    pub until: Option<DateTime<Utc>>,
    /// True when no other ticket of the order is left.
    pub last: bool,
}

/// All of what was paid for a ticket, fees included.
pub(super) const ALL_OF_IT: RefundTerms = RefundTerms { percent: Rate::WHOLE, fees_kept: false };

/// How much goes back, and until when.
type Terms = (RefundTerms, Option<DateTime<Utc>>);

/// Which of an order's tickets go back, and how much with them: of those that are `named`, or else of all that `by` may give
/// back.
///
/// It is never more than what is left of the money, of which so much was `given_back` for tickets before.
///
/// Refused are tickets that are not the order's or have gone back; and to the buyer those that were used or whose payment is
/// disputed, and whatever the order's policy does not allow.
pub(super) fn giving_back(
    view: &OrderView,
    tickets: &[TicketSnapshot],
    event: &KnownEvent,
    by: GivenBackBy,
    named: Option<&[TicketId]>,
    given_back: Money,
    now: DateTime<Utc>,
) -> Result<GivingBack> {
    let (gone, left): (Vec<_>, Vec<_>) = tickets.iter().partition(|ticket| ticket.has_gone_back());
    if !view.order.status.has_tickets() || left.is_empty() {
        let message = "This order has no tickets that could go back.";
        return Err(Refusal::new(reasons::NOTHING_TO_REFUND, message).into());
    }
    let named = named.map(|named| of_those(named, &left)).transpose()?;
    let (going, terms) = match by {
        GivenBackBy::Organizer => (named.unwrap_or_else(|| left.clone()), (ALL_OF_IT, None)),
        GivenBackBy::Buyer => {
            let going = of_the_buyer(&left, named, view.order.money)?;
            (going, terms_of_the_buyer(view, event, now)?)
        }
    };
    let units = |tickets: &[&TicketSnapshot]| -> Result<Vec<TicketUnit>, Fault> {
        tickets.iter().map(|ticket| view.unit_of(ticket)).collect()
    };
    let (terms, until) = terms;
    let price = view.price()?.refund(&units(&going)?, &units(&gone)?, terms)?;
    let price = price.at_most(view.order.left_of_money(given_back)?)?;
    let last = going.len() == left.len();
    Ok(GivingBack { tickets: going.iter().map(|ticket| ticket.id).collect(), price, until, last })
}

/// The tickets that are named, when all of them can go back.
fn of_those<'t>(named: &[TicketId], left: &[&'t TicketSnapshot]) -> Result<Vec<&'t TicketSnapshot>, Refusal> {
    let of = |id: &TicketId| left.iter().find(|ticket| ticket.id == *id).copied();
    let found: Option<Vec<_>> = named.iter().map(of).collect();
    found.ok_or_else(|| {
        let message = "must be tickets of the order that have not gone back";
        Refusal::bad_input("ticketIds", message).because(kernel::reasons::UNKNOWN)
    })
}

/// The tickets that are named, or else those that nobody has used.
fn of_the_buyer<'t>(
    left: &[&'t TicketSnapshot],
    named: Option<Vec<&'t TicketSnapshot>>,
    money: OrderMoney,
) -> Result<Vec<&'t TicketSnapshot>, Refusal> {
    if money.standing() == Standing::Withheld {
        let message = "The payment of this order is disputed at the bank. Its tickets can be given back when the bank has \
                       decided for the payment.";
        return Err(Refusal::new(reasons::PAYMENT_DISPUTED, message));
    }
    let is_used = |ticket: &&&TicketSnapshot| ticket.status == TicketStatus::CheckedIn;
    let going = named.unwrap_or_else(|| {
        let unused: Vec<_> = left.iter().filter(|ticket| !is_used(ticket)).copied().collect();
        // Where none is, it is told why.
        if unused.is_empty() { left.to_vec() } else { unused }
    });
    let used: Vec<String> =
        going.iter().filter(is_used).map(|ticket| ticket.id.public().to_string()).collect();
    if used.is_empty() {
        return Ok(going);
    }
    let message = match used.as_slice() {
        [_] => "A ticket with which somebody went in cannot be given back.",
        _ => "Tickets with which somebody went in cannot be given back.",
    };
    Err(Refusal::new(reasons::TICKET_USED, message).with("ticketIds", used))
}

/// What a buyer gets back now. Where the event was called off, or was moved after the purchase and the organizer gives time
/// to decide, that is everything; else what the policy says that was frozen with the order.
fn terms_of_the_buyer(view: &OrderView, event: &KnownEvent, now: DateTime<Utc>) -> Result<Terms, Refusal> {
    if event.is_called_off() {
        return Ok((ALL_OF_IT, None));
    }
    let policy = &view.order.refund_policy;
    let bought_before = event.moved_at.is_some_and(|moved| view.order.created_at < moved);
    let window = event.refundable_until.filter(|_| bought_before);
    match (policy.terms_at(now), window.filter(|until| now < *until)) {
        (Some((terms, until)), Some(window)) if terms == ALL_OF_IT => Ok((terms, Some(until.max(window)))),
        (_, Some(window)) => Ok((ALL_OF_IT, Some(window))),
        (Some((terms, until)), None) => Ok((terms, Some(until))),
        (None, None) => Err(match policy.ends_at().max(window) {
            Some(until) => {
                let written = printing::written_instant(until, event.facts.timezone.tz());
                let message = format!("Tickets of this order could be given back until {written}.");
                Refusal::new(reasons::REFUNDS_OVER, message).with("until", rfc3339(until))
            }
            None => Refusal::new(reasons::NO_REFUNDS, "Tickets of this order cannot be given back."),
        }),
    }
}

/// What somebody would get back who gives tickets back now.
#[derive(Clone, Debug)]
pub struct RefundQuote {
    /// Why nothing can be given back, in words; none where it can.
    pub refused: Option<String>,
    /// What goes back, and what that is made of; nothing where none can.
    pub price: Price,
    /// Until when it is as much; none where that does not end, or nothing can be given back.
    pub until: Option<DateTime<Utc>>,
}

impl RefundQuote {
    /// Of these tickets of an order, or else of all that `by` may give back: exactly what `refundOrder` gives back then, when so
    /// much was `given_back` for tickets before.
    /// Refused are tickets that are not the order's or have gone back.
    pub fn of(
        view: &OrderView,
        tickets: &[TicketSnapshot],
        event: &KnownEvent,
        by: GivenBackBy,
        named: Option<&[TicketId]>,
        given_back: Money,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        match giving_back(view, tickets, event, by, named, given_back, now) {
            Ok(going) => Ok(Self { refused: None, price: going.price.price()?, until: going.until }),
            Err(Error::Refused(refusal)) if refusal.code == ErrorCode::Conflict => Ok(Self {
                refused: Some(refusal.message),
                price: Price::plain(Money::zero(view.order.total.currency)),
                until: None,
            }),
            Err(other) => Err(other),
        }
    }
}
