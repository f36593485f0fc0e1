//! Choosing places, waiting for them, and giving tickets to others.

use std::collections::HashMap;

use reqwest::Url;
use serde_json::json;

use super::Tour;
use crate::{Stage, id};

pub(super) async fn places(tour: &mut Tour, stage: &Stage, buyer: &e2e::Person) {
    let (who, event, floor) = (&stage.organizer, &stage.show.event, &stage.show.floor);
    let query = "mutation($input: SetSeatingRulesInput!) { setSeatingRules(input: $input) { id } }";
    let input = json!({ "eventId": event, "orphanSeatRule": false });
    tour.does(who, "setSeatingRules", query, json!({ "input": input })).await;
    let query = "mutation($input: HoldBestAvailableInput!) { holdBestAvailable(input: $input) { id items { seat { row number } } } }";
    let input = json!({ "eventId": event, "ticketTypeId": stage.show.stalls, "quantity": 2, "idempotencyKey": "best" });
    let best = tour.does(buyer, "holdBestAvailable", query, json!({ "input": input })).await;
    let rows: Vec<_> = best["items"].as_array().unwrap().iter().map(|item| &item["seat"]["row"]).collect();
    assert!(rows.len() == 2 && rows[0] == rows[1], "side by side: {best}");
    let query = "mutation($input: ChangeReservationInput!) { changeReservation(input: $input) { items { quantity } } }";
    let places = json!([{ "ticketTypeId": floor, "quantity": 1 }]);
    let input = json!({ "reservationId": best["id"], "addPlaces": places, "idempotencyKey": "one more" });
    let changed = tour.does(buyer, "changeReservation", query, json!({ "input": input })).await;
    assert_eq!(changed["items"].as_array().unwrap().len(), 3, "{changed}");

    let order = buyer.checks_out(id(&best)).await.unwrap();
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;
    let query =
        "mutation($input: RenameTicketHolderInput!) { renameTicketHolder(input: $input) { holderName } }";
    let input = json!({ "ticketId": id(&order["tickets"][0]), "holderName": "Bertha" });
    let renamed = tour.does(buyer, "renameTicketHolder", query, json!({ "input": input })).await;
    assert_eq!(renamed["holderName"], "Bertha");
    let query =
        "mutation($input: TransferTicketInput!) { transferTicket(input: $input) { replacedTicketId } }";
    let ticket = id(&order["tickets"][1]);
    let input = json!({ "ticketId": ticket, "toEmail": "friend@example.test", "toName": "A friend", "idempotencyKey": "gift" });
    let given = tour.does(buyer, "transferTicket", query, json!({ "input": input })).await;
    assert_eq!(given["replacedTicketId"], ticket);
    waiting(tour, stage, buyer).await;
    claim(tour, stage, buyer).await;
}

async fn claim(tour: &mut Tour, stage: &Stage, member: &e2e::Person) {
    let guest = e2e::Person::continues_as_guest(stage.platform.address(), "Gwen").await.unwrap();
    let seats = stage.seats(&guest, 1).await;
    let order = guest.orders(&stage.show.event, &seats).await.unwrap();
    guest.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = guest.waits_for(id(&order), &["COMPLETED"]).await;
    let mail = stage.platform.sandbox().mail(&guest.email, "Winter Journey").await;
    let (_, link) = mail.text().split_once("/claim?").expect("the mail leads to a claim");
    let link = format!("http://shop.test/?{}", link.split_whitespace().next().unwrap());
    let said: HashMap<_, _> = Url::parse(&link).unwrap().query_pairs().into_owned().collect();
    assert_eq!(json!(said["number"]), order["number"]);
    let query = "mutation($input: ClaimOrderInput!) { claimOrder(input: $input) { id } }";
    let claimed = tour.does(member, "claimOrder", query, json!({ "input": said })).await;
    assert_eq!(claimed["id"], order["id"]);
}

async fn waiting(tour: &mut Tour, stage: &Stage, buyer: &e2e::Person) {
    let (who, event) = (&stage.organizer, &stage.show.event);
    let made = "mutation($input: CreateTicketTypeInput!) { createTicketType(input: $input) { id } }";
    let price = json!({ "amount": "9.00", "currency": "EUR" });
    let input = json!({ "eventId": event, "name": "The last place", "sections": ["FLOOR"], "quota": 1, "price": price });
    let last = who.does("createTicketType", made, json!({ "input": input })).await.unwrap();
    let held = who.holds_standing(event, id(&last), 1).await.unwrap();
    let query = "mutation($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { id status position } }";
    let input = json!({ "eventId": event, "ticketTypeIds": [id(&last)], "quantity": 1 });
    let entry = tour.does(buyer, "joinWaitlist", query, json!({ "input": input })).await;
    assert_eq!((&entry["status"], &entry["position"]), (&json!("WAITING"), &json!(1)));
    who.releases(id(&held)).await.unwrap();
    let query =
        "mutation($input: AcceptWaitlistOfferInput!) { acceptWaitlistOffer(input: $input) { id status } }";
    let input = json!({ "input": { "entryId": id(&entry), "idempotencyKey": "yes" } });
    e2e::eventually("the place is offered", async || {
        buyer.does("acceptWaitlistOffer", query, input.clone()).await.ok()
    })
    .await;
    tour.done.insert("acceptWaitlistOffer".to_owned());
    let query = "mutation($id: ID!) { leaveWaitlist(id: $id) { status } }";
    let left = tour.does(buyer, "leaveWaitlist", query, json!({ "id": id(&entry) })).await;
    assert_eq!(left["status"], "DECLINED");
}
