//! Tickets whose money went back, or is wanted back by the buyer's bank.

use contracts::payments::{DisputeState, PaymentDisputed, PaymentRefunded, RefundReturned};
use kernel::{Currency, Money, PaymentId, RefundId, UserId};
use tickets::domain::{
    entities::{CheckIn, Order, OrderStatus, TicketSnapshot, TicketStatus},
    use_cases::{CheckInAnswer, CheckInAsk},
};

use serde_json::json;

use crate::stage::{Payments, STALLS, Stage, now};

/// What is told of a dispute about a payment for the whole order.
pub(crate) fn disputed(order: &Order, version: i64, state: DisputeState) -> PaymentDisputed {
    let of = order.state();
    PaymentDisputed {
        payment_id: PaymentId::new(),
        dispute: "dp_1".to_owned(),
        order_id: of.id,
        event_id: of.event,
        buyer_id: of.buyer,
        amount: of.total,
        whole: true,
        state,
        withheld: state != DisputeState::Won,
        version,
        reason: "fraudulent".to_owned(),
        at: now(),
    }
}

struct Bought {
    stage: Stage,
    order: Order,
    payment: PaymentId,
}

impl Bought {
    async fn new(payments: Payments) -> Self {
        let stage = Stage::new().await;
        stage.sells("Seat", &[STALLS]).await;
        let order = stage.checks_out(&stage.holds(UserId::new(), &[0, 1]).await.unwrap()).await;
        if payments == Payments::Pay {
            stage.carry(payments).await;
        }
        Self { stage, order, payment: PaymentId::new() }
    }

    fn disputed(&self, version: i64, state: DisputeState) -> PaymentDisputed {
        PaymentDisputed { payment_id: self.payment, ..disputed(&self.order, version, state) }
    }

    fn refunded(&self, whole: bool) -> PaymentRefunded {
        let of = self.order.state();
        PaymentRefunded {
            payment_id: self.payment,
            refund_id: RefundId::new(),
            order_id: of.id,
            event_id: of.event,
            buyer_id: of.buyer,
            amount: if whole { of.total } else { Money::new(1, Currency::EUR) },
            refunded_in_all: if whole { of.total } else { Money::new(1, Currency::EUR) },
            whole,
            made_at_provider: true,
            asked_for: false,
            reason: "requested_by_customer".to_owned(),
            at: now(),
        }
    }

    async fn tickets(&self) -> Vec<TicketSnapshot> {
        self.stage.tickets.reads().tickets_of(self.order.state().id).await.unwrap()
    }

    async fn statuses(&self) -> Vec<TicketStatus> {
        self.tickets().await.into_iter().map(|ticket| ticket.status).collect()
    }

    async fn shows(&self, ticket: usize, nonce: Option<&str>) -> CheckInAnswer {
        let ask = CheckInAsk {
            by: self.stage.organizer,
            event: self.stage.event,
            code: self.tickets().await[ticket].code.clone(),
            gate: Some("North".to_owned()),
            nonce: nonce.map(ToOwned::to_owned),
        };
        self.stage.tickets.check_in(ask).await.unwrap()
    }

    async fn steps(&self) -> Vec<String> {
        let history = self.stage.tickets.reads().history(self.order.state().id).await.unwrap();
        history.into_iter().map(|step| step.step).collect()
    }
}

#[tokio::test]
async fn a_disputed_ticket_does_not_admit_until_it_is_won() {
    let bought = Bought::new(Payments::Pay).await;
    bought.stage.hear(&bought.disputed(1, DisputeState::Open)).await;
    assert_eq!(bought.statuses().await, [TicketStatus::Void; 2]);
    let refused = bought.shows(0, Some("scan")).await;
    assert_eq!((refused.outcome.clone(), refused.outcome.name()), (CheckIn::Withheld, "VOID"));
    assert!(refused.message().contains("disputed"), "{}", refused.message());
    assert_eq!(refused.ticket.unwrap().status, TicketStatus::Void);
    bought.stage.hear(&bought.disputed(2, DisputeState::Won)).await;
    assert_eq!(bought.statuses().await, [TicketStatus::Valid; 2]);
    // The first fact comes once more, and late.
    bought.stage.hear(&bought.disputed(1, DisputeState::Open)).await;
    assert_eq!(bought.shows(0, Some("scan")).await.outcome, CheckIn::Admitted);
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Completed);
    let steps = bought.steps().await;
    assert_eq!(steps[steps.len() - 2..], ["PAYMENT_DISPUTED", "DISPUTE_WON"]);
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn who_is_in_when_the_payment_is_disputed_was_in_when_it_is_won() {
    let bought = Bought::new(Payments::Pay).await;
    let went_in = bought.shows(0, None).await.at.unwrap();
    bought.stage.hear(&bought.disputed(1, DisputeState::Open)).await;
    assert_eq!(bought.shows(0, None).await.outcome, CheckIn::Withheld);
    assert_eq!(bought.tickets().await[0].checked_in_at, Some(went_in));
    bought.stage.hear(&bought.disputed(2, DisputeState::Won)).await;
    assert_eq!(bought.statuses().await, [TicketStatus::CheckedIn, TicketStatus::Valid]);
    assert!(matches!(bought.shows(0, None).await.outcome, CheckIn::Already { at, .. } if at == went_in));
}

#[tokio::test]
async fn a_ticket_whose_money_went_back_never_admits_again() {
    let bought = Bought::new(Payments::Pay).await;
    bought.shows(1, None).await;
    bought.stage.hear(&bought.refunded(false)).await;
    assert_eq!(bought.statuses().await, [TicketStatus::Valid, TicketStatus::CheckedIn], "a part of it only");
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Completed);
    assert_eq!(bought.steps().await.last().unwrap(), "PAYMENT_REFUNDED_IN_PART");
    bought.stage.hear(&bought.refunded(true)).await;
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Refunded);
    let refused = bought.shows(0, None).await;
    assert_eq!((refused.outcome.clone(), refused.outcome.name()), (CheckIn::Refunded, "VOID"));
    assert!(refused.message().contains("went back"));
    let tickets = bought.tickets().await;
    assert!(tickets.iter().all(|ticket| ticket.status == TicketStatus::Refunded));
    assert!(tickets[1].checked_in_at.is_some(), "that its holder went in stays written down");
    bought.stage.hear(&bought.disputed(3, DisputeState::Won)).await;
    assert_eq!(bought.statuses().await, [TicketStatus::Refunded; 2]);
    // Its places stay as they are.
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn a_part_that_the_bank_sent_back_can_go_back_another_way_whichever_is_heard_first() {
    for told_late in [false, true] {
        let bought = Bought::new(Payments::Pay).await;
        let left = async || {
            let order = bought.stage.tickets.reads().order(bought.order.state().id).await.unwrap().unwrap();
            order.order.left_of_money(Money::zero(Currency::EUR)).unwrap()
        };
        let (all, part) = (left().await, bought.refunded(false));
        let PaymentRefunded { refund_id, order_id, event_id, amount, at, .. } = part;
        let back = RefundReturned { refund_id, order_id, event_id, amount, at };
        if told_late {
            bought.stage.hear(&back).await;
            assert_eq!(left().await, all);
            bought.stage.hear(&part).await;
        } else {
            bought.stage.hear(&part).await;
            assert_eq!(left().await, all.minus(amount).unwrap());
            bought.stage.hear(&back).await;
            assert_eq!(bought.steps().await.last().unwrap(), "REFUND_FAILED");
        }
        bought.stage.hear(&back).await;
        assert_eq!(left().await, all);
        assert_eq!(bought.statuses().await, [TicketStatus::Valid; 2]);
    }
}

#[tokio::test]
async fn what_is_heard_before_the_tickets_are_issued_is_not_forgotten() {
    for (refunded, status) in [(false, TicketStatus::Void), (true, TicketStatus::Refunded)] {
        let bought = Bought::new(Payments::Wait).await;
        if refunded {
            bought.stage.hear(&bought.refunded(true)).await;
        }
        // The end of one dispute comes before its beginning.
        bought.stage.hear(&bought.disputed(2, DisputeState::Lost)).await;
        bought.stage.hear(&bought.disputed(1, DisputeState::Open)).await;
        bought.stage.carry(Payments::Pay).await;
        assert_eq!(bought.statuses().await, [status; 2]);
        assert_eq!(bought.shows(0, None).await.outcome.name(), "VOID");
        let expected = if refunded { OrderStatus::Refunded } else { OrderStatus::Completed };
        assert_eq!(bought.stage.status(&bought.order).await, expected);
        bought.stage.assert_invariants().await;
    }
}

#[tokio::test]
async fn a_dispute_of_an_order_that_is_not_known_holds_up_no_other_message() {
    let mut bought = Bought::new(Payments::Pay).await;
    let stranger = Bought::new(Payments::Wait).await;
    bought.order = stranger.order;
    bought.stage.hear(&bought.disputed(1, DisputeState::Open)).await;
    bought.stage.hear(&bought.refunded(true)).await;
    assert!(bought.tickets().await.is_empty());
}

#[tokio::test]
async fn the_lines_of_a_refunded_order_show_its_seats_as_the_map_does() {
    let bought = Bought::new(Payments::Pay).await;
    let of = bought.order.state();
    let lines = async || {
        let ask = "query ($id: ID!) { order(id: $id) { items { seat { status } } } }";
        let shown = bought.stage.data(Some(of.buyer), ask, json!({ "id": of.id })).await;
        shown["order"]["items"].clone()
    };
    let seats = |status: &str| json!([{ "seat": { "status": status } }, { "seat": { "status": status } }]);
    assert_eq!(lines().await, seats("SOLD"));

    bought.stage.hear(&bought.refunded(true)).await;
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Refunded);
    // Nobody else can have them.
    assert_eq!(lines().await, seats("SOLD"));
}
