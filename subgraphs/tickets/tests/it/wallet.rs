//! Tickets for Google Wallet.

use contracts::events::{EventChange, EventStatus};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use kernel::UserId;
use serde_json::{Value, json};
use tickets::{Config, config::WalletIssuer};

use crate::stage::{Payments, STALLS, Stage};

const ASK: &str = "query ($id: ID!) { ticket(id: $id) { walletUrl qrPayload code } }";

/// A stage with a seat that somebody has bought, and the ticket.
async fn bought(wallet: Option<WalletIssuer>) -> (Stage, UserId, Value) {
    let stage = Stage::with(Config { wallet, ..Config::default() }).await;
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let order = stage.checks_out(&stage.holds(buyer, &[12]).await.unwrap()).await;
    stage.carry(Payments::Pay).await;
    let ticket = stage.tickets.reads().tickets_of(order.state().id).await.unwrap().remove(0);
    (stage, buyer, json!({ "id": ticket.id.public() }))
}

fn issuer() -> WalletIssuer {
    WalletIssuer {
        issuer_name: "Opera".to_owned(),
        issuer_id: "3388000000012345678".to_owned(),
        service_account: "tickets@opera.iam.gserviceaccount.com".to_owned(),
        private_key: concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/wallet-key.pem").into(),
    }
}

/// What Google reads of a link, if it was signed with the account's key.
fn read(link: &str) -> Value {
    let token = link.strip_prefix("https://pay.google.com/gp/v/save/").unwrap();
    let key = DecodingKey::from_rsa_pem(include_bytes!("../fixtures/wallet-key.pub.pem")).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&["google"]);
    validation.set_required_spec_claims(&["aud", "iss"]);
    jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap().claims
}

#[tokio::test]
async fn a_ticket_goes_into_a_wallet_with_its_seat_its_code_and_its_times() {
    let (stage, buyer, id) = bought(Some(issuer())).await;
    let ticket = stage.data(Some(buyer), ASK, id).await["ticket"].take();
    let link = ticket["walletUrl"].as_str().unwrap();
    assert!(link.len() < 2_000, "browsers cut longer ones: {}", link.len());
    let claims = read(link);
    assert_eq!(claims["typ"], "savetowallet");
    assert_eq!(claims["iss"], "tickets@opera.iam.gserviceaccount.com");
    let (class, object) =
        (&claims["payload"]["eventTicketClasses"][0], &claims["payload"]["eventTicketObjects"][0]);
    assert_eq!(class["id"], object["classId"]);
    assert!(class["id"].as_str().unwrap().starts_with("3388000000012345678."), "{class}");
    assert_eq!(class["eventName"]["defaultValue"]["value"], "An evening");
    assert_eq!(class["venue"]["address"]["defaultValue"]["value"], "1 Road, Town");
    assert!(class["dateTime"]["start"].as_str().unwrap().ends_with("+00:00"), "{class}");
    assert_eq!(object["barcode"]["value"], ticket["qrPayload"]);
    assert_eq!(object["ticketNumber"], ticket["code"]);
    let seat = |part: &str| object["seatInfo"][part]["defaultValue"]["value"].clone();
    assert_eq!([seat("section"), seat("row"), seat("seat")], [json!("Stalls"), json!("B"), json!("3")]);
}

#[tokio::test]
async fn a_wallet_is_offered_only_where_it_is_set_up_and_the_ticket_is_good() {
    let (stage, buyer, id) = bought(None).await;
    assert_eq!(stage.data(Some(buyer), ASK, id).await["ticket"]["walletUrl"], Value::Null);

    let (stage, buyer, id) = bought(Some(issuer())).await;
    assert_eq!(stage.data(Some(UserId::new()), ASK, id.clone()).await["ticket"], Value::Null);
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    assert_eq!(stage.data(Some(buyer), ASK, id).await["ticket"]["walletUrl"], Value::Null);
}
