use e2e::{Person, eventually};
use serde_json::{Value, json};

use crate::{Stage, id};

const PARTS: &str = "subtotal { amount } discount { amount } fees { amount } tax { amount } total { amount }";

/// An amount in cents.
fn cents(money: &Value) -> i64 {
    money["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

/// The organizer passes fees on, taxes come on top, and who returns a ticket in time gets half of it back, but no fees.
async fn sells_with_everything(stage: &Stage) {
    let query = "mutation($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { id } }";
    let money = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    let input = json!({
        "organizationId": stage.show.organization,
        "serviceFees": [
            { "name": "Service fee", "percent": "10", "borneBy": "BUYER" },
            { "name": "Order fee", "perOrder": money("1.00"), "borneBy": "BUYER" },
            { "name": "Platform", "perTicket": money("0.30"), "borneBy": "ORGANIZER" },
        ],
        "tax": { "name": "VAT", "rate": "20", "included": false },
        "refundPolicy": { "rules": [{ "hoursBeforeStart": 48, "percent": "50" }], "feesKept": true },
        "seller": { "legalName": "Oper GmbH", "address": "Ring 1\n1010 Vienna" },
    });
    stage.organizer.does("updateOrganization", query, json!({ "input": input })).await.unwrap();
    eventually("fees and tax are in what is listed", async || {
        let query = "query($id: ID!) { event(id: $id) { ticketTypes { name price { amount } } refundPolicy { feesKept } } }";
        let seen = stage.organizer.does("event", query, json!({ "id": stage.show.event })).await.ok()?;
        let types = seen["ticketTypes"].as_array()?;
        let seat = types.iter().find(|known| known["name"] == "Seat")?;
        // (49.50 + 4.95) and 20 % on top.
        (seat["price"]["amount"] == "65.34" && seen["refundPolicy"]["feesKept"] == true).then_some(())
    })
    .await;
}

/// An order of two seats with a code: what it cost when it was set aside, and the order.
async fn buys_with_a_code(stage: &Stage, buyer: &Person) -> (Value, Value) {
    let code = "mutation($input: CreatePromoCodeInput!) { createPromoCode(input: $input) { id } }";
    let input = json!({ "eventId": stage.show.event, "code": "FRIENDS", "percentOff": "20" });
    stage.organizer.does("createPromoCode", code, json!({ "input": input })).await.unwrap();
    let seats = stage.seats(buyer, 2).await;
    let reservation = buyer.holds(&stage.show.event, &seats).await.unwrap();
    let apply = format!(
        "mutation($input: ApplyPromoCodeInput!) {{ applyPromoCode(input: $input) {{ total {{ {PARTS} }} }} }}"
    );
    let input = json!({ "reservationId": reservation["id"], "code": "friends" });
    let shown = buyer.does("applyPromoCode", &apply, json!({ "input": input })).await.unwrap();
    let order = buyer.checks_out(id(&reservation)).await.unwrap();
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    (shown["total"].clone(), buyer.waits_for(id(&order), &["COMPLETED"]).await)
}

#[tokio::test]
async fn what_is_shown_is_charged_mailed_invoiced_booked_and_given_back() {
    let stage = Stage::set().await;
    sells_with_everything(&stage).await;
    let buyer = stage.person("Bea").await;
    let (shown, order) = buys_with_a_code(&stage, &buyer).await;
    let [subtotal, discount, fees, tax, total] =
        ["subtotal", "discount", "fees", "tax", "total"].map(|part| cents(&shown[part]));
    assert_eq!(subtotal - discount + fees + tax, total, "{shown}");
    assert!(discount > 0 && fees > 0 && tax > 0, "{shown}");

    let query = format!(
        "query($id: ID!) {{ order(id: $id) {{ number total {{ {PARTS} }} payment {{ amount {{ amount }} }} \
         tickets {{ id price {{ total {{ amount }} }} }} invoices {{ number kind total {{ amount }} pdfUrl }} }} }}"
    );
    let seen = buyer.does("order", &query, json!({ "id": order["id"] })).await.unwrap();
    assert_eq!(seen["total"], shown);
    assert_eq!(cents(&seen["payment"]["amount"]), total, "what is shown is charged");
    let tickets: i64 =
        seen["tickets"].as_array().unwrap().iter().map(|ticket| cents(&ticket["price"]["total"])).sum();
    assert_eq!(tickets, total, "tickets sum to the order");
    let number = seen["number"].as_str().unwrap();
    let at_stripe = stage.platform.sandbox().payments_of(number).await;
    assert_eq!(at_stripe[0]["amount"], total, "{at_stripe:?}");
    let invoice = &seen["invoices"][0];
    assert_eq!((&invoice["kind"], cents(&invoice["total"])), (&json!("INVOICE"), total));
    let mail = stage.platform.sandbox().mail(&buyer.email, number).await;
    let name = format!("{}.pdf", invoice["number"].as_str().unwrap());
    let attached = mail.0["attachments"].as_array().unwrap().iter();
    let names: Vec<_> = attached.map(|file| file["name"].as_str().unwrap().to_owned()).collect();
    assert!(
        names.iter().any(|file| file.contains(name.trim_end_matches(".pdf"))),
        "{name} is not in {names:?}"
    );

    // Half of one ticket goes back, without its fees: as it was quoted.
    let ticket = json!([seen["tickets"][0]["id"]]);
    let quote = "query($id: ID!, $of: [ID!]) { order(id: $id) { refundQuote(ticketIds: $of) { allowed total { total { amount } } } } }";
    let quoted = buyer.does("order", quote, json!({ "id": order["id"], "of": ticket })).await.unwrap();
    assert_eq!(quoted["refundQuote"]["allowed"], true, "{quoted}");
    let quoted = cents(&quoted["refundQuote"]["total"]["total"]);
    assert!(quoted > 0 && 2 * quoted < cents(&seen["tickets"][0]["price"]["total"]), "{quoted}");
    let refund = "mutation($input: RefundOrderInput!) { refundOrder(input: $input) { id } }";
    let input = json!({ "orderId": order["id"], "ticketIds": ticket, "idempotencyKey": "back" });
    buyer.does("refundOrder", refund, json!({ "input": input })).await.unwrap();
    buyer.waits_for(id(&order), &["PARTIALLY_REFUNDED"]).await;
    let query = "query($id: ID!) { order(id: $id) { payment { refunded { amount } } invoices { kind total { amount } } } }";
    let seen = buyer.does("order", query, json!({ "id": order["id"] })).await.unwrap();
    assert_eq!(cents(&seen["payment"]["refunded"]), quoted, "{seen}");
    let credit = &seen["invoices"][1];
    assert_eq!((&credit["kind"], cents(&credit["total"])), (&json!("CREDIT_NOTE"), quoted), "{seen}");
    the_books_say_so(&stage, total - quoted).await;
}

/// What buyers have paid, and what of it the organization is owed: all but what the platform keeps.
async fn the_books_say_so(stage: &Stage, paid: i64) {
    let query = "query($id: ID!) { organization(id: $id) { balances { pending { amount } } \
                 ledger(first: 100) { nodes { kind amount { amount } } } } }";
    eventually("the books of the organization", async || {
        let of = json!({ "id": stage.show.organization });
        let seen = stage.organizer.does("organization", query, of).await.ok()?;
        let lines = seen["ledger"]["nodes"].as_array()?;
        let sum = |kinds: &[&str]| -> i64 {
            let of_kind = lines.iter().filter(|line| kinds.iter().any(|kind| line["kind"] == *kind));
            of_kind.map(|line| cents(&line["amount"])).sum()
        };
        let owed: i64 = lines.iter().map(|line| cents(&line["amount"])).sum();
        let moved = sum(&["SALE", "TAX", "REFUND"]);
        let is_owed = seen["balances"][0]["pending"]["amount"].as_str()?.replace('.', "").parse() == Ok(owed);
        (moved == paid && is_owed && sum(&["FEE"]) < 0).then_some(())
    })
    .await;
}
