//! What a payment costs the database.

use kernel::OrderId;
use serde_json::json;

use crate::stage::{Stage, an_order};

/// From the ask of the purchase to its answer, with the buyer's call, the webhook, and what the relay does.
#[tokio::test]
async fn a_payment_costs_at_most_fourteen_statements() {
    let stage = Stage::new().await;
    let mut least = u64::MAX;
    for _ in 0..5 {
        let order = an_order(4200, "EUR");
        let before = stage.statements();
        stage.ask(&order).await;
        let answer = stage.pays_over_http(&order, "pm_card_visa").await;
        assert_eq!(answer["data"]["pay"]["status"], "SUCCEEDED", "{answer}");
        stage.replies(&order, 1).await;
        stage.webhooks_arrived().await;
        let ours = stage.relay_is_through().await;
        least = least.min(stage.statements() - before - ours);
    }
    assert!(least <= 14, "{least} statements");
}

/// A list of orders asks for their payments together, and a list of payments for itself.
#[tokio::test]
async fn a_hundred_orders_with_their_payments_cost_as_many_statements_as_one() {
    let stage = Stage::new().await;
    let buyer = an_order(4200, "EUR").buyer_id;
    let mut orders = Vec::new();
    for _ in 0..100 {
        let mut order = an_order(4200, "EUR");
        order.buyer_id = buyer;
        stage.ask(&order).await;
        orders.push(order.order_id);
    }
    let of = |orders: &[OrderId]| {
        let of: Vec<_> = orders.iter().map(|order| json!({"__typename": "Order", "id": order})).collect();
        json!({ "of": of })
    };
    let query = "query($of: [_Any!]!) { _entities(representations: $of) { ... on Order {
        payment { id status amount { amount } refunds { id } } } } }";
    let mut costs = Vec::new();
    for some in [&orders[..1], &orders[..]] {
        let mut least = u64::MAX;
        // The relay looks now and then, on the same connections.
        for _ in 0..5 {
            let before = stage.foreground();
            let answer = stage.asks_over_http(buyer, query, of(some)).await;
            least = least.min(stage.foreground() - before);
            let entities = answer["data"]["_entities"].as_array().unwrap();
            assert_eq!(entities.len(), some.len());
            assert!(entities.iter().all(|entity| entity["payment"]["status"] == "PENDING"), "{answer}");
        }
        costs.push(least);
    }
    assert_eq!(costs[0], costs[1], "one and a hundred: {costs:?}");
    assert!(costs[0] <= 2, "{costs:?}");
}
