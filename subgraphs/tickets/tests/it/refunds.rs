//! Organizers give the money of tickets back.

use contracts::{
    payments::{DisputeState, RefundFailed, RefundPayment},
    saga::Outcome,
    tickets::OrderRefunded,
    users::Role,
};
use kernel::{Currency, Money, PaymentId, TicketId, UserId};
use messaging::Message;
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use tickets::domain::{
    entities::{CheckIn, Order, OrderStatus, OrderStepKind, SeatStatus, TicketStatus, ToldStep},
    use_cases::{CheckInAsk, RefundOrder},
};

use crate::{
    money_back::disputed,
    stage::{FLOOR, Payments, STALLS, Stage, code, now},
};

/// Three seats that somebody has bought at 10 euros each.
struct Bought {
    stage: Stage,
    order: Order,
    buyer: UserId,
}

impl Bought {
    async fn new() -> Self {
        Self::at(1000).await
    }

    async fn at(cents: i64) -> Self {
        let stage = Stage::new().await;
        stage.sells_at("Seat", &[STALLS], cents).await;
        let buyer = UserId::new();
        let order = stage.checks_out(&stage.holds(buyer, &[0, 1, 2]).await.unwrap()).await;
        stage.carry(Payments::Pay).await;
        assert_eq!(stage.status(&order).await, OrderStatus::Completed);
        Self { stage, order, buyer }
    }

    fn ask(&self, tickets: Option<Vec<TicketId>>) -> RefundOrder {
        RefundOrder {
            by: self.stage.organizer,
            order: self.order.state().id,
            tickets,
            reason: Some("The balcony is closed.".to_owned()),
            keep_places_back: false,
            idempotency_key: kernel::Id::<()>::new().to_string(),
        }
    }

    async fn ids(&self) -> Vec<TicketId> {
        let tickets = self.stage.tickets.reads().tickets_of(self.order.state().id).await.unwrap();
        tickets.into_iter().map(|ticket| ticket.id).collect()
    }

    async fn statuses(&self) -> Vec<TicketStatus> {
        let tickets = self.stage.tickets.reads().tickets_of(self.order.state().id).await.unwrap();
        tickets.into_iter().map(|ticket| ticket.status).collect()
    }

    async fn seats(&self) -> Vec<SeatStatus> {
        let map = self.stage.tickets.reads().seat_map(self.stage.event).await.unwrap().unwrap();
        let status = |seat| map.taken.get(&seat).copied().unwrap_or(SeatStatus::Available);
        (0..3).map(status).collect()
    }

    async fn shows(&self, ticket: usize) -> CheckIn {
        let tickets = self.stage.tickets.reads().tickets_of(self.order.state().id).await.unwrap();
        let (by, event, code) = (self.stage.organizer, self.stage.event, tickets[ticket].code.clone());
        let ask = CheckInAsk { by, event, code, gate: None, nonce: None };
        self.stage.tickets.check_in(ask).await.unwrap().outcome
    }

    async fn told(&self) -> Vec<(OrderStepKind, String)> {
        let history = self.stage.tickets.reads().history(self.order.state().id).await.unwrap();
        ToldStep::all(history).into_iter().map(|told| (told.kind, told.message)).collect()
    }

    /// Payments answers what it was asked. What it was asked, and what was told of refunds.
    async fn carry(&self, outcome: &Outcome) -> (Vec<RefundPayment>, Vec<OrderRefunded>) {
        let (mut asked, mut told) = (Vec::new(), Vec::new());
        loop {
            let waiting = self.stage.waiting().await;
            if waiting.is_empty() {
                return (asked, told);
            }
            for message in waiting {
                self.stage.deliver(&message).await.unwrap();
                if let Some(ask) = read::<RefundPayment>(&message) {
                    self.stage.hear(&ask.asked.answer(outcome.clone())).await;
                    asked.push(ask);
                }
                told.extend(read::<OrderRefunded>(&message));
            }
        }
    }
}

fn read<C: contracts::Contract>(message: &Message) -> Option<C> {
    message.read::<C>().unwrap()
}

#[tokio::test]
async fn a_whole_order_goes_back_and_its_seats_can_be_had_again() {
    let bought = Bought::new().await;
    let refund = bought.ask(None);
    bought.stage.tickets.refund_order(refund.clone()).await.unwrap();
    assert_eq!(bought.statuses().await, [TicketStatus::Void; 3], "before the money is back nobody gets in");
    assert_eq!(bought.shows(0).await, CheckIn::Refunded);
    assert_eq!(bought.seats().await, [SeatStatus::Sold; 3], "nor has anybody else the seat");
    let (asked, told) = bought.carry(&Outcome::Done).await;
    assert_eq!(asked.len(), 1);
    assert_eq!((asked[0].amount, asked[0].order_id), (None, bought.order.state().id), "all that is left");
    assert_eq!(asked[0].reason, "The balcony is closed.");
    assert_eq!(bought.statuses().await, [TicketStatus::Refunded; 3]);
    assert_eq!(bought.seats().await, [SeatStatus::Available; 3]);
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Refunded);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].amount, told[0].whole), (Money::new(3000, Currency::EUR), true));
    assert_eq!(told[0].lines.iter().map(|line| line.quantity).sum::<u32>(), 3);
    let history = bought.told().await;
    let last: Vec<_> = history[history.len() - 2..].to_vec();
    assert_eq!(last[0], (OrderStepKind::RefundStarted, "30.00 EUR is on its way back to you.".to_owned()));
    assert_eq!(last[1], (OrderStepKind::Refunded, "30.00 EUR went back to you.".to_owned()));
    bought.stage.holds(UserId::new(), &[0, 1, 2]).await.expect("somebody else has them at once");
    // The same wish again is answered the same, and another finds nothing left.
    bought.stage.tickets.refund_order(refund).await.unwrap();
    let again = bought.stage.tickets.refund_order(bought.ask(None)).await;
    assert_eq!(code(again), "CONFLICT");
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn some_tickets_go_back_and_then_the_rest() {
    use TicketStatus::{Refunded, Valid};

    let bought = Bought::new().await;
    let ids = bought.ids().await;
    bought.stage.tickets.refund_order(bought.ask(Some(vec![ids[1]]))).await.unwrap();
    let (asked, told) = bought.carry(&Outcome::Done).await;
    assert_eq!(asked[0].amount, Some(Money::new(1000, Currency::EUR)));
    assert!(!told[0].whole);
    assert_eq!(told[0].tickets.iter().map(|ticket| ticket.ticket_id).collect::<Vec<_>>(), [ids[1]]);
    assert_eq!(
        (told[0].tickets[0].row.as_deref(), told[0].tickets[0].seat.as_deref()),
        (Some("A"), Some("2"))
    );
    assert_eq!(bought.statuses().await, [Valid, Refunded, Valid]);
    assert_eq!(bought.seats().await, [SeatStatus::Sold, SeatStatus::Available, SeatStatus::Sold]);
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::PartiallyRefunded);
    assert_eq!(bought.shows(0).await, CheckIn::Admitted, "the others admit as before");
    let twice = bought.stage.tickets.refund_order(bought.ask(Some(vec![ids[0], ids[1]]))).await;
    assert_eq!(code(twice), "BAD_USER_INPUT", "one of them went back before");
    bought.stage.tickets.refund_order(bought.ask(None)).await.unwrap();
    let (asked, told) = bought.carry(&Outcome::Done).await;
    assert_eq!((asked.len(), asked[0].amount), (1, None));
    assert_eq!((told[0].amount, told[0].whole), (Money::new(2000, Currency::EUR), true));
    assert_eq!(bought.statuses().await, [Refunded; 3]);
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Refunded);
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn two_refunds_of_different_tickets_go_on_beside_each_other() {
    let bought = Bought::new().await;
    let ids = bought.ids().await;
    for ticket in &ids[..2] {
        bought.stage.tickets.refund_order(bought.ask(Some(vec![*ticket]))).await.unwrap();
    }
    let (asked, _) = bought.carry(&Outcome::Done).await;
    assert_eq!(asked.len(), 2);
    assert_ne!(asked[0].refund_id, asked[1].refund_id);
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::PartiallyRefunded);
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn what_goes_back_with_the_last_ticket_is_its_own_while_the_others_are_under_way() {
    let bought = Bought::new().await;
    let ids = bought.ids().await;
    for tickets in [&ids[..2], &ids[2..]] {
        bought.stage.tickets.refund_order(bought.ask(Some(tickets.to_vec()))).await.unwrap();
    }
    let (asked, _) = bought.carry(&Outcome::Done).await;
    let amounts: Vec<_> = asked.iter().map(|ask| ask.amount.map(|amount| amount.minor)).collect();
    assert_eq!(amounts, [Some(2000), Some(1000)], "whichever comes first, the other one finds its own");
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Refunded);
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn money_that_cannot_go_back_leaves_the_tickets_as_they_were() {
    use TicketStatus::{CheckedIn, Valid};

    let bought = Bought::new().await;
    assert_eq!(bought.shows(2).await, CheckIn::Admitted);
    bought.stage.tickets.refund_order(bought.ask(None)).await.unwrap();
    let refused = Outcome::Refused { reason: "less is left".to_owned() };
    let (_, told) = bought.carry(&refused).await;
    assert!(told.is_empty());
    assert_eq!(bought.statuses().await, [Valid, Valid, CheckedIn]);
    assert_eq!(bought.seats().await, [SeatStatus::Sold; 3]);
    assert_eq!(bought.shows(0).await, CheckIn::Admitted);
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Completed);
    assert_eq!(bought.told().await.last().unwrap().0, OrderStepKind::RefundFailed);
    bought.stage.tickets.refund_order(bought.ask(None)).await.expect("it can be tried again");
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn who_does_not_answer_is_asked_again_the_same() {
    let bought = Bought::new().await;
    bought.stage.tickets.refund_order(bought.ask(None)).await.unwrap();
    let ask = |messages: Vec<Message>| messages.iter().find_map(read::<RefundPayment>).expect("it is asked");
    let first = ask(bought.stage.waiting().await);
    bought.stage.database.writes.execute_unprepared("UPDATE sagas SET deadline = 1").await.unwrap();
    bought.stage.ticks().await;
    assert_eq!(ask(bought.stage.waiting().await), first);
    bought.stage.hear(&first.asked.answer(Outcome::Done)).await;
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Refunded);
}

#[tokio::test]
async fn an_answer_that_comes_again_after_months_changes_nothing_and_gives_back_what_has_run_out() {
    let bought = Bought::new().await;
    bought.stage.tickets.refund_order(bought.ask(None)).await.unwrap();
    let (asked, _) = bought.carry(&Outcome::Done).await;
    for (forgotten, lapsed) in [("UPDATE sagas SET version = version", 5), ("DELETE FROM sagas", 6)] {
        bought.stage.holds(UserId::new(), &[lapsed]).await.unwrap();
        for change in [forgotten, "UPDATE reservations SET expires_at = 1 WHERE holding"] {
            bought.stage.database.writes.execute_unprepared(change).await.unwrap();
        }
        bought.stage.hear(&asked[0].asked.answer(Outcome::Done)).await;
        assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Refunded);
        bought.stage.assert_invariants().await;
    }
}

#[tokio::test]
async fn what_cost_nothing_goes_back_without_anybody_being_asked() {
    let bought = Bought::at(0).await;
    bought.stage.tickets.refund_order(bought.ask(None)).await.unwrap();
    assert_eq!(bought.statuses().await, [TicketStatus::Refunded; 3]);
    let (asked, told) = bought.carry(&Outcome::Done).await;
    assert!(asked.is_empty());
    assert_eq!(told.len(), 1);
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn an_organizer_may_keep_the_seats_back() {
    let bought = Bought::new().await;
    bought
        .stage
        .tickets
        .refund_order(RefundOrder { keep_places_back: true, ..bought.ask(None) })
        .await
        .unwrap();
    bought.carry(&Outcome::Done).await;
    assert_eq!(bought.seats().await, [SeatStatus::Blocked; 3]);
    assert_eq!(code(bought.stage.holds(UserId::new(), &[0]).await), "SEATS_UNAVAILABLE");
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn places_without_numbers_go_back_to_their_price() {
    let stage = Stage::new().await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let buyer = UserId::new();
    let held = stage.tickets.hold_seats(stage.standing(buyer, floor, 4)).await.unwrap();
    let order = stage.checks_out(&held).await;
    stage.carry(Payments::Pay).await;
    let bought = Bought { stage, order, buyer };
    let ids = bought.ids().await;
    bought.stage.tickets.refund_order(bought.ask(Some(ids[..3].to_vec()))).await.unwrap();
    bought.carry(&Outcome::Done).await;
    let availability = bought.stage.tickets.reads().availability(bought.stage.event).await.unwrap();
    let floor = availability.sections.iter().find(|(key, _)| key.as_str() == FLOOR).unwrap();
    assert_eq!((floor.1.sold, floor.1.blocked), (1, 0));
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn a_dispute_that_is_won_makes_no_ticket_valid_that_is_going_back() {
    let bought = Bought::new().await;
    bought.stage.tickets.refund_order(bought.ask(None)).await.unwrap();
    bought.stage.hear(&disputed(&bought.order, 1, DisputeState::Open)).await;
    bought.stage.hear(&disputed(&bought.order, 2, DisputeState::Won)).await;
    assert_eq!(bought.statuses().await, [TicketStatus::Void; 3]);
    assert_eq!(bought.shows(0).await, CheckIn::Refunded);
    bought.carry(&Outcome::Done).await;
    assert_eq!(bought.statuses().await, [TicketStatus::Refunded; 3]);
}

#[tokio::test]
async fn a_refund_that_the_provider_sends_back_is_told_to_the_buyer() {
    let bought = Bought::new().await;
    bought.stage.tickets.refund_order(bought.ask(None)).await.unwrap();
    let (asked, _) = bought.carry(&Outcome::Done).await;
    let of = bought.order.state();
    let failed = RefundFailed {
        payment_id: PaymentId::new(),
        refund_id: asked[0].refund_id,
        order_id: of.id,
        event_id: of.event,
        buyer_id: of.buyer,
        amount: of.total,
        at: now(),
    };
    bought.stage.hear(&failed).await;
    let told = bought.told().await;
    assert_eq!(told.iter().filter(|(kind, _)| *kind == OrderStepKind::RefundFailed).count(), 1);
    assert_eq!(bought.statuses().await, [TicketStatus::Refunded; 3], "it is owed still, and tried again");
}

const REFUND: &str =
    "mutation($input: RefundOrderInput!) { refundOrder(input: $input) { id status history { kind } } }";

#[tokio::test]
async fn owners_and_managers_give_money_back_and_nobody_else_without_a_policy() {
    let bought = Bought::new().await;
    let input = |key: &str| {
        let order = bought.order.state().id.public().to_string();
        json!({ "input": { "orderId": order, "idempotencyKey": key } })
    };
    for (who, expected) in [
        (Some(bought.buyer), "CONFLICT"),
        (Some(UserId::new()), "NOT_FOUND"),
        (Some(bought.stage.member(Role::Scanner).await), "NOT_FOUND"),
        (Some(bought.stage.member(Role::BoxOffice).await), "NOT_FOUND"),
        (None, "UNAUTHENTICATED"),
    ] {
        let answer = bought.stage.ask(who, REFUND, input("k")).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], expected, "{answer}");
    }
    let manager = bought.stage.member(Role::Manager).await;
    let answer = bought.stage.ask(Some(manager), REFUND, input("k")).await;
    assert_eq!(answer["data"]["refundOrder"]["status"], "COMPLETED", "{answer}");
    assert_eq!(bought.statuses().await, [TicketStatus::Void; 3]);
}

#[tokio::test]
async fn all_that_is_wrong_with_the_input_is_told_at_once() {
    let bought = Bought::new().await;
    let input = json!({ "input": {
        "orderId": "evt_0190163d-8694-739b-aea5-966c26f8ad90", "ticketIds": ["nonsense"], "reason": "x".repeat(501), "idempotencyKey": "" } });
    let answer = bought.stage.ask(Some(bought.stage.organizer), REFUND, input).await;
    let problems = answer["errors"][0]["extensions"]["problems"].as_array().unwrap().clone();
    let paths: Vec<_> = problems.iter().map(|problem| problem["path"].to_string()).collect();
    assert_eq!(paths.len(), 4, "{answer}");
    assert!(paths.iter().any(|path| path.contains("ticketIds") && path.contains('0')), "{paths:?}");
}

#[tokio::test]
async fn an_order_without_tickets_has_nothing_to_give_back() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let order = stage.checks_out(&stage.holds(buyer, &[0]).await.unwrap()).await;
    let bought = Bought { stage, order, buyer };
    assert_eq!(code(bought.stage.tickets.refund_order(bought.ask(None)).await), "CONFLICT");
}
