//! What goes back at the payment provider, in part or in full, has its credit note.

use contracts::{invoices::InvoiceKind, payments::PaymentRefunded};
use kernel::{Currency, Money, UserId};
use serde_json::json;
use tickets::domain::entities::{Order, OrderStatus};

use crate::{
    invoices::{buys, gives_back, made_at_provider, number, of, opera, shown},
    stage::Stage,
};

/// So many cents went back at the provider; with `whole`, nothing is left of the money.
fn part(order: &Order, cents: i64, whole: bool) -> PaymentRefunded {
    let amount = Money::new(cents, Currency::EUR);
    PaymentRefunded { amount, whole, refunded_in_all: amount, ..made_at_provider(order, cents) }
}

async fn notes(stage: &Stage, order: &Order) -> Vec<i64> {
    let all = of(stage, order).await;
    let notes = all.iter().filter(|one| one.kind == InvoiceKind::CreditNote);
    notes.map(|note| note.total.minor).collect()
}

#[tokio::test]
async fn each_part_that_goes_back_at_the_provider_has_one_credit_note_at_the_rate_of_the_invoice() {
    let stage = opera().await;
    let buyer = UserId::new();
    let (order, _) = buys(&stage, buyer, &[0, 1]).await;
    stage.hear(&part(&order, 500, false)).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Completed, "its tickets are what they were");
    stage.hear(&part(&order, 1_000, false)).await;
    stage.hear(&part(&order, 700, true)).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Refunded);
    assert_eq!(notes(&stage, &order).await, [500, 1_000, 700]);
    let all = of(&stage, &order).await;
    let (invoice, notes) = all.split_first().unwrap();
    for (note, count) in notes.iter().zip(1..) {
        assert_eq!(note.number, format!("CN-{}", number(count)));
        assert_eq!(note.corrects.as_deref(), Some(invoice.number.as_str()));
        assert_eq!(
            (&note.taxes[0].name, note.taxes[0].rate),
            (&invoice.taxes[0].name, invoice.taxes[0].rate)
        );
    }
    let taxes = |of: &[contracts::invoices::Invoice]| {
        of.iter().flat_map(|one| &one.taxes).map(|tax| tax.amount.minor).sum::<i64>()
    };
    assert_eq!(taxes(notes), taxes(std::slice::from_ref(invoice)), "to the smallest unit");
    let shown = shown(&stage, buyer, &order).await;
    assert_eq!(shown.as_array().unwrap().len(), 4);
    assert_eq!(shown[2]["total"]["amount"], "10.00");
}

#[tokio::test]
async fn credit_notes_never_sum_to_more_than_the_invoice_whoever_gives_back_what() {
    let stage = opera().await;
    let (order, _) = buys(&stage, UserId::new(), &[0, 1]).await;
    stage.hear(&part(&order, 500, false)).await;
    let told = gives_back(&stage, &order, &[0, 1]).await;
    assert_eq!(notes(&stage, &order).await, [500, 1_700], "no more than was left");
    assert_eq!(told.invoice.as_deref().map(|note| note.total.minor), Some(1_700));
    assert_eq!((told.amount.minor, told.fees.minor), (1_700, 155), "and so it is told and mailed");
    stage.hear(&part(&order, 100, false)).await;
    assert_eq!(notes(&stage, &order).await, [500, 1_700], "of nothing there is none, and it takes no number");
    let (next, _) = buys(&stage, UserId::new(), &[2]).await;
    gives_back(&stage, &next, &[0]).await;
    assert_eq!(of(&stage, &next).await[1].number, format!("CN-{}", number(3)));
}

#[tokio::test]
async fn a_part_behind_a_ticket_that_went_back_is_of_the_others() {
    let stage = opera().await;
    let (order, _) = buys(&stage, UserId::new(), &[0, 1, 2]).await;
    gives_back(&stage, &order, &[1]).await;
    stage.hear(&part(&order, 300, false)).await;
    let all = of(&stage, &order).await;
    let line = &all[2].lines[0];
    assert_eq!((all[2].lines.len(), line.quantity, line.total.minor), (1, 2, 300));
}

#[tokio::test]
async fn what_a_buyer_is_told_would_go_back_is_what_is_left_of_the_money_and_goes_back() {
    let stage = opera().await;
    let buyer = UserId::new();
    let (order, _) = buys(&stage, buyer, &[0, 1, 2]).await;
    gives_back(&stage, &order, &[0]).await;
    stage.hear(&part(&order, 1_500, false)).await;
    let query = "query ($id: ID!) { order(id: $id) { refundQuote { allowed total { total { amount } taxIncluded { amount } } } } }";
    let id = json!({ "id": order.state().id.public() });
    let quote = stage.data(Some(stage.organizer), query, id).await["order"]["refundQuote"].take();
    assert_eq!((&quote["allowed"], &quote["total"]["total"]["amount"]), (&json!(true), &json!("7.00")));
    assert_eq!(quote["total"]["taxIncluded"]["amount"], "1.16");
    let told = gives_back(&stage, &order, &[1, 2]).await;
    assert_eq!((told.amount.minor, told.whole), (700, true));
    assert_eq!(notes(&stage, &order).await, [1_100, 1_500, 700]);
    assert_eq!(stage.status(&order).await, OrderStatus::Refunded);
}
