//! What the platform tells about itself while somebody buys tickets.

use std::collections::BTreeSet;

use e2e::{Collector, Person, Settings, Span, eventually, nothing_missing, once};
use serde_json::Value;

use crate::{Stage, id};

/// Somebody buys two seats with a card that works; the order's number.
async fn buys(stage: &Stage, buyer: &Person) -> String {
    let seats = stage.seats(buyer, 2).await;
    let reservation = buyer.holds(&stage.show.event, &seats).await.unwrap();
    let order = buyer.checks_out(id(&reservation)).await.unwrap();
    buyer.pays(id(&order), "pm_card_visa").await.unwrap();
    let order = buyer.waits_for(id(&order), &["COMPLETED"]).await;
    stage.platform.sandbox().mail(&buyer.email, "Winter Journey").await;
    order["number"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn from_the_click_to_the_mail() {
    let collector = Collector::listens().await;
    let settings = Settings::default().with("ODYSSEUS__TELEMETRY__OTLP_ENDPOINT", &collector.url());
    let stage = Stage::set_with(settings).await;
    let buyer = stage.person("Bea").await;
    buys(&stage, &buyer).await;

    // The mail to the buyer is the last that happens.
    let mail = eventually("the span of the mail", async || {
        let spans = collector.spans();
        let sent = spans
            .iter()
            .find(|span| span.name == "send mail" && span.says("kind") == Some("ORDER_CONFIRMED"));
        sent.cloned()
    })
    .await;
    let one_trace =
        || -> Vec<Span> { collector.spans().into_iter().filter(|span| span.trace == mail.trace).collect() };
    let along_the_way = [
        "http.server",                                   // the router
        "graphql.operation",                             // its plan
        "http.client",                                   // its call to tickets
        "POST /graphql",                                 // which arrives there
        "mutation checkout",                             // the click
        "publish odysseus.ask.payments.take_payment.v1", // from the outbox of tickets
        "deliver odysseus.ask.payments.take_payment.v1", // in payments
        "settle payment",                                // its worker
        "stripe open",                                   //
        "deliver odysseus.reply.tickets.purchase.v1",    // when the webhook had told
        "deliver odysseus.ask.notifications.send_confirmation.v1",
        "send mail",
        "smtp send",
    ];
    nothing_missing("the trace", async || {
        let names: BTreeSet<String> = one_trace().into_iter().map(|span| span.name).collect();
        let missing = along_the_way.iter().filter(|name| !names.contains(**name));
        missing.map(|name| format!("{name} among {names:?}")).collect()
    })
    .await;

    let spans = one_trace();
    let processes: BTreeSet<&str> = spans.iter().map(|span| span.process.as_str()).collect();
    if stage.platform.is_one_process() {
        assert_eq!(processes, BTreeSet::from(["odysseus"]));
    } else {
        for process in ["odysseus-router", "odysseus-tickets", "odysseus-payments", "odysseus-notifications"]
        {
            assert!(processes.contains(process), "{process} is not among {processes:?}");
        }
    }
    let smtp = spans.iter().find(|span| span.name == "smtp send").unwrap();
    assert_eq!(smtp.parent, mail.id);
    assert!(
        spans
            .iter()
            .any(|span| span.says("db.operation").is_some_and(|operation| operation.contains("INSERT"))),
        "statements are there, without their values"
    );
    // The click to pay is a trace of its own, and leads here.
    once("a link to the click to pay", async || {
        let clicks: Vec<_> =
            collector.spans().into_iter().filter(|span| span.name == "mutation pay").collect();
        let linked = |click: &Span| one_trace().iter().any(|span| span.links.contains(&click.trace));
        clicks.iter().any(linked)
    })
    .await;
    // Everything hangs on the one request.
    nothing_missing("the trace as a tree", async || {
        let spans = one_trace();
        let known: BTreeSet<&str> = spans.iter().map(|span| span.id.as_str()).collect();
        let lost =
            spans.iter().filter(|span| !span.parent.is_empty() && !known.contains(span.parent.as_str()));
        let mut missing: Vec<_> = lost.map(|span| format!("parent of {}", span.name)).collect();
        let roots: Vec<_> =
            spans.iter().filter(|span| span.parent.is_empty()).map(|span| &span.name).collect();
        if roots.len() != 1 {
            missing.push(format!("single beginning, but {roots:?}"));
        }
        missing
    })
    .await;
}

#[tokio::test]
async fn a_callers_trace_goes_on() {
    let collector = Collector::listens().await;
    let settings = Settings::default().with("ODYSSEUS__TELEMETRY__OTLP_ENDPOINT", &collector.url());
    let stage = Stage::set_with(settings).await;
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let client = reqwest::Client::new();
    let body = serde_json::json!({ "query": "{ event(id: \"nobody\") { id } }" });
    let url = format!("{}/graphql", stage.platform.address().now());
    client
        .post(url)
        .header("traceparent", format!("00-{trace}-00f067aa0ba902b7-01"))
        .json(&body)
        .send()
        .await
        .unwrap();
    once("the request in events", async || {
        collector.spans().iter().any(|span| span.trace == trace && span.name == "query event")
    })
    .await;
}

#[tokio::test]
async fn secrets_stand_in_no_log_and_no_trace() {
    let collector = Collector::listens().await;
    let settings = Settings::default().with("ODYSSEUS__TELEMETRY__OTLP_ENDPOINT", &collector.url()).with(
        "ODYSSEUS__LOG__FILTER",
        &"debug,sqlx=info,sea_orm=info,hyper=info,hyper_util=info,h2=info,rustls=info",
    );
    let stage = Stage::set_with(settings).await;
    let mut buyer = stage.person("Bea Blum").await;
    buyer.logs_in().await.unwrap();
    buys(&stage, &buyer).await;
    // What goes wrong is logged with its cause.
    let seats = stage.seats(&buyer, 1).await;
    let reservation = buyer.holds(&stage.show.event, &seats).await.unwrap();
    let order = buyer.checks_out(id(&reservation)).await.unwrap();
    buyer.pays(id(&order), "pm_card_chargeDeclined").await.unwrap_err();
    let query = format!(
        "mutation {{ login(input: {{ email: \"{}\", password: \"not {}\" }}) {{ accessToken }} }}",
        buyer.email,
        buyer.password()
    );
    buyer.asks(&query, Value::Null).await.unwrap();
    once("the spans of the mail", async || collector.spans().iter().any(|span| span.name == "smtp send"))
        .await;

    let log = stage.platform.log_text();
    let completed = buyer
        .does("me", "{ me { orders(first: 5) { nodes { tickets { qrPayload } } } } }", Value::Null)
        .await;
    let qr = completed.unwrap()["orders"]["nodes"][1]["tickets"][0]["qrPayload"]
        .as_str()
        .unwrap_or("(none)")
        .to_owned();
    for (what, secret) in [
        ("a mail address", buyer.email.as_str()),
        ("a mail address", stage.organizer.email.as_str()),
        ("a password", buyer.password()),
        ("an access token", buyer.token().unwrap()),
        ("a card", "pm_card_visa"),
        ("Stripe's key", "sk_test_odysseus"),
        ("the secret of webhooks", "whsec_"),
        ("a payment's secret", "_secret_"),
        ("a ticket", qr.as_str()),
    ] {
        let lines: Vec<_> = log.lines().filter(|line| line.contains(secret)).collect();
        assert!(lines.is_empty(), "{what} stands in the log: {lines:?}");
        assert!(!collector.has(secret), "{what} stands in a trace");
    }
    // Lines that are about somebody's request say whose, in which service, and in which trace.
    let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    // Inside, an id is its number alone.
    let is_buyer = |user: &Value| user.as_str().is_some_and(|number| buyer.id == format!("usr_{number}"));
    let theirs = |line: &&Value| is_buyer(&line["user_id"]) && line["service"] == "tickets";
    let line = lines.iter().find(theirs).expect("some line is about the buyer's request to tickets");
    let trace = line["trace_id"].as_str().unwrap();
    assert!(trace.len() == 32 && line["request_id"].is_string() && line["span"].is_string(), "{line}");
    once(&format!("the spans of {line}"), async || collector.spans().iter().any(|span| span.trace == trace))
        .await;
}
