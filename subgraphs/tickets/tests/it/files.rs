//! Tickets as files.

use chrono::TimeDelta;
use contracts::{
    events::{EventChange, EventStatus},
    purchase::TicketInHand,
};
use kernel::UserId;
use reqwest::header;
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    rest::{Rest, answer},
    stage::{Payments, STALLS, Stage},
};

/// Two tickets that somebody bought: their own, and their neighbour's.
async fn bought(stage: &Stage) -> (UserId, [TicketInHand; 2]) {
    stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    stage.checks_out(&stage.holds(buyer, &[0, 1]).await.unwrap()).await;
    let tickets = stage.carry(Payments::Pay).await.remove(0).tickets;
    (buyer, tickets.try_into().unwrap())
}

/// Where the graph says that the ticket is found, without the platform's own address.
async fn pdf_of(stage: &Stage, buyer: UserId, ticket: &TicketInHand) -> String {
    let query = "query ($id: ID!) { ticket(id: $id) { pdfUrl } }";
    let shown = stage.data(Some(buyer), query, json!({ "id": ticket.ticket_id })).await;
    path(&shown["ticket"]["pdfUrl"])
}

fn path(url: &Value) -> String {
    url.as_str().unwrap().split("/api/tickets").nth(1).unwrap().to_owned()
}

/// The other form at an address of one.
fn as_png(pdf: &str) -> String {
    pdf.replace(".pdf?", ".png?")
}

/// The file of a ticket by its code, as mails had it.
fn by_code(ticket: &TicketInHand, form: &str) -> String {
    format!("/v1/tickets/{}.{form}?code={}", ticket.ticket_id.public(), ticket.qr_payload)
}

/// What a missing file is answered with.
async fn missing(rest: &Rest<'_>) -> (u16, Value) {
    let of_nothing = answer(rest.get(None, "/v1/tickets/x.pdf").await).await;
    assert_eq!((of_nothing.0, &of_nothing.1["reason"]), (404, &json!("NO_SUCH_TICKET")));
    assert_eq!(of_nothing.1["detail"], "There is no such ticket.");
    of_nothing
}

#[tokio::test]
async fn a_tickets_files_are_at_the_addresses_that_it_shows() {
    let stage = Stage::new().await;
    let (buyer, [mine, _]) = bought(&stage).await;
    let rest = Rest::of(&stage).await;
    let order = stage.tickets.reads().ticket(mine.ticket_id).await.unwrap().unwrap().order;
    let (_, read) = answer(rest.get(Some(buyer), &format!("/v1/orders/{order}")).await).await;
    let [pdf, png] = ["pdfUrl", "pngUrl"].map(|link| path(&read["tickets"][0][link]));
    assert_eq!(pdf_of(&stage, buyer, &mine).await, pdf, "the graph says the same");
    for admits in ["code=", "ODY1", mine.qr_payload.as_str(), mine.code.as_str()] {
        assert!(!pdf.contains(admits) && !png.contains(admits), "{pdf} {png}");
    }

    // Mail programs and what watches over them put things behind links.
    for pdf in [pdf.clone(), pdf + "&utm_source=mail&code="] {
        let response = rest.get(None, &pdf).await;
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/pdf", "{pdf}");
        assert_eq!(response.headers()[header::CONTENT_DISPOSITION], "inline; filename=\"ticket.pdf\"");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "private, no-store");
        assert!(response.bytes().await.unwrap().starts_with(b"%PDF-"), "{pdf}");
    }
    let png = rest.get(None, &png).await;
    assert_eq!(png.headers()[header::CONTENT_TYPE], "image/png");
    assert_eq!(read_qr(&png.bytes().await.unwrap()), mine.qr_payload);
}

#[tokio::test]
async fn an_address_opens_for_a_day_and_then_says_how_a_new_one_is_had() {
    let stage = Stage::new().await;
    let (buyer, [mine, _]) = bought(&stage).await;
    let rest = Rest::of(&stage).await;
    let first = pdf_of(&stage, buyer, &mine).await;
    stage.clock.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
    assert_eq!(rest.get(None, &first).await.status(), 200);
    stage.clock.advance(TimeDelta::seconds(1));
    let (status, mut over) = answer(rest.get(None, &first).await).await;
    let detail = over["detail"].take();
    assert!(detail.as_str().unwrap().contains("pdfUrl"), "{detail}");
    let (_, mut of_nothing) = missing(&rest).await;
    of_nothing["detail"].take();
    assert_eq!((status, over), (404, of_nothing), "but for its words it is as a missing one");

    let anew = pdf_of(&stage, buyer, &mine).await;
    assert_ne!(anew, first);
    assert_eq!(rest.get(None, &anew).await.status(), 200);
    assert_eq!(rest.get(None, &by_code(&mine, "pdf")).await.status(), 200, "a code does not end by itself");
}

#[tokio::test]
async fn what_was_not_given_out_is_missing() {
    let stage = Stage::new().await;
    let (buyer, [mine, neighbours]) = bought(&stage).await;
    let rest = Rest::of(&stage).await;
    let pdf = pdf_of(&stage, buyer, &mine).await;
    let (file, query) = pdf.split_once('?').unwrap();
    let (until, signature) = query.strip_prefix("until=").unwrap().split_once("&signature=").unwrap();
    let later = until.parse::<i64>().unwrap() + 1;
    let code = &mine.qr_payload;
    let of_nothing = missing(&rest).await;
    for wrong in [
        file.to_owned(),
        format!("{file}?until={until}"),
        format!("{file}?signature={signature}"),
        format!("{file}?until=&signature="),
        format!("{file}?until={later}&signature={signature}"),
        format!("{file}?until=tomorrow&signature={signature}"),
        format!("{file}?until={until}&signature={}", &signature[..80]),
        format!("{file}?until={later}&signature={signature}&code={code}"),
        format!("/v1/tickets/{}.pdf?{query}", neighbours.ticket_id),
        as_png(&pdf),
        pdf.replace(".pdf?", ".svg?"),
        pdf.replace(".pdf?", "?"),
        format!("{file}?code="),
        format!("{file}?code={}", &code[..code.len() - 4]),
        format!("{file}?code={}", neighbours.qr_payload),
        format!("{file}?code={}", mine.code),
        format!("/v1/tickets/{}?code={code}", mine.ticket_id),
        format!("/v1/tickets/x.pdf?code={code}"),
        by_code(&mine, "svg"),
    ] {
        assert_eq!(answer(rest.get(None, &wrong).await).await, of_nothing, "{wrong}");
    }
}

#[tokio::test]
async fn addresses_of_mails_open_by_the_tickets_code() {
    let stage = Stage::new().await;
    let (_, [mine, _]) = bought(&stage).await;
    let rest = Rest::of(&stage).await;
    let pdf = rest.get(None, &by_code(&mine, "pdf")).await;
    assert!(pdf.bytes().await.unwrap().starts_with(b"%PDF-"));
    let png = rest.get(None, &by_code(&mine, "png")).await;
    assert_eq!(read_qr(&png.bytes().await.unwrap()), mine.qr_payload);
}

#[tokio::test]
async fn a_ticket_that_no_longer_admits_is_missing_both_ways() {
    let stage = Stage::new().await;
    let (buyer, [mine, _]) = bought(&stage).await;
    let rest = Rest::of(&stage).await;
    let pdf = pdf_of(&stage, buyer, &mine).await;
    let ways = [pdf, by_code(&mine, "pdf"), by_code(&mine, "png")];
    let becomes = async |change: &str| {
        let change = format!("UPDATE tickets SET {change}");
        stage.database.writes.execute_unprepared(&change).await.unwrap();
    };
    let of_nothing = missing(&rest).await;
    let is_missing = async |why: &str| {
        for way in &ways {
            assert_eq!(answer(rest.get(None, way).await).await, of_nothing, "{why}: {way}");
        }
    };
    let opens = async |why: &str| {
        for way in &ways {
            assert_eq!(rest.get(None, way).await.status(), 200, "{why}: {way}");
        }
    };
    opens("as bought").await;
    for status in ["TRANSFERRED", "REFUNDED", "VOID"] {
        becomes(&format!("status = '{status}'")).await;
        is_missing(status).await;
    }
    becomes("status = 'CHECKED_IN', checked_in_at = 1").await;
    opens("its holder is in").await;
    becomes("status = 'VALID', checked_in_at = NULL, epoch = 2").await;
    is_missing("it has another code").await;
    assert_eq!(rest.get(None, &pdf_of(&stage, buyer, &mine).await).await.status(), 200);
    becomes("epoch = 1").await;
    opens("it has its code again").await;
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    is_missing("the event is off").await;
}

fn read_qr(png: &[u8]) -> String {
    let picture = image::load_from_memory(png).unwrap().to_luma8();
    let mut prepared = rqrr::PreparedImage::prepare(picture);
    prepared.detect_grids()[0].decode().unwrap().1
}
