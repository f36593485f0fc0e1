//! Metrics and probes.

use e2e::{Platform, Settings, nothing_missing, once};

use crate::{Stage, id};

async fn metrics(platform: &Platform) -> String {
    let answer = reqwest::get(format!("{}/metrics", platform.address().now())).await.unwrap();
    answer.error_for_status().unwrap().text().await.unwrap()
}

/// The sum of a metric's series that have all these labels.
fn sum(text: &str, name: &str, labels: &[&str]) -> f64 {
    let series = text.lines().filter(|line| {
        let rest = line.strip_prefix(name);
        rest.is_some_and(|rest| rest.starts_with(['{', ' ']))
            && labels.iter().all(|label| line.contains(label))
    });
    series.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

#[tokio::test]
async fn a_purchase_is_seen_in_metrics() {
    let stage = Stage::set().await;
    if !stage.platform.is_one_process() {
        return; // each has its own metrics there, which are told in the same way
    }
    let buyer = stage.person("Bea").await;
    let seats = stage.seats(&buyer, 2).await;
    let rival = stage.person("Ria").await;
    let reservation = buyer.holds(&stage.show.event, &seats).await.unwrap();
    assert_eq!(rival.holds(&stage.show.event, &seats).await.unwrap_err().code, "SEATS_UNAVAILABLE");
    let order = buyer.checks_out(id(&reservation)).await.unwrap();
    buyer.pays(id(&order), "pm_card_chargeDeclined").await.unwrap_err();
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    buyer.waits_for(id(&order), &["COMPLETED"]).await;
    stage.platform.sandbox().mail(&buyer.email, "Winter Journey").await;
    // Whoever watches the same map shares one stream of it.
    let mut live = Vec::new();
    for viewer in [&rival, &buyer] {
        let mut watching = viewer.watches_seat_map(&stage.show.event).await;
        watching.next().await.unwrap();
        live.push(watching);
    }

    let expected: &[(&str, &[&str], f64)] = &[
        ("odysseus_build_info", &["version="], 1.0),
        ("holds_total", &[r#"outcome="held""#], 1.0),
        ("holds_total", &[r#"outcome="refused""#], 1.0),
        ("refusals_total", &[r#"operation="mutation holdSeats""#, r#"code="SEATS_UNAVAILABLE""#], 1.0),
        ("graphql_errors_total", &[r#"code="PAYMENT_DECLINED""#], 1.0),
        ("saga_steps_total", &[r#"saga="purchase""#, r#"step="TAKE_PAYMENT_DONE""#], 1.0),
        ("sagas_ended_total", &[r#"saga="purchase""#, r#"end="DONE""#], 1.0),
        ("orders_ended_total", &[r#"end="COMPLETED""#], 1.0),
        ("payments_total", &[r#"outcome="captured""#], 1.0),
        ("payments_total", &[r#"outcome="declined""#], 1.0),
        (
            "notifications_total",
            &[r#"channel="EMAIL""#, r#"outcome="sent""#, r#"kind="ORDER_CONFIRMED""#],
            1.0,
        ),
        ("graphql_subscriptions_open", &[r#"operation="seatMapChanged""#], 1.0),
        ("seat_map_watchers", &[], 1.0),
        ("live_viewers", &[r#"operation="seatMapChanged""#], 2.0),
    ];
    nothing_missing("the metrics of a purchase", async || {
        let text = metrics(&stage.platform).await;
        let told =
            expected.iter().map(|(name, labels, value)| (name, labels, value, sum(&text, name, labels)));
        let wrong = told.filter(|(.., value, told)| (*told - **value).abs() > 0.5);
        wrong.map(|(name, labels, value, told)| format!("{name} {labels:?} {value}, but {told}")).collect()
    })
    .await;
    // Gauges that are looked up every few seconds.
    nothing_missing("what is looked up", async || {
        let text = metrics(&stage.platform).await;
        let lines = [
            r#"dead_letters_waiting{service="tickets"} 0"#,
            r#"sagas_open{saga="purchase",step="TAKE_PAYMENT"} 0"#,
            r#"saga_oldest_seconds{saga="purchase",step="TAKE_PAYMENT"} 0"#,
            r#"notifications_waiting{channel="EMAIL"} 0"#,
            r#"database_connections{service="tickets",state="idle"}"#,
        ];
        lines.into_iter().filter(|line| !text.contains(line)).map(str::to_owned).collect()
    })
    .await;
    let text = metrics(&stage.platform).await;
    for name in [
        "http_request_duration_seconds_bucket",
        "graphql_operation_duration_seconds_bucket",
        "outbox_sent_total",
        "payments_webhooks_total",
        "process_resident_memory_bytes",
        "http_server_request_duration_seconds_bucket", // the router's own
    ] {
        assert!(text.contains(name), "{name} is not in\n{text}");
    }
    // What is known of each person, event and order is not among the labels.
    for nobody in [&buyer.id, &rival.id, &stage.show.event, id(&order)] {
        assert!(!text.contains(nobody), "{nobody} is a label");
    }
    // Each is explained.
    for measure in service::telemetry::CATALOGUE {
        let shown = text.lines().any(|line| line.starts_with(&format!("# TYPE {} ", measure.name)));
        assert!(
            !shown || text.contains(&format!("# HELP {} ", measure.name)),
            "{} is not explained",
            measure.name
        );
    }
    drop(live);
    once("nobody follows any more", async || {
        sum(&metrics(&stage.platform).await, "graphql_subscriptions_open", &["seatMapChanged"]) < 0.5
    })
    .await;
}

#[tokio::test]
async fn who_is_told_to_stop_says_so_and_goes_on_answering() {
    let settings = Settings::default().with("ODYSSEUS__DRAIN_SECONDS", &"30");
    let stage = Stage::set_with(settings).await;
    if !stage.platform.is_one_process() {
        return; // a rolling restart tells that story there
    }
    let url = stage.platform.address().now();
    let status = async |path: &str| reqwest::get(format!("{url}{path}")).await.unwrap().status().as_u16();
    assert_eq!(status("/readyz").await, 200);
    stage.platform.is_told_to_stop().await;
    once("it says so", async || status("/readyz").await == 503).await;
    assert_eq!((status("/healthz").await, status("/readyz/self").await), (200, 503));
    let visitor = e2e::anybody(stage.platform.address());
    assert_eq!(visitor.finds("winter").await.unwrap().len(), 1);
}
