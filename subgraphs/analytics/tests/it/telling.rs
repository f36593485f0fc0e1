//! What is heard from the bus.

use std::sync::Arc;

use analytics::{Config, Migrator};
use contracts::users::Role;
use futures::future::join_all;
use kernel::{Currency, Error, UserId};
use messaging::InProcessBus;
use testbed::own_database;

use crate::world::{EUR, Show, World, at, foundation, signer};

#[tokio::test]
async fn hundred_purchases_told_at_once_and_twice_add_up() {
    let own = own_database::<Migrator>("analytics").await;
    let database = own.database.clone();
    let mut foundation = foundation(&signer());
    foundation.bus = Arc::new(InProcessBus::new().delivering_twice());
    let world = World::over(own, &foundation);
    let assembled = analytics::assemble(Config::default(), database, &foundation).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let running = assembled.start(listener, &foundation).await.unwrap();
    foundation.bus.open().await.unwrap();

    let show = Show::new();
    let mut told = show.prologue();
    for _ in 0..100 {
        told.extend(show.sold(at("2026-11-01T10:00:00Z")));
    }
    for published in join_all(told.iter().map(|message| foundation.bus.publish(message))).await {
        published.unwrap();
    }
    let report = world.analytics.read_sales(show.event, show.organizer).await.unwrap();
    let figures = report.figures;
    assert_eq!((figures.holds, figures.checkouts, figures.paid), (100, 100, 100));
    assert_eq!((figures.gross, figures.fees, figures.tickets_sold), (830_000, 30_000, 200));
    assert_eq!(report.by_type[0].sales.revenue, 800_000);
    running.stop().await;
}

#[tokio::test]
async fn a_sale_in_another_currency_is_a_fault_and_changes_nothing() {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    world.hear_all(&show.sold(at("2026-11-01T10:00:00Z"))).await;
    let before = world.analytics.read_sales(show.event, show.organizer).await.unwrap();
    let foreign = show.purchase(at("2026-11-01T11:00:00Z"), Currency::USD);
    let issued = foreign.issued(5000, 0, &[(0, 1, 5000)]);
    for _ in 0..2 {
        let error = world.hear(&issued).await.unwrap_err();
        assert!(matches!(&error, Error::Broken(fault) if !fault.passing), "{error:?}");
    }
    assert_eq!(world.analytics.read_sales(show.event, show.organizer).await.unwrap(), before);
}

#[tokio::test]
async fn sales_in_another_currency_than_the_events_are_a_fault_and_not_shown() {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    let foreign = show.purchase(at("2026-11-01T11:00:00Z"), Currency::JPY);
    world.hear(&foreign.issued(5000, 0, &[(0, 1, 5000)])).await.unwrap();
    let refused =
        world.sales(Some(show.organizer), &show.event.to_string(), "ticketsSold").await.unwrap_err();
    assert_eq!(refused["code"], "INTERNAL");
}

#[tokio::test]
async fn what_is_no_concern_of_sales_is_passed_over_and_what_is_broken_is_not() {
    let (world, show) = (World::new().await, Show::new());
    let mut strange = show.member(UserId::new(), 1, Some(Role::Owner));
    strange.subject = "odysseus.users.account.changed.v1".to_owned();
    world.hear(&strange).await.unwrap();
    let mut broken = show.purchase(at("2026-11-01T11:00:00Z"), EUR).paid(1);
    broken.payload["amount"] = "much".into();
    assert!(matches!(world.hear(&broken).await, Err(Error::Broken(_))));
}

#[tokio::test]
async fn the_same_fact_under_another_message_id_counts_once() {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    let purchase = show.purchase(at("2026-11-01T10:00:00Z"), EUR);
    let mut told = purchase.placed(5000);
    told.extend([
        purchase.paid(5000),
        purchase.issued(5000, 0, &[(0, 1, 5000)]),
        purchase.refunded(100, 100),
        purchase.checked_in(0),
    ]);
    world.hear_all(&told).await;
    let before = world.analytics.read_sales(show.event, show.organizer).await.unwrap();
    assert_eq!((before.figures.refunded, before.figures.checked_in), (100, 1));
    for message in &mut told {
        message.id = uuid::Uuid::new_v4();
    }
    world.hear_all(&told).await;
    assert_eq!(world.analytics.read_sales(show.event, show.organizer).await.unwrap(), before);
}
