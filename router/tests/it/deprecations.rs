//! Who still asks for what is deprecated.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, OnceLock},
};

use metrics::{Counter, CounterFn, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use serde_json::json;

use crate::support::{Platform, SUPERGRAPH, Socket, within};

/// What was counted, by field and client.
#[derive(Clone, Default)]
struct Counted(Arc<Mutex<BTreeMap<(String, String), u64>>>);

impl Counted {
    /// The process's one recorder: other tests count here too, of other graphs.
    fn by_this_process() -> Self {
        static COUNTED: OnceLock<Counted> = OnceLock::new();
        COUNTED
            .get_or_init(|| {
                let counted = Counted::default();
                metrics::set_global_recorder(counted.clone()).expect("nobody else records here");
                counted
            })
            .clone()
    }

    fn of(&self, field: &str, client: &str) -> u64 {
        self.0.lock().unwrap().get(&(field.to_owned(), client.to_owned())).copied().unwrap_or_default()
    }

    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

struct One {
    counted: Counted,
    of: (String, String),
}

impl CounterFn for One {
    fn increment(&self, by: u64) {
        *self.counted.0.lock().unwrap().entry(self.of.clone()).or_default() += by;
    }

    fn absolute(&self, _: u64) {}
}

impl Recorder for Counted {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        if key.name() != "graphql_deprecated_fields_total" {
            return Counter::noop();
        }
        let label = |name: &str| {
            key.labels().find(|label| label.key() == name).map(|label| label.value().to_owned()).unwrap()
        };
        let of = (label("field"), label("client"));
        Counter::from_arc(Arc::new(One { counted: self.clone(), of }))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

/// The toys' graph, in which something is deprecated.
async fn aging() -> Platform {
    let old = "@deprecated(reason: \"Use another. Goes away with 2.0.\")";
    let mut graph = SUPERGRAPH.to_owned();
    for (field, aged) in [
        ("title: String! @join__field", format!("title: String! {old} @join__field")),
        ("caller(accessCode: String):", format!("caller(accessCode: String {old}):")),
        ("  previous: Int!", format!("  previous: Int! {old}")),
    ] {
        assert_eq!(graph.matches(field).count(), 1, "{field}");
        graph = graph.replace(field, &aged);
    }
    Platform::start_with(|options, _| options.supergraph = graph).await
}

async fn ask(platform: &Platform, query: &str, client: &str) {
    let request = platform.client.post(platform.url("/graphql")).header("x-client-name", client);
    let answer = within(request.json(&json!({ "query": query })).send()).await.unwrap();
    let answer: serde_json::Value = within(answer.json()).await.unwrap();
    assert!(answer["errors"].is_null(), "{answer}");
}

#[tokio::test]
async fn whoever_asks_for_what_is_deprecated_is_counted_by_the_clients_name() {
    let counted = Counted::by_this_process();
    let platform = aging().await;
    ask(&platform, "{ event(id: 1) { id capacity } }", "modern").await;
    assert_eq!(counted.len(), 0, "nothing of this is deprecated");

    let twice =
        "{ a: event(id: 1) { title } event(id: 2) { related { ...T } } } fragment T on Event { title }";
    ask(&platform, twice, "shop").await;
    assert_eq!(counted.of("Event.title", "shop"), 1, "once an operation");
    ask(&platform, "{ caller(accessCode: \"x\") { cookie } }", "shop").await;
    assert_eq!(counted.of("Query.caller(accessCode:)", "shop"), 1);
    ask(&platform, "{ caller { cookie } event(id: 1) { id } }", "shop").await;
    assert_eq!(counted.of("Query.caller(accessCode:)", "shop"), 1, "left out it is not used");
    platform.ask("{ event(id: 1) { title } }").await;
    assert_eq!(counted.of("Event.title", "unknown"), 1);

    let mut socket = Socket::open(&platform.router.url, json!({ "x-client-name": "door" })).await;
    socket.subscribe("t", "{ event(id: 1) { title } }").await;
    assert_eq!(socket.next().await["payload"]["data"]["event"]["title"], "Concert 1");
    assert_eq!(counted.of("Event.title", "door"), 1);
    // A stream that two watch is asked of the service once, and counted with each of them.
    for id in ["one", "other"] {
        socket.subscribe(id, "subscription { glances(eventId: 1) { previous version } }").await;
        while socket.next().await["id"] != id {}
    }
    assert_eq!(counted.of("Glance.previous", "door"), 2);
    assert_eq!(counted.of("Glance.previous", "unknown"), 0);
}
