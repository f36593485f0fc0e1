//! What is heard at the same moment is taken note of together.

use std::iter::repeat_with;

use analytics::{adapters::inbound::fact, domain::entities::Report};
use contracts::tickets::OrderEnd;
use kernel::{Currency, Error};
use messaging::Message;
use uuid::Uuid;

use crate::world::{EUR, Show, World, at};

/// As many as are taken note of in one transaction.
const MANY: usize = 64;

async fn staged() -> (World, Show) {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    (world, show)
}

async fn report(world: &World, show: &Show) -> Report {
    world.analytics.read_sales(show.event, show.organizer).await.unwrap()
}

impl World {
    /// How many statements messages cost that are heard at the same moment.
    async fn cost_at_once(&self, messages: &[Message]) -> u64 {
        let sent = || self.database.statements() + self.database.background().statements();
        let before = sent();
        self.hear_at_once(messages).await.into_iter().for_each(Result::unwrap);
        sent() - before
    }
}

#[tokio::test]
async fn many_messages_at_once_cost_as_many_statements_as_one() {
    let (world, show) = staged().await;
    let purchases: Vec<_> =
        repeat_with(|| show.purchase(at("2026-11-01T10:00:00Z"), EUR)).take(MANY).collect();
    let begun: Vec<_> = purchases.iter().map(|purchase| purchase.placed(8300)).collect();
    let chapters: [(&str, Vec<Message>, u64); 7] = [
        ("held", begun.iter().map(|begun| begun[0].clone()).collect(), 3),
        ("placed", begun.iter().map(|begun| begun[1].clone()).collect(), 3),
        ("declined", purchases.iter().map(|purchase| purchase.declined(1)).collect(), 3),
        ("paid", purchases.iter().map(|purchase| purchase.paid(8300)).collect(), 3),
        ("issued", purchases.iter().map(|one| one.issued(8300, 300, &[(0, 2, 8000)])).collect(), 4),
        ("checked in", purchases.iter().map(|purchase| purchase.checked_in(0)).collect(), 3),
        ("refunded", purchases.iter().map(|purchase| purchase.refunded(8300, 8300)).collect(), 4),
    ];
    for (what, told, cost) in &chapters {
        assert_eq!(world.cost_at_once(&told[..1]).await, *cost, "one {what}");
        assert_eq!(world.cost_at_once(&told[1..]).await, *cost, "many {what}");
        assert_eq!(world.cost_at_once(told).await, 1, "many {what}, heard before");
    }
    let figures = report(&world, &show).await.figures;
    let many = i64::try_from(MANY).unwrap();
    assert_eq!((figures.holds, figures.checkouts, figures.declined), (many, many, many));
    assert_eq!((figures.paid, figures.checked_in, figures.tickets_refunded), (many, many, 2 * many));
    assert_eq!((figures.gross, figures.refunded), (8300 * many, 8300 * many));
}

#[tokio::test]
async fn messages_of_all_kinds_and_events_at_once_cost_six_statements_at_most() {
    let (world, shows) = (World::new().await, [Show::new(), Show::new()]);
    let mut told = Vec::new();
    for show in &shows {
        told.extend(show.prologue());
        let purchase = show.purchase(at("2026-11-01T10:00:00Z"), EUR);
        told.extend(purchase.placed(8300));
        told.extend([
            purchase.paid(8300),
            purchase.issued(8300, 300, &[(0, 1, 4000), (1, 1, 4000)]),
            purchase.checked_in(1),
            purchase.refunded(8300, 8300),
        ]);
        told.extend(show.given_up(true));
    }
    assert_eq!(world.cost_at_once(&told).await, 5, "nothing was known before");
    for message in &mut told {
        message.id = Uuid::new_v4();
    }
    let before = [report(&world, &shows[0]).await, report(&world, &shows[1]).await];
    assert_eq!(world.cost_at_once(&told).await, 6, "with a look for lines and refunds");
    for (show, before) in shows.iter().zip(before) {
        let mut after = report(&world, show).await;
        assert_eq!((before.figures.tickets_sold, before.figures.expired), (2, 1));
        assert_eq!((before.figures.refunded, before.figures.checked_in), (8300, 1));
        assert_eq!(before.by_type[1].name, "Dress circle");
        after.revision = before.revision; // the prologue says anew what the report says
        assert_eq!(after, before);
    }
}

#[tokio::test]
async fn the_same_message_twice_in_one_moment_counts_once() {
    let (world, show) = staged().await;
    let told: Vec<Message> =
        show.sold(at("2026-11-01T10:00:00Z")).into_iter().flat_map(|one| [one.clone(), one]).collect();
    world.hear_at_once(&told).await.into_iter().for_each(Result::unwrap);
    let figures = report(&world, &show).await.figures;
    assert_eq!((figures.holds, figures.checkouts, figures.paid, figures.gross), (1, 1, 1, 8300));
}

#[tokio::test]
async fn one_that_can_never_be_counted_fails_alone_and_delays_nobody() {
    let (world, show) = staged().await;
    let at = at("2026-11-01T10:00:00Z");
    world.hear_all(&show.sold(at)).await;
    let mut told: Vec<Message> = repeat_with(|| show.sold(at)).take(10).flatten().collect();
    // In another currency than what was sold before; and in two.
    told.insert(7, show.purchase(at, Currency::USD).issued(5000, 0, &[(0, 1, 5000)]));
    let mut torn = show.purchase(at, EUR).issued(5000, 0, &[(0, 1, 5000)]);
    torn.payload["fees"]["currency"] = "USD".into();
    told.insert(20, torn);
    for (index, heard) in world.hear_at_once(&told).await.into_iter().enumerate() {
        match heard {
            Ok(()) => assert!(![7, 20].contains(&index), "{index} was counted"),
            Err(Error::Broken(fault)) => {
                assert!([7, 20].contains(&index) && !fault.passing, "{index}: {fault:?}");
            }
            Err(refused) => panic!("{index}: {refused}"),
        }
    }
    let figures = report(&world, &show).await.figures;
    assert_eq!((figures.gross, figures.tickets_sold, figures.holds), (11 * 8300, 22, 11));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_take_note_of_the_same_event_at_once_never_wait_in_a_circle() {
    let (world, show) = staged().await;
    let replica = world.deaf_replica();
    let purchases: Vec<_> = repeat_with(|| show.purchase(at("2026-11-01T10:00:00Z"), EUR)).take(20).collect();
    let mut told: Vec<Message> = Vec::new();
    for (index, purchase) in purchases.iter().enumerate() {
        told.extend(purchase.placed(8300));
        told.push(purchase.paid(8300));
        told.push(purchase.issued(8300, 300, &[(index % 2, 1, 3000), ((index + 1) % 2, 2, 5000)]));
        told.push(purchase.refunded(300, 300));
        told.push(purchase.refunded(8000, 8300));
        told.push(purchase.checked_in(index % 2));
        told.push(purchase.ended(OrderEnd::Refunded));
    }
    // Of other events, too, and of their members.
    let others: Vec<Show> = repeat_with(Show::new).take(20).collect();
    for other in &others {
        told.extend(other.prologue());
        told.extend(other.sold(at("2026-11-01T10:00:00Z")));
    }
    let facts: Vec<_> = told.iter().map(|message| (message.id, fact(message).unwrap().unwrap())).collect();
    // Each hears a part, both hear some of it, and in opposite orders; nothing is tried again.
    let (mut one, mut other) = (Vec::new(), Vec::new());
    for (index, fact) in facts.into_iter().enumerate() {
        if index % 3 != 0 {
            one.push(fact.clone());
        }
        if index % 3 != 1 {
            other.insert(0, fact);
        }
    }
    let hears = |world: &World, told: Vec<_>| {
        let analytics = world.analytics.clone();
        tokio::spawn(async move {
            for some in told.chunks(64) {
                analytics.take_note(some).await.unwrap();
            }
        })
    };
    let (one, other) = futures::join!(hears(&world, one), hears(&replica, other));
    one.unwrap();
    other.unwrap();
    let sales = report(&world, &show).await;
    let figures = sales.figures;
    assert_eq!((figures.holds, figures.checkouts, figures.paid, figures.checked_in), (20, 20, 20, 20));
    assert_eq!((figures.gross, figures.fees, figures.refunded), (20 * 8300, 20 * 300, 20 * 8300));
    assert_eq!((figures.tickets_sold, figures.tickets_refunded), (60, 60));
    let by_type: Vec<_> = sales.by_type.iter().map(|of| (of.sales.sold, of.sales.revenue)).collect();
    assert_eq!(by_type, [(30, 80_000), (30, 80_000)]);
    for other in &others {
        assert_eq!(report(&world, other).await.figures.gross, 8300);
    }
}
