//! An event may be taxed on its own, and give back other than its organization does.

use contracts::{
    events::{EventChange, EventChanged, EventStatus},
    settings::{EventTerms, OrganizationSettings, RefundPolicy, RefundRule, Tax},
    tickets::TicketTypeChanged,
};
use kernel::{Currency, Money, Rate, TicketTypeId, UserId};
use serde_json::{Value, json};
use tickets::domain::{entities::TicketTax, use_cases::CreateTicketType};

use crate::{
    prices::{shown_order, shown_reservation},
    stage::{FLOOR, STALLS, Stage},
    terms::vat,
};

fn taxed(tax: Tax) -> EventTerms {
    EventTerms { tax: Some(tax), ..EventTerms::default() }
}

fn gives_back(hours_before_start: u32, percent: u32) -> RefundPolicy {
    let rule = RefundRule { hours_before_start, percent: Rate::percent(percent) };
    RefundPolicy { rules: vec![rule], fees_kept: false }
}

impl Stage {
    /// What is told of the event when it has these terms; nothing of them by a version that knows of none.
    fn on_terms(&self, version: i64, terms: Option<EventTerms>) -> EventChanged {
        let change = if version == 1 { EventChange::Published } else { EventChange::Updated };
        EventChanged { terms, ..self.event_changed(version, change, EventStatus::Published) }
    }

    /// The organization asks 20 percent on top, and the event is on sale, with seats at 10 euros.
    async fn taxing(event: EventTerms) -> (Self, TicketTypeId) {
        let stage = Self::empty(tickets::Config::default()).await;
        stage.hear(&stage.layout_defined()).await;
        stage.hear(&stage.on_terms(1, Some(event))).await;
        stage.sells_on(1, organization()).await;
        let seat = stage.sells("Seat", &[STALLS]).await;
        (stage, seat)
    }

    /// What is listed of each ticket type, in the order they were made.
    async fn listed(&self) -> Vec<String> {
        let of = "ticketTypes { price { amount } }";
        let event = self.shown(of).await;
        let types = event["ticketTypes"].as_array().unwrap().iter();
        types.map(|shown| shown["price"]["amount"].as_str().unwrap().to_owned()).collect()
    }

    async fn shown(&self, fields: &str) -> Value {
        let ask = format!(
            "query ($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Event {{ {fields} }} }} }}"
        );
        let of = json!({ "of": [{ "__typename": "Event", "id": self.event }] });
        self.data(Some(UserId::new()), &ask, of).await["_entities"][0].take()
    }

    /// What is told of ticket types once all that waits is listed anew.
    async fn relisted(&self) -> Vec<TicketTypeChanged> {
        self.written("UPDATE events SET relist_at = 1 WHERE relist_at IS NOT NULL").await;
        while self.tickets.tell_of_listed_prices().await.unwrap() {}
        self.waiting().await.iter().filter_map(|message| message.read().unwrap()).collect()
    }
}

fn organization() -> OrganizationSettings {
    OrganizationSettings {
        tax: Some(vat(20, false)),
        refund_policy: gives_back(24, 50),
        ..OrganizationSettings::default()
    }
}

#[tokio::test]
async fn a_ticket_types_tax_comes_before_its_events_and_that_before_its_organizations() {
    let (stage, _) = Stage::taxing(EventTerms::default()).await;
    let floor = CreateTicketType {
        tax: Some(TicketTax::Taxed(vat(7, false))),
        ..stage.ticket_type("Floor", &[FLOOR], 1000)
    };
    stage.tickets.create_ticket_type(floor).await.unwrap();
    assert_eq!(stage.listed().await, ["12.00", "10.70"]);
    for (version, terms, seat) in [
        (2, taxed(vat(10, false)), "11.00"),
        (3, taxed(vat(0, false)), "10.00"),
        (4, EventTerms { refund_policy: Some(gives_back(1, 1)), ..taxed(vat(10, true)) }, "10.00"),
        (5, EventTerms::default(), "12.00"),
    ] {
        stage.hear(&stage.on_terms(version, Some(terms))).await;
        assert_eq!(stage.listed().await, [seat, "10.70"], "{version}");
    }
    // Late news change nothing.
    stage.hear(&stage.on_terms(4, Some(taxed(vat(1, false))))).await;
    assert_eq!(stage.listed().await[0], "12.00");
}

#[tokio::test]
async fn what_is_in_a_cart_or_ordered_keeps_the_tax_and_an_order_the_refunds_it_was_made_with() {
    let own = EventTerms { refund_policy: Some(gives_back(48, 80)), ..taxed(vat(10, false)) };
    let (stage, _) = Stage::taxing(own).await;
    let reservation = stage.holds(UserId::new(), &[0]).await.unwrap();
    let said = shown_reservation(&stage, &reservation).await;
    assert_eq!(
        (&said["total"]["total"]["amount"], &said["total"]["tax"]["amount"]),
        (&json!("11.00"), &json!("1.00"))
    );
    let ordered = stage.checks_out(&stage.holds(UserId::new(), &[1]).await.unwrap()).await;
    assert_eq!(ordered.state().total, Money::new(1100, Currency::EUR));

    stage.hear(&stage.on_terms(2, Some(EventTerms::default()))).await;
    assert_eq!(shown_reservation(&stage, &reservation).await["total"], said["total"]);
    let later = stage.checks_out(&reservation).await;
    assert_eq!(later.state().total, Money::new(1100, Currency::EUR), "what was shown is charged");
    assert_eq!(shown_order(&stage, &ordered).await["total"]["total"]["amount"], "11.00");
    let percent = |order: &tickets::domain::entities::Order| {
        let rules = order.state().refund_policy.rules().to_vec();
        rules.into_iter().map(|rule| rule.percent).collect::<Vec<_>>()
    };
    assert_eq!(percent(&ordered), [Rate::percent(80)]);
    assert_eq!(percent(&later), [Rate::percent(50)], "the policy is that of the moment it was ordered");
}

#[tokio::test]
async fn everybody_reads_of_an_event_what_buyers_get_back_whoever_set_it() {
    let none = RefundPolicy::default();
    let (stage, _) = Stage::taxing(EventTerms { refund_policy: Some(none), ..EventTerms::default() }).await;
    let policy = "refundPolicy { feesKept rules { percent } }";
    assert_eq!(stage.shown(policy).await["refundPolicy"], Value::Null, "its own says that nothing goes back");
    for (version, own, percent) in [(2, Some(gives_back(2, 100)), "100"), (3, None, "50")] {
        let terms = EventTerms { refund_policy: own, ..EventTerms::default() };
        stage.hear(&stage.on_terms(version, Some(terms))).await;
        let shown = stage.shown(policy).await;
        assert_eq!(shown["refundPolicy"]["rules"], json!([{ "percent": percent }]));
    }
}

#[tokio::test]
async fn what_is_listed_with_another_tax_is_told_once_for_each_ticket_type_of_the_event() {
    let (stage, seat) = Stage::taxing(EventTerms::default()).await;
    for _ in 0..60 {
        stage.sells("Floor", &[FLOOR]).await;
    }
    let made = stage.waiting().await;
    let before: TicketTypeChanged = made
        .iter()
        .find_map(|message| {
            message.read().unwrap().filter(|told: &TicketTypeChanged| told.ticket_type_id == seat)
        })
        .unwrap();
    stage.hear(&stage.on_terms(2, Some(taxed(vat(10, false))))).await;
    assert!(!stage.tickets.tell_of_listed_prices().await.unwrap(), "what is just being made comes first");
    let told = stage.relisted().await;
    let ids: std::collections::BTreeSet<_> = told.iter().map(|told| told.ticket_type_id).collect();
    assert_eq!((told.len(), ids.len()), (61, 61));
    for told in &told {
        assert_eq!((told.lowest_price.minor, told.highest_price.minor), (1100, 1100));
        assert!(told.version > before.version, "newer than what was told before");
    }
    // Nothing that changes no price tells any, whoever tells it.
    let more = EventTerms { refund_policy: Some(gives_back(1, 1)), ..taxed(vat(10, false)) };
    stage.hear(&stage.on_terms(3, Some(more))).await;
    stage.hear(&stage.on_terms(4, None)).await;
    stage.written("UPDATE events SET version = version WHERE relist_at IS NULL").await;
    stage.hear(&stage.on_terms(5, Some(EventTerms::default()))).await;
    let again = stage.relisted().await;
    assert_eq!(again.len(), 61);
    assert!(again.iter().all(|told| told.lowest_price.minor == 1200 && told.version > before.version + 2));
    // An event that is over is sold to nobody.
    stage.hear(&stage.on_terms(6, Some(taxed(vat(1, false))))).await;
    stage.written("UPDATE events SET ends_at = 1").await;
    assert_eq!(stage.relisted().await, []);
}

#[tokio::test]
async fn what_a_version_tells_that_knows_of_no_such_terms_leaves_them_as_they_are() {
    let own = EventTerms { refund_policy: Some(gives_back(48, 80)), ..taxed(vat(10, false)) };
    let (stage, _) = Stage::taxing(own).await;
    let mut renamed = stage.on_terms(2, None);
    renamed.event.title = "Another evening".to_owned();
    stage.hear(&renamed).await;
    assert_eq!(stage.listed().await, ["11.00"]);
    let policy = stage.shown("refundPolicy { rules { percent } }").await;
    assert_eq!(policy["refundPolicy"]["rules"], json!([{ "percent": "80" }]));
    // As such a version writes it.
    let mut written = serde_json::to_value(&renamed).unwrap();
    written.as_object_mut().unwrap().remove("terms");
    assert_eq!(serde_json::from_value::<EventChanged>(written).unwrap(), renamed);
}
