//! Who pays gets an invoice, and who is paid back a credit note, where the organization has said who sells.

use std::time::Duration;

use chrono::{Datelike, TimeDelta};
use contracts::{
    Contract,
    events::{EventChange, EventStatus},
    invoices::{Invoice, InvoiceKind},
    payments::{PaymentRefunded, RefundPayment},
    purchase::{Outcome, PurchaseReply, PurchaseStep, SendConfirmation, TakePayment, Way},
    settings::{OrganizationSettings, Seller},
    tickets::OrderRefunded,
    users::{AccountChanged, OrganizationChanged},
};
use futures::future::join_all;
use kernel::{Currency, EventId, Money, OrderId, PaymentId, RefundId, UserId};
use serde_json::{Value, json};
use tickets::domain::{
    entities::{Order, OrderStatus},
    pricing::{BorneBy, FeeAmount, ServiceFee},
    use_cases::RefundOrder,
};

use crate::{
    rest::{Rest, answer},
    stage::{FLOOR, Payments, STALLS, Stage, message, now},
    terms::vat,
};

fn seller(legal_name: Option<&str>) -> Seller {
    Seller {
        legal_name: legal_name.map(ToOwned::to_owned),
        address: Some("1 Road\nTown".to_owned()),
        tax_number: Some("AT 123".to_owned()),
    }
}

/// A fee of 1.00 for each ticket, and a tax of a fifth in it all.
fn selling_as(seller: Seller) -> OrganizationSettings {
    let amount = FeeAmount::PerTicket(Money::new(100, Currency::EUR));
    OrganizationSettings {
        fees: vec![ServiceFee { name: "Service fee".to_owned(), amount, borne_by: BorneBy::Buyer }],
        tax: Some(vat(20, true)),
        seller,
        ..OrganizationSettings::default()
    }
}

/// Seats at 11.00 each, of an organization that sells as this.
async fn shop(settings: OrganizationSettings) -> Stage {
    let stage = Stage::new().await;
    stage.sells_on(1, settings).await;
    stage.sells("Seat", &[STALLS]).await;
    stage
}

pub(crate) async fn opera() -> Stage {
    shop(selling_as_opera()).await
}

pub(crate) fn selling_as_opera() -> OrganizationSettings {
    selling_as(seller(Some("Opera Ltd")))
}

async fn ada(stage: &Stage) -> UserId {
    let user_id = UserId::new();
    let account = AccountChanged {
        user_id,
        version: 1,
        email: "ada@example.org".to_owned(),
        name: "Ada".to_owned(),
        locale: "en".to_owned(),
        timezone: "UTC".to_owned(),
        phone: None,
        email_verified: false,
        guest: false,
        erased: false,
    };
    stage.hear(&account).await;
    user_id
}

/// Somebody buys seats. The order, and its confirmation.
pub(crate) async fn buys(stage: &Stage, buyer: UserId, seats: &[u32]) -> (Order, SendConfirmation) {
    let order = stage.checks_out(&stage.holds(buyer, seats).await.unwrap()).await;
    let confirmation = stage.carry(Payments::Pay).await.remove(0);
    assert_eq!(stage.status(&order).await, OrderStatus::Completed);
    (order, confirmation)
}

/// All invoices of these orders, by their numbers.
pub(crate) async fn kept(stage: &Stage, orders: &[OrderId]) -> Vec<Invoice> {
    let mut all: Vec<_> =
        stage.tickets.reads().invoices_of(orders).await.unwrap().into_values().flatten().collect();
    all.sort_by(|one, other| one.number.cmp(&other.number));
    all
}

pub(crate) async fn of(stage: &Stage, order: &Order) -> Vec<Invoice> {
    kept(stage, &[order.state().id]).await
}

pub(crate) fn number(count: usize) -> String {
    format!("{}-{count:06}", now().year())
}

const INVOICES: &str = "query ($id: ID!) { order(id: $id) { invoices { id number kind issuedAt total { amount currency } pdfUrl } } }";

pub(crate) async fn shown(stage: &Stage, buyer: UserId, order: &Order) -> Value {
    let of = json!({ "id": order.state().id.public() });
    stage.data(Some(buyer), INVOICES, of).await["order"]["invoices"].take()
}

fn path(url: &Value) -> String {
    url.as_str().unwrap().split("/api/tickets").nth(1).unwrap().to_owned()
}

/// Some of an order's tickets go back by its organizer. What others are told.
pub(crate) async fn gives_back(stage: &Stage, order: &Order, tickets: &[usize]) -> OrderRefunded {
    let all = stage.tickets.reads().tickets_of(order.state().id).await.unwrap();
    let ask = RefundOrder {
        by: stage.organizer,
        order: order.state().id,
        tickets: Some(tickets.iter().map(|place| all[*place].id).collect()),
        reason: None,
        keep_places_back: false,
        idempotency_key: kernel::Id::<()>::new().to_string(),
    };
    stage.tickets.refund_order(ask).await.unwrap();
    let mut told = None;
    while told.is_none() {
        for message in stage.waiting().await {
            stage.deliver(&message).await.unwrap();
            if let Some(ask) = message.read::<RefundPayment>().unwrap() {
                stage.hear(&ask.asked.answer(Outcome::Done)).await;
            }
            told = told.or(message.read::<OrderRefunded>().unwrap());
        }
    }
    told.unwrap()
}

#[tokio::test]
async fn what_was_charged_is_invoiced_and_mailed_with_the_tickets() {
    let stage = opera().await;
    let buyer = ada(&stage).await;
    let (order, confirmation) = buys(&stage, buyer, &[0, 1, 2]).await;
    let invoice = *confirmation.invoice.expect("it is mailed");
    assert_eq!(of(&stage, &order).await, std::slice::from_ref(&invoice), "what is kept is what is mailed");
    assert_eq!((invoice.number, invoice.kind), (number(1), InvoiceKind::Invoice));
    assert_eq!(
        (invoice.seller.name.as_str(), invoice.seller.address.as_str()),
        ("Opera Ltd", "1 Road\nTown")
    );
    assert_eq!(invoice.seller.tax_number.as_deref(), Some("AT 123"));
    assert_eq!(invoice.buyer.name.as_deref(), Some("Ada"));
    assert_eq!(invoice.buyer.email.as_deref(), Some("ada@example.org"));
    assert_eq!(
        (invoice.order_number.as_str(), invoice.event.title.as_str()),
        (order.state().number.as_str(), "An evening")
    );
    assert_eq!(invoice.total, order.state().total);
    assert_eq!((invoice.lines[0].text.as_str(), invoice.lines[0].quantity), ("Seat", 3));
    assert_eq!((invoice.fees[0].amount.minor, invoice.taxes[0].amount.minor), (300, 550));
}

#[tokio::test]
async fn an_order_shows_its_invoices_which_open_as_a_pdf_for_a_day() {
    let stage = opera().await;
    let buyer = ada(&stage).await;
    let (order, _) = buys(&stage, buyer, &[0, 1]).await;
    gives_back(&stage, &order, &[0]).await;
    let shown = shown(&stage, buyer, &order).await;
    assert_eq!((&shown[0]["number"], &shown[0]["kind"]), (&json!(number(1)), &json!("INVOICE")));
    assert_eq!(shown[0]["total"], json!({ "amount": "22.00", "currency": "EUR" }));
    assert!(shown[0]["id"].as_str().unwrap().starts_with("ivc_"));
    assert_eq!(
        (&shown[1]["number"], &shown[1]["kind"]),
        (&json!(format!("CN-{}", number(1))), &json!("CREDIT_NOTE"))
    );
    assert_eq!(shown[1]["total"]["amount"], "11.00");

    let rest = Rest::of(&stage).await;
    let (_, read) = answer(rest.get(Some(buyer), &format!("/v1/orders/{}", order.state().id)).await).await;
    assert_eq!(read["invoices"], shown, "REST says the same");
    for invoice in [&shown[0], &shown[1]] {
        let response = rest.get(None, &path(&invoice["pdfUrl"])).await;
        assert_eq!(response.headers()["content-type"], "application/pdf");
        assert_eq!(response.headers()["content-disposition"], "inline; filename=\"invoice.pdf\"");
        assert!(response.bytes().await.unwrap().starts_with(b"%PDF-"));
    }
    let pdf = path(&shown[0]["pdfUrl"]);
    stage.clock.advance(TimeDelta::hours(24));
    let (status, over) = answer(rest.get(None, &pdf).await).await;
    assert_eq!((status, &over["reason"]), (404, &json!("NO_SUCH_INVOICE")));
    assert!(over["detail"].as_str().unwrap().contains("pdfUrl"), "{over}");
}

#[tokio::test]
async fn an_address_that_was_not_given_out_opens_nothing() {
    let stage = opera().await;
    let buyer = ada(&stage).await;
    let (mine, _) = buys(&stage, buyer, &[0]).await;
    let (other, _) = buys(&stage, UserId::new(), &[1]).await;
    let rest = Rest::of(&stage).await;
    let pdf = path(&shown(&stage, buyer, &mine).await[0]["pdfUrl"]);
    let (file, query) = pdf.split_once('?').unwrap();
    let (until, signature) = query.strip_prefix("until=").unwrap().split_once("&signature=").unwrap();
    let others = of(&stage, &other).await[0].id.public();
    let ticket = stage.tickets.reads().tickets_of(mine.state().id).await.unwrap()[0].id.public();
    let of_nothing = answer(rest.get(None, "/v1/invoices/x.pdf").await).await;
    assert_eq!((of_nothing.0, &of_nothing.1["reason"]), (404, &json!("NO_SUCH_INVOICE")));
    for wrong in [
        file.to_owned(),
        format!("{file}?until={until}"),
        format!("{file}?until={}&signature={signature}", until.parse::<i64>().unwrap() + 1),
        format!("{file}?until=tomorrow&signature={signature}"),
        format!("{file}?until={until}&signature={}", &signature[1..]),
        format!("/v1/invoices/{others}.pdf?{query}"),
        format!("/v1/invoices/{}.pdf?{query}", mine.state().id),
        pdf.replace(".pdf?", ".png?"),
    ] {
        assert_eq!(answer(rest.get(None, &wrong).await).await, of_nothing, "{wrong}");
    }
    assert_eq!(
        rest.get(None, &format!("/v1/tickets/{ticket}.pdf?{query}")).await.status(),
        404,
        "no ticket either"
    );
    let nobody = stage.data(Some(UserId::new()), INVOICES, json!({ "id": mine.state().id })).await;
    assert_eq!(nobody["order"], Value::Null);
}

#[tokio::test]
async fn who_has_not_said_who_sells_has_no_invoices_and_neither_has_what_is_free() {
    let stage = shop(selling_as(Seller { address: None, ..seller(Some("Opera Ltd")) })).await;
    let buyer = UserId::new();
    let (order, confirmation) = buys(&stage, buyer, &[0]).await;
    assert_eq!(confirmation.invoice, None);
    assert_eq!(shown(&stage, buyer, &order).await, json!([]));
    assert_eq!(
        gives_back(&stage, &order, &[0]).await.invoice,
        None,
        "what has no invoice has no credit note"
    );

    stage.sells_on(2, selling_as(seller(Some("Opera Ltd")))).await;
    let free = stage.sells_at("Free", &[FLOOR], 0).await;
    let held = stage.tickets.hold_seats(stage.standing(buyer, free, 1)).await.unwrap();
    let free = stage.checks_out(&held).await;
    assert_eq!(stage.carry(Payments::Wait).await.remove(0).invoice, None);
    assert_eq!(shown(&stage, buyer, &free).await, json!([]));
    let (_, confirmation) = buys(&stage, buyer, &[1]).await;
    assert_eq!(confirmation.invoice.unwrap().number, number(1), "nothing of that took a number");
}

#[tokio::test]
async fn without_a_legal_name_the_organization_sells_by_its_own_once_that_is_known() {
    let stage = shop(selling_as(seller(None))).await;
    let (_, confirmation) = buys(&stage, UserId::new(), &[0]).await;
    assert_eq!(confirmation.invoice, None, "an invoice of nobody is none");
    let named = |version, name: &str| OrganizationChanged {
        organization_id: stage.organization,
        version,
        slug: "opera".to_owned(),
        name: name.to_owned(),
    };
    stage.hear(&named(2, "Opera House")).await;
    stage.hear(&named(1, "Opera")).await;
    let (order, confirmation) = buys(&stage, UserId::new(), &[1]).await;
    let invoice = confirmation.invoice.unwrap();
    assert_eq!((invoice.number, invoice.seller.name.as_str()), (number(1), "Opera House"));
    assert_eq!(invoice.buyer, contracts::invoices::InvoiceBuyer::default(), "nothing is known of the buyer");
    stage.hear(&named(3, "Opera and Ballet")).await;
    stage.sells_on(2, selling_as(seller(Some("Opera Ltd")))).await;
    assert_eq!(of(&stage, &order).await[0].seller.name, "Opera House", "it stays as it was issued");
}

#[tokio::test]
async fn credit_notes_sum_to_what_went_back_and_name_the_invoice() {
    let stage = opera().await;
    let (order, _) = buys(&stage, UserId::new(), &[0, 1, 2]).await;
    stage.sells_on(2, OrganizationSettings::default()).await;
    let first = gives_back(&stage, &order, &[1]).await;
    let second = gives_back(&stage, &order, &[0, 2]).await;
    for (refund, count) in [(&first, 1), (&second, 2)] {
        let note = refund.invoice.as_deref().expect("it is mailed");
        assert_eq!(note.number, format!("CN-{}", number(count)));
        assert_eq!(note.corrects, Some(number(1)));
        assert_eq!((note.total, note.kind), (refund.amount, InvoiceKind::CreditNote));
        assert_eq!(note.seller.name, "Opera Ltd", "who sold it, whoever sells now");
    }
    let all = of(&stage, &order).await;
    assert_eq!(all.len(), 3);
    let notes: i64 =
        all.iter().filter(|one| one.kind == InvoiceKind::CreditNote).map(|one| one.total.minor).sum();
    assert_eq!(notes, order.state().total.minor);
}

#[tokio::test]
async fn a_confirmation_that_is_asked_for_again_has_the_same_invoice() {
    let stage = opera().await;
    let order = stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    let order_id = order.state().id;
    stage
        .hear(&PurchaseReply {
            order_id,
            step: PurchaseStep::TakePayment,
            way: Way::Do,
            outcome: Outcome::Done,
        })
        .await;
    let asked = async || {
        let waiting = stage.waiting().await;
        let asked: Vec<_> =
            waiting.iter().filter_map(|told| told.read::<SendConfirmation>().unwrap()).collect();
        assert_eq!(asked.len(), 1);
        asked[0].invoice.clone().expect("it is mailed")
    };
    let first = asked().await;
    stage.written("UPDATE sagas SET deadline = 1").await;
    assert!(stage.tickets.purchase_timed_out(order_id).await.unwrap());
    assert_eq!(asked().await, first);
    assert_eq!(of(&stage, &order).await, [*first]);
}

/// All that is left of an order's money goes back at the payment provider.
pub(crate) fn made_at_provider(order: &Order, amount: i64) -> PaymentRefunded {
    let of = order.state();
    PaymentRefunded {
        payment_id: PaymentId::new(),
        refund_id: RefundId::new(),
        order_id: of.id,
        event_id: of.event,
        buyer_id: of.buyer,
        amount: Money::new(amount, Currency::EUR),
        refunded_in_all: of.total,
        whole: true,
        made_at_provider: true,
        asked_for: false,
        reason: "requested_by_customer".to_owned(),
        at: now(),
    }
}

#[tokio::test]
async fn what_is_left_and_goes_back_at_the_provider_has_a_credit_note_too() {
    let stage = opera().await;
    let (order, _) = buys(&stage, UserId::new(), &[0, 1, 2]).await;
    gives_back(&stage, &order, &[1]).await;
    stage.hear(&made_at_provider(&order, 2200)).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Refunded);
    let all = of(&stage, &order).await;
    let notes: Vec<_> = all.iter().filter(|one| one.kind == InvoiceKind::CreditNote).collect();
    assert_eq!(notes.iter().map(|note| note.total.minor).collect::<Vec<_>>(), [1100, 2200]);
    assert_eq!((notes[1].lines[0].quantity, notes[1].corrects.clone()), (2, Some(number(1))));
    stage.hear(&made_at_provider(&order, 0)).await;
    assert_eq!(of(&stage, &order).await, all, "once");

    let (never_paid, plain) = (
        stage.checks_out(&stage.holds(UserId::new(), &[5]).await.unwrap()).await,
        shop(selling_as(Seller::default())).await,
    );
    stage.hear(&made_at_provider(&never_paid, 1100)).await;
    assert_eq!(of(&stage, &never_paid).await, [], "what was never issued has no invoice");
    let (order, _) = buys(&plain, UserId::new(), &[0]).await;
    plain.hear(&made_at_provider(&order, 1100)).await;
    assert_eq!((of(&plain, &order).await.len(), plain.status(&order).await), (0, OrderStatus::Refunded));
}

/// Does it until it is done: what fails for a moment is done again, as the bus does.
async fn heard<C: Contract>(stage: &Stage, told: &C) {
    let told = message(C::SUBJECT, told.about(), told.version(), serde_json::to_value(told).unwrap());
    while let Err(error) = stage.handler.handle(&told).await {
        assert!(matches!(&error, kernel::Error::Broken(fault) if fault.passing), "{error:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn fifty_purchases_at_once_have_fifty_numbers_without_a_gap() {
    let mut stage = opera().await;
    let mut orders = Vec::new();
    for _ in 0..2 {
        stage.event = EventId::new();
        stage.hear(&stage.event_changed(1, EventChange::Published, EventStatus::Published)).await;
        stage.sells("Seat", &[STALLS]).await;
        let standing = stage.sells("Standing", &[FLOOR]).await;
        for seat in 0..20 {
            orders.push(stage.checks_out(&stage.holds(UserId::new(), &[seat]).await.unwrap()).await);
        }
        for _ in 0..5 {
            let held = stage.tickets.hold_seats(stage.standing(UserId::new(), standing, 1)).await.unwrap();
            orders.push(stage.checks_out(&held).await);
        }
    }
    let paid = orders.iter().map(|order| {
        let order_id = order.state().id;
        PurchaseReply { order_id, step: PurchaseStep::TakePayment, way: Way::Do, outcome: Outcome::Done }
    });
    let paid: Vec<_> = paid.collect();
    // Each is told twice at once.
    join_all(paid.iter().flat_map(|told| [told; 2]).map(|told| heard(&stage, told))).await;
    let ids: Vec<OrderId> = orders.iter().map(|order| order.state().id).collect();
    let numbers: Vec<String> = kept(&stage, &ids).await.into_iter().map(|invoice| invoice.number).collect();
    assert_eq!(numbers, (1..=50).map(number).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_rolled_back_takes_no_number() {
    let stage = opera().await;
    buys(&stage, UserId::new(), &[0]).await;
    let order = stage.checks_out(&stage.holds(UserId::new(), &[1]).await.unwrap()).await;
    let order_id = order.state().id;
    assert!(stage.waiting().await.iter().any(|told| told.read::<TakePayment>().unwrap().is_some()));
    let paid =
        PurchaseReply { order_id, step: PurchaseStep::TakePayment, way: Way::Do, outcome: Outcome::Done };
    let told = message(PurchaseReply::SUBJECT, paid.about(), 0, serde_json::to_value(&paid).unwrap());
    // Somebody's invoice is in the way, so that the purchase fails behind the number.
    let in_the_way = format!(
        "INSERT INTO invoices (id, order_id, organization_id, number, kind, issued_at, document) \
         SELECT order_id, event_id, organization_id, '{}', 'INVOICE', 1, '' FROM (SELECT o.id AS order_id, o.event_id AS \
         event_id, e.organization_id AS organization_id FROM orders o JOIN events e ON e.id = o.event_id LIMIT 1) AS any_one",
        number(2)
    );
    stage.written(&in_the_way).await;
    stage.handler.handle(&told).await.unwrap_err();
    assert_eq!(stage.status(&order).await, OrderStatus::AwaitingPayment);
    stage.written("DELETE FROM invoices WHERE document = ''").await;
    stage.handler.handle(&told).await.unwrap();
    assert_eq!(of(&stage, &order).await[0].number, number(2));
}

#[tokio::test]
async fn invoices_are_kept_for_ten_years_behind_the_one_in_which_they_were_issued() {
    let stage = opera().await;
    let (order, _) = buys(&stage, UserId::new(), &[0]).await;
    let ages_by = async |days: i64| {
        let age = format!(
            "UPDATE invoices SET issued_at = issued_at - {}",
            TimeDelta::days(days).num_milliseconds()
        );
        stage.written(&age).await;
        stage.forgets().await;
        of(&stage, &order).await.len()
    };
    assert_eq!(ages_by(11 * 365).await, 1);
    assert_eq!(ages_by(5).await, 0);
    let (_, confirmation) = buys(&stage, UserId::new(), &[1]).await;
    assert_eq!(confirmation.invoice.unwrap().number, number(2), "no number comes again");
}
