//! What opens a door is shown to whoever bought it and to the organizers, as long as it does.

use contracts::{
    events::{EventChange, EventStatus},
    payments::DisputeState,
};
use kernel::{TicketId, UserId};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::Caller;
use tickets::domain::entities::Order;

use crate::{
    money_back::disputed,
    stage::{Payments, STALLS, Stage, operator, person},
};

const TICKET: &str =
    "query ($id: ID!) { ticket(id: $id) { status qrPayload qrSvg pdfUrl holderName holderEmail } }";

struct Sold {
    stage: Stage,
    order: Order,
    ticket: TicketId,
}

impl Sold {
    async fn one() -> Self {
        let stage = Stage::new().await;
        stage.sells("Seat", &[STALLS]).await;
        let order = stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
        stage.carry(Payments::Pay).await;
        let ticket = stage.tickets.reads().tickets_of(order.state().id).await.unwrap()[0].id;
        Self { stage, order, ticket }
    }

    /// The ticket, which is always shown without an error.
    async fn shown(&self, caller: Caller) -> Value {
        let mut answer = self.stage.ask_as(Some(caller), TICKET, json!({ "id": self.ticket })).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"]["ticket"].take()
    }

    fn buyer(&self) -> Caller {
        person(self.order.state().buyer)
    }

    /// The same ticket over REST.
    async fn over_rest(&self) -> Value {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "http://{}/api/tickets/v1/orders/{}",
            listener.local_addr().unwrap(),
            self.order.state().id
        );
        tokio::spawn(axum::serve(listener, self.stage.routes.clone()).into_future());
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let token = self.stage.signer.token(self.order.state().buyer);
        let answer = client.get(url).bearer_auth(token).send().await.unwrap();
        answer.json::<Value>().await.unwrap()["tickets"][0].take()
    }

    /// Nobody is shown a code any more.
    async fn is_closed(&self, status: &str) {
        for caller in [self.buyer(), person(self.stage.organizer)] {
            let shown = self.shown(caller).await;
            assert_eq!(shown["status"], status);
            assert!(no_code(&shown), "{status}: {shown}");
        }
        let shown = self.over_rest().await;
        assert_eq!(shown["status"], status);
        for field in ["qrPayload", "pdfUrl", "pngUrl"] {
            assert_eq!(shown[field], Value::Null, "{status}: {field}");
        }
    }

    async fn is_open(&self) {
        for caller in [self.buyer(), person(self.stage.organizer)] {
            let shown = self.shown(caller).await;
            for field in ["qrPayload", "qrSvg", "pdfUrl"] {
                assert!(shown[field].is_string(), "{field}: {shown}");
            }
        }
        let shown = self.over_rest().await;
        for field in ["qrPayload", "pdfUrl", "pngUrl"] {
            assert!(shown[field].is_string(), "{field}: {shown}");
        }
    }

    async fn becomes(&self, change: &str) {
        let change = format!("UPDATE tickets SET {change}");
        self.stage.database.writes.execute_unprepared(&change).await.unwrap();
    }
}

fn no_code(shown: &Value) -> bool {
    ["qrPayload", "qrSvg", "pdfUrl"].iter().all(|field| shown[field].is_null())
}

#[tokio::test]
async fn a_code_is_shown_as_long_as_it_admits_whatever_its_ticket_was_spoiled_by() {
    let sold = Sold::one().await;
    sold.is_open().await;
    for status in ["TRANSFERRED", "REFUNDED", "VOID"] {
        sold.becomes(&format!("status = '{status}'")).await;
        sold.is_closed(status).await;
    }
    sold.becomes("status = 'CHECKED_IN', checked_in_at = 1").await;
    sold.is_open().await;
}

#[tokio::test]
async fn a_disputed_tickets_code_comes_back_when_the_dispute_is_won() {
    let sold = Sold::one().await;
    sold.stage.hear(&disputed(&sold.order, 1, DisputeState::Open)).await;
    sold.is_closed("VOID").await;
    sold.stage.hear(&disputed(&sold.order, 2, DisputeState::Won)).await;
    sold.is_open().await;
}

#[tokio::test]
async fn of_an_event_that_was_called_off_no_code_is_shown() {
    let sold = Sold::one().await;
    sold.stage.hear(&sold.stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    sold.is_closed("VALID").await;
}

#[tokio::test]
async fn operators_see_a_ticket_without_its_code() {
    let sold = Sold::one().await;
    let shown = sold.shown(operator(UserId::new())).await;
    assert_eq!(shown["status"], "VALID");
    assert!(no_code(&shown), "{shown}");
    let own = sold.shown(operator(sold.order.state().buyer)).await;
    assert!(own["qrPayload"].is_string(), "their own they see as everybody does: {own}");
}

#[tokio::test]
async fn who_is_not_known_has_no_name() {
    let sold = Sold::one().await;
    let shown = sold.shown(sold.buyer()).await;
    assert_eq!((&shown["holderName"], &shown["holderEmail"]), (&json!("Ada"), &json!("ada@example.org")));
    sold.becomes("holder_name = '', holder_email = ''").await;
    let rest = sold.over_rest().await;
    for shown in [sold.shown(sold.buyer()).await, rest] {
        assert_eq!((&shown["holderName"], &shown["holderEmail"]), (&Value::Null, &Value::Null));
    }
    let scan =
        "mutation ($input: CheckInInput!) { checkIn(input: $input) { outcome ticket { holderName } } }";
    let code = sold.stage.tickets.reads().ticket(sold.ticket).await.unwrap().unwrap().code;
    let input = json!({ "input": { "eventId": sold.stage.event, "code": code } });
    let told = sold.stage.data(Some(sold.stage.organizer), scan, input).await;
    assert_eq!(told["checkIn"], json!({ "outcome": "ADMITTED", "ticket": { "holderName": null } }));
}
