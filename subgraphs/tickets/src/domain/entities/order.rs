mod claiming;
mod given;
mod money;
mod moved;
mod status;
mod told;

pub use claiming::{ClaimToken, Claimed};
pub use given::{AcceptedTerms, Given};
pub use money::{OrderMoney, Standing};
pub use status::OrderStatus;
pub use told::{OrderStepKind, ToldStep};

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use contracts::{
    Announcement,
    payments::ReturnReason,
    purchase::PurchaseStep,
    tickets::{OrderEnd, OrderEnded, OrderPlaced, SoldLine, TicketsIssued},
};
use kernel::{EventId, Fault, Money, OrderId, OrganizationId, Refusal, ReservationId, TicketTypeId, UserId};
use saga::{Progress, Why};
use serde::{Deserialize, Serialize};

use super::{Reservation, spoken::spoken};
use crate::domain::{
    pricing::{LinePrice, PriceBreakdown, RefundPolicy},
    reasons,
};

/// Why an order ends, or gets no tickets, whose event was called off.
pub(crate) const CALLED_OFF: &str = ReturnReason::CalledOff.sentence();

/// Who will go in with a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attendee {
    /// Their name.
    pub name: String,
    /// Their address.
    pub email: String,
}

impl Attendee {
    /// Their name, where it is known.
    pub fn known_name(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|name| !name.is_empty())
    }

    /// Their address, where it is known.
    pub fn known_email(&self) -> Option<&str> {
        Some(self.email.as_str()).filter(|email| !email.is_empty())
    }
}

/// A line of an order's history, as it is kept; [`ToldStep`] is what clients read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderStep {
    /// When.
    pub at: DateTime<Utc>,
    /// What happened, such as `TAKE_PAYMENT_DONE`.
    pub step: String,
    /// Why, or how much.
    pub detail: Option<String>,
}

/// Everything about an order; what databases keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderSnapshot {
    /// Which.
    pub id: OrderId,
    /// As people say it.
    pub number: String,
    /// Of which reservation.
    pub reservation: ReservationId,
    /// For which event.
    pub event: EventId,
    /// Who buys.
    pub buyer: UserId,
    /// Where it stands.
    pub status: OrderStatus,
    /// What is to be paid.
    pub total: Money,
    /// What that is made of, frozen; none in orders from before that was kept.
    pub breakdown: Option<PriceBreakdown>,
    /// How many places.
    pub quantity: u32,
    /// One for each place, in the order of the claims; none any more once its buyer is erased.
    pub attendees: Vec<Attendee>,
    /// When it was placed.
    pub created_at: DateTime<Utc>,
    /// Until when it can be paid.
    pub expires_at: DateTime<Utc>,
    /// What the money for it is worth.
    pub money: OrderMoney,
    /// What its buyer gets back who returns tickets of it, frozen; nothing in orders from before that was kept.
    pub refund_policy: RefundPolicy,
    /// What its buyer said at the checkout, besides who goes in.
    pub given: Given,
    /// Whose it was before it was taken into the account whose it is.
    pub claimed_from: Option<UserId>,
    /// Rises with each change.
    pub version: i64,
}

impl OrderSnapshot {
    /// How much of the money is left, when so much was given back for tickets.
    pub fn left_of_money(&self, given_back: Money) -> Result<Money, Fault> {
        // That something came back may be heard before that it had gone.
        let returned = Money::new(self.money.returned.max(0), self.total.currency);
        self.total.minus(given_back)?.minus(returned)
    }

    /// What is asked for it, and what that is made of, as it was frozen when the order was placed. Who placed it without
    /// keeping that asked what its places were listed for, whatever its reservation says.
    pub fn price(&self, reservation: &Reservation) -> Result<Cow<'_, PriceBreakdown>, Fault> {
        self.breakdown
            .as_ref()
            .map_or_else(|| reservation.listed().map(Cow::Owned), |frozen| Ok(Cow::Borrowed(frozen)))
    }
}

/// What a buyer is buying, and how far the purchase has come.
#[derive(Clone, Debug)]
pub struct Order {
    state: OrderSnapshot,
    steps: Vec<OrderStep>,
    pending: Vec<Announcement>,
    just_over: bool,
}

impl Order {
    /// The order of a reservation that was just checked out, at the price that was asked for it, with the policy of now.
    pub fn place(
        reservation: &Reservation,
        attendees: Vec<Attendee>,
        refund_policy: RefundPolicy,
        given: Given,
        now: DateTime<Utc>,
    ) -> Result<Self, Fault> {
        let price = reservation.price()?.into_owned();
        let total = price.total()?;
        let id = OrderId::new();
        let number = format!("ODY-{}", spoken(id.uuid(), 8));
        let of = reservation.state();
        let placed = OrderPlaced {
            order_id: id,
            number: number.clone(),
            reservation_id: of.id,
            event_id: of.event,
            buyer_id: of.buyer,
            quantity: reservation.quantity(),
            total,
            at: now,
        };
        let mut order = Self {
            state: OrderSnapshot {
                id,
                number,
                reservation: of.id,
                event: of.event,
                buyer: of.buyer,
                status: OrderStatus::AwaitingPayment,
                total,
                breakdown: Some(price),
                quantity: reservation.quantity(),
                attendees,
                created_at: now,
                expires_at: of.expires_at,
                money: OrderMoney::default(),
                refund_policy,
                given,
                claimed_from: None,
                version: 1,
            },
            steps: Vec::new(),
            pending: vec![Announcement::of(&placed)],
            just_over: false,
        };
        order.note(now, "PLACED", None);
        Ok(order)
    }

    /// The order as it was saved; for adapters.
    pub fn restore(state: OrderSnapshot) -> Self {
        Self { state, steps: Vec::new(), pending: Vec::new(), just_over: false }
    }

    /// Everything about it.
    pub fn state(&self) -> &OrderSnapshot {
        &self.state
    }

    /// What is to be told; for adapters, when it is saved.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.pending)
    }

    /// What is new in its history; for adapters, when it is saved.
    pub fn take_steps(&mut self) -> Vec<OrderStep> {
        std::mem::take(&mut self.steps)
    }

    /// How the purchase ended, if it has since the order was loaded; for adapters, when it is saved.
    pub fn take_end(&mut self) -> Option<OrderStatus> {
        std::mem::take(&mut self.just_over).then_some(self.state.status)
    }

    /// Writes a line of history.
    pub fn note(&mut self, at: DateTime<Utc>, step: impl Into<String>, detail: Option<String>) {
        self.steps.push(OrderStep { at, step: step.into(), detail });
    }

    /// Tells something together with the next save.
    pub fn tell(&mut self, announcement: Announcement) {
        self.pending.push(announcement);
    }

    /// Its purchase has moved on. Past the payment its money is there.
    pub fn purchase_moved(&mut self, to: Progress<PurchaseStep>) {
        if let Progress::Forward { step } = to
            && step > PurchaseStep::TakePayment
        {
            self.paid();
        }
        self.state.version += 1;
    }

    /// Its purchase has come to its end: with tickets, or because of this without. What was not paid when its event was called
    /// off is cancelled, and has not run out.
    pub fn purchase_ended(&mut self, undone: Option<Why>, event_is_off: bool, at: DateTime<Utc>) {
        self.just_over = true;
        if let Some(why) = undone {
            self.ended(why, event_is_off && matches!(why, Why::Expired | Why::PivotRefused), at);
        }
    }

    /// Refuses when the order can no longer be given up by its buyer.
    pub fn may_cancel(&self) -> Result<(), Refusal> {
        match self.state.status {
            OrderStatus::AwaitingPayment | OrderStatus::PaymentFailed | OrderStatus::Cancelled => Ok(()),
            OrderStatus::Expired => {
                Err(Refusal::new(reasons::ORDER_EXPIRED, "This order's time is over already."))
            }
            _ => {
                let message = "This order is paid. Ask for a refund instead of cancelling it.";
                Err(Refusal::new(reasons::ORDER_PAID, message))
            }
        }
    }

    /// A card was declined.
    pub fn payment_declined(&mut self, at: DateTime<Utc>, decline_code: &str) {
        if matches!(self.state.status, OrderStatus::AwaitingPayment | OrderStatus::PaymentFailed) {
            self.state.status = OrderStatus::PaymentFailed;
            self.state.version += 1;
            self.note(at, "PAYMENT_DECLINED", Some(decline_code.to_owned()));
        }
    }

    fn paid(&mut self) {
        if matches!(self.state.status, OrderStatus::AwaitingPayment | OrderStatus::PaymentFailed) {
            self.state.status = OrderStatus::Paid;
        }
    }

    /// The tickets exist: the order stands. `name` gives a ticket type's name,
    /// `organization` is the event's.
    pub fn issued(
        &mut self,
        reservation: &Reservation,
        organization: OrganizationId,
        name: impl Fn(TicketTypeId) -> String,
        at: DateTime<Utc>,
    ) -> Result<(), Fault> {
        self.state.status = OrderStatus::Completed;
        self.state.version += 1;
        let told = {
            let whole = self.state.price(reservation)?;
            let price = whole.price()?;
            TicketsIssued {
                order_id: self.state.id,
                event_id: self.state.event,
                organization_id: Some(organization),
                buyer_id: self.state.buyer,
                total: self.state.total,
                fees: price.fees,
                tax: Some(price.all_taxes()?),
                absorbed: Some(whole.absorbed_fees()?),
                lines: by_ticket_type(&whole, name)?,
                at,
            }
        };
        self.tell(Announcement::of(&told));
        Ok(())
    }

    /// Tickets of it went back: all of them, or some.
    pub fn refunded(&mut self, whole: bool) {
        self.state.status = if whole { OrderStatus::Refunded } else { OrderStatus::PartiallyRefunded };
        self.state.version += 1;
    }

    /// True when its tickets exist.
    pub fn is_issued(&self) -> bool {
        self.state.status == OrderStatus::Completed
    }

    fn ended(&mut self, why: Why, called_off: bool, at: DateTime<Utc>) {
        let (status, how) = match why {
            Why::Expired if !called_off => (OrderStatus::Expired, OrderEnd::Expired),
            Why::PivotRefused if self.state.status == OrderStatus::Paid => {
                (OrderStatus::Refunded, OrderEnd::Refunded)
            }
            Why::Expired | Why::PivotRefused | Why::Cancelled | Why::Refused => {
                (OrderStatus::Cancelled, OrderEnd::Cancelled)
            }
        };
        self.state.status = status;
        self.note(at, status.as_str(), called_off.then(|| CALLED_OFF.to_owned()));
        self.tell(Announcement::of(&OrderEnded {
            order_id: self.state.id,
            event_id: self.state.event,
            buyer_id: self.state.buyer,
            how,
            called_off,
            at,
        }));
    }
}

/// What a price is of, by ticket type. `name` gives a type's name.
pub(super) fn by_ticket_type(
    price: &PriceBreakdown,
    name: impl Fn(TicketTypeId) -> String,
) -> Result<Vec<SoldLine>, Fault> {
    let mut lines: Vec<SoldLine> = Vec::new();
    for LinePrice { ticket_type: ticket_type_id, quantity, price, .. } in price.lines()? {
        let amount = price.total;
        if let Some(line) = lines.iter_mut().find(|line| line.ticket_type_id == ticket_type_id) {
            line.quantity += quantity;
            line.amount = line.amount.plus(amount)?;
        } else {
            lines.push(SoldLine { ticket_type_id, name: name(ticket_type_id), quantity, amount });
        }
    }
    Ok(lines)
}
