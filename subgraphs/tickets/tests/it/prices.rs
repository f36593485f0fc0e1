//! What is said at the hold is what is charged, mailed and told.

use contracts::{
    Contract,
    events::{EventChange, EventStatus},
    purchase::{SendConfirmation, TakePayment},
    tickets::{OrderPlaced, TicketsIssued},
};
use kernel::{Currency, Money, OrderId, Rate, UserId};
use messaging::Message;
use sea_orm::{ConnectionTrait as _, Statement, Value as Bound};
use serde_json::{Value, json};
use tickets::{
    Config,
    domain::{
        entities::{NewTier, Order, Reservation},
        ports::OrderView,
        pricing::{
            BorneBy, CartLine, FeeAmount, PriceBreakdown, ServiceFee, Tax, TaxedOnce, Terms, gather, price,
        },
        use_cases::CreateTicketType,
    },
};

use crate::{
    rest::{Rest, answer},
    stage::{FLOOR, Payments, STALLS, Stage, code},
};

pub(crate) const PARTS: &str = "{ subtotal { amount currency } discount { amount } fees { amount } tax { amount } \
                     taxIncluded { amount } total { amount currency } taxes { name rate included amount { amount } } \
                     feeLines { name amount { amount } } discounts { code amount { amount } } }";

fn eur(cents: i64) -> Money {
    Money::new(cents, Currency::EUR)
}

fn tier(name: &str, price: Money, quota: Option<u32>) -> NewTier {
    NewTier { name: name.to_owned(), price, from: None, until: None, quota }
}

/// Seats at 10.00, and standing places of which two are at 5.00 and all others at 9.00.
async fn stage() -> (Stage, kernel::TicketTypeId) {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let tiers = vec![tier("Early", eur(500), Some(2)), tier("Late", eur(900), None)];
    let floor = CreateTicketType { tiers, ..stage.ticket_type("Floor", &[FLOOR], 0) };
    let floor = stage.tickets.create_ticket_type(floor).await.unwrap().state().id;
    (stage, floor)
}

/// A seat, three standing places, and another seat: 10.00 + 5.00 + 5.00 + 9.00 + 10.00.
async fn held(stage: &Stage, floor: kernel::TicketTypeId) -> Reservation {
    let buyer = UserId::new();
    let mut wishes = stage.seats(buyer, &[4]);
    wishes.wishes.wishes.extend(stage.standing(buyer, floor, 3).wishes.wishes);
    wishes.wishes.wishes.extend(stage.seats(buyer, &[5]).wishes.wishes);
    stage.tickets.hold_seats(wishes).await.unwrap()
}

/// Carries what was told until nothing is told any more, and pays: everything that was told.
pub(crate) async fn all_told(stage: &Stage) -> Vec<Message> {
    let mut told = Vec::new();
    loop {
        let waiting = stage.waiting().await;
        if waiting.is_empty() {
            return told;
        }
        for message in waiting {
            stage.deliver(&message).await.unwrap();
            stage.answers(&message, Payments::Pay).await;
            told.push(message);
        }
    }
}

pub(crate) fn only<C: Contract>(told: &[Message]) -> C {
    let mut found = told.iter().filter_map(|message| message.read::<C>().unwrap());
    let one = found.next().unwrap();
    assert!(found.next().is_none(), "it is told once");
    one
}

/// What a version before, or somebody in the database, has made of a row.
async fn written(stage: &Stage, sql: &str, values: Vec<Bound>) {
    let backend = stage.database.writes.get_database_backend();
    let statement = Statement::from_sql_and_values(backend, sql, values);
    assert!(stage.database.writes.execute_raw(statement).await.unwrap().rows_affected() > 0);
}

/// From now on this is what was asked for a reservation.
async fn was_asked(stage: &Stage, reservation: &Reservation, price: Option<&PriceBreakdown>) {
    let price = price.map(|price| serde_json::to_string(price).unwrap());
    let id = reservation.state().id.uuid();
    written(stage, "UPDATE reservations SET breakdown = $1 WHERE id = $2", vec![price.into(), id.into()])
        .await;
}

/// A fee of 1.00 for a ticket and of 2.00 for the order, and a tax of a fifth inside.
fn dearer(reservation: &Reservation) -> PriceBreakdown {
    let fee = |name: &str, amount| ServiceFee { name: name.to_owned(), amount, borne_by: BorneBy::Buyer };
    let fees =
        vec![fee("Service", FeeAmount::PerTicket(eur(100))), fee("Order", FeeAmount::PerOrder(eur(200)))];
    let tax = Tax {
        name: "VAT".to_owned(),
        rate: Rate::parse("rate", "20").unwrap(),
        included: true,
        once: TaxedOnce::PerTotal,
    };
    let terms = Terms { fees, tax: Some(tax), ..Terms::plain(Currency::EUR) };
    let (cart, _) = gather(reservation.state().claims.iter().map(CartLine::from));
    price(&cart, &terms, None).unwrap()
}

async fn view(stage: &Stage, order: OrderId) -> OrderView {
    stage.tickets.reads().order(order).await.unwrap().unwrap()
}

pub(crate) async fn shown_order(stage: &Stage, order: &Order) -> Value {
    let ask = format!(
        "query ($id: ID!) {{ order(id: $id) {{ total {PARTS} items {{ total {PARTS} }} tickets {{ price {PARTS} }} }} }}"
    );
    let of = order.state();
    stage.data(Some(of.buyer), &ask, json!({ "id": of.id })).await["order"].take()
}

pub(crate) async fn shown_reservation(stage: &Stage, reservation: &Reservation) -> Value {
    let of = reservation.state();
    let ask = format!(
        "query ($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Reservation {{ \
         total {PARTS} items {{ total {PARTS} }} }} }} }}"
    );
    let of_it = json!({ "of": [{ "__typename": "Reservation", "id": of.id }] });
    stage.data(Some(of.buyer), &ask, of_it).await["_entities"][0].take()
}

pub(crate) fn cents(amount: &Value) -> i64 {
    amount["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

/// What prices in a list sum to: in all, and as fees.
fn sums<'v>(prices: impl IntoIterator<Item = &'v Value>) -> (i64, i64) {
    let each = prices.into_iter().map(|price| (cents(&price["total"]), cents(&price["fees"])));
    each.fold((0, 0), |(total, fees), (more, of_it)| (total + more, fees + of_it))
}

pub(crate) fn of_each<'v>(list: &'v Value, price: &'v str) -> impl Iterator<Item = &'v Value> {
    list.as_array().unwrap().iter().map(move |item| &item[price])
}

#[tokio::test]
async fn what_is_shown_at_the_hold_is_what_is_charged_mailed_and_told() {
    let (stage, floor) = stage().await;
    let reservation = held(&stage, floor).await;
    let said = shown_reservation(&stage, &reservation).await;
    assert_eq!(said["total"]["total"], json!({ "amount": "39.00", "currency": "EUR" }));
    let lines: Vec<_> = of_each(&said["items"], "total").map(|total| cents(&total["total"])).collect();
    assert_eq!(lines, [1000, 1000, 900, 1000]);

    let order = stage.checks_out(&reservation).await;
    let told = all_told(&stage).await;
    assert_eq!(only::<OrderPlaced>(&told).total, eur(3900));
    assert_eq!(only::<TakePayment>(&told).amount, eur(3900));
    let issued: TicketsIssued = only(&told);
    assert_eq!((issued.total, issued.fees), (eur(3900), eur(0)));
    let sold: Vec<_> = issued.lines.iter().map(|line| (line.quantity, line.amount)).collect();
    assert_eq!(sold, [(2, eur(2000)), (3, eur(1900))]);
    let mailed: SendConfirmation = only(&told);
    assert_eq!(mailed.total, eur(3900));
    let each: Vec<_> = mailed.tickets.iter().map(|ticket| ticket.price).collect();
    assert_eq!(each, [1000, 500, 500, 900, 1000].map(eur));

    let bought = shown_order(&stage, &order).await;
    assert_eq!((&bought["total"], &bought["items"]), (&said["total"], &said["items"]));
    let each: Vec<_> = of_each(&bought["tickets"], "price").map(|price| cents(&price["total"])).collect();
    assert_eq!(each, [1000, 500, 500, 900, 1000]);
}

#[tokio::test]
async fn what_was_asked_at_the_hold_is_asked_to_the_end_with_its_fees_and_taxes() {
    let (stage, floor) = stage().await;
    let reservation = held(&stage, floor).await;
    let asked = dearer(&reservation);
    let total = asked.total().unwrap();
    assert_eq!(total, eur(4100), "what is listed, and the fee of the order");
    was_asked(&stage, &reservation, Some(&asked)).await;
    let said = shown_reservation(&stage, &reservation).await;
    assert_eq!(sums([&said["total"]]), (4100, 700));
    assert_eq!(sums(of_each(&said["items"], "total")), (4100, 700), "the lines sum to it");

    let order = stage.checks_out(&reservation).await;
    assert_eq!(order.state().total, total);
    // An order is frozen: nothing that happens to its reservation changes it.
    was_asked(&stage, &reservation, None).await;
    let told = all_told(&stage).await;
    assert_eq!(only::<OrderPlaced>(&told).total, total);
    assert_eq!(only::<TakePayment>(&told).amount, total);
    let issued: TicketsIssued = only(&told);
    assert_eq!((issued.total, issued.fees), (total, eur(700)));
    let asks: TakePayment = only(&told);
    assert_eq!(
        asks.organization_id, issued.organization_id,
        "whose sale it is, payments hear with the order"
    );
    assert_eq!(asks.fees, Some(issued.fees.plus(issued.absorbed.unwrap()).unwrap()));
    assert_eq!(issued.lines.iter().map(|line| line.amount.minor).sum::<i64>(), 4100);
    let mailed: SendConfirmation = only(&told);
    assert_eq!(mailed.total, total);
    assert_eq!(mailed.tickets.iter().map(|ticket| ticket.price.minor).sum::<i64>(), 4100);

    let bought = shown_order(&stage, &order).await;
    assert_eq!((&bought["total"], &bought["items"]), (&said["total"], &said["items"]));
    assert_eq!(sums(of_each(&bought["tickets"], "price")), (4100, 700), "so do the tickets");
    let taxes = |price: &Value| cents(&price["taxIncluded"]);
    assert_eq!(taxes(&bought["total"]), 683, "a sixth of it");
    assert_eq!(of_each(&bought["tickets"], "price").map(taxes).sum::<i64>(), 683);
    assert_eq!(bought["total"]["taxes"][0]["rate"], "20");
    let path = format!("/v1/orders/{}", order.state().id);
    let (_, rest) = answer(Rest::of(&stage).await.get(Some(order.state().buyer), &path).await).await;
    assert_eq!(sums([&rest["total"]]), (4100, 700));
    assert_eq!(sums(of_each(&rest["items"], "total")), (4100, 700));
    assert_eq!(sums(of_each(&rest["tickets"], "price")), (4100, 700));
}

#[tokio::test]
async fn a_ticket_remembers_as_which_of_its_orders_price_it_was_bought() {
    let (stage, floor) = stage().await;
    let order = stage.checks_out(&held(&stage, floor).await).await;
    stage.carry(Payments::Pay).await;
    let id = order.state().id;
    let tickets = stage.tickets.reads().tickets_of(id).await.unwrap();
    let units: Vec<_> = tickets.iter().map(|ticket| ticket.unit.unwrap()).collect();
    let places: Vec<_> = units.iter().map(|unit| (unit.line, unit.unit)).collect();
    assert_eq!(places, [(0, 0), (1, 0), (1, 1), (2, 0), (0, 1)]);
    let price = view(&stage, id).await.price().unwrap().into_owned();
    let mut all: Vec<_> = price.units().collect();
    all.sort_unstable();
    let mut bought = units.clone();
    bought.sort_unstable();
    assert_eq!(bought, all, "each of them once");
    // As the version before issues tickets.
    written(&stage, "UPDATE tickets SET price_line = NULL, price_unit = NULL", Vec::new()).await;
    let of_old = stage.tickets.reads().tickets_of(id).await.unwrap();
    let order = view(&stage, id).await;
    let found: Vec<_> = of_old.iter().map(|ticket| order.unit_of(ticket).unwrap()).collect();
    assert!(of_old.iter().all(|ticket| ticket.unit.is_none()));
    assert_eq!(found, units);
}

#[tokio::test]
async fn what_the_version_before_set_aside_costs_what_it_was_listed_for() {
    let (stage, floor) = stage().await;
    let reservation = held(&stage, floor).await;
    was_asked(&stage, &reservation, None).await;
    assert_eq!(sums([&shown_reservation(&stage, &reservation).await["total"]]), (3900, 0));
    let order = stage.checks_out(&reservation).await;
    assert_eq!(order.state().total, eur(3900));
    assert_eq!(only::<TakePayment>(&all_told(&stage).await).amount, eur(3900));
    let bought = shown_order(&stage, &order).await;
    assert_eq!(sums([&bought["total"]]), (3900, 0));
    assert_eq!(sums(of_each(&bought["tickets"], "price")), (3900, 0));
}

#[tokio::test]
async fn an_order_that_the_version_before_placed_costs_what_that_asked() {
    let (stage, floor) = stage().await;
    let reservation = held(&stage, floor).await;
    let order = stage.checks_out(&reservation).await;
    // It charges what is listed, also where more was asked at the hold.
    written(&stage, "UPDATE orders SET breakdown = NULL", Vec::new()).await;
    was_asked(&stage, &reservation, Some(&dearer(&reservation))).await;
    let told = all_told(&stage).await;
    let issued: TicketsIssued = only(&told);
    assert_eq!((issued.total, issued.fees), (eur(3900), eur(0)));
    assert_eq!(issued.lines.iter().map(|line| line.amount.minor).sum::<i64>(), 3900);
    assert_eq!(only::<SendConfirmation>(&told).total, eur(3900));
    let bought = shown_order(&stage, &order).await;
    assert_eq!(sums([&bought["total"]]), (3900, 0));
    assert_eq!(sums(of_each(&bought["items"], "total")), (3900, 0));
    assert_eq!(sums(of_each(&bought["tickets"], "price")), (3900, 0));
}

#[tokio::test]
async fn a_currency_without_decimals_is_charged_in_whole_units() {
    let stage = Stage::empty(Config::default()).await;
    stage.hear(&stage.layout_defined()).await;
    let mut published = stage.event_changed(1, EventChange::Published, EventStatus::Published);
    published.event.currency = Currency::JPY;
    stage.hear(&published).await;
    let yen = |minor| Money::new(minor, Currency::JPY);
    let seat = CreateTicketType {
        tiers: vec![tier("Normal", yen(1500), None)],
        ..stage.ticket_type("Seat", &[STALLS], 0)
    };
    stage.tickets.create_ticket_type(seat).await.unwrap();
    let reservation = stage.holds(UserId::new(), &[0, 1, 2]).await.unwrap();
    let said = shown_reservation(&stage, &reservation).await;
    assert_eq!(said["total"]["total"], json!({ "amount": "4500", "currency": "JPY" }));
    let order = stage.checks_out(&reservation).await;
    let told = all_told(&stage).await;
    assert_eq!(only::<TakePayment>(&told).amount, yen(4500));
    assert_eq!(only::<SendConfirmation>(&told).total, yen(4500));
    assert_eq!(only::<TicketsIssued>(&told).lines[0].amount, yen(4500));
    let bought = shown_order(&stage, &order).await;
    assert_eq!(sums(of_each(&bought["tickets"], "price")), (4500, 0));
}

#[tokio::test]
async fn what_cannot_be_charged_is_refused_when_it_is_priced() {
    let stage = Stage::new().await;
    stage.sells_at("Box", &[STALLS], 60_000_000).await;
    let buyer = UserId::new();
    assert_eq!(code(stage.holds(buyer, &[0, 1]).await), "LIMIT_EXCEEDED");
    stage.assert_invariants().await;
    let one = stage.holds(buyer, &[0]).await.unwrap();
    // The version before looked at it at the checkout only.
    let claims = serde_json::to_string(&vec![one.state().claims[0].clone(); 2]).unwrap();
    let id = one.state().id.uuid();
    let of_old = "UPDATE reservations SET breakdown = NULL, claims = $1 WHERE id = $2";
    written(&stage, of_old, vec![claims.into(), id.into()]).await;
    assert_eq!(code(stage.tickets.checkout(Stage::checkout(&one)).await), "LIMIT_EXCEEDED");
}
