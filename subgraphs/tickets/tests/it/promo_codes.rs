//! Promo codes: what they take off, to the ticket and the mail, and how often.

use std::sync::Arc;

use chrono::TimeDelta;
use contracts::{
    Contract,
    events::{EventChange, EventStatus, Places},
    purchase::{SendConfirmation, TakePayment},
    settings::{BorneBy, FeeAmount, OrganizationSettings, OrganizationSettingsChanged, ServiceFee},
    tickets::TicketsIssued,
};
use kernel::{Currency, EventId, Money, Rate, Refusal, UserId};
use messaging::{InProcessBus, Message};
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::json;
use service::Foundation;
use tickets::{
    Config,
    domain::{
        entities::{Change, OrderStatus, PromoCode, PromoCodeChange, Reservation},
        use_cases::{CreatePromoCode, Tickets, UpdatePromoCode},
    },
};
use tokio::task::JoinSet;

use crate::stage::{FLOOR, Payments, STALLS, Stage, code, now};

fn eur(cents: i64) -> Money {
    Money::new(cents, Currency::EUR)
}

impl Stage {
    pub(crate) fn half_off(&self, code: &str) -> CreatePromoCode {
        CreatePromoCode {
            by: self.organizer,
            event: self.event,
            code: code.to_owned(),
            percent_off: Some(Rate::percent(50)),
            amount_off: None,
            ticket_types: None,
            max_redemptions: None,
            max_per_buyer: None,
            valid_from: None,
            valid_until: None,
            idempotency_key: None,
        }
    }

    pub(crate) async fn gives(&self, code: CreatePromoCode) -> PromoCode {
        self.tickets.create_promo_code(code).await.unwrap()
    }

    pub(crate) async fn applies(&self, reservation: &Reservation, code: &str) -> kernel::Result<Reservation> {
        let of = reservation.state();
        self.tickets.apply_promo_code(of.id, of.buyer, code).await
    }

    async fn removes(&self, reservation: &Reservation) -> kernel::Result<Reservation> {
        let of = reservation.state();
        self.tickets.remove_promo_code(of.id, of.buyer).await
    }

    /// How often a code is redeemed. That is the same before and after it is settled.
    pub(crate) async fn redemptions(&self, code: &PromoCode) -> u32 {
        let id = code.state().id;
        let count = async || self.tickets.reads().redemptions(&[id]).await.unwrap()[&id];
        let before = count().await;
        self.tickets.settle_promo_codes().await.unwrap();
        assert_eq!(count().await, before);
        let wrong = "SELECT 1 FROM promo_codes p WHERE settled <> (SELECT COUNT(*) FROM reservations r \
                     JOIN orders o ON o.reservation_id = r.id WHERE r.promo_code_id = p.id AND NOT r.promo_code_open \
                     AND EXISTS (SELECT 1 FROM tickets t WHERE t.order_id = o.id))";
        let backend = self.database.writes.get_database_backend();
        let wrong = self.database.writes.query_all_raw(Statement::from_string(backend, wrong)).await.unwrap();
        assert!(wrong.is_empty(), "what is settled has tickets");
        before
    }

    /// The service once more over the same database.
    async fn another_replica(&self) -> Tickets {
        let (bus, clock) = (Arc::new(InProcessBus::new()), self.clock.clone());
        let foundation = Foundation { bus, clock, tokens: self.signer.verifier() };
        tickets::use_cases(&Config::default(), &self.database, &foundation).await.unwrap().0
    }

    /// Carries what was told until nothing is told any more, and pays: everything that was told.
    async fn told_and_paid(&self) -> Vec<Message> {
        let mut told = Vec::new();
        loop {
            let waiting = self.waiting().await;
            if waiting.is_empty() {
                return told;
            }
            for message in waiting {
                self.deliver(&message).await.unwrap();
                self.answers(&message, Payments::Pay).await;
                told.push(message);
            }
        }
    }

    /// From now on a ticket has a fee of so much, which the buyer pays.
    async fn asks_a_fee(&self, version: i64, cents: i64) {
        let amount = FeeAmount::PerTicket(eur(cents));
        let fee = ServiceFee { name: "Service".to_owned(), amount, borne_by: BorneBy::Buyer };
        let settings = OrganizationSettings { fees: vec![fee], ..OrganizationSettings::default() };
        let organization_id = self.organization;
        self.hear(&OrganizationSettingsChanged { organization_id, version, settings }).await;
    }
}

fn total(reservation: &Reservation) -> Money {
    reservation.price().unwrap().total().unwrap()
}

pub(crate) fn refusal<T: std::fmt::Debug>(outcome: kernel::Result<T>) -> Refusal {
    outcome.unwrap_err().refusal().expect("a refusal").clone()
}

fn of<C: Contract>(told: &[Message]) -> Vec<C> {
    told.iter().filter_map(|message| message.read::<C>().unwrap()).collect()
}

/// Two seats at 10.00 that somebody has set aside, and a code that takes half of that off.
pub(crate) async fn held() -> (Stage, Reservation, PromoCode) {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let code = stage.gives(stage.half_off("Half")).await;
    let reservation = stage.holds(UserId::new(), &[0, 1]).await.unwrap();
    (stage, reservation, code)
}

#[tokio::test]
async fn what_a_code_takes_off_is_taken_off_what_is_charged_mailed_and_told() {
    let (stage, reservation, code) = held().await;
    let applied = stage.applies(&reservation, " hALF ").await.unwrap();
    assert_eq!((total(&reservation), total(&applied)), (eur(2000), eur(1000)));
    assert_eq!(stage.redemptions(&code).await, 1);
    let ask = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Reservation { total { subtotal { amount } \
               total { amount } discounts { code amount { amount } } } items { total { total { amount } } } } } }";
    let it = json!({ "of": [{ "__typename": "Reservation", "id": reservation.state().id }] });
    let shown = stage.data(Some(reservation.state().buyer), ask, it).await["_entities"][0].take();
    let expected = json!({ "subtotal": { "amount": "20.00" }, "total": { "amount": "10.00" },
        "discounts": [{ "code": "Half", "amount": { "amount": "10.00" } }] });
    assert_eq!(shown["total"], expected);
    assert_eq!(shown["items"][1]["total"]["total"]["amount"], "5.00");

    let order = stage.checks_out(&reservation).await;
    let told = stage.told_and_paid().await;
    assert_eq!(of::<TakePayment>(&told)[0].amount, eur(1000));
    let issued = of::<TicketsIssued>(&told).pop().unwrap();
    assert_eq!((issued.total, issued.lines[0].amount), (eur(1000), eur(1000)));
    let mailed = of::<SendConfirmation>(&told).pop().unwrap();
    assert_eq!((mailed.total, mailed.tickets[0].price), (eur(1000), eur(500)));
    let ask = "query ($id: ID!) { order(id: $id) { status total { total { amount } discounts { code } } } }";
    let buyer = Some(order.state().buyer);
    let bought = stage.data(buyer, ask, json!({ "id": order.state().id })).await["order"].take();
    let price = json!({ "total": { "amount": "10.00" }, "discounts": [{ "code": "Half" }] });
    assert_eq!(bought, json!({ "status": "COMPLETED", "total": price }));
    assert_eq!(stage.redemptions(&code).await, 1, "the order has it");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn a_free_order_has_its_tickets_without_the_payment_provider() {
    let (stage, reservation, _) = held().await;
    let free = CreatePromoCode { percent_off: Some(Rate::WHOLE), ..stage.half_off("FRIENDS") };
    stage.gives(free).await;
    assert_eq!(total(&stage.applies(&reservation, "friends").await.unwrap()), eur(0));
    let order = stage.checks_out(&reservation).await;
    let told = stage.told_and_paid().await;
    assert!(of::<TakePayment>(&told).is_empty());
    assert_eq!(stage.status(&order).await, OrderStatus::Completed);
    let mailed = of::<SendConfirmation>(&told).pop().unwrap();
    assert_eq!((mailed.total, mailed.tickets.len()), (eur(0), 2));
    assert_eq!(of::<TicketsIssued>(&told).pop().unwrap().total, eur(0));
    stage.assert_invariants().await;
}

#[tokio::test]
async fn another_code_replaces_the_first_and_the_same_again_changes_nothing() {
    let (stage, reservation, half) = held().await;
    let three = CreatePromoCode { percent_off: None, amount_off: Some(eur(300)), ..stage.half_off("THREE") };
    let three = stage.gives(three).await;
    stage.applies(&reservation, "half").await.unwrap();
    let replaced = stage.applies(&reservation, "three").await.unwrap();
    assert_eq!(total(&replaced), eur(1700), "once for the order, and of the full price");
    assert_eq!((stage.redemptions(&half).await, stage.redemptions(&three).await), (0, 1));
    // Whoever has a code keeps it, whatever became of the code.
    let change =
        PromoCodeChange { max_redemptions: Change::Keep, valid_until: Change::Keep, active: Some(false) };
    let (by, id) = (stage.organizer, three.state().id);
    stage.tickets.update_promo_code(UpdatePromoCode { by, code: id, change }).await.unwrap();
    let again = stage.applies(&reservation, "THREE").await.unwrap();
    assert_eq!((again.state(), stage.redemptions(&three).await), (replaced.state(), 1));
    let without = stage.removes(&reservation).await.unwrap();
    assert_eq!(without.state(), reservation.state(), "as it was before");
    assert_eq!(stage.removes(&reservation).await.unwrap().state(), without.state());
    assert_eq!(stage.redemptions(&three).await, 0);
    assert_eq!(refusal(stage.applies(&reservation, "three").await).reason, "PROMO_CODE_INACTIVE");
}

#[tokio::test]
async fn a_code_is_counted_of_the_price_and_the_terms_of_the_hold() {
    let stage = Stage::new().await;
    stage.asks_a_fee(1, 100).await;
    stage.sells("Seat", &[STALLS]).await;
    let reservation = stage.holds(UserId::new(), &[0, 1]).await.unwrap();
    assert_eq!(total(&reservation), eur(2200));
    stage.asks_a_fee(2, 500).await;
    stage.gives(stage.half_off("HALF")).await;
    let applied = stage.applies(&reservation, "HALF").await.unwrap();
    let price = applied.price().unwrap().price().unwrap();
    assert_eq!((price.total, price.fees, price.discount), (eur(1200), eur(200), eur(1000)));
    assert_eq!(stage.removes(&reservation).await.unwrap().state(), reservation.state());
    let later = stage.holds(UserId::new(), &[2]).await.unwrap();
    assert_eq!(total(&later), eur(1500), "what is set aside since has the new terms");
    stage.applies(&reservation, "HALF").await.unwrap();
    stage.checks_out(&reservation).await;
    assert_eq!(of::<TakePayment>(&stage.told_and_paid().await)[0].amount, eur(1200));
}

#[tokio::test]
async fn a_reservation_of_the_version_before_gets_a_code_too_and_keeps_it_there() {
    let (stage, reservation, code) = held().await;
    let before = "UPDATE reservations SET breakdown = NULL, terms = NULL";
    stage.database.writes.execute_unprepared(before).await.unwrap();
    stage.applies(&reservation, "HALF").await.unwrap();
    // It saves a reservation so, whatever it does with it.
    let saves = "INSERT INTO reservations (id, event_id, buyer_id, status, holding, expires_at, created_at, claims, breakdown) \
                 SELECT id, event_id, buyer_id, status, holding, expires_at, created_at, claims, NULL FROM reservations \
                 WHERE TRUE ON CONFLICT (id) DO UPDATE SET status = excluded.status, holding = excluded.holding, \
                 expires_at = excluded.expires_at";
    stage.database.writes.execute_unprepared(saves).await.unwrap();
    let order = stage.checks_out(&reservation).await;
    assert_eq!((order.state().total, stage.redemptions(&code).await), (eur(1000), 1));
}

#[tokio::test]
async fn a_code_of_a_hundred_redemptions_is_never_redeemed_more_often() {
    let stage = Arc::new(hall_of(400).await);
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let hundred = CreatePromoCode { max_redemptions: Some(100), ..stage.half_off("HUNDRED") };
    let code = stage.gives(hundred).await;
    let mut held = Vec::new();
    for _ in 0..200 {
        held.push(stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 1)).await.unwrap());
    }
    // Some have bought, which is settled while the others come.
    for reservation in held.drain(..30) {
        stage.checks_out(&stage.applies(&reservation, "hundred").await.unwrap()).await;
    }
    stage.carry(Payments::Pay).await;
    let replicas = [stage.tickets.clone(), stage.another_replica().await];
    let mut buyers = JoinSet::new();
    for (reservation, tickets) in held.clone().into_iter().zip(replicas.into_iter().cycle()) {
        let of = reservation.state().clone();
        buyers.spawn(async move {
            loop {
                tickets.settle_promo_codes().await.unwrap();
                match tickets.apply_promo_code(of.id, of.buyer, "hundred").await {
                    Err(kernel::Error::Refused(refusal))
                        if refusal.code == kernel::ErrorCode::RateLimited => {}
                    done => return done,
                }
            }
        });
    }
    let (redeemed, refused): (Vec<_>, Vec<_>) = buyers.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((redeemed.len(), refused.len()), (70, 100));
    for refused in refused {
        let refusal = refusal(refused);
        assert_eq!(
            (refusal.code.as_str(), refusal.reason.as_ref()),
            ("LIMIT_EXCEEDED", "PROMO_CODE_USED_UP")
        );
        assert!(refusal.details["retryAfterSeconds"].as_i64().unwrap() > 0, "nobody has paid yet");
    }
    assert_eq!(stage.redemptions(&code).await, 100);
    let ids: Vec<_> = held.iter().map(|held| held.state().id).collect();
    let prices = stage.tickets.reads().reservations(&ids).await.unwrap();
    assert_eq!(prices.iter().filter(|held| total(held) == eur(500)).count(), 70);
    // Who gives it back lets in one more, and no more.
    let first = prices.iter().find(|held| held.state().promo_code.is_some()).unwrap();
    let mut without = prices.iter().filter(|held| held.state().promo_code.is_none());
    stage.tickets.release_reservation(first.state().id, first.state().buyer).await.unwrap();
    stage.applies(without.next().unwrap(), "hundred").await.unwrap();
    refusal(stage.applies(without.next().unwrap(), "hundred").await);
}

/// A hall with so many places to stand.
async fn hall_of(capacity: u32) -> Stage {
    let stage = Stage::empty(Config::default()).await;
    let mut layout = stage.layout_defined();
    layout.sections[1].places = Places::GeneralAdmission { capacity };
    stage.hear(&layout).await;
    stage.hear(&stage.event_changed(1, EventChange::Published, EventStatus::Published)).await;
    stage
}

#[tokio::test]
async fn a_buyer_uses_a_code_as_often_as_a_buyer_may() {
    let stage = Stage::new().await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    stage.gives(CreatePromoCode { max_per_buyer: Some(1), ..stage.half_off("ONCE") }).await;
    let buyer = UserId::new();
    let hold = async |buyer| stage.tickets.hold_seats(stage.standing(buyer, floor, 1)).await.unwrap();
    let (first, second) = (hold(buyer).await, hold(buyer).await);
    stage.applies(&first, "once").await.unwrap();
    let refused = refusal(stage.applies(&second, "once").await);
    assert_eq!((refused.reason.as_ref(), &refused.details["limit"]), ("PROMO_CODE_USED_BEFORE", &json!(1)));
    assert!(refused.details.contains_key("retryAfterSeconds"), "the first is not bought yet");
    stage.applies(&hold(UserId::new()).await, "once").await.unwrap();
    stage.checks_out(&first).await;
    stage.carry(Payments::Pay).await;
    let refused = refusal(stage.applies(&second, "once").await);
    assert!(!refused.details.contains_key("retryAfterSeconds"), "it is bought: {refused:?}");
}

#[tokio::test]
async fn a_code_is_refused_where_it_does_not_fit_and_says_why() {
    let mut stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let floor = stage.sells_at("Standing", &[FLOOR], 60).await;
    stage.gives(CreatePromoCode { ticket_types: Some(vec![floor]), ..stage.half_off("FLOOR") }).await;
    let later = Some(now() + TimeDelta::hours(1));
    stage.gives(CreatePromoCode { valid_from: later, ..stage.half_off("LATER") }).await;
    let buyer = UserId::new();
    let held = stage.holds(buyer, &[0]).await.unwrap();
    let cheap = stage.tickets.hold_seats(stage.standing(buyer, floor, 1)).await.unwrap();
    for (reservation, code, expected) in [
        (&held, "nothing", ("BAD_USER_INPUT", "UNKNOWN")),
        (&held, "floor", ("BAD_USER_INPUT", "INCONSISTENT")),
        (&held, "later", ("CONFLICT", "PROMO_CODE_NOT_YET_VALID")),
        (&cheap, "floor", ("LIMIT_EXCEEDED", "AMOUNT_NOT_CHARGEABLE")),
    ] {
        let refusal = refusal(stage.applies(reservation, code).await);
        assert_eq!((refusal.code.as_str(), refusal.reason.as_ref()), expected, "{code}");
    }
    let only_seats = CreatePromoCode { ticket_types: Some(vec![seat]), ..stage.half_off("SEATS") };
    let only_seats = stage.gives(only_seats).await;
    assert_eq!(total(&stage.applies(&held, "SEATS").await.unwrap()), eur(500));
    let kept = stage.tickets.own_reservation(cheap.state().id, buyer).await.unwrap().unwrap();
    assert_eq!(total(&kept), eur(60), "what is refused changes nothing");
    assert_eq!(stage.redemptions(&only_seats).await, 1);
    let stranger = stage.tickets.apply_promo_code(held.state().id, UserId::new(), "SEATS").await;
    assert_eq!(refusal(stranger).code.as_str(), "NOT_FOUND");
    stage.event = EventId::new();
    stage.hear(&stage.event_changed(1, EventChange::Published, EventStatus::Published)).await;
    stage.gives(stage.half_off("ELSEWHERE")).await;
    let elsewhere = refusal(stage.applies(&held, "elsewhere").await);
    assert_eq!(elsewhere.reason, "UNKNOWN", "codes of other events are none");
}

#[tokio::test]
async fn a_code_is_for_what_waits_for_its_buyer_and_for_nothing_else() {
    let (stage, reservation, _) = held().await;
    let order = stage.checks_out(&reservation).await;
    for refused in [stage.applies(&reservation, "half").await, stage.removes(&reservation).await] {
        let refusal = refusal(refused);
        assert_eq!(refusal.reason, "ALREADY_CHECKED_OUT");
        assert_eq!(refusal.details["orderId"], order.state().id.public().to_string());
    }
    let released = stage.holds(UserId::new(), &[5]).await.unwrap();
    stage.tickets.release_reservation(released.state().id, released.state().buyer).await.unwrap();
    assert_eq!(refusal(stage.applies(&released, "half").await).reason, "RESERVATION_RELEASED");
    let lapsed = stage.holds(UserId::new(), &[6]).await.unwrap();
    let lapse = "UPDATE reservations SET expires_at = 1 WHERE status = 'ACTIVE'";
    stage.database.writes.execute_unprepared(lapse).await.unwrap();
    assert_eq!(code(stage.applies(&lapsed, "half").await), "RESERVATION_EXPIRED");
}

#[tokio::test]
async fn nobody_guesses_codes_and_who_knows_them_is_not_held_up() {
    let hour = std::time::Duration::from_hours(1);
    let config = Config { wrong_promo_codes: service::clients::Quota::new(3, hour), ..Config::default() };
    let stage = Stage::with(config).await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    stage.gives(stage.half_off("RIGHT")).await;
    let from = "203.0.113.7".parse().ok();
    let hold = async || stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 1)).await.unwrap();
    let tries = async |held: &Reservation, code: &str| {
        service::request::answering(from, stage.applies(held, code)).await
    };
    let (guesser, neighbour, elsewhere) = (hold().await, hold().await, hold().await);
    for _ in 0..5 {
        tries(&guesser, "right").await.unwrap();
        stage.removes(&guesser).await.unwrap();
    }
    for guess in ["AAA", "AAB", "AAC"] {
        assert_eq!(code(tries(&guesser, guess).await), "BAD_USER_INPUT");
    }
    let refusal = refusal(tries(&guesser, "right").await);
    assert_eq!(refusal.code.as_str(), "RATE_LIMITED", "right or wrong is not told any more");
    assert!(refusal.details.contains_key("retryAfterSeconds"), "{refusal:?}");
    assert_eq!(code(tries(&neighbour, "AAD").await), "RATE_LIMITED", "another account at the same address");
    assert_eq!(code(stage.applies(&guesser, "right").await), "RATE_LIMITED", "the same account elsewhere");
    stage.applies(&elsewhere, "right").await.unwrap();
}
