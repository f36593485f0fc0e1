//! The report in the graph, and who may read it.

use contracts::{
    events::{EventChange, EventStatus},
    tickets::OrderEnd,
    users::Role,
};
use kernel::{EventId, UserId};
use serde_json::json;

use crate::world::{EUR, Show, World, at};

const ALL: &str = "currency grossRevenue { amount currency } netRevenue { amount } refunded { amount } fees { amount } \
    ticketsSold ticketsRefunded checkedIn capacity \
    byTicketType { ticketType { id } name ticketsSold ticketsRefunded checkedIn grossRevenue { amount currency } } \
    funnel { holds checkouts paid expired declined }";

#[tokio::test]
async fn an_organizer_reads_how_an_event_sells() {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    world.hear_all(&show.sold(at("2026-11-01T10:00:00Z"))).await;
    let second = show.purchase(at("2026-11-02T10:00:00Z"), EUR);
    let mut told = second.placed(5000);
    told.extend([
        second.declined(1),
        second.paid(5000),
        second.issued(5000, 0, &[(1, 1, 3000), (1, 1, 2000)]),
        second.checked_in(1),
        second.refunded(5000, 5000),
    ]);
    let third = show.purchase(at("2026-11-03T10:00:00Z"), EUR);
    told.extend(third.placed(4000));
    told.push(third.ended(OrderEnd::Expired));
    world.hear_all(&told).await;

    let sales = world.sales(Some(show.organizer), &show.event.to_string(), ALL).await.unwrap();
    assert_eq!(
        sales,
        json!({
            "currency": "EUR",
            "grossRevenue": { "amount": "133.00", "currency": "EUR" },
            "netRevenue": { "amount": "80.00" },
            "refunded": { "amount": "50.00" },
            "fees": { "amount": "3.00" },
            "ticketsSold": 4,
            "ticketsRefunded": 2,
            "checkedIn": 1,
            "capacity": 500,
            "byTicketType": [
                {
                    "ticketType": { "id": show.types[0].public() }, "name": "Stalls",
                    "ticketsSold": 2, "ticketsRefunded": 0, "checkedIn": 0, "grossRevenue": { "amount": "80.00", "currency": "EUR" }
                },
                {
                    "ticketType": { "id": show.types[1].public() }, "name": "Dress circle",
                    "ticketsSold": 2, "ticketsRefunded": 2, "checkedIn": 1, "grossRevenue": { "amount": "50.00", "currency": "EUR" }
                },
            ],
            "funnel": { "holds": 3, "checkouts": 3, "paid": 2, "expired": 1, "declined": 1 },
        })
    );
}

#[tokio::test]
async fn a_draft_without_sales_reads_as_nothing_sold() {
    let (world, show) = (World::new().await, Show::new());
    world.hear(&show.member(show.organizer, 1, Some(Role::Owner))).await.unwrap();
    world.hear(&show.changed(1, EventChange::Created, EventStatus::Draft, "UTC")).await.unwrap();
    let sales = world.sales(Some(show.organizer), &show.event.to_string(), ALL).await.unwrap();
    assert_eq!(sales["grossRevenue"], json!({ "amount": "0.00", "currency": "EUR" }));
    assert_eq!((&sales["capacity"], &sales["byTicketType"]), (&json!(0), &json!([])));
}

#[tokio::test]
async fn nobody_but_owners_and_managers_reads_sales() {
    let (world, show, draft) = (World::new().await, Show::new(), Show::new());
    world.hear_all(&show.prologue()).await;
    world.hear(&draft.changed(1, EventChange::Created, EventStatus::Draft, "UTC")).await.unwrap();
    let (scanner, fired, owner) = (UserId::new(), UserId::new(), UserId::new());
    for told in [
        show.member(scanner, 1, Some(Role::Scanner)),
        show.member(fired, 2, None),
        show.member(fired, 1, Some(Role::Manager)),
        show.member(owner, 1, Some(Role::Owner)),
    ] {
        world.hear(&told).await.unwrap();
    }
    let (public, hidden) = (show.event.to_string(), draft.event.to_string());
    let (missing, stranger) = (EventId::new().to_string(), UserId::new());
    assert!(world.sales(Some(owner), &public, "ticketsSold").await.is_ok());
    let code =
        async |user, event: &str| world.sales(user, event, "ticketsSold").await.unwrap_err()["code"].take();
    // Each waits a moment for news that may be on its way; so all at once.
    let codes = futures::join!(
        code(None, &public),
        code(None, &hidden),
        code(Some(stranger), &public),
        code(Some(scanner), &public),
        code(Some(fired), &public),
        code(Some(show.organizer), &hidden),
        code(Some(stranger), &missing),
    );
    assert_eq!((codes.0, codes.1), (json!("UNAUTHENTICATED"), json!("UNAUTHENTICATED")));
    assert_eq!((codes.2, codes.3, codes.4), (json!("FORBIDDEN"), json!("FORBIDDEN"), json!("FORBIDDEN")));
    assert_eq!((codes.5, codes.6), (json!("NOT_FOUND"), json!("NOT_FOUND")));
    let malformed = world.sales(Some(stranger), "1 OR 1=1", "ticketsSold").await.unwrap_err();
    assert_eq!((&malformed["code"], &malformed["field"]), (&json!("BAD_USER_INPUT"), &json!("id")));
}

#[tokio::test]
async fn a_draft_that_was_called_off_stays_its_organizers_own() {
    let world = World::new().await;
    let stranger = UserId::new();
    let mut refusals = Vec::new();
    for (shown, code) in [(Some(false), "NOT_FOUND"), (Some(true), "FORBIDDEN"), (None, "FORBIDDEN")] {
        let show = Show::new();
        world.hear(&show.member(show.organizer, 1, Some(Role::Owner))).await.unwrap();
        world.hear(&show.changed(1, EventChange::Created, EventStatus::Draft, "UTC")).await.unwrap();
        world.hear(&show.called_off(2, shown)).await.unwrap();
        let event = show.event.to_string();
        assert!(world.sales(Some(show.organizer), &event, "capacity").await.is_ok());
        let world = &world;
        refusals.push(async move {
            (world.sales(Some(stranger), &event, "capacity").await.unwrap_err()["code"].take(), code)
        });
    }
    // Each waits a moment for news that may be on its way; so all at once.
    for (refused, code) in futures::future::join_all(refusals).await {
        assert_eq!(refused, code);
    }
}

#[tokio::test]
async fn an_event_made_a_moment_ago_is_waited_for() {
    let (world, show) = (World::new().await, Show::new());
    let event = show.event.to_string();
    let (sales, ()) = futures::join!(world.sales(Some(show.organizer), &event, "capacity"), async {
        world.hear_all(&show.prologue()).await;
    });
    assert!(sales.is_ok(), "{sales:?}");
}

#[tokio::test]
async fn a_hundred_events_cost_as_many_statements_as_one() {
    let (world, owner) = (World::new().await, UserId::new());
    let mut of = Vec::new();
    for at_all in 0..100 {
        let show = Show::new();
        world.hear(&show.member(owner, 1, Some(Role::Owner))).await.unwrap();
        world.hear(&show.changed(1, EventChange::Published, EventStatus::Published, "UTC")).await.unwrap();
        if at_all % 10 == 0 {
            world.hear_all(&show.sold(at("2026-11-01T10:00:00Z"))).await;
        }
        of.push(json!({ "__typename": "Event", "id": show.event.to_string() }));
    }
    // One of somebody else and one that there is not are refused alone.
    let foreign = Show::new();
    world.hear(&foreign.changed(1, EventChange::Published, EventStatus::Published, "UTC")).await.unwrap();
    let query = format!(
        "query($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Event {{ sales {{ {ALL} \
            days: timeline(interval: DAY) {{ ticketsSold }} hours: timeline(interval: HOUR) {{ ticketsSold }} }} }} }} }}"
    );
    let mut counts = Vec::new();
    for events in [&of[..1], &of[..]] {
        let before = world.database.statements();
        let answer = world.ask(Some(owner), &query, json!({ "of": events }));
        let answer = service::request::answering(None, answer).await;
        assert_eq!(answer.get("errors"), None, "{answer}");
        counts.push(world.database.statements() - before);
    }
    assert_eq!(counts[0], counts[1], "statements for one event and for a hundred");
    assert!(counts[0] <= 10, "{counts:?}");
    for event in [foreign.event, EventId::new()] {
        of.push(json!({ "__typename": "Event", "id": event.to_string() }));
    }
    let answer = world.ask(Some(owner), &query, json!({ "of": of })).await;
    let codes: Vec<_> =
        answer["errors"].as_array().unwrap().iter().map(|error| &error["extensions"]["code"]).collect();
    assert_eq!(codes.len(), 2, "{codes:?}");
    assert!(codes.contains(&&json!("FORBIDDEN")) && codes.contains(&&json!("NOT_FOUND")), "{codes:?}");
    let sold =
        answer["data"]["_entities"].as_array().unwrap().iter().filter(|one| one["sales"]["ticketsSold"] == 2);
    assert_eq!(sold.count(), 10);
}
