//! Tickets change hands.

use chrono::TimeDelta;
use contracts::{
    events::{EventChange, EventStatus},
    payments::{DisputeState, RefundPayment},
    purchase::SendConfirmation,
    saga::Outcome,
    tickets::{OrderRefunded, OrderRescheduled, TicketTransferred},
    users::AccountChanged,
};
use futures::future::join_all;
use kernel::{Id, TicketId, UserId};
use messaging::Message;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use tickets::domain::{
    entities::{CheckIn, Order, TicketSnapshot, TicketStatus},
    use_cases::{CheckInAnswer, CheckInAsk, RefundOrder, TransferTicket, TransferredTicket},
};

use crate::{
    money_back::disputed,
    stage::{Payments, STALLS, Stage, code},
};

/// Seats that somebody has bought.
pub(crate) struct Bought {
    pub(crate) stage: Stage,
    pub(crate) order: Order,
    pub(crate) buyer: UserId,
    pub(crate) confirmation: SendConfirmation,
}

impl Bought {
    pub(crate) async fn new() -> Self {
        let stage = Stage::new().await;
        stage.sells("Seat", &[STALLS]).await;
        let buyer = UserId::new();
        let order = stage.checks_out(&stage.holds(buyer, &[0, 1]).await.unwrap()).await;
        let confirmation = stage.carry(Payments::Pay).await.remove(0);
        Self { stage, order, buyer, confirmation }
    }

    pub(crate) async fn tickets(&self) -> Vec<TicketSnapshot> {
        self.stage.tickets.reads().tickets_of(self.order.state().id).await.unwrap()
    }

    pub(crate) async fn first(&self) -> TicketSnapshot {
        self.tickets().await.remove(0)
    }

    pub(crate) async fn gives(
        &self,
        by: UserId,
        ticket: TicketId,
        email: &str,
    ) -> kernel::Result<TransferredTicket> {
        self.stage.tickets.transfer_ticket(ask(by, ticket, email)).await
    }

    pub(crate) async fn scans(&self, code: &str, gate: &str) -> CheckInAnswer {
        scan(&self.stage, code, gate).await
    }

    pub(crate) async fn transferred(&self) -> Vec<TicketTransferred> {
        heard(&self.stage.waiting().await)
    }

    pub(crate) async fn counts(&self, sql: &str) -> i64 {
        let backend = self.stage.database.writes.get_database_backend();
        let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM {sql}");
        let statement = sea_orm::Statement::from_string(backend, sql);
        let row = self.stage.database.writes.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get("", "n").unwrap()
    }
}

async fn scan(stage: &Stage, code: &str, gate: &str) -> CheckInAnswer {
    let (by, event) = (stage.organizer, stage.event);
    let (code, gate) = (code.to_owned(), Some(gate.to_owned()));
    stage.tickets.check_in(CheckInAsk { by, event, code, gate, nonce: None }).await.unwrap()
}

pub(crate) fn ask(by: UserId, ticket: TicketId, email: &str) -> TransferTicket {
    TransferTicket {
        by,
        ticket,
        name: "Grace".to_owned(),
        address: kernel::EmailAddress::parse("toEmail", email).unwrap(),
        idempotency_key: Id::<()>::new().to_string(),
    }
}

pub(crate) fn heard<C: contracts::Contract>(messages: &[Message]) -> Vec<C> {
    messages.iter().filter_map(|message| message.read::<C>().unwrap()).collect()
}

pub(crate) fn account(user_id: UserId, version: i64, email: &str, email_verified: bool) -> AccountChanged {
    AccountChanged {
        user_id,
        version,
        email: email.to_owned(),
        name: "Grace Hopper".to_owned(),
        locale: "de-AT".to_owned(),
        timezone: "Europe/Vienna".to_owned(),
        phone: None,
        email_verified,
        guest: false,
        erased: false,
    }
}

const MINE: &str = "query ($id: ID!) { _entities(representations: [{ __typename: \"User\", id: $id }]) \
                    { ... on User { tickets { totalCount nodes { id code mine transferable status order { id } } } } } }";
pub(crate) const ONE: &str = "query ($id: ID!) { ticket(id: $id) { id code qrPayload qrSvg pdfUrl calendarUrl mine transferable status \
                   holderName holderEmail order { number } price { total { amount } } } }";

impl Bought {
    pub(crate) async fn tickets_of(&self, person: UserId) -> Vec<Value> {
        let id = person.public().to_string();
        let data = self.stage.data(Some(person), MINE, json!({ "id": id })).await;
        data["_entities"][0]["tickets"]["nodes"].as_array().unwrap().clone()
    }

    pub(crate) async fn sees(&self, person: UserId, ticket: TicketId) -> Value {
        let id = ticket.public().to_string();
        self.stage.data(Some(person), ONE, json!({ "id": id })).await["ticket"].take()
    }
}

#[tokio::test]
async fn the_old_code_stops_working_at_once_and_the_new_one_admits() {
    let bought = Bought::new().await;
    let old = bought.confirmation.tickets[0].clone();
    let done = bought.gives(bought.buyer, old.ticket_id, "Grace@Example.org").await.unwrap();
    assert_eq!(done.replaced, old.ticket_id);
    for dead in [old.qr_payload.as_str(), old.code.as_str()] {
        let answer = bought.scans(dead, "North").await;
        assert_eq!((answer.outcome.name(), &answer.outcome), ("VOID", &CheckIn::PassedOn));
        assert_eq!(answer.ticket.as_ref().unwrap().status, TicketStatus::Transferred);
        assert!(answer.message().contains("passed on"), "{}", answer.message());
    }
    let told = bought.transferred().await.remove(0);
    assert_eq!(bought.scans(&told.ticket.qr_payload, "North").await.outcome, CheckIn::Admitted);
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn what_is_told_of_a_transfer_is_all_that_its_mails_need() {
    let bought = Bought::new().await;
    let (buyer, grace) = (bought.buyer, UserId::new());
    bought
        .stage
        .hear(&AccountChanged { name: "Ada".to_owned(), ..account(buyer, 1, "ada@home.example", true) })
        .await;
    bought.stage.hear(&account(grace, 1, "grace@example.org", true)).await;
    let old = bought.first().await;
    bought.gives(buyer, old.id, "Grace@Example.ORG").await.unwrap();
    let told = bought.transferred().await.remove(0);
    let now = bought.first().await;
    assert_eq!((told.ticket_id, told.replaced_ticket_id), (now.id, old.id));
    assert_eq!((told.ticket.ticket_id, &told.ticket.code), (now.id, &now.code));
    assert_eq!((told.ticket.holder_name.as_str(), told.ticket.seat.as_deref()), ("Grace", Some("1")));
    assert_eq!((told.from.user_id, told.from.name.as_str()), (Some(buyer), "Ada"));
    assert_eq!(told.from.email, "ada@home.example");
    assert_eq!((told.to.user_id, told.to.email.as_str()), (Some(grace), "Grace@Example.ORG"));
    assert_eq!((told.to.locale.as_deref(), told.sequence), (Some("de-AT"), 1));
    assert_eq!((told.event.title.as_str(), told.number), ("An evening", bought.order.state().number.clone()));
    let history = bought.stage.tickets.reads().history(bought.order.state().id).await.unwrap();
    assert!(history.iter().any(|step| step.step == "TRANSFERRED"));
}

#[tokio::test]
async fn never_two_valid_codes_never_none() {
    for round in 0..6 {
        let bought = Bought::new().await;
        let old = bought.confirmation.tickets[0].clone();
        let stage = &bought.stage;
        // One gate has the old code, the other tries the ticket that there is at each moment.
        let north = join_all((0..4).map(|_| scan(stage, &old.qr_payload, "North")));
        let transfer = bought.gives(bought.buyer, old.ticket_id, "grace@example.org");
        let south = async {
            let mut answers = Vec::new();
            for _ in 0..4 {
                let now = bought.first().await;
                answers.push(scan(stage, &stage.tickets.qr_payload(&now), "South").await);
            }
            answers
        };
        let (mut answers, transferred, others) = tokio::join!(north, transfer, south);
        answers.extend(others);
        let now = bought.first().await;
        answers.push(scan(stage, &stage.tickets.qr_payload(&now), "South").await);
        let admitted = answers.iter().filter(|answer| answer.outcome == CheckIn::Admitted).count();
        assert_eq!(admitted, 1, "round {round}: somebody goes in, and nobody behind them");
        match transferred {
            Ok(done) => assert_eq!((now.id, now.transfers), (done.ticket.id, 1)),
            Err(refused) => {
                assert!(refused.refusal().unwrap().is(tickets::domain::reasons::TICKET_USED), "{refused}");
                assert_eq!((now.id, now.transfers), (old.ticket_id, 0));
            }
        }
        assert_eq!(bought.counts("tickets WHERE status = 'CHECKED_IN'").await, 1);
        stage.assert_invariants().await;
    }
}

#[tokio::test]
async fn of_two_transfers_at_the_same_moment_one_is_made() {
    let bought = Bought::new().await;
    let old = bought.first().await.id;
    let to = ["grace@example.org", "eve@example.org"].map(|email| bought.gives(bought.buyer, old, email));
    let outcomes = join_all(to).await;
    let made = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(made, 1);
    let refused = outcomes.into_iter().find_map(Result::err).unwrap();
    assert!(refused.refusal().unwrap().is(tickets::domain::reasons::TICKET_PASSED_ON), "{refused}");
    assert_eq!(bought.counts("ticket_transfers").await, 1);
}

#[tokio::test]
async fn the_same_transfer_asked_again_is_one_and_another_under_its_key_is_refused() {
    let bought = Bought::new().await;
    let ask = ask(bought.buyer, bought.first().await.id, "grace@example.org");
    let answers = join_all((0..3).map(|_| bought.stage.tickets.transfer_ticket(ask.clone()))).await;
    let made: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().ticket.id).collect();
    let again = bought.stage.tickets.transfer_ticket(ask.clone()).await.unwrap();
    assert!(made.iter().all(|id| *id == again.ticket.id) && again.replaced == ask.ticket);
    assert_eq!((bought.counts("ticket_transfers").await, bought.transferred().await.len()), (1, 1));
    let other = TransferTicket { name: "Eve".to_owned(), ..ask };
    assert_eq!(code(bought.stage.tickets.transfer_ticket(other).await), "IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_ticket_is_not_passed_on_to_oneself() {
    let bought = Bought::new().await;
    bought.stage.hear(&account(bought.buyer, 1, "ada@home.example", false)).await;
    let first = bought.first().await.id;
    let refused = bought.gives(bought.buyer, first, "ADA@Home.example").await.unwrap_err();
    let refusal = refused.refusal().unwrap();
    assert_eq!((refusal.code.as_str(), &refusal.details["field"]), ("BAD_USER_INPUT", &json!("toEmail")));
    assert_eq!(bought.first().await.id, first);
}

#[tokio::test]
async fn only_whose_ticket_it_is_passes_it_on() {
    let bought = Bought::new().await;
    let first = bought.first().await.id;
    assert_eq!(code(bought.gives(UserId::new(), first, "grace@example.org").await), "NOT_FOUND");
    assert_eq!(code(bought.gives(bought.stage.organizer, first, "grace@example.org").await), "FORBIDDEN");
    let now = bought.gives(bought.buyer, first, "grace@example.org").await.unwrap().ticket.id;
    assert_eq!(code(bought.gives(bought.buyer, now, "eve@example.org").await), "FORBIDDEN");
}

#[tokio::test]
async fn what_was_used_or_is_disputed_or_off_is_not_passed_on() {
    use tickets::domain::reasons::{EVENT_CALLED_OFF, PAYMENT_DISPUTED, TICKET_USED};
    let bought = Bought::new().await;
    let [first, second] = [0, 1].map(|which| bought.confirmation.tickets[which].ticket_id);
    bought.scans(&bought.confirmation.tickets[0].qr_payload, "North").await;
    let why = async |ticket| {
        let refused = bought.gives(bought.buyer, ticket, "grace@example.org").await.unwrap_err();
        refused.refusal().unwrap().clone()
    };
    assert!(why(first).await.is(TICKET_USED));
    bought.stage.hear(&disputed(&bought.order, 1, DisputeState::Open)).await;
    assert!(why(second).await.is(PAYMENT_DISPUTED));
    assert_eq!(bought.sees(bought.buyer, second).await["transferable"], json!(false));
    bought.stage.hear(&disputed(&bought.order, 2, DisputeState::Won)).await;
    bought.stage.hear(&bought.stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    let off = why(second).await;
    assert!(off.is(EVENT_CALLED_OFF), "{off:?}");
}

#[tokio::test]
async fn the_money_of_a_ticket_that_was_passed_on_goes_back_to_its_buyer_and_whoever_holds_it_is_told() {
    let bought = Bought::new().await;
    let now = bought.gives(bought.buyer, bought.first().await.id, "grace@example.org").await.unwrap().ticket;
    drop(bought.stage.waiting().await);
    let refund = RefundOrder {
        by: bought.stage.organizer,
        order: bought.order.state().id,
        tickets: Some(vec![now.id]),
        reason: None,
        keep_places_back: false,
        idempotency_key: "back".to_owned(),
    };
    bought.stage.tickets.refund_order(refund).await.unwrap();
    let again = bought.gives(bought.buyer, now.id, "eve@example.org").await.unwrap_err();
    assert_eq!(again.refusal().unwrap().code.as_str(), "FORBIDDEN", "it is not the buyer's");
    assert_eq!(
        bought.scans(&bought.stage.tickets.qr_payload(&now), "North").await.outcome,
        CheckIn::Refunded
    );
    let asked = bought.stage.waiting().await;
    let ask: RefundPayment = heard(&asked).remove(0);
    let reply = ask.asked.answer(Outcome::Done);
    bought.stage.hear(&reply).await;
    let told: OrderRefunded = heard(&bought.stage.waiting().await).remove(0);
    assert_eq!((told.buyer_id, told.tickets[0].ticket_id), (bought.buyer, now.id));
    assert_eq!(told.tickets[0].holder_email, "grace@example.org");
    assert!(told.tickets[0].passed_on, "Grace is told in any case");
    bought.stage.assert_invariants().await;
}

#[tokio::test]
async fn a_refund_and_a_transfer_at_the_same_moment_leave_the_ticket_void_or_in_other_hands_and_void() {
    for _ in 0..4 {
        let bought = Bought::new().await;
        let grace = UserId::new();
        bought.stage.hear(&account(grace, 1, "grace@example.org", true)).await;
        let refund = RefundOrder {
            by: bought.stage.organizer,
            order: bought.order.state().id,
            tickets: None,
            reason: None,
            keep_places_back: false,
            idempotency_key: "back".to_owned(),
        };
        let first = bought.first().await.id;
        let (refunded, given) = tokio::join!(
            bought.stage.tickets.refund_order(refund),
            bought.gives(bought.buyer, first, "grace@example.org")
        );
        refunded.unwrap();
        if let Err(refused) = given {
            let refusal = refused.refusal().unwrap();
            assert!(refusal.is(tickets::domain::reasons::TICKET_GOING_BACK), "{refusal:?}");
        }
        assert!(bought.tickets().await.iter().all(|ticket| ticket.status == TicketStatus::Void));
    }
}

#[tokio::test]
async fn whoever_holds_a_ticket_is_told_that_its_event_was_moved() {
    let bought = Bought::new().await;
    let now = bought.gives(bought.buyer, bought.first().await.id, "grace@example.org").await.unwrap().ticket;
    drop(bought.stage.waiting().await);
    let mut moved = bought.stage.event_changed(2, EventChange::Rescheduled, EventStatus::Published);
    moved.event.starts_at += TimeDelta::days(1);
    moved.event.ends_at += TimeDelta::days(1);
    bought.stage.hear(&moved).await;
    while bought.stage.tickets.tell_of_moves().await.unwrap() {}
    let told: OrderRescheduled = heard(&bought.stage.waiting().await).remove(0);
    let holders: Vec<_> =
        told.tickets.iter().map(|held| (held.ticket_id, held.holder_email.as_str())).collect();
    let other = bought.tickets().await[1].id;
    assert_eq!(holders, [(now.id, "grace@example.org"), (other, "ada@example.org")]);
}

#[tokio::test]
async fn the_orders_number_admits_with_what_is_its_buyers_still() {
    let bought = Bought::new().await;
    let number = bought.order.state().number.clone();
    let second = bought.tickets().await[1].id;
    bought.gives(bought.buyer, bought.first().await.id, "grace@example.org").await.unwrap();
    let answer = bought.scans(&number, "North").await;
    assert_eq!((answer.outcome, answer.ticket.unwrap().id), (CheckIn::Admitted, second));
    let answer = bought.scans(&number, "North").await;
    assert!(matches!(answer.outcome, CheckIn::Already { .. }), "{answer:?}");
}

#[tokio::test]
async fn a_confirmation_that_is_asked_for_again_has_nothing_that_is_somebody_elses() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let order = stage.checks_out(&stage.holds(buyer, &[0, 1]).await.unwrap()).await;
    let mut asked: Vec<SendConfirmation> = Vec::new();
    // Nobody answers that the mail is on its way.
    while asked.is_empty() {
        for message in stage.waiting().await {
            stage.deliver(&message).await.unwrap();
            match message.read().unwrap() {
                Some(confirmation) => asked.push(confirmation),
                None => drop(stage.answers(&message, Payments::Pay).await),
            }
        }
    }
    let [given, kept] = [0, 1].map(|which: usize| asked[0].tickets[which].ticket_id);
    stage.tickets.transfer_ticket(ask(buyer, given, "grace@example.org")).await.unwrap();
    drop(stage.waiting().await);
    stage.database.writes.execute_unprepared("UPDATE sagas SET deadline = 1").await.unwrap();
    stage.ticks().await;
    let again: SendConfirmation = heard(&stage.waiting().await).remove(0);
    assert_eq!(again.order_id, order.state().id);
    assert_eq!(again.tickets.iter().map(|ticket| ticket.ticket_id).collect::<Vec<_>>(), [kept]);
}

#[tokio::test]
async fn the_graph_passes_a_ticket_on_and_says_what_is_wrong() {
    let bought = Bought::new().await;
    let ticket = bought.first().await.id.public().to_string();
    let transfer = "mutation ($input: TransferTicketInput!) { transferTicket(input: $input) \
                    { replacedTicketId ticket { id code mine holderName status } } }";
    let wrong =
        json!({ "input": { "ticketId": ticket, "toEmail": "grace", "toName": " ", "idempotencyKey": "k" } });
    let refused = bought.stage.ask(Some(bought.buyer), transfer, wrong).await;
    let fields: Vec<&str> = refused["errors"][0]["extensions"]["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|problem| problem["path"].as_array()?.last()?.as_str())
        .collect();
    assert_eq!(fields, ["toName", "toEmail"], "{refused}");
    let right = json!({ "input": { "ticketId": ticket, "toEmail": "grace@example.org", "toName": "Grace", "idempotencyKey": "k" } });
    let done = bought.stage.data(Some(bought.buyer), transfer, right).await["transferTicket"].take();
    assert_eq!(done["replacedTicketId"], json!(ticket));
    assert_eq!((&done["ticket"]["mine"], &done["ticket"]["code"]), (&json!(false), &Value::Null));
    let rename =
        "mutation ($input: RenameTicketHolderInput!) { renameTicketHolder(input: $input) { holderName } }";
    let other = bought.tickets().await[1].id.public().to_string();
    let input = json!({ "input": { "ticketId": other, "holderName": "Ada King" } });
    let renamed = bought.stage.data(Some(bought.buyer), rename, input).await;
    assert_eq!(renamed["renameTicketHolder"]["holderName"], "Ada King");
}
