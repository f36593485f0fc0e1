//! The books of organizations: what is booked when, who reads it, and when it is to be paid out.

use chrono::TimeDelta;
use contracts::{purchase::IfPaid, tickets::TicketsIssued, users::Role};
use kernel::{Clock, OrderId, OrganizationId, SystemClock, UserId};
use payments::domain::entities::PaymentStatus;
use serde_json::{Value, json};

use crate::{
    organizer::{BOOKS, Organizer, eur, of_all, until},
    stage::Stage,
};

/// The lines that an owner reads, the latest first: kind, amount and whether they are of this order.
fn lines(seen: &Value, order: OrderId) -> Vec<(String, String)> {
    let nodes = seen["ledger"]["nodes"].as_array().unwrap();
    assert!(nodes.iter().all(|node| node["order"]["id"] == json!(order.public())), "{seen}");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    nodes.iter().map(|node| (text(&node["kind"]), text(&node["amount"]["amount"]))).collect()
}

fn sorted(lines: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut lines: Vec<_> =
        lines.iter().map(|(kind, amount)| ((*kind).to_owned(), (*amount).to_owned())).collect();
    lines.sort();
    lines
}

#[tokio::test]
async fn a_sale_is_owed_to_its_organizer_and_what_goes_back_is_not_any_more() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let order = OrderId::new();
    stage.ask(&organizer.sale(order)).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    stage.ask(&organizer.refund(order)).await;
    organizer.comes_to(&stage, "26.50", "0.00").await;
    let seen = organizer.asked(&stage, organizer.owner, BOOKS).await;
    assert_eq!((&seen["balances"][0]["currency"], &seen["ledger"]["totalCount"]), (&json!("EUR"), &json!(6)));
    assert_eq!(seen["balances"][0]["paidOut"]["amount"], "0.00");
    let mut read = lines(&seen, order);
    let (mut back, mut sale) = (read.drain(..3).collect::<Vec<_>>(), read);
    back.sort();
    sale.sort();
    assert_eq!(sale, sorted(&[("SALE", "50.00"), ("TAX", "9.50"), ("FEE", "-6.50")]));
    assert_eq!(back, sorted(&[("REFUND", "-25.00"), ("TAX", "-4.75"), ("FEE", "3.25")]));
    let rest = stage
        .rows("SELECT CAST(SUM(amount_minor) AS BIGINT) AS rest, cause FROM postings GROUP BY cause")
        .await;
    assert!(rest.iter().all(|row| row.try_get::<i64>("", "rest").unwrap() == 0) && rest.len() == 2);
}

#[tokio::test]
async fn what_an_event_took_is_payable_days_after_its_end_and_its_end_may_be_moved() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    stage.ask(&organizer.sale(OrderId::new())).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    // A week is waited where nothing else was told.
    organizer.ends(&stage, 2, SystemClock.now() - TimeDelta::days(7) + TimeDelta::hours(1)).await;
    organizer.ends(&stage, 3, SystemClock.now() - TimeDelta::days(7) - TimeDelta::hours(1)).await;
    organizer.comes_to(&stage, "0.00", "53.00").await;
    organizer.pays_out_after(&stage, 1, 8).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    organizer.pays_out_after(&stage, 2, 0).await;
    organizer.comes_to(&stage, "0.00", "53.00").await;
    organizer.ends(&stage, 4, SystemClock.now() + TimeDelta::days(30)).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
}

/// What was told before it carried whose event it is.
#[tokio::test]
async fn whose_event_it_is_may_be_heard_of_after_the_sale_and_a_refund_before_it() {
    let stage = Stage::new().await;
    let organizer = Organizer::unheard_of();
    let order = OrderId::new();
    stage.ask(&organizer.refund(order)).await;
    let sale = TicketsIssued { organization_id: None, tax: None, absorbed: None, ..organizer.sale(order) };
    stage.ask(&sale).await;
    organizer.joined(&stage, organizer.owner, Role::Owner).await;
    organizer.ends(&stage, 1, SystemClock.now() + TimeDelta::days(1)).await;
    // 59.50 without a fee of 5.00; of them 29.75 went back, with a fee of 3.25.
    organizer.comes_to(&stage, "28.00", "0.00").await;
}

#[tokio::test]
async fn a_purchase_that_failed_after_its_money_came_was_never_a_sale() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let order = organizer.buyer(&stage).await;
    stage.end(&order, IfPaid::Refund).await;
    stage.becomes(&order, PaymentStatus::Refunded).await;
    stage.webhooks_arrived().await;
    stage.all_is_told().await;
    let other = organizer.buyer(&stage).await;
    stage.ask(&organizer.sale(other.order_id)).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    let seen = organizer.asked(&stage, organizer.owner, BOOKS).await;
    assert_eq!(lines(&seen, other.order_id).len(), 3, "the sale alone");
}

#[tokio::test]
async fn what_is_given_back_in_the_dashboard_is_the_organizers_loss_and_the_platforms() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let order = organizer.buyer(&stage).await;
    let intent = stage.payment(&order).await.snapshot().intent.as_ref().unwrap().id.clone();
    stage.at_the_dashboard(&format!("payments/{intent}/refund"), "amount=2975").await;
    stage.becomes(&order, PaymentStatus::PartiallyRefunded).await;
    stage.ask(&organizer.sale(order.order_id)).await;
    organizer.comes_to(&stage, "26.50", "0.00").await;
    stage.at_the_dashboard(&format!("payments/{intent}/refund"), "").await;
    organizer.comes_to(&stage, "0.00", "0.00").await;
}

#[tokio::test]
async fn a_dispute_takes_the_money_until_it_is_won() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let order = organizer.buyer(&stage).await;
    stage.ask(&organizer.sale(order.order_id)).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    let intent = stage.payment(&order).await.snapshot().intent.as_ref().unwrap().id.clone();
    stage.at_the_dashboard(&format!("payments/{intent}/dispute"), "").await;
    organizer.comes_to(&stage, "-6.50", "0.00").await;
    let dispute = stage.at_stripe(&order).await[0]["disputes"][0]["id"].as_str().unwrap().to_owned();
    stage.at_the_dashboard(&format!("disputes/{dispute}/won"), "").await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    let seen = organizer.asked(&stage, organizer.owner, BOOKS).await;
    let disputes: Vec<_> =
        lines(&seen, order.order_id).into_iter().filter(|(kind, _)| kind == "DISPUTE").collect();
    assert_eq!(disputes.iter().map(|(_, amount)| amount.as_str()).collect::<Vec<_>>(), ["59.50", "-59.50"]);
}

#[tokio::test]
async fn what_is_told_of_an_order_at_the_same_moment_is_booked_one_after_the_other() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let (order, books) = (OrderId::new(), payments::books(&stage.database));
    let mut told: Vec<_> = (0..10).map(|_| organizer.refund(order)).collect();
    for refund in &mut told {
        (refund.amount, refund.fees, refund.tax, refund.absorbed) = (eur(500), eur(20), Some(eur(80)), None);
    }
    let sale = organizer.sale(order);
    let message = || OrderId::new().uuid();
    let all = told.iter().map(|refund| books.took_back(message(), refund));
    let (backs, sold) = futures::join!(futures::future::join_all(all), books.sold(message(), &sale));
    assert!(backs.into_iter().all(|booked| booked.is_ok()) && sold.is_ok());
    // 53.00 without ten times 5.00, of which 0.20 was a fee.
    organizer.comes_to(&stage, "5.00", "0.00").await;
    // Told by another message, it is still the same refund and the same sale.
    books.took_back(message(), &told[0]).await.unwrap();
    books.sold(message(), &sale).await.unwrap();
    assert_eq!(organizer.balance(&stage).await, ("5.00".to_owned(), "0.00".to_owned()));
}

#[tokio::test]
async fn nobody_but_owners_and_managers_sees_the_books() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    let (manager, scanner, door) = (UserId::new(), UserId::new(), UserId::new());
    organizer.joined(&stage, manager, Role::Manager).await;
    organizer.joined(&stage, scanner, Role::Scanner).await;
    organizer.joined(&stage, door, Role::BoxOffice).await;
    stage.ask(&organizer.sale(OrderId::new())).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    let seen = organizer.asked(&stage, manager, BOOKS).await;
    assert_eq!(seen, organizer.asked(&stage, organizer.owner, BOOKS).await);
    for other in [scanner, door, UserId::new()] {
        let hidden = organizer.asked(&stage, other, BOOKS).await;
        assert_eq!(hidden, json!({"balances": null, "ledger": null}));
    }
    // Who manages one organization sees nothing of another, in the same answer.
    let other = Organizer::of(&stage).await;
    let both =
        of_all(&stage, other.owner, &[organizer.organization, other.organization], "balances { currency }")
            .await;
    assert_eq!(both["data"]["_entities"], json!([{"balances": null}, {"balances": []}]));
}

#[tokio::test]
async fn the_books_are_read_page_by_page_and_by_time() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    for _ in 0..3 {
        stage.ask(&organizer.sale(OrderId::new())).await;
    }
    organizer.comes_to(&stage, "159.00", "0.00").await;
    let mut found = Vec::new();
    let mut after = "null".to_owned();
    loop {
        let fields = format!(
            "ledger(first: 4, after: {after}) {{ nodes {{ id }} totalCount pageInfo {{ endCursor hasNextPage }} }}"
        );
        let page = organizer.asked(&stage, organizer.owner, &fields).await;
        assert_eq!(page["ledger"]["totalCount"], 9);
        found.extend(page["ledger"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].to_string()));
        after = page["ledger"]["pageInfo"]["endCursor"].to_string();
        if page["ledger"]["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    let all = organizer.asked(&stage, organizer.owner, "ledger(first: 100) { nodes { id at } }").await;
    let all: Vec<_> = all["ledger"]["nodes"].as_array().unwrap().iter().collect();
    assert_eq!(found, all.iter().map(|node| node["id"].to_string()).collect::<Vec<_>>());
    let count = async |arguments: &str| {
        let fields = format!("ledger({arguments}) {{ totalCount nodes {{ id }} }}");
        organizer.asked(&stage, organizer.owner, &fields).await["ledger"]["totalCount"].clone()
    };
    let latest = &all[0]["at"];
    let earlier = all.iter().filter(|node| node["at"] != *latest).count();
    assert_eq!(count(&format!("until: {latest}")).await, json!(earlier));
    assert_eq!(count(&format!("from: {latest}")).await, json!(9 - earlier));
    assert_eq!(count("currency: \"JPY\"").await, json!(0));
    assert_eq!(count("currency: \"EUR\"").await, json!(9));
    for (arguments, field) in [
        ("first: 0", "first"),
        ("after: \"Nw\"", "after"),
        ("currency: \"EURO\"", "currency"),
        ("from: \"2027-01-01T00:00:00Z\", until: \"2026-01-01T00:00:00Z\"", "until"),
    ] {
        let fields = format!("ledger({arguments}) {{ totalCount }}");
        let refused = of_all(&stage, organizer.owner, &[organizer.organization], &fields).await;
        assert_eq!(refused["errors"][0]["extensions"]["field"], field, "{refused}");
    }
}

#[tokio::test]
async fn the_books_of_many_organizations_cost_as_many_statements_as_those_of_one() {
    let stage = Stage::new().await;
    let (mut all, owner): (Vec<OrganizationId>, _) = (Vec::new(), UserId::new());
    for _ in 0..20 {
        let organizer = Organizer { owner, ..Organizer::of(&stage).await };
        organizer.joined(&stage, owner, Role::Owner).await;
        stage.ask(&organizer.sale(OrderId::new())).await;
        all.push(organizer.organization);
    }
    until(async || stage.count("postings").await == 20 * 6).await;
    let mut costs = Vec::new();
    for some in [&all[..1], &all[..]] {
        let mut least = u64::MAX;
        for _ in 0..5 {
            let before = stage.foreground();
            let fields = "balances { payable { amount } } ledger(first: 2) { nodes { id } edges { cursor } totalCount }";
            let answer = of_all(&stage, owner, some, fields).await;
            least = least.min(stage.foreground() - before);
            let seen = answer["data"]["_entities"].as_array().unwrap();
            assert_eq!(seen.len(), some.len());
            assert!(seen.iter().all(|of| of["ledger"]["nodes"].as_array().unwrap().len() == 2), "{answer}");
        }
        costs.push(least);
    }
    assert_eq!(costs[0], costs[1], "one and twenty: {costs:?}");
    assert!(costs[0] <= 5, "{costs:?}");
}

#[tokio::test]
async fn an_order_in_another_currency_is_owed_apart() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    stage.ask(&organizer.sale(OrderId::new())).await;
    let usd = |minor| kernel::Money::new(minor, kernel::Currency::USD);
    let sale = TicketsIssued {
        total: usd(100),
        fees: usd(0),
        tax: Some(usd(0)),
        absorbed: None,
        ..organizer.sale(OrderId::new())
    };
    stage.ask(&sale).await;
    until(async || {
        let seen = organizer.asked(&stage, organizer.owner, BOOKS).await;
        seen["balances"].as_array().is_some_and(|balances| balances.len() == 2)
    })
    .await;
    let seen = organizer.asked(&stage, organizer.owner, "balances { currency pending { amount } }").await;
    let expected = json!({"balances": [
        {"currency": "EUR", "pending": {"amount": eur(5_300).decimal()}},
        {"currency": "USD", "pending": {"amount": "1.00"}},
    ]});
    assert_eq!(seen, expected);
}
