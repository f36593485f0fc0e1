use e2e::{Person, eventually};
use serde_json::{Value, json};

use crate::{Stage, id};

const JOIN: &str =
    "mutation($input: JoinWaitlistInput!) { joinWaitlist(input: $input) { id status position } }";
const ACCEPT: &str =
    "mutation($input: AcceptWaitlistOfferInput!) { acceptWaitlistOffer(input: $input) { id status } }";
const LEAVE: &str = "mutation($id: ID!) { leaveWaitlist(id: $id) { status } }";
const MINE: &str = "{ me { waitlistEntries { nodes { id status position quantity event { id title } \
                    offer { expiresInSeconds total { total { amount } } } } } } }";

/// Nobody sees to the list but the platform itself.
#[tokio::test]
async fn what_comes_free_goes_to_who_waits_and_then_to_the_next() {
    let stage = Stage::set().await;
    let (event, floor) = (&stage.show.event, &stage.show.floor);
    let (buyer, ria, tom) = (stage.person("Bea").await, stage.person("Ria").await, stage.person("Tom").await);
    let left = ria.does("joinWaitlist", JOIN, wish(event, floor, 2)).await.unwrap_err();
    assert_eq!(left.extensions["reason"], "PLACES_LEFT");
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(buyer.holds_standing(event, floor, 10).await.unwrap());
    }
    let first = ria.does("joinWaitlist", JOIN, wish(event, floor, 4)).await.unwrap();
    let second = tom.does("joinWaitlist", JOIN, wish(event, floor, 10)).await.unwrap();
    assert_eq!((&first["status"], &first["position"]), (&json!("WAITING"), &json!(1)));
    assert_eq!(second["position"], 2);

    buyer.releases(id(&held[0])).await.unwrap();
    let snatched = buyer.holds_standing(event, floor, 10).await.unwrap_err();
    assert_eq!(snatched.code, "NOT_ENOUGH_AVAILABLE");
    let offered = is(&ria, "OFFERED").await;
    assert_eq!((&offered["position"], &offered["event"]["title"]), (&Value::Null, &json!("Winter Journey")));
    assert_eq!(offered["offer"]["total"]["total"]["amount"], "100.00");
    // Six are no use to ten, so that anybody can have them.
    eventually("what nobody who waits can use is on sale", async || {
        buyer.holds_standing(event, floor, 6).await.ok()
    })
    .await;

    // Declined, and with what another gives back it is enough for the next.
    assert_eq!(
        ria.does("leaveWaitlist", LEAVE, json!({ "id": id(&first) })).await.unwrap()["status"],
        "DECLINED"
    );
    buyer.releases(id(&held[1])).await.unwrap();
    is(&tom, "OFFERED").await;
    let input = json!({ "input": { "entryId": id(&second), "idempotencyKey": "yes" } });
    let reservation = tom.does("acceptWaitlistOffer", ACCEPT, input.clone()).await.unwrap();
    let again = tom.does("acceptWaitlistOffer", ACCEPT, input).await.unwrap();
    assert_eq!((id(&again), &reservation["status"]), (id(&reservation), &json!("ACTIVE")));
    let order = tom.checks_out(id(&reservation)).await.unwrap();
    tom.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = tom.waits_for(id(&order), &["COMPLETED"]).await;
    assert_eq!(order["tickets"].as_array().unwrap().len(), 10);
    is(&tom, "BOUGHT").await;
}

fn wish(event: &str, ticket_type: &str, quantity: u32) -> Value {
    json!({ "input": { "eventId": event, "ticketTypeIds": [ticket_type], "quantity": quantity } })
}

/// Somebody's one entry, once it stands so.
async fn is(who: &Person, status: &str) -> Value {
    eventually("an entry of a waiting list moves on", async || {
        let me = who.does("me", MINE, json!({})).await.unwrap();
        let entry = me["waitlistEntries"]["nodes"][0].clone();
        (entry["status"] == status).then_some(entry)
    })
    .await
}
