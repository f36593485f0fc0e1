//! Orders, and the door, over REST.

use contracts::settings::{OrganizationSettings, RefundPolicy, RefundRule};
use kernel::{EventId, OrderId, Rate, UserId};
use reqwest::{Client, Response, header};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{
    invoices::{buys, opera, selling_as_opera},
    stage::{FLOOR, Payments, STALLS, Stage},
};

/// The service at an address, as a client reaches it.
pub(crate) struct Rest<'s> {
    stage: &'s Stage,
    url: String,
    client: Client,
}

impl<'s> Rest<'s> {
    pub(crate) async fn of(stage: &'s Stage) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/api/tickets", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, stage.routes.clone()).into_future());
        Self { stage, url, client: Client::builder().no_proxy().build().unwrap() }
    }

    pub(crate) async fn get(&self, by: Option<UserId>, path: &str) -> Response {
        let ask = self.client.get(format!("{}{path}", self.url));
        let ask = match by {
            Some(user) => ask.bearer_auth(self.stage.signer.token(user)),
            None => ask,
        };
        ask.send().await.unwrap()
    }

    async fn check_in(&self, by: Option<UserId>, scan: &Value) -> (u16, Value) {
        let ask = self.client.post(format!("{}/v1/check-ins", self.url)).json(scan);
        let ask = match by {
            Some(user) => ask.bearer_auth(self.stage.signer.token(user)),
            None => ask,
        };
        answer(ask.send().await.unwrap()).await
    }
}

/// The status and the body.
pub(crate) async fn answer(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The status, the code, and the field of a problem.
async fn problem(response: Response) -> (u16, String, Option<String>) {
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json", "{response:?}");
    let (status, body) = answer(response).await;
    (status, body["code"].as_str().unwrap().to_owned(), body["field"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn an_order_is_read_by_its_buyer_and_its_organizer_and_by_nobody_else() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let rest = Rest::of(&stage).await;
    let buyer = UserId::new();
    let order = stage.checks_out(&stage.holds(buyer, &[0, 11]).await.unwrap()).await;
    let path = format!("/v1/orders/{}", order.state().id);
    let (status, open) = answer(rest.get(Some(buyer), &path).await).await;
    assert_eq!((status, &open["status"]), (200, &json!("AWAITING_PAYMENT")));
    assert!(open["expiresAt"].is_string() && open["tickets"] == json!([]), "{open}");

    stage.carry(Payments::Pay).await;
    let (status, read) = answer(rest.get(Some(buyer), &path).await).await;
    assert_eq!(status, 200);
    assert_eq!(read["number"], order.state().number);
    assert_eq!((&read["status"], &read["expiresAt"]), (&json!("COMPLETED"), &Value::Null));
    assert_eq!((&read["eventId"], &read["buyerId"]), (&json!(stage.event.public()), &json!(buyer.public())));
    assert_eq!(read["total"]["total"], json!({ "amount": "20.00", "currency": "EUR" }));
    let seat = &read["items"][1]["seat"];
    assert_eq!((&seat["row"], &seat["number"], &seat["section"]), (&json!("B"), &json!("2"), &json!(STALLS)));
    assert_eq!(read["items"][1]["unitPrice"], json!({ "amount": "10.00", "currency": "EUR" }));
    assert_eq!((&read["tickets"][1]["seat"], &read["tickets"][1]["status"]), (seat, &json!("VALID")));
    let kinds: Vec<_> = read["history"].as_array().unwrap().iter().map(|step| &step["kind"]).collect();
    assert_eq!(kinds, ["PLACED", "SEATS_SECURED", "PAID", "TICKETS_ISSUED", "CONFIRMATION_SENT"]);
    let graph = "query ($id: ID!) { order(id: $id) { history { at kind message declineCode } } }";
    let graphs = stage.data(Some(buyer), graph, json!({ "id": order.state().id })).await;
    for (step, graphs) in
        read["history"].as_array().unwrap().iter().zip(graphs["order"]["history"].as_array().unwrap())
    {
        for field in ["kind", "message", "declineCode"] {
            assert_eq!(step[field], graphs[field]);
        }
    }

    let (_, organizers) = answer(rest.get(Some(stage.organizer), &path).await).await;
    assert_eq!(organizers, read);
    let missing = format!("/v1/orders/{}", OrderId::new());
    let stranger = Some(UserId::new());
    let refused = answer(rest.get(stranger, &path).await).await;
    assert_eq!((refused.0, &refused.1["code"]), (404, &json!("NOT_FOUND")));
    assert_eq!(refused, answer(rest.get(stranger, &missing).await).await);
    assert_eq!(problem(rest.get(None, &path).await).await, (401, "UNAUTHENTICATED".to_owned(), None));
    for malformed in ["1%20OR%201=1", "ODY-7K3MQ2ZT", "%00", "%FF"] {
        let refused = problem(rest.get(Some(buyer), &format!("/v1/orders/{malformed}")).await).await;
        assert_eq!(refused, (400, "BAD_USER_INPUT".to_owned(), Some("id".to_owned())), "{malformed}");
    }
}

#[tokio::test]
async fn an_order_says_what_goes_back_of_it_and_has_its_invoices_as_in_the_graph() {
    let stage = opera().await;
    let buyer = UserId::new();
    let policy = RefundPolicy {
        rules: vec![RefundRule { hours_before_start: 48, percent: Rate::percent(50) }],
        fees_kept: true,
    };
    stage.sells_on(2, OrganizationSettings { refund_policy: policy, ..selling_as_opera() }).await;
    let (order, _) = buys(&stage, buyer, &[0]).await;
    let rest = Rest::of(&stage).await;
    let path = format!("/v1/orders/{}", order.state().id);
    let (_, read) = answer(rest.get(Some(buyer), &path).await).await;
    let graph = "query ($id: ID!) { order(id: $id) { refundPolicy { description rules { until percent } feesKept } \
                 invoices { id number kind issuedAt total { amount currency } } } }";
    let mut graphs = stage.data(Some(buyer), graph, json!({ "id": order.state().id })).await["order"].take();
    assert_eq!(read["refundPolicy"], graphs["refundPolicy"]);
    assert_eq!(read["refundPolicy"]["rules"][0]["percent"], "50");
    let mut invoices = read["invoices"].clone();
    assert!(invoices[0]["pdfUrl"].is_string());
    invoices[0].as_object_mut().unwrap().remove("pdfUrl");
    assert_eq!((invoices.as_array().unwrap().len(), &invoices), (1, &graphs["invoices"].take()));
}

#[tokio::test]
async fn places_without_numbers_have_no_seat() {
    let stage = Stage::new().await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let rest = Rest::of(&stage).await;
    let buyer = UserId::new();
    let held = stage.tickets.hold_seats(stage.standing(buyer, floor, 3)).await.unwrap();
    let order = stage.checks_out(&held).await;
    let (_, read) = answer(rest.get(Some(buyer), &format!("/v1/orders/{}", order.state().id)).await).await;
    let price = json!({ "amount": "10.00", "currency": "EUR" });
    let line = json!({ "ticketTypeId": floor.public(), "seat": null, "quantity": 3, "unitPrice": price, "total": read["total"] });
    assert_eq!(read["items"], json!([line]), "it costs what all of it costs");
}

#[tokio::test]
async fn the_door_is_told_what_a_scan_comes_to() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let rest = Rest::of(&stage).await;
    let order = stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    let ticket = stage.carry(Payments::Pay).await.remove(0).tickets.remove(0);
    let door = Some(stage.organizer);
    let scan = json!({ "eventId": stage.event, "code": ticket.qr_payload, "gate": "North", "nonce": "1" });

    let (status, first) = rest.check_in(door, &scan).await;
    assert_eq!((status, &first["outcome"], &first["gate"]), (200, &json!("ADMITTED"), &json!("North")));
    assert_eq!(
        (&first["ticket"]["id"], &first["ticket"]["status"]),
        (&json!(ticket.ticket_id.public()), &json!("CHECKED_IN"))
    );
    assert_eq!(first["ticket"]["orderNumber"], order.state().number);
    assert_eq!(rest.check_in(door, &scan).await, (status, first.clone()), "the same scan, sent again");
    let mut again = scan.clone();
    again["nonce"] = Value::Null;
    again["gate"] = json!("South");
    let (status, second) = rest.check_in(door, &again).await;
    assert_eq!((status, &second["outcome"]), (200, &json!("ALREADY_CHECKED_IN")));
    assert_eq!((&second["at"], &second["gate"]), (&first["at"], &json!("North")));
    let graph = "mutation($input: CheckInInput!) { checkIn(input: $input) { outcome at gate message } }";
    let graphs = stage.data(door, graph, json!({ "input": again })).await;
    for field in ["outcome", "gate", "message"] {
        assert_eq!(graphs["checkIn"][field], second[field]);
    }
    let forged = json!({ "eventId": stage.event, "code": "ODY1.AAAA" });
    let (status, invalid) = rest.check_in(door, &forged).await;
    assert_eq!((status, &invalid["outcome"], &invalid["ticket"]), (200, &json!("INVALID"), &Value::Null));
}

#[tokio::test]
async fn the_door_is_told_which_place_is_for_a_wheelchair() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let floor = stage.sells("Standing", &[FLOOR]).await;
    let rest = Rest::of(&stage).await;
    stage.checks_out(&stage.holds(UserId::new(), &[0, 1]).await.unwrap()).await;
    let standing = stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 1)).await.unwrap();
    stage.checks_out(&standing).await;
    let tickets: Vec<_> = stage.carry(Payments::Pay).await.into_iter().flat_map(|it| it.tickets).collect();
    let graph =
        "mutation($input: CheckInInput!) { checkIn(input: $input) { ticket { note seat { accessible } } } }";
    for ticket in &tickets {
        let note = if ticket.seat.as_deref() == Some("1") { json!("Wheelchair place") } else { Value::Null };
        let scan = json!({ "eventId": stage.event, "code": ticket.qr_payload });
        let (_, told) = rest.check_in(Some(stage.organizer), &scan).await;
        assert_eq!((&told["outcome"], &told["ticket"]["note"]), (&json!("ADMITTED"), &note), "{told}");
        let told = stage.data(Some(stage.organizer), graph, json!({ "input": scan })).await;
        let told = &told["checkIn"]["ticket"];
        assert_eq!((&told["note"], told["seat"]["accessible"] == true), (&note, note.is_string()), "{told}");
    }
    assert_eq!(tickets.len(), 3);
}

#[tokio::test]
async fn who_may_not_scan_and_what_is_no_scan_is_refused() {
    let stage = Stage::new().await;
    let rest = Rest::of(&stage).await;
    let scan = json!({ "eventId": stage.event, "code": "ODY1.AAAA" });
    let code = |(status, body): (u16, Value)| (status, body["code"].clone());
    assert_eq!(code(rest.check_in(None, &scan).await), (401, json!("UNAUTHENTICATED")));
    assert_eq!(code(rest.check_in(Some(UserId::new()), &scan).await), (403, json!("FORBIDDEN")));
    let missing = json!({ "eventId": EventId::new(), "code": "ODY1.AAAA" });
    assert_eq!(code(rest.check_in(Some(stage.organizer), &missing).await), (404, json!("NOT_FOUND")));
    let with = |field: &str, value: Value| {
        let mut bad = scan.clone();
        bad[field] = value;
        bad
    };
    for (field, bad) in [
        ("eventId", with("eventId", json!("1 OR 1=1"))),
        ("eventId", json!({ "code": "x" })),
        ("code", json!({ "eventId": stage.event })),
        ("code", with("code", json!(7))),
        ("code", with("code", json!("x".repeat(2_001)))),
        ("gate", with("gate", json!("g".repeat(61)))),
        ("gate", with("gate", json!("a\u{0}b"))),
        ("nonce", with("nonce", json!("n".repeat(101)))),
        ("seat", with("seat", json!("A1"))),
    ] {
        let (status, body) = rest.check_in(Some(stage.organizer), &bad).await;
        assert_eq!((status, &body["code"]), (400, &json!("BAD_USER_INPUT")), "{field}: {body}");
        assert_eq!(body["field"], field, "{body}");
    }
}

#[tokio::test]
async fn a_scan_is_marked_by_its_nonce_or_by_an_idempotency_key() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let rest = Rest::of(&stage).await;
    stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    let ticket = stage.carry(Payments::Pay).await.remove(0).tickets.remove(0);
    let scan = async |key: Option<&str>, nonce: Option<&str>| {
        let ask = rest.client.post(format!("{}/v1/check-ins", rest.url));
        let ask = ask.bearer_auth(rest.stage.signer.token(stage.organizer));
        let ask = key.into_iter().fold(ask, |ask, key| ask.header("idempotency-key", key));
        let body = json!({ "eventId": stage.event, "code": ticket.qr_payload, "nonce": nonce });
        answer(ask.json(&body).send().await.unwrap()).await
    };
    let (_, first) = scan(Some("a"), None).await;
    assert_eq!(first["outcome"], "ADMITTED");
    for (key, nonce) in [(Some("a"), None), (None, Some("a")), (Some("a"), Some("a"))] {
        assert_eq!(scan(key, nonce).await, (200, first.clone()), "the same scan, sent again");
    }
    for (key, nonce) in [(Some("b"), None), (None, Some("b")), (None, None)] {
        assert_eq!(scan(key, nonce).await.1["outcome"], "ALREADY_CHECKED_IN");
    }
    let (status, refused) = scan(Some("a"), Some("b")).await;
    assert_eq!((status, &refused["field"]), (400, &json!("Idempotency-Key")), "{refused}");
}
