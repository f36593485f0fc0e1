use e2e::{Person, Platform, eventually};
use serde_json::{Value, json};

use crate::{Stage, id};

const TRANSFER: &str = "mutation($input: TransferTicketInput!) { transferTicket(input: $input) \
                        { replacedTicketId ticket { id code mine holderName } } }";
const MINE: &str = "{ me { tickets { nodes { id code qrPayload mine transferable holderName order { id } event { id } } } } }";

#[tokio::test]
async fn a_ticket_is_given_to_a_friend_who_goes_in_with_it() {
    let stage = Stage::set().await;
    let (buyer, event) = (stage.person("Bea").await, &stage.show.event);
    let grace = stage.person("Grace").await;
    let seats = stage.seats(&buyer, 2).await;
    let order = buyer.orders(event, &seats).await.unwrap();
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;
    let old = &order["tickets"][0];

    let given = gives(&buyer, id(old), &grace.email).await;
    assert_eq!((&given["replacedTicketId"], &given["ticket"]["mine"]), (&old["id"], &json!(false)));
    assert_eq!((&given["ticket"]["code"], &given["ticket"]["holderName"]), (&Value::Null, &json!("Grace")));
    for dead in ["qrPayload", "code"] {
        let answer = stage.organizer.scans(event, old[dead].as_str().unwrap(), "North").await.unwrap();
        assert_eq!(
            (&answer["outcome"], &answer["ticket"]["status"]),
            (&json!("VOID"), &json!("TRANSFERRED"))
        );
    }

    // It waits until Grace has shown that the address is hers.
    assert!(tickets_of(&grace).await.is_empty());
    verifies(&stage.platform, &grace).await;
    let hers = eventually("Grace has the ticket", async || tickets_of(&grace).await.pop()).await;
    assert_eq!((&hers["id"], &hers["order"]), (&given["ticket"]["id"], &Value::Null));
    assert_eq!((&hers["mine"], &hers["transferable"]), (&json!(true), &json!(true)));
    assert_eq!(tickets_of(&buyer).await.len(), 1, "the other one is left");

    let answer = stage.organizer.scans(event, hers["qrPayload"].as_str().unwrap(), "North").await.unwrap();
    assert_eq!((&answer["outcome"], &answer["ticket"]["holderName"]), (&json!("ADMITTED"), &json!("Grace")));
    let query =
        "mutation($input: TransferTicketInput!) { transferTicket(input: $input) { replacedTicketId } }";
    let used = grace.does("transferTicket", query, input(id(&hers), "eve@example.org")).await.unwrap_err();
    assert_eq!(used.extensions["reason"], "TICKET_USED");
    eventually("the sales count both tickets once", async || {
        let sales = stage.organizer.reads_sales(event).await.ok()?;
        (sales["ticketsSold"] == 2 && sales["checkedIn"] == 1).then_some(())
    })
    .await;
}

fn input(ticket: &str, email: &str) -> Value {
    json!({ "input": { "ticketId": ticket, "toEmail": email, "toName": "Grace", "idempotencyKey": ticket } })
}

async fn gives(who: &Person, ticket: &str, email: &str) -> Value {
    who.does("transferTicket", TRANSFER, input(ticket, email)).await.unwrap()
}

async fn tickets_of(who: &Person) -> Vec<Value> {
    let me = who.does("me", MINE, json!({})).await.unwrap();
    me["tickets"]["nodes"].as_array().unwrap().clone()
}

async fn verifies(platform: &Platform, who: &Person) {
    let token = who.is_mailed_a_link(&platform.sandbox(), "/account/verify").await;
    let query = "mutation($token: String!) { verifyEmail(token: $token) { id } }";
    who.does("verifyEmail", query, json!({ "token": token })).await.unwrap();
}
