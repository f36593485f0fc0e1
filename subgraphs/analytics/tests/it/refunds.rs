//! Tickets that went back are counted beside those that were sold.

use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::world::{EUR, Show, World, at};

const FIELDS: &str = "ticketsSold ticketsRefunded refunded { amount } byTicketType { ticketsSold ticketsRefunded } \
    timeline(interval: DAY) { at ticketsSold grossRevenue { amount } }";

async fn sales(world: &World, show: &Show) -> Value {
    world.sales(Some(show.organizer), &show.event.to_string(), FIELDS).await.unwrap()
}

#[tokio::test]
async fn tickets_that_an_organizer_refunds_are_counted_by_type_and_stay_in_the_timeline() {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    let purchase = show.purchase(at("2026-11-01T10:00:00Z"), EUR);
    // Which tickets went back is heard first.
    world.hear_all(&purchase.took_back(5000, &[(0, 1, 3000), (1, 1, 2000)])).await;
    assert_eq!(sales(&world, &show).await["ticketsRefunded"], 0, "nothing is known to be sold");
    world.hear(&purchase.issued(10_000, 0, &[(0, 2, 6000), (1, 2, 4000)])).await.unwrap();
    let first = sales(&world, &show).await;
    assert_eq!((&first["ticketsSold"], &first["ticketsRefunded"]), (&json!(4), &json!(2)));
    assert_eq!(first["refunded"]["amount"], "50.00");
    for of in first["byTicketType"].as_array().unwrap() {
        assert_eq!((&of["ticketsSold"], &of["ticketsRefunded"]), (&json!(2), &json!(1)));
    }
    let sold = json!([{
        "at": "2026-10-31T23:00:00.000Z", "ticketsSold": 4, "grossRevenue": { "amount": "100.00" }
    }]);
    assert_eq!(first["timeline"], sold, "it shows what was sold, whatever went back");

    world.hear_all(&purchase.took_back(8000, &[(0, 1, 3000)])).await;
    let second = sales(&world, &show).await;
    assert_eq!(second["ticketsRefunded"], 3);
    assert_eq!(second["byTicketType"][0]["ticketsRefunded"], 2);
    assert_eq!(second["timeline"], sold);
}

#[tokio::test]
async fn free_tickets_that_are_taken_back_are_counted_although_no_money_moves() {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    let purchase = show.purchase(at("2026-11-01T10:00:00Z"), EUR);
    world.hear(&purchase.issued(0, 0, &[(0, 2, 0)])).await.unwrap();
    let told = purchase.took_back(0, &[(0, 1, 0)]);
    assert_eq!(told.len(), 1);
    world.hear_all(&told).await;
    world.hear_all(&told).await;
    let sales = sales(&world, &show).await;
    assert_eq!((&sales["ticketsRefunded"], &sales["refunded"]["amount"]), (&json!(1), &json!("0.00")));
}

#[tokio::test]
async fn refunds_that_were_kept_before_tickets_were_told_count_as_they_did() {
    for asked_for in [false, true] {
        let (world, show) = (World::new().await, Show::new());
        world.hear_all(&show.prologue()).await;
        let purchase = show.purchase(at("2026-11-01T10:00:00Z"), EUR);
        world.hear(&purchase.issued(8000, 0, &[(0, 2, 8000)])).await.unwrap();
        world.hear(&purchase.refunded(4000, 4000)).await.unwrap();
        // As the migration leaves a row that was there before.
        let before = "UPDATE refunds SET in_all = NULL";
        world.database.writes.execute_unprepared(before).await.unwrap();
        if asked_for {
            world.hear_all(&purchase.took_back(8000, &[(0, 1, 4000)])).await;
        } else {
            world.hear(&purchase.refunded(4000, 8000)).await.unwrap();
        }
        let sales = sales(&world, &show).await;
        assert_eq!(sales["refunded"]["amount"], "80.00");
        assert_eq!(sales["ticketsRefunded"], if asked_for { 1 } else { 2 });
    }
}
