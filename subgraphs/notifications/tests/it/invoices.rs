//! Mails carry the invoice of what was bought, and the credit note of what goes back.

use contracts::{
    invoices::{Invoice, InvoiceBuyer, InvoiceKind, InvoiceLine, InvoiceSeller, InvoicedEvent},
    purchase::SendConfirmation,
    tickets::{OrderCalledOff, OrderRefunded},
};
use kernel::{InvoiceId, Money};
use notifications::domain::{
    letter::{Letter, RefundedTickets},
    words::Language,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::kit::{Kit, Mailbox, order, refund, ticket};

/// Of all that was paid for the order, with this number.
fn invoice(of: &SendConfirmation, kind: InvoiceKind, number: &str) -> Invoice {
    let none = Money::zero(of.total.currency);
    Invoice {
        id: InvoiceId::new(),
        number: number.to_owned(),
        kind,
        issued_at: "2026-11-30T16:00:00Z".parse().unwrap(),
        seller: InvoiceSeller {
            name: "Theater an der Brücke GmbH".to_owned(),
            address: "Brückengasse 4\n1060 Wien".to_owned(),
            tax_number: None,
        },
        buyer: InvoiceBuyer::default(),
        order_id: of.order_id,
        order_number: of.number.clone(),
        event: InvoicedEvent {
            title: of.event.title.clone(),
            starts_at: of.event.starts_at,
            timezone: of.event.timezone,
        },
        code: None,
        lines: vec![InvoiceLine {
            text: "Stalls, full price".to_owned(),
            quantity: 1,
            unit_price: of.total,
            amount: of.total,
            discount: none,
            fees: none,
            tax: None,
            total: of.total,
        }],
        fees: Vec::new(),
        taxes: Vec::new(),
        total: of.total,
        corrects: None,
        locale: None,
    }
}

fn names(mail: &Value) -> Vec<&str> {
    let attachments = mail["attachments"].as_array().unwrap();
    attachments.iter().map(|one| one["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_buyers_confirmation_carries_the_invoice_and_nobody_elses_tickets_do() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let mut order = order(buyer, vec![ticket("Ada", &email, "104"), ticket("Bob", "bob@example.net", "105")]);
    order.invoice = Some(Box::new(invoice(&order, InvoiceKind::Invoice, "2026-000123")));
    kit.hears(&order).await;
    kit.notifications.send_mails().await.unwrap();

    let to_ada = mailbox.mails(&email, 1).await.remove(0);
    assert_eq!(names(&to_ada), ["tickets.pdf", "invoice-2026-000123.pdf", "event.ics"]);
    assert!(mailbox.attachment(&to_ada, "invoice-2026-000123.pdf").await.starts_with(b"%PDF-"));
    for part in ["text", "html"] {
        let said = to_ada[part].as_str().unwrap();
        assert!(said.contains("Invoice 2026-000123 is attached"), "{said}");
    }
    let to_bob = mailbox.mails("bob@example.net", 1).await.remove(0);
    assert_eq!(names(&to_bob), ["tickets.pdf", "event.ics"]);
    assert!(
        !to_bob["text"].as_str().unwrap().contains("2026-000123"),
        "what was paid is the buyer's business"
    );
}

#[tokio::test]
async fn the_mail_of_a_refund_carries_the_credit_note_to_the_buyer_alone() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let order = order(buyer, vec![ticket("Ada", &email, "104"), ticket("Bob", "bob@example.net", "105")]);
    kit.hears(&order).await;
    kit.notifications.send_mails().await.unwrap();
    let bought = mailbox.mails(&email, 1).await.remove(0);
    assert_eq!(names(&bought), ["tickets.pdf", "event.ics"], "who has no invoice gets none");

    let mut back = refund(&order, &order.tickets[1..]);
    back.invoice = Some(Box::new(invoice(&order, InvoiceKind::CreditNote, "CN-2026-000007")));
    kit.hears(&back).await;
    kit.notifications.send_mails().await.unwrap();
    let mails = mailbox.mails(&email, 2).await;
    let to_ada = mails.iter().find(|mail| mail["subject"].as_str().unwrap().contains("money")).unwrap();
    assert_eq!(names(to_ada), ["credit-note-CN-2026-000007.pdf"]);
    assert!(to_ada["text"].as_str().unwrap().contains("Credit note CN-2026-000007 is attached."), "{to_ada}");
    let mails = mailbox.mails("bob@example.net", 2).await;
    let to_bob = mails.iter().find(|mail| mail["subject"].as_str().unwrap().contains("nobody")).unwrap();
    assert_eq!(names(to_bob), <[&str; 0]>::default());

    // What is only a line in the list says where the credit note is.
    let mut back = refund(&order, &order.tickets[..1]);
    back.called_off = true;
    back.invoice = Some(Box::new(invoice(&order, InvoiceKind::CreditNote, "CN-2026-000008")));
    let letter = Letter::TicketsRefunded(RefundedTickets::to_the_buyer("Ada", &back));
    let line = letter.listed(Language::English, String::new()).body;
    assert!(line.contains("Credit note CN-2026-000008 is found at the order."), "{line}");
}

/// An order whose event is called off, and the refund that follows, with its credit note.
fn called_off(order: &SendConfirmation) -> (OrderCalledOff, OrderRefunded) {
    let off = OrderCalledOff {
        order_id: order.order_id,
        number: order.number.clone(),
        buyer_id: order.buyer_id,
        total: order.total,
        event: order.event.clone(),
        reason: Some("The singer is ill".to_owned()),
        holders: Vec::new(),
        at: "2027-01-01T00:00:00Z".parse().unwrap(),
    };
    let mut back = refund(order, &order.tickets);
    back.called_off = true;
    back.invoice = Some(Box::new(invoice(order, InvoiceKind::CreditNote, "CN-2026-000009")));
    (off, back)
}

#[tokio::test]
async fn when_the_event_is_off_the_credit_note_comes_with_the_mail_that_says_so_if_that_is_still_there() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let order = order(buyer, vec![ticket("Ada", &email, "104")]);
    let (off, back) = called_off(&order);
    kit.hears(&off).await;
    kit.hears(&back).await;
    while kit.notifications.send_mails().await.unwrap() {}
    let mail = mailbox.mails(&email, 1).await.remove(0);
    assert_eq!(mailbox.count().await, 1, "one mail says both");
    assert_eq!(mail["subject"], "Called off: Die Zauberflöte");
    assert_eq!(names(&mail), ["credit-note-CN-2026-000009.pdf", "event.ics"]);
    for part in ["text", "html"] {
        let said = mail[part].as_str().unwrap();
        for words in
            ["The singer is ill", "49.50 EUR goes back to you", "Credit note CN-2026-000009 is attached."]
        {
            assert!(said.contains(words), "{words:?} is missing in {said}");
        }
    }
    let calendar = String::from_utf8(mailbox.attachment(&mail, "event.ics").await).unwrap();
    assert!(calendar.contains("METHOD:CANCEL"), "{calendar}");
}

#[tokio::test]
async fn when_the_news_that_the_event_is_off_are_sent_already_the_credit_note_has_a_mail_of_its_own() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let order = order(buyer, vec![ticket("Ada", &email, "104")]);
    let (off, back) = called_off(&order);
    kit.hears(&off).await;
    kit.notifications.send_mails().await.unwrap();
    kit.hears(&back).await;
    kit.handle(&back).await.unwrap();
    kit.notifications.send_mails().await.unwrap();
    let mails = mailbox.mails(&email, 2).await;
    assert_eq!(mailbox.count().await, 2);
    let back = mails.iter().find(|mail| mail["subject"].as_str().unwrap().contains("money")).unwrap();
    assert_eq!(names(back), ["credit-note-CN-2026-000009.pdf"], "the date is out of the calendar already");
    let text = back["text"].as_str().unwrap();
    assert!(text.contains("The event was called off.") && !text.contains("your calendar"), "{text}");
}

#[tokio::test]
async fn a_credit_note_is_not_put_into_a_mail_that_is_just_being_sent() {
    let kit = Kit::new(9).await;
    let (buyer, email) = kit.account("Ada").await;
    let order = order(buyer, vec![ticket("Ada", &email, "104")]);
    let (off, back) = called_off(&order);
    kit.hears(&off).await;
    let claim = "UPDATE notifications SET claimed_until = 9000000000000 WHERE channel = 'EMAIL'";
    kit.database.writes.execute_unprepared(claim).await.unwrap();
    kit.hears(&back).await;
    let reads = &kit.database.reads;
    let query = "SELECT kind FROM notifications WHERE channel = 'EMAIL' ORDER BY kind";
    let rows =
        reads.query_all_raw(Statement::from_string(reads.get_database_backend(), query)).await.unwrap();
    let kinds: Vec<String> = rows.iter().map(|row| row.try_get("", "kind").unwrap()).collect();
    assert_eq!(kinds, ["EVENT_CANCELLED", "ORDER_REFUNDED"]);
}
