//! Sales over time.

use serde_json::{Value, json};

use crate::world::{Show, World, at};

async fn sold_at(times: &[&str]) -> (World, Show) {
    let (world, show) = (World::new().await, Show::new());
    world.hear_all(&show.prologue()).await;
    for time in times {
        world.hear_all(&show.sold(at(time))).await;
    }
    (world, show)
}

async fn timeline(world: &World, show: &Show, arguments: &str) -> Result<Value, Value> {
    let fields = format!("timeline({arguments}) {{ at ticketsSold grossRevenue {{ amount }} }}");
    let sales = world.sales(Some(show.organizer), &show.event.to_string(), &fields).await;
    sales.map(|mut sales| sales["timeline"].take())
}

fn point(at: &str, tickets: i64, amount: &str) -> Value {
    json!({ "at": at, "ticketsSold": tickets, "grossRevenue": { "amount": amount } })
}

#[tokio::test]
async fn days_are_those_of_the_events_time_zone_and_days_without_sales_are_there() {
    // 23:30 in Vienna is still the first of November, 0:30 is the second.
    let (world, show) = sold_at(&[
        "2026-11-01T22:30:00Z",
        "2026-11-01T23:30:00Z",
        "2026-11-01T23:40:00Z",
        "2026-11-04T12:00:00Z",
    ])
    .await;
    assert_eq!(
        timeline(&world, &show, "interval: DAY").await.unwrap(),
        json!([
            point("2026-10-31T23:00:00.000Z", 2, "83.00"),
            point("2026-11-01T23:00:00.000Z", 4, "166.00"),
            point("2026-11-02T23:00:00.000Z", 0, "0.00"),
            point("2026-11-03T23:00:00.000Z", 2, "83.00"),
        ])
    );
    assert_eq!(
        timeline(&world, &show, "interval: MONTH").await.unwrap(),
        json!([point("2026-10-31T23:00:00.000Z", 8, "332.00")])
    );
}

#[tokio::test]
async fn bounds_choose_whole_intervals() {
    let (world, show) = sold_at(&["2026-11-01T10:00:00Z", "2026-11-01T12:00:00Z"]).await;
    assert_eq!(
        timeline(
            &world,
            &show,
            r#"interval: HOUR, from: "2026-11-01T12:20:00+01:00", until: "2026-11-01T12:00:01Z""#
        )
        .await
        .unwrap(),
        json!([point("2026-11-01T11:00:00.000Z", 0, "0.00"), point("2026-11-01T12:00:00.000Z", 2, "83.00")])
    );
    let after = r#"interval: HOUR, from: "2027-01-01T00:00:00Z""#;
    assert_eq!(timeline(&world, &show, after).await.unwrap(), json!([]));
}

#[tokio::test]
async fn without_sales_there_are_points_only_where_bounds_say_which() {
    let (world, show) = sold_at(&[]).await;
    assert_eq!(timeline(&world, &show, "interval: WEEK").await.unwrap(), json!([]));
    let bounds = r#"interval: WEEK, from: "2026-11-01T00:00:00Z", until: "2026-11-08T00:00:00Z""#;
    assert_eq!(timeline(&world, &show, bounds).await.unwrap().as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn bounds_that_make_no_sense_are_refused_naming_the_field() {
    let (world, show) = sold_at(&["2026-11-01T10:00:00Z", "2026-12-24T12:00:00Z"]).await;
    for (arguments, field) in [
        ("interval: HOUR", "interval"), // 53 days of hours
        (r#"interval: DAY, from: "2026-11-01T00:00:00Z", until: "2026-11-01T00:00:00Z""#, "until"),
        (r#"interval: DAY, from: "1066-10-14T00:00:00Z", until: "2026-11-01T00:00:00Z""#, "from"),
        (r#"interval: DAY, from: "2026-11-01T00:00:00Z", until: "9999-12-31T00:00:00Z""#, "until"),
        (r#"interval: DAY, from: "+262142-01-01T00:00:00Z""#, "from"),
        (r#"interval: MONTH, from: "1970-01-01T00:00:00Z", until: "8999-12-31T00:00:00Z""#, "interval"),
    ] {
        let refused = timeline(&world, &show, arguments).await.unwrap_err();
        assert_eq!(
            (&refused["code"], &refused["field"]),
            (&json!("BAD_USER_INPUT"), &json!(field)),
            "{arguments}"
        );
    }
    for arguments in ["", "interval: CENTURY", r#"interval: DAY, from: "yesterday""#] {
        let refused = timeline(&world, &show, arguments).await.unwrap_err();
        assert_eq!(refused["code"], "BAD_USER_INPUT", "{arguments}");
    }
}

#[tokio::test]
async fn both_bounds_are_told_to_be_wrong_at_once() {
    let (world, show) = sold_at(&["2026-11-01T10:00:00Z"]).await;
    let bounds = r#"interval: DAY, from: "1066-10-14T00:00:00Z", until: "9999-12-31T00:00:00Z""#;
    let refused = timeline(&world, &show, bounds).await.unwrap_err();
    let problems = refused["problems"].as_array().unwrap().iter();
    let ways: Vec<_> = problems.map(|problem| problem["path"].clone()).collect();
    assert_eq!(ways, [json!(["from"]), json!(["until"])]);
}
