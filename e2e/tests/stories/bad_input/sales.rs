use e2e::{Person, eventually, organizer};
use serde_json::{Value, json};

use super::{changed_nothing, everything_kept, is_refused, refuses};
use crate::{Stage, id};

#[tokio::test]
async fn wrong_input_to_sales_is_refused_by_its_field() {
    let stage = Stage::set().await;
    let (who, show) = (&stage.organizer, &stage.show);
    let kept = everything_kept(&stage).await;
    let euros = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    let kind =
        json!({ "eventId": show.event, "name": "Fine", "sections": ["STALLS"], "price": euros("10.00") });
    refuses(
        who,
        "createTicketType",
        &kind,
        [
            ("/eventId", json!("nonsense"), "eventId"),
            ("/name", json!(""), "name"),
            ("/description", json!("x".repeat(1_000_000)), "description"),
            ("/price", euros("-1.00"), "price"),
            ("/price", euros("1.234"), "price"),
            ("/price", euros("ten"), "price"),
            ("/price", euros("99999999999999999999"), "price"),
            ("/price", json!({ "amount": "10.00", "currency": "USD" }), "price"),
            ("/price", json!({ "amount": "10.00", "currency": "ABC" }), "price"),
            ("/price", Value::Null, "price"),
            ("/tiers", json!([{ "name": "Early", "price": euros("5.00") }]), "tiers"),
            ("/sections", json!(["BALCONY"]), "sections"),
            ("/quota", json!(0), "quota"),
            ("/quota", json!(-1), "quota"),
            ("/minPerOrder", json!(0), "minPerOrder"),
            ("/maxPerOrder", json!(-2), "maxPerOrder"),
            ("/maxPerOrder", json!(2_147_483_648_i64), "maxPerOrder"),
            ("/salesEnd", json!(organizer::ahead(-24)), "salesEnd"),
        ],
    )
    .await;
    refuses(
        who,
        "checkIn",
        &json!({ "eventId": show.event, "code": "x" }),
        [
            ("/eventId", json!("nonsense"), "eventId"),
            ("/code", json!("x".repeat(1_000_000)), "code"),
            ("/gate", json!("x".repeat(1_000)), "gate"),
        ],
    )
    .await;
    is_refused("blocks", who.blocks(&show.event, &["nonsense".to_owned()], true).await, "seatIds");
    is_refused("publishes", who.publishes("nonsense").await, "id");
    changed_nothing(&stage, kept).await;
}

#[tokio::test]
async fn wrong_input_to_purchases_is_refused_by_its_field() {
    let stage = Stage::set().await;
    let show = &stage.show;
    let buyer = stage.person("Bea").await;
    let seats = stage.seats(&buyer, 2).await;
    let reservation = buyer.holds(&show.event, &seats[..1]).await.unwrap();
    let order = buyer.orders(&show.event, &seats[1..]).await.unwrap();
    payable(&buyer, id(&order)).await;
    let kept = everything_kept(&stage).await;
    let hold = json!({ "eventId": show.event, "seats": [{ "seatId": seats[0] }], "idempotencyKey": "wrong" });
    refuses(
        &buyer,
        "holdSeats",
        &hold,
        [
            ("/eventId", json!("nonsense"), "eventId"),
            ("/seats", json!([]), "seats"),
            ("/seats", json!([{ "seatId": "nonsense" }]), "seatId"),
            ("/seats", json!([{ "seatId": format!("{}:0", show.venue) }]), "seatId"),
            ("/seats", json!(vec![json!({ "seatId": seats[0] }); 101]), "seats"),
            ("/generalAdmission", json!([{ "ticketTypeId": show.floor, "quantity": 0 }]), "quantity"),
            ("/generalAdmission", json!([{ "ticketTypeId": show.floor, "quantity": -3 }]), "quantity"),
            (
                "/generalAdmission",
                json!([{ "ticketTypeId": show.floor, "quantity": 3_000_000_000_i64 }]),
                "quantity",
            ),
            ("/generalAdmission", json!([{ "ticketTypeId": "nonsense", "quantity": 1 }]), "ticketTypeId"),
            ("/idempotencyKey", json!(""), "idempotencyKey"),
            ("/idempotencyKey", json!("x".repeat(1_000_000)), "idempotencyKey"),
        ],
    )
    .await;
    let huge = buyer.holds_standing(&show.event, &show.floor, i64::from(i32::MAX)).await.unwrap_err();
    assert!(["LIMIT_EXCEEDED", "NOT_ENOUGH_AVAILABLE"].contains(&huge.code.as_str()), "{huge:?}");
    let attendee = json!([{ "name": "Bea", "email": buyer.email }]);
    let checkout =
        json!({ "reservationId": id(&reservation), "attendees": attendee, "idempotencyKey": "wrong" });
    refuses(
        &buyer,
        "checkout",
        &checkout,
        [
            ("/reservationId", json!("nonsense"), "reservationId"),
            ("/attendees", json!([]), "attendees"),
            ("/attendees", json!(vec![attendee[0].clone(); 2]), "attendees"),
            ("/attendees/0/name", json!(""), "name"),
            ("/attendees/0/email", json!("nonsense"), "email"),
            ("/idempotencyKey", json!(" "), "idempotencyKey"),
        ],
    )
    .await;
    let pay = json!({ "orderId": id(&order), "paymentMethod": "pm_card_visa", "idempotencyKey": "wrong" });
    refuses(
        &buyer,
        "pay",
        &pay,
        [
            ("/orderId", json!("nonsense"), "orderId"),
            ("/paymentMethod", json!(""), "paymentMethod"),
            ("/paymentMethod", json!("x".repeat(1_000_000)), "paymentMethod"),
            ("/paymentMethod", json!("pm card"), "paymentMethod"),
            ("/idempotencyKey", json!(""), "idempotencyKey"),
        ],
    )
    .await;
    refuses(
        &buyer,
        "setNotificationPreferences",
        &json!({ "entries": [] }),
        [("/entries", json!([]), "entries")],
    )
    .await;
    is_refused("releases", buyer.releases("nonsense").await, "id");
    is_refused("gives up", buyer.gives_up("nonsense").await, "id");
    is_refused("looks at", buyer.looks_at("nonsense").await, "id");
    let query = "query($since: Int!, $id: ID!) { seatMapChanges(eventId: $id, since: $since) { version } }";
    let variables = json!({ "id": show.event, "since": -1 });
    is_refused("seatMapChanges", buyer.does("seatMapChanges", query, variables).await, "since");
    let query = "mutation { markNotificationRead(id: \"nonsense\") { id } }";
    is_refused(query, buyer.does("markNotificationRead", query, json!({})).await, "id");
    changed_nothing(&stage, kept).await;
}

/// The order can be paid.
async fn payable(buyer: &Person, order: &str) {
    eventually("the order can be paid", async || {
        let order = buyer.looks_at(order).await.ok()?;
        (order["payment"]["status"] == "PENDING").then_some(())
    })
    .await;
}
