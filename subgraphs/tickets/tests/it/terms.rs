//! What an organization asks on top of base prices is in every price that is listed, and what is shown is what is charged.

use contracts::{
    events::{EventChange, EventStatus},
    purchase::{SendConfirmation, TakePayment},
    settings::{OrganizationSettings, OrganizationSettingsChanged},
    tickets::{TicketTypeChanged, TicketsIssued},
};
use kernel::{Currency, Money, Rate, UserId};
use serde_json::{Value, json};
use tickets::{
    Config,
    domain::{
        entities::{NewTier, TicketTax},
        pricing::{BorneBy, FeeAmount, ServiceFee, Tax, TaxedOnce},
        use_cases::CreateTicketType,
    },
};

use crate::{
    prices::{all_told, of_each, only, shown_order, shown_reservation},
    rest::{Rest, answer},
    stage::{FLOOR, STALLS, Stage},
};

fn fee(name: &str, amount: FeeAmount) -> ServiceFee {
    ServiceFee { name: name.to_owned(), amount, borne_by: BorneBy::Buyer }
}

pub(crate) fn vat(percent: u32, included: bool) -> Tax {
    Tax { name: "VAT".to_owned(), rate: Rate::percent(percent), included, once: TaxedOnce::PerTotal }
}

/// Ten percent of each ticket, one unit for each ticket and two for the order, and a tax of a fifth on top of all; and a fee
/// that is asked in another currency only.
fn dear(unit: Money) -> OrganizationSettings {
    let elsewhere = Money::new(700, Currency::USD);
    OrganizationSettings {
        fees: vec![
            fee("Service", FeeAmount::Percent(Rate::percent(10))),
            fee("Ticket", FeeAmount::PerTicket(unit)),
            fee("Order", FeeAmount::PerOrder(Money { minor: 2 * unit.minor, ..unit })),
            fee("Elsewhere", FeeAmount::PerTicket(elsewhere)),
        ],
        tax: Some(vat(20, false)),
        ..OrganizationSettings::default()
    }
}

impl Stage {
    /// What somebody in the database, or a version before, has made of a row.
    pub(crate) async fn written(&self, sql: &str) {
        use sea_orm::ConnectionTrait as _;
        assert!(self.database.writes.execute_unprepared(sql).await.unwrap().rows_affected() > 0);
    }

    /// Its organization sells on these terms from now on.
    pub(crate) async fn sells_on(&self, version: i64, settings: OrganizationSettings) {
        let organization_id = self.organization;
        self.hear(&OrganizationSettingsChanged { organization_id, version, settings }).await;
    }
}

/// An event in that currency, with seats at a base price of 10 units.
async fn in_currency(unit: Money) -> Stage {
    let stage = Stage::empty(Config::default()).await;
    stage.hear(&stage.layout_defined()).await;
    let mut published = stage.event_changed(1, EventChange::Published, EventStatus::Published);
    published.event.currency = unit.currency;
    stage.hear(&published).await;
    stage.tickets.create_ticket_type(seat(&stage, unit)).await.unwrap();
    stage
}

fn seat(stage: &Stage, unit: Money) -> CreateTicketType {
    let price = Money { minor: 10 * unit.minor, ..unit };
    let tiers = vec![NewTier { name: "Normal".to_owned(), price, from: None, until: None, quota: None }];
    CreateTicketType { tiers, ..stage.ticket_type("Seat", &[STALLS], 0) }
}

/// What is listed: on the type, on its tier, on the event, on the map and on its section.
async fn listed(stage: &Stage) -> Vec<String> {
    let ask = "query ($of: [_Any!]!) { _entities(representations: $of) { ... on Event { \
               ticketTypes { price { amount } tiers { price { amount } } } priceRange { lowest { amount } highest { amount } } \
               seatMap { sections(keys: [\"STALLS\"]) { priceRange { lowest { amount } } ticketTypes { price { amount } } } } } } }";
    let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
    let data = stage.data(Some(UserId::new()), ask, of).await;
    let event = &data["_entities"][0];
    let at = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap().to_owned();
    [
        "/ticketTypes/0/price/amount",
        "/ticketTypes/0/tiers/0/price/amount",
        "/priceRange/lowest/amount",
        "/priceRange/highest/amount",
        "/seatMap/sections/0/priceRange/lowest/amount",
        "/seatMap/sections/0/ticketTypes/0/price/amount",
    ]
    .map(at)
    .to_vec()
}

#[tokio::test]
async fn what_is_listed_is_held_charged_issued_and_mailed_with_all_fees_and_a_tax_on_top() {
    // (10 + 1 + 1) * 1.2 a ticket, and 2 * 1.2 for the order.
    for (unit, price, total, fees, tax, order_fee) in [
        (Money::new(100, Currency::EUR), "14.40", 4560, 800, 760, "Order"),
        (Money::new(150, Currency::JPY), "2160", 6840, 1200, 1140, "Order"),
    ] {
        let stage = in_currency(unit).await;
        stage.sells_on(1, dear(unit)).await;
        assert_eq!(listed(&stage).await, vec![price; 6]);
        let reservation = stage.holds(UserId::new(), &[0, 1, 2]).await.unwrap();
        let said = shown_reservation(&stage, &reservation).await;
        let decimals = u32::from(unit.currency == Currency::EUR) * 2;
        let minor = |amount: &Value| -> i64 {
            let text = amount["amount"].as_str().unwrap();
            assert_eq!(text.contains('.'), decimals > 0, "{text}");
            text.replace('.', "").parse().unwrap()
        };
        assert_eq!(minor(&said["total"]["total"]), total);
        assert_eq!((minor(&said["total"]["fees"]), minor(&said["total"]["tax"])), (fees, tax));
        let names: Vec<_> = of_each(&said["total"]["feeLines"], "name").cloned().collect();
        assert_eq!(names, [json!("Service"), json!("Ticket"), json!(order_fee)]);
        let lines: i64 = of_each(&said["items"], "total").map(|line| minor(&line["total"])).sum();
        assert_eq!(lines, total, "lines sum to the total");

        let order = stage.checks_out(&reservation).await;
        let told = all_told(&stage).await;
        let total = Money::new(total, unit.currency);
        assert_eq!(only::<TakePayment>(&told).amount, total, "what was shown is charged");
        let issued: TicketsIssued = only(&told);
        assert_eq!((issued.total, issued.fees.minor, issued.tax.unwrap().minor), (total, fees, tax));
        assert_eq!(issued.lines.iter().map(|line| line.amount.minor).sum::<i64>(), total.minor);
        let mailed: SendConfirmation = only(&told);
        assert_eq!(mailed.total, total);
        assert_eq!(mailed.tickets.iter().map(|ticket| ticket.price.minor).sum::<i64>(), total.minor);
        let bought = shown_order(&stage, &order).await;
        assert_eq!((&bought["total"], &bought["items"]), (&said["total"], &said["items"]));
        let paid: i64 = of_each(&bought["tickets"], "price").map(|price| minor(&price["total"])).sum();
        assert_eq!(paid, total.minor);
        let path = format!("/v1/orders/{}", order.state().id);
        let (_, rest) = answer(Rest::of(&stage).await.get(Some(order.state().buyer), &path).await).await;
        assert_eq!(rest["total"]["total"]["amount"], bought["total"]["total"]["amount"]);
        assert_eq!(rest["items"][0]["unitPrice"]["amount"], price);
    }
}

#[tokio::test]
async fn what_was_set_aside_keeps_its_price_when_the_terms_change() {
    let unit = Money::new(100, Currency::EUR);
    let stage = in_currency(unit).await;
    let reservation = stage.holds(UserId::new(), &[0]).await.unwrap();
    stage.sells_on(2, dear(unit)).await;
    // Late news change nothing.
    stage.sells_on(1, OrganizationSettings::default()).await;
    assert_eq!(listed(&stage).await[0], "14.40");
    assert_eq!(shown_reservation(&stage, &reservation).await["total"]["total"]["amount"], "10.00");
    let order = stage.checks_out(&reservation).await;
    assert_eq!(order.state().total, Money::new(1000, Currency::EUR));
    let dearer = stage.holds(UserId::new(), &[1]).await.unwrap();
    assert_eq!(dearer.price().unwrap().total().unwrap(), Money::new(1680, Currency::EUR));
    stage.sells_on(3, OrganizationSettings::default()).await;
    let plain = stage.holds(UserId::new(), &[2]).await.unwrap();
    assert_eq!(plain.price().unwrap().total().unwrap(), Money::new(1000, Currency::EUR));
}

#[tokio::test]
async fn a_ticket_type_may_be_taxed_on_its_own_or_not_at_all() {
    let unit = Money::new(100, Currency::EUR);
    let stage = in_currency(unit).await;
    stage
        .sells_on(1, OrganizationSettings { tax: Some(vat(20, false)), ..OrganizationSettings::default() })
        .await;
    stage.waiting().await;
    let of_its_own = |tax| CreateTicketType { tax: Some(tax), ..stage.ticket_type("Floor", &[FLOOR], 1000) };
    let mut floors = Vec::new();
    for (tax, minor) in [
        (TicketTax::Untaxed, 1000),
        (TicketTax::Taxed(vat(7, false)), 1070),
        (TicketTax::Taxed(vat(7, true)), 1000),
    ] {
        let floor = stage.tickets.create_ticket_type(of_its_own(tax)).await.unwrap().state().id;
        let told: TicketTypeChanged = only(&stage.waiting().await);
        assert_eq!(
            (told.lowest_price.minor, told.highest_price.minor),
            (minor, minor),
            "what is told is what is listed"
        );
        floors.push(floor);
    }
    let buyer = UserId::new();
    let mut wishes = stage.seats(buyer, &[0]);
    for floor in floors {
        wishes.wishes.wishes.extend(stage.standing(buyer, floor, 1).wishes.wishes);
    }
    let reservation = stage.tickets.hold_seats(wishes).await.unwrap();
    let said = shown_reservation(&stage, &reservation).await;
    let each: Vec<_> =
        of_each(&said["items"], "total").map(|total| total["total"]["amount"].clone()).collect();
    assert_eq!(each, ["12.00", "10.00", "10.70", "10.00"]);
    let part = |name: &str| said["total"][name]["amount"].as_str().unwrap().to_owned();
    assert_eq!((part("tax"), part("taxIncluded")), ("2.70".to_owned(), "0.65".to_owned()));
}

const CREATE: &str =
    "mutation ($input: CreateTicketTypeInput!) { createTicketType(input: $input) { price { amount } } }";

#[tokio::test]
async fn what_makes_no_sense_as_a_tax_is_told_field_by_field() {
    let stage = Stage::new().await;
    let ask = async |tax: Value| {
        let price = json!({ "amount": "10.00", "currency": "EUR" });
        let input = json!({ "eventId": stage.event, "name": "Seat", "price": price, "tax": tax });
        stage.ask(Some(stage.organizer), CREATE, json!({ "input": input })).await
    };
    for (tax, paths) in [
        (json!({}), vec!["name", "rate", "included"]),
        (json!({ "name": "", "rate": "101", "included": true }), vec!["name", "rate"]),
        (json!({ "untaxed": true, "rate": "20" }), vec!["rate"]),
    ] {
        let answer = ask(tax).await;
        let problems = answer["errors"][0]["extensions"]["problems"].as_array().unwrap().clone();
        let found: Vec<_> = problems.iter().map(|problem| problem["path"].clone()).collect();
        let expected: Vec<_> = paths.into_iter().map(|field| json!(["input", "tax", field])).collect();
        assert_eq!(found, expected, "{answer}");
    }
    let on_top = json!({ "name": "VAT", "rate": "7.5", "included": false, "rounding": "PER_TOTAL" });
    assert_eq!(ask(on_top).await["data"]["createTicketType"]["price"]["amount"], "10.75");
    assert_eq!(ask(json!({ "untaxed": true })).await["data"]["createTicketType"]["price"]["amount"], "10.00");
}

#[tokio::test]
async fn what_is_listed_on_other_terms_is_told_once_for_each_ticket_type_however_many_there_are() {
    let unit = Money::new(100, Currency::EUR);
    let stage = in_currency(unit).await;
    for _ in 0..60 {
        stage.tickets.create_ticket_type(seat(&stage, unit)).await.unwrap();
    }
    let told = async || -> Vec<TicketTypeChanged> {
        while stage.tickets.tell_of_listed_prices().await.unwrap() {}
        stage.waiting().await.iter().filter_map(|message| message.read().unwrap()).collect()
    };
    assert_eq!(told().await.len(), 61, "when they were made");
    stage.sells_on(1, dear(unit)).await;
    assert_eq!(told().await, [], "what is just being made on the terms of before comes first");
    let due = "UPDATE organization_settings SET relist_at = 1 WHERE relist_at IS NOT NULL";
    stage.written(due).await;
    assert!(stage.tickets.tell_of_listed_prices().await.unwrap(), "some at a time");
    stage.written(due).await;
    let relisted = told().await;
    let ids: std::collections::BTreeSet<_> = relisted.iter().map(|told| told.ticket_type_id).collect();
    assert_eq!((relisted.len(), ids.len()), (61, 61));
    for told in &relisted {
        let prices = (told.version, told.lowest_price.minor, told.highest_price.minor);
        assert_eq!(prices, (2, 1440, 1440), "newer than what was told before");
    }
    // Nothing that changes no price tells any.
    stage.sells_on(2, OrganizationSettings { payout_delay_days: 3, ..dear(unit) }).await;
    let waits = "UPDATE organization_settings SET version = version WHERE relist_at IS NULL";
    stage.written(waits).await;
    // An event that is over is sold to nobody.
    stage.sells_on(3, OrganizationSettings::default()).await;
    stage.written(due).await;
    stage.written("UPDATE events SET ends_at = 1").await;
    assert_eq!(told().await, []);
    stage.written(waits).await;
}

#[tokio::test]
async fn how_a_ticket_type_is_taxed_on_its_own_is_told_to_who_manages_it_and_to_nobody_else() {
    let stage = Stage::new().await;
    let fields = "ticketTypes { tax { untaxed name rate included rounding } }";
    let query = format!(
        "query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Event {{ {fields} }} }} }}"
    );
    for tax in [None, Some(TicketTax::Untaxed), Some(TicketTax::Taxed(vat(7, false)))] {
        let ask = CreateTicketType { tax, ..stage.ticket_type("Seat", &[STALLS], 1000) };
        stage.tickets.create_ticket_type(ask).await.unwrap();
    }
    let seen = async |by: Option<UserId>| {
        let of = json!({ "of": [{ "__typename": "Event", "id": stage.event }] });
        let types = stage.data(by, &query, of).await["_entities"][0]["ticketTypes"].take();
        types.as_array().unwrap().iter().map(|known| known["tax"].clone()).collect::<Vec<_>>()
    };
    let untaxed = json!({ "untaxed": true, "name": null, "rate": null, "included": null, "rounding": null });
    let taxed =
        json!({ "untaxed": false, "name": "VAT", "rate": "7", "included": false, "rounding": "PER_TOTAL" });
    assert_eq!(seen(Some(stage.organizer)).await, [Value::Null, untaxed, taxed]);
    assert!(seen(Some(stage.member(contracts::users::Role::Manager).await)).await[2].is_object());
    for other in [None, Some(UserId::new()), Some(stage.member(contracts::users::Role::BoxOffice).await)] {
        assert!(seen(other).await.iter().all(Value::is_null));
    }
}
