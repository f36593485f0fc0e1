use e2e::{Live, Person, eventually, hall, qr};
use kernel::{EventId, TicketId};
use serde_json::{Value, json};

use crate::{id, platform};

#[tokio::test]
async fn from_an_account_to_a_ticket_that_admits_once() {
    let platform = platform().await;
    let address = platform.address();

    // Somebody opens an account, logs in, and puts on an evening.
    let mut organizer = Person::registers(address, "Olga").await.unwrap();
    organizer.logs_in().await.unwrap();
    let scanner = Person::registers(address, "Sam").await.unwrap();
    let organization = organizer.creates_organization("Olga's Evenings").await.unwrap();
    organizer.invites(id(&organization), &scanner, "SCANNER").await.unwrap();
    scanner.accepts_the_invitation(&platform.sandbox()).await.unwrap();
    let venue = organizer.creates_venue(id(&organization), "Konzerthaus").await.unwrap();
    let layout = organizer.creates_layout(id(&venue), hall()).await.unwrap();
    assert_eq!(layout["capacity"], 58);
    let made = organizer
        .creates_event(id(&organization), id(&venue), id(&layout), "The Trout Quintet")
        .await
        .unwrap();
    assert_eq!(made["status"], "DRAFT");
    let event = id(&made);
    organizer.creates_ticket_type(event, "Seat", &["STALLS"], "49.50").await.unwrap();
    organizer.creates_ticket_type(event, "Standing", &["FLOOR"], "25.00").await.unwrap();
    assert_eq!(organizer.publishes(event).await.unwrap()["status"], "PUBLISHED");

    // Somebody else finds it.
    let buyer = Person::registers(address, "Bea").await.unwrap();
    let found = buyer.finds("trout").await.unwrap();
    assert_eq!(found.iter().map(id).collect::<Vec<_>>(), [event]);

    // One operation, four services.
    let page = the_event_with_everything(&organizer, event).await;
    assert_eq!(page["organization"]["name"], "Olga's Evenings");
    assert_eq!(page["venue"]["name"], "Konzerthaus");
    let prices: Vec<_> =
        page["ticketTypes"].as_array().unwrap().iter().map(|kind| &kind["price"]["amount"]).collect();
    assert_eq!(prices, ["49.50", "25.00"]);
    assert_eq!(page["availability"], json!({ "total": 58, "available": 58, "held": 0, "sold": 0 }));
    assert_eq!(page["seatMap"]["sections"][0]["seats"].as_array().unwrap().len(), 18);
    assert_eq!(page["sales"], json!({ "ticketsSold": 0, "capacity": 58 }));

    // Two want the same seats; one is a moment faster.
    let rival = Person::registers(address, "Ria").await.unwrap();
    let seats = rival.sees_free_seats(event, 18).await.unwrap();
    let mut live = rival.watches_seat_map(event).await;
    let begun = live.next().await.unwrap();
    assert_eq!((&begun["changes"], &begun["version"]), (&json!([]), &begun["previousVersion"]));
    let reservation = buyer.holds(event, &seats[..2]).await.unwrap();
    assert_eq!(reservation["total"]["total"], json!({ "amount": "99.00", "currency": "EUR" }));
    sees(&mut live, &seats[..2], "HELD").await;
    let refused = rival.holds(event, &seats[1..3]).await.unwrap_err();
    assert_eq!(refused.code, "SEATS_UNAVAILABLE");
    assert_eq!(refused.extensions["seatIds"], json!([seats[1]]));
    assert_eq!(rival.sees_seat(event, &seats[2]).await.unwrap(), "AVAILABLE", "all or nothing");

    // The purchase, followed in both ways.
    let order = buyer.checks_out(id(&reservation)).await.unwrap();
    assert_eq!(order["status"], "AWAITING_PAYMENT");
    let mut news = buyer.follows_order_as_events(id(&order)).await;
    let mut more_news = buyer.follows_order(id(&order)).await;
    let payment = buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    assert_eq!(payment["amount"], json!({ "amount": "99.00", "currency": "EUR" }));
    let completed = |order: &Value| order["status"] == "COMPLETED";
    more_news.until("the order completes", completed).await;
    let order = news.until("the order completes", completed).await;
    assert_eq!(order["payment"]["status"], "SUCCEEDED");
    sees(&mut live, &seats[..2], "SOLD").await;

    // The ticket in the hand.
    let keys: Value = buyer.fetches("/api/tickets/v1/keys").await.unwrap().json().await.unwrap();
    let tickets = order["tickets"].as_array().unwrap().clone();
    assert_eq!(tickets.len(), 2);
    for ticket in &tickets {
        let code = qr::read(ticket["qrSvg"].as_str().unwrap()).unwrap();
        assert_eq!(code, ticket["qrPayload"].as_str().unwrap());
        let token = qr::verify(&code, keys["keys"][0]["x"].as_str().unwrap()).unwrap();
        let (ticket_id, event_id) = (TicketId::parse("id", id(ticket)), EventId::parse("id", event));
        assert_eq!((token.ticket, token.event), (ticket_id.unwrap().uuid(), event_id.unwrap().uuid()));
        let pdf = buyer.fetches(ticket["pdfUrl"].as_str().unwrap()).await.unwrap().bytes().await.unwrap();
        assert!(pdf.starts_with(b"%PDF-"));
    }
    let sandbox = platform.sandbox();
    let mail = sandbox.mail(&buyer.email, "The Trout Quintet").await;
    assert!(sandbox.attachment(&mail, "tickets.pdf").await.starts_with(b"%PDF-"));
    let calendar = String::from_utf8(sandbox.attachment(&mail, "event.ics").await).unwrap();
    for part in ["BEGIN:VCALENDAR", "BEGIN:VEVENT", "UID:", "The Trout Quintet"] {
        assert!(calendar.contains(part), "{part} is missing in\n{calendar}");
    }

    // The door.
    let code = tickets[0]["qrPayload"].as_str().unwrap();
    let admitted = scanner.scans(event, code, "North").await.unwrap();
    assert_eq!((&admitted["outcome"], &admitted["ticket"]["id"]), (&json!("ADMITTED"), &tickets[0]["id"]));
    let again = scanner.scans(event, code, "South").await.unwrap();
    assert_eq!((&again["outcome"], &again["gate"]), (&json!("ALREADY_CHECKED_IN"), &json!("North")));
    assert_eq!(again["at"], admitted["at"]);

    // The desk.
    eventually("the sales tell of it", async || {
        let sales = organizer.reads_sales(event).await.ok()?;
        let told = sales["ticketsSold"] == 2 && sales["checkedIn"] == 1 && sales["funnel"]["paid"] == 1;
        told.then(|| {
            assert_eq!(sales["grossRevenue"], json!({ "amount": "99.00", "currency": "EUR" }));
            assert_eq!(sales["byTicketType"][0]["ticketsSold"], 2);
            let funnel = &sales["funnel"];
            assert_eq!(
                (&funnel["holds"], &funnel["checkouts"], &funnel["declined"]),
                (&json!(1), &json!(1), &json!(0))
            );
        })
    })
    .await;
    assert_eq!(sandbox.mails(&buyer.email).await.len(), 1);
}

/// Reads from users, events, tickets and analytics at once, as soon as each has heard of the event.
async fn the_event_with_everything(who: &Person, event: &str) -> Value {
    let query = "query($id: ID!) { event(id: $id) { \
        title organization { name } venue { name } ticketTypes { name price { amount } } \
        availability { total available held sold } sales { ticketsSold capacity } \
        seatMap { version sections { key seats { id status } } } } }";
    eventually("one operation reads everything", async || {
        let page = who.does("event", query, json!({ "id": event })).await.ok()?;
        (page["sales"]["capacity"] == 58).then_some(page)
    })
    .await
}

/// Goes on until all these seats were seen in this status.
async fn sees(live: &mut Live, seats: &[String], status: &str) {
    let mut missing = seats.to_vec();
    live.until(&format!("{seats:?} become {status}"), |delta| {
        for change in delta["changes"].as_array().unwrap() {
            missing.retain(|seat| change["seatId"] != seat.as_str() || change["status"] != status);
        }
        missing.is_empty()
    })
    .await;
}
