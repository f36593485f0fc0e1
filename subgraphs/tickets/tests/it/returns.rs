//! Buyers give tickets back, within the policy that was frozen when they bought.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{
    events::{EventChange, EventStatus},
    payments::{DisputeState, RefundPayment},
    saga::Outcome,
    settings::{OrganizationSettings, RefundPolicy, RefundRule},
    tickets::OrderRefunded,
};
use kernel::{Currency, Money, Rate, TicketId, UserId};
use serde_json::{Value, json};
use tickets::domain::{
    entities::{CheckIn, Order, OrderStatus, TicketStatus},
    pricing::{BorneBy, FeeAmount, ServiceFee},
    use_cases::{CheckInAsk, RefundOrder},
};

use crate::{
    money_back::disputed,
    prices::{all_told, cents},
    stage::{Payments, STALLS, Stage, code, now},
    terms::vat,
};

/// Three seats at 9.99, a fee of 1.00 for each of them and one of 0.50 for the order.
struct Bought {
    stage: Stage,
    order: Order,
    buyer: UserId,
}

fn rule(hours_before_start: u32, percent: u32) -> RefundRule {
    RefundRule { hours_before_start, percent: Rate::percent(percent) }
}

/// The event starts in 30 days.
fn policy(rules: &[RefundRule], fees_kept: bool) -> OrganizationSettings {
    let fee = |name: &str, amount| ServiceFee { name: name.to_owned(), amount, borne_by: BorneBy::Buyer };
    let eur = |minor| Money::new(minor, Currency::EUR);
    OrganizationSettings {
        fees: vec![fee("Ticket", FeeAmount::PerTicket(eur(100))), fee("Order", FeeAmount::PerOrder(eur(50)))],
        tax: Some(vat(20, true)),
        refund_policy: RefundPolicy { rules: rules.to_vec(), fees_kept },
        ..OrganizationSettings::default()
    }
}

const QUOTE: &str = "query ($id: ID!, $of: [ID!]) { order(id: $id) { \
                     refundPolicy { description feesKept rules { until percent } } \
                     refundQuote(ticketIds: $of) { allowed reason validUntil \
                     total { total { amount } fees { amount } taxIncluded { amount } } } } }";
const REFUND: &str = "mutation ($input: RefundOrderInput!) { refundOrder(input: $input) { status } }";

impl Bought {
    async fn under(settings: OrganizationSettings) -> Self {
        let stage = Stage::new().await;
        stage.sells_at("Seat", &[STALLS], 999).await;
        stage.sells_on(1, settings).await;
        let buyer = UserId::new();
        let order = stage.checks_out(&stage.holds(buyer, &[0, 1, 2]).await.unwrap()).await;
        stage.carry(Payments::Pay).await;
        Self { stage, order, buyer }
    }

    async fn ids(&self) -> Vec<TicketId> {
        let tickets = self.stage.tickets.reads().tickets_of(self.order.state().id).await.unwrap();
        tickets.into_iter().map(|ticket| ticket.id).collect()
    }

    async fn statuses(&self) -> Vec<TicketStatus> {
        let tickets = self.stage.tickets.reads().tickets_of(self.order.state().id).await.unwrap();
        tickets.into_iter().map(|ticket| ticket.status).collect()
    }

    async fn quoted(&self, by: UserId, tickets: Option<&[TicketId]>) -> Value {
        let tickets =
            tickets.map(|ids| ids.iter().map(|id| json!(id.public().to_string())).collect::<Vec<_>>());
        let of = json!({ "id": self.order.state().id, "of": tickets });
        self.stage.data(Some(by), QUOTE, of).await["order"].take()
    }

    fn returned(&self, tickets: Option<Vec<TicketId>>) -> RefundOrder {
        RefundOrder {
            by: self.buyer,
            order: self.order.state().id,
            tickets,
            reason: Some("I am ill.".to_owned()),
            keep_places_back: false,
            idempotency_key: kernel::Id::<()>::new().to_string(),
        }
    }

    /// What was asked of payments, and what was told.
    async fn gives_back(&self, ask: RefundOrder) -> (Option<Money>, OrderRefunded) {
        self.stage.tickets.refund_order(ask).await.unwrap();
        let (mut asked, mut told) = (Vec::new(), Vec::new());
        loop {
            let waiting = self.stage.waiting().await;
            if waiting.is_empty() {
                assert_eq!((asked.len(), told.len()), (1, 1), "each once");
                return (asked[0], told.remove(0));
            }
            for message in waiting {
                self.stage.deliver(&message).await.unwrap();
                if let Some(ask) = message.read::<RefundPayment>().unwrap() {
                    self.stage.hear(&ask.asked.answer(Outcome::Done)).await;
                    asked.push(ask.amount);
                }
                told.extend(message.read::<OrderRefunded>().unwrap());
            }
        }
    }

    async fn goes_in(&self, ticket: usize) {
        let tickets = self.stage.tickets.reads().tickets_of(self.order.state().id).await.unwrap();
        let (by, event, code) = (self.stage.organizer, self.stage.event, tickets[ticket].code.clone());
        let ask = CheckInAsk { by, event, code, gate: None, nonce: None };
        assert_eq!(self.stage.tickets.check_in(ask).await.unwrap().outcome, CheckIn::Admitted);
    }

    /// The event is told anew, moved.
    async fn moves(&self, version: i64, starts_at: DateTime<Utc>, refundable_until: Option<DateTime<Utc>>) {
        let mut moved = self.stage.event_changed(version, EventChange::Rescheduled, EventStatus::Published);
        moved.event.starts_at = starts_at;
        moved.event.ends_at = starts_at + TimeDelta::hours(3);
        moved.refundable_until = refundable_until;
        self.stage.hear(&moved).await;
    }
}

/// Why it was refused.
fn reason<T: std::fmt::Debug>(outcome: kernel::Result<T>) -> String {
    outcome.unwrap_err().refusal().unwrap().reason.clone().into_owned()
}

fn amount(quote: &Value, of: &str) -> i64 {
    cents(&quote["refundQuote"]["total"][of])
}

#[tokio::test]
async fn what_is_quoted_is_what_is_given_back_also_in_parts_and_the_last_takes_the_remainder() {
    // 3 * (9.99 + 1.00) + 0.50 is 33.47, of which 3.50 are fees: half of all is 16.74, and of all but the fees 14.99.
    for (percent, fees_kept, all) in
        [(100, false, 3347), (50, false, 1674), (50, true, 1499), (100, true, 2997), (33, false, 1105)]
    {
        let bought = Bought::under(policy(&[rule(24, percent)], fees_kept)).await;
        assert_eq!(bought.order.state().total, Money::new(3347, Currency::EUR));
        let whole = bought.quoted(bought.buyer, None).await;
        assert_eq!(amount(&whole, "total"), all, "{percent} {fees_kept}");
        assert_eq!(whole["refundQuote"]["allowed"], true);
        assert_eq!(amount(&whole, "fees") == 0, fees_kept);
        let mut sum = 0;
        for ticket in bought.ids().await {
            let quote = bought.quoted(bought.buyer, Some(&[ticket])).await;
            assert_eq!(quote["refundQuote"]["validUntil"], quote["refundPolicy"]["rules"][0]["until"]);
            let quoted = Money::new(amount(&quote, "total"), Currency::EUR);
            let (asked, told) = bought.gives_back(bought.returned(Some(vec![ticket]))).await;
            sum += quoted.minor;
            let is_all = sum == 3347;
            assert_eq!(
                asked,
                (!is_all).then_some(quoted),
                "all that is left is asked for only when nothing is kept"
            );
            assert_eq!(told.amount, quoted);
            assert_eq!(told.fees.minor, amount(&quote, "fees"));
            assert_eq!(told.tax.unwrap().minor, amount(&quote, "taxIncluded"));
            assert_eq!(told.reason, None, "what a buyer says is not told as the organizer's words");
        }
        assert_eq!(sum, all, "{percent} {fees_kept}");
        assert_eq!(bought.statuses().await, [TicketStatus::Refunded; 3]);
        assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Refunded);
        let after = bought.quoted(bought.buyer, None).await;
        assert_eq!((&after["refundQuote"]["allowed"], amount(&after, "total")), (&json!(false), 0));
        bought.stage.assert_invariants().await;
    }
}

#[tokio::test]
async fn the_policy_is_frozen_when_an_order_is_placed() {
    let bought = Bought::under(policy(&[rule(48, 50), rule(24 * 14, 100)], true)).await;
    let frozen = bought.quoted(bought.buyer, None).await["refundPolicy"].take();
    let percents: Vec<_> = frozen["rules"].as_array().unwrap().iter().map(|rule| &rule["percent"]).collect();
    assert_eq!(percents, ["100", "50"]);
    let words = frozen["description"].as_str().unwrap();
    assert!(words.starts_with("Full refund until ") && words.ends_with(" UTC; fees stay."), "{words}");
    bought.stage.sells_on(2, OrganizationSettings::default()).await;
    bought.moves(2, now() + TimeDelta::days(90), None).await;
    let still = bought.quoted(bought.buyer, None).await;
    assert_eq!(still["refundPolicy"], frozen);
    assert_eq!(still["refundQuote"]["validUntil"], frozen["rules"][0]["until"]);
    // What is bought now has the policy of now, and so does the event.
    let ask = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { refundPolicy { description } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": bought.stage.event }] });
    let event = bought.stage.data(None, ask, of.clone()).await;
    assert_eq!(event["_entities"][0]["refundPolicy"], Value::Null);
    let buyer = UserId::new();
    let order = bought.stage.checks_out(&bought.stage.holds(buyer, &[5]).await.unwrap()).await;
    bought.stage.carry(Payments::Pay).await;
    let of_now = Bought { order, buyer, ..bought };
    let quote = of_now.quoted(buyer, None).await;
    assert_eq!(
        quote["refundPolicy"],
        json!({ "description": "No refunds.", "feesKept": false, "rules": [] })
    );
    assert_eq!(quote["refundQuote"]["reason"], "Tickets of this order cannot be given back.");
    assert_eq!(reason(of_now.stage.tickets.refund_order(of_now.returned(None)).await), "NO_REFUNDS");
    of_now.stage.sells_on(3, policy(&[rule(24, 25)], false)).await;
    let event = of_now.stage.data(None, ask, of).await;
    let words = event["_entities"][0]["refundPolicy"]["description"].as_str().unwrap();
    assert!(words.starts_with("25 % back until "), "{words}");
}

#[tokio::test]
async fn when_the_time_is_over_it_is_told_until_when_it_was() {
    let bought = Bought::under(policy(&[rule(24, 50)], false)).await;
    // As if the order was of long ago.
    let past = json!({ "rules": [{ "until": "2026-03-14T18:30:00Z", "percent": 500_000 }] }).to_string();
    bought.stage.written(&format!("UPDATE orders SET refund_policy = '{past}'")).await;
    let refused = bought.stage.tickets.refund_order(bought.returned(None)).await.unwrap_err();
    let refused = refused.refusal().unwrap();
    assert_eq!((refused.code.as_str(), &*refused.reason), ("CONFLICT", "REFUNDS_OVER"));
    assert_eq!(refused.details["until"], "2026-03-14T18:30:00.000Z");
    let words = "Tickets of this order could be given back until Saturday, 14 March 2026, 18:30 UTC.";
    assert_eq!(refused.message, words);
    let quote = bought.quoted(bought.buyer, None).await;
    assert_eq!(quote["refundQuote"]["reason"], words);
    assert_eq!(quote["refundQuote"]["validUntil"], Value::Null);
    assert_eq!(bought.statuses().await, [TicketStatus::Valid; 3]);
    // The organizer gives everything back at any time, and is told so.
    let organizers = bought.quoted(bought.stage.organizer, None).await;
    assert_eq!(
        (amount(&organizers, "total"), &organizers["refundQuote"]["validUntil"]),
        (3347, &Value::Null)
    );
    let (asked, told) =
        bought.gives_back(RefundOrder { by: bought.stage.organizer, ..bought.returned(None) }).await;
    assert_eq!((asked, told.amount.minor, told.reason.as_deref()), (None, 3347, Some("I am ill.")));
}

#[tokio::test]
async fn what_was_used_is_not_given_back_by_its_buyer_and_the_rest_is() {
    use TicketStatus::{CheckedIn, Refunded};

    let bought = Bought::under(policy(&[rule(24, 100)], false)).await;
    bought.goes_in(1).await;
    let ids = bought.ids().await;
    let refused =
        bought.stage.tickets.refund_order(bought.returned(Some(vec![ids[0], ids[1]]))).await.unwrap_err();
    let refused = refused.refusal().unwrap();
    assert_eq!(&*refused.reason, "TICKET_USED");
    assert_eq!(refused.details["ticketIds"], json!([ids[1].public().to_string()]));
    let (asked, told) = bought.gives_back(bought.returned(None)).await;
    assert_eq!(told.tickets.iter().map(|ticket| ticket.ticket_id).collect::<Vec<_>>(), [ids[0], ids[2]]);
    assert_eq!(asked, Some(told.amount));
    assert_eq!(bought.statuses().await, [Refunded, CheckedIn, Refunded]);
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::PartiallyRefunded);
    assert_eq!(
        reason(bought.stage.tickets.refund_order(bought.returned(None)).await),
        "TICKET_USED",
        "only it is left"
    );
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn a_disputed_order_is_not_given_back_by_its_buyer() {
    let bought = Bought::under(policy(&[rule(24, 100)], false)).await;
    bought.stage.hear(&disputed(&bought.order, 1, DisputeState::Open)).await;
    assert_eq!(reason(bought.stage.tickets.refund_order(bought.returned(None)).await), "PAYMENT_DISPUTED");
    assert_eq!(bought.quoted(bought.buyer, None).await["refundQuote"]["allowed"], false);
    bought.stage.hear(&disputed(&bought.order, 2, DisputeState::Won)).await;
    let (_, told) = bought.gives_back(bought.returned(None)).await;
    assert_eq!(told.amount.minor, 3347);
}

#[tokio::test]
async fn what_is_kept_of_one_ticket_does_not_go_back_with_the_others() {
    let bought = Bought::under(policy(&[rule(24, 50)], false)).await;
    let ids = bought.ids().await;
    let (_, told) = bought.gives_back(bought.returned(Some(vec![ids[0]]))).await;
    let half = told.amount.minor;
    let organizers = RefundOrder { by: bought.stage.organizer, ..bought.returned(None) };
    let (asked, told) = bought.gives_back(organizers).await;
    assert!(told.whole);
    assert_eq!(
        asked,
        Some(told.amount),
        "not all that is left of the payment: a part of it is the organizer's"
    );
    let paid: Vec<i64> = {
        let tickets = bought.stage.tickets.reads().tickets_of(bought.order.state().id).await.unwrap();
        tickets.into_iter().map(|ticket| ticket.price.minor).collect()
    };
    assert_eq!(told.amount.minor, paid[1] + paid[2]);
    assert!(half < paid[0]);
}

#[tokio::test]
async fn who_bought_before_an_event_was_moved_gets_everything_back_while_the_organizer_gives_time() {
    let bought = Bought::under(policy(&[rule(24, 50)], true)).await;
    let window = now() + TimeDelta::days(3);
    bought.moves(2, now() + TimeDelta::days(60), Some(window)).await;
    let quote = bought.quoted(bought.buyer, None).await;
    assert_eq!(amount(&quote, "total"), 3347, "with fees, whatever the policy says");
    let until: DateTime<Utc> = quote["refundQuote"]["validUntil"].as_str().unwrap().parse().unwrap();
    assert_eq!(until.timestamp_millis(), window.timestamp_millis());
    // Who buys afterwards knows the new time.
    let buyer = UserId::new();
    let order = bought.stage.checks_out(&bought.stage.holds(buyer, &[5]).await.unwrap()).await;
    all_told(&bought.stage).await;
    let (_, told) = bought.gives_back(bought.returned(None)).await;
    assert_eq!(told.amount.minor, 3347);
    let later = Bought { order, buyer, ..bought };
    let quote = later.quoted(buyer, None).await;
    assert_eq!(amount(&quote, "total"), 500, "half of 9.99, and no fees");
}

#[tokio::test]
async fn a_ticket_that_goes_in_while_it_is_given_back_does_one_of_both() {
    let bought = Bought::under(policy(&[rule(24, 100)], false)).await;
    let tickets = bought.stage.tickets.reads().tickets_of(bought.order.state().id).await.unwrap();
    let (by, event, said) = (bought.stage.organizer, bought.stage.event, tickets[0].code.clone());
    let scan = CheckInAsk { by, event, code: said, gate: None, nonce: None };
    let ask = bought.returned(Some(vec![tickets[0].id]));
    let (went_in, given_back) =
        tokio::join!(bought.stage.tickets.check_in(scan), bought.stage.tickets.refund_order(ask));
    let went_in = went_in.unwrap().outcome == CheckIn::Admitted;
    assert_ne!(went_in, given_back.is_ok(), "{given_back:?}");
}

#[tokio::test]
async fn buyers_give_back_what_is_theirs_and_keep_no_places_back() {
    let bought = Bought::under(policy(&[rule(24, 100)], false)).await;
    let input = |extra: Value| {
        let mut input =
            json!({ "orderId": bought.order.state().id.public().to_string(), "idempotencyKey": "k" });
        input.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!({ "input": input })
    };
    let answer = bought.stage.ask(Some(UserId::new()), REFUND, input(json!({}))).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "NOT_FOUND");
    let answer = bought.stage.ask(Some(bought.buyer), REFUND, input(json!({ "keepPlacesBack": true }))).await;
    assert_eq!(answer["errors"][0]["extensions"]["field"], "keepPlacesBack", "{answer}");
    assert_eq!(
        code(bought.stage.tickets.refund_order(bought.returned(Some(vec![TicketId::new()]))).await),
        "BAD_USER_INPUT"
    );
    let answer = bought.stage.ask(Some(bought.buyer), REFUND, input(json!({}))).await;
    assert_eq!(answer["data"]["refundOrder"]["status"], "COMPLETED", "{answer}");
    assert_eq!(bought.statuses().await, [TicketStatus::Void; 3]);
    let again = bought.stage.ask(Some(bought.buyer), REFUND, input(json!({}))).await;
    assert_eq!(again, answer, "the same key is answered the same");
}
