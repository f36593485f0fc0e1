use e2e::eventually;
use serde_json::Value;

use crate::{Stage, id};

/// What admits, as its buyer has it.
const WAYS_IN: [&str; 3] = ["qrPayload", "qrSvg", "pdfUrl"];

#[tokio::test]
async fn a_ticket_shows_a_code_only_while_it_admits() {
    let stage = Stage::set().await;
    let (buyer, event) = (stage.person("Bea").await, &stage.show.event);
    let seats = stage.seats(&buyer, 1).await;
    let order = buyer.orders(event, &seats).await.unwrap();
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;
    let (sandbox, number) = (stage.platform.sandbox(), order["number"].as_str().unwrap());
    sandbox.mail(&buyer.email, "Winter Journey").await;
    let bought = &order["tickets"][0];
    assert!(WAYS_IN.iter().all(|way| bought[way].is_string()), "{bought}");
    let ticket = async |status: &str| {
        eventually(&format!("the ticket is {status}"), async || {
            let ticket = buyer.looks_at(id(&order)).await.ok()?["tickets"][0].take();
            (ticket["status"] == status).then_some(ticket)
        })
        .await
    };

    sandbox.buyer_disputes(number).await;
    let withheld = ticket("VOID").await;
    assert!(WAYS_IN.iter().all(|way| withheld[way].is_null()), "{withheld}");
    assert_eq!((&withheld["id"], &withheld["holderName"]), (&bought["id"], &bought["holderName"]));
    // Who kept the code does not get in by it.
    assert_eq!(scanned(&stage, bought).await, "VOID");
    let file = bought["pdfUrl"].as_str().unwrap();
    assert!(buyer.fetches(file).await.is_err(), "nor is it printed any more");

    sandbox.house_wins_the_dispute(number).await;
    let back = ticket("VALID").await;
    assert!(WAYS_IN.iter().all(|way| back[way].is_string()), "{back}");
    buyer.fetches(file).await.unwrap();
    assert_eq!(scanned(&stage, &back).await, "ADMITTED");
}

/// What its code comes to at the door.
async fn scanned(stage: &Stage, ticket: &Value) -> String {
    let code = ticket["qrPayload"].as_str().unwrap();
    let answer = stage.organizer.scans(&stage.show.event, code, "North").await.unwrap();
    answer["outcome"].as_str().unwrap().to_owned()
}
