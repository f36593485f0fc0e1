//! What it costs to hear of a purchase, and that what is heard at once is counted as what is heard one by one.

use contracts::tickets::OrderEnd;
use futures::future::join_all;
use messaging::Message;

use crate::world::{EUR, Show, World, at};

impl World {
    /// How many statements these messages cost.
    async fn cost(&self, messages: &[Message]) -> u64 {
        let sent = || self.database.statements() + self.database.background().statements();
        let before = sent();
        self.hear_all(messages).await;
        sent() - before
    }
}

#[tokio::test]
async fn a_purchase_costs_three_statements_for_each_message() {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    let purchase = show.purchase(at("2026-11-01T10:00:00Z"), EUR);
    let begun = purchase.placed(8300);
    assert_eq!(world.cost(&begun).await, 6, "held, placed");
    assert_eq!(world.cost(&[purchase.paid(8300)]).await, 3);
    let issued = purchase.issued(8300, 300, &[(0, 2, 3000), (1, 2, 5000)]);
    assert_eq!(world.cost(std::slice::from_ref(&issued)).await, 4, "with a look for refunds");
    assert_eq!(world.cost(&[issued]).await, 1, "that it was heard before is noticed first");
    assert_eq!(world.cost(&[purchase.checked_in(0)]).await, 3);
    assert_eq!(world.cost(&[purchase.refunded(100, 100)]).await, 4, "with a look for lines and refunds");
    assert_eq!(world.cost(&purchase.took_back(1600, &[(0, 1, 1500)])).await, 8, "the money, and the tickets");
    assert_eq!(world.cost(&show.given_up(true)).await, 6);
    let other = show.purchase(at("2026-11-01T11:00:00Z"), EUR);
    world.hear_all(&other.placed(100)).await;
    assert_eq!(world.cost(&[other.declined(1), other.ended(OrderEnd::Expired)]).await, 6);
}

#[tokio::test]
async fn what_is_heard_at_once_is_counted_once_each() {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    let purchases: Vec<_> = (0..4).map(|_| show.purchase(at("2026-11-01T10:00:00Z"), EUR)).collect();
    let mut told = Vec::new();
    for (index, purchase) in purchases.iter().enumerate() {
        told.extend(purchase.placed(8300));
        told.push(purchase.paid(8300));
        // The types in another order each time.
        let lines = [(index % 2, 1, 3000), ((index + 1) % 2, 2, 5000)];
        told.push(purchase.issued(8300, 300, &lines));
        told.push(purchase.refunded(300, 300));
        told.push(purchase.refunded(8000, 8300));
    }
    for heard in join_all(told.iter().map(|message| world.hear(message))).await {
        heard.unwrap();
    }
    let sales = world.analytics.read_sales(show.event, show.organizer).await.unwrap();
    let figures = sales.figures;
    assert_eq!((figures.holds, figures.checkouts, figures.paid), (4, 4, 4));
    assert_eq!((figures.gross, figures.fees, figures.refunded), (4 * 8300, 4 * 300, 4 * 8300));
    assert_eq!((figures.tickets_sold, figures.tickets_refunded), (12, 12));
    let by_type: Vec<_> =
        sales.by_type.iter().map(|of| (of.sales.sold, of.sales.refunded, of.sales.revenue)).collect();
    assert_eq!(by_type, [(6, 6, 16_000), (6, 6, 16_000)]);
}
