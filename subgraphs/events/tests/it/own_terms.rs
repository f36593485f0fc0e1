//! An event may be taxed on its own, and give back other than its organization does.

use contracts::{
    events::EventChanged,
    settings::{EventTerms, TaxedOnce},
    users::Role,
};
use kernel::{Clock, SessionId, SystemClock, UserId};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::Caller;

use crate::graph::{Graph, create_event, merged};

const SETTINGS: &str = "settings { tax { name rate included rounding } refundPolicy { rules { hoursBeforeStart percent } feesKept } }";

fn tax() -> Value {
    json!({ "name": "VAT", "rate": "10", "included": false, "rounding": "PER_TOTAL" })
}

fn policy() -> Value {
    let rules =
        json!([{ "hoursBeforeStart": 336, "percent": "100" }, { "hoursBeforeStart": 24, "percent": "50" }]);
    json!({ "rules": rules, "feesKept": true })
}

impl Graph {
    /// A draft with these terms of its own.
    async fn on_terms(&self, terms: Value) -> Value {
        let venue = self.venue(json!({})).await;
        let create = format!(
            "mutation($input: CreateEventInput!) {{ createEvent(input: $input) {{ id {SETTINGS} }} }}"
        );
        let input = json!({ "input": merged(self.event_input(&venue), terms) });
        self.data(Some(self.organizer), &create, input).await["createEvent"].clone()
    }

    /// What is the event's own once it was changed so; what is null in the change is sent as null.
    async fn changed(&self, event: &Value, mut change: Value) -> Value {
        let update =
            format!("mutation($input: UpdateEventInput!) {{ updateEvent(input: $input) {{ {SETTINGS} }} }}");
        change["eventId"] = event["id"].clone();
        let data = self.data(Some(self.organizer), &update, json!({ "input": change })).await;
        data["updateEvent"]["settings"].clone()
    }

    /// What others were told of terms, in order.
    async fn told_terms(&self) -> Vec<EventTerms> {
        let query = Statement::from_string(
            self.database.reads.get_database_backend(),
            "SELECT payload FROM outbox WHERE subject = 'odysseus.events.event.changed.v1' ORDER BY seq",
        );
        let rows = self.database.reads.query_all_raw(query).await.unwrap();
        let told = rows.iter().map(|row| row.try_get::<String>("", "payload").unwrap());
        told.map(|told| serde_json::from_str::<EventChanged>(&told).unwrap().terms.unwrap()).collect()
    }
}

#[tokio::test]
async fn what_is_left_out_is_as_the_organization_says_and_null_gives_it_back_to_the_organization() {
    let graph = Graph::start().await;
    let nothing = json!({ "tax": null, "refundPolicy": null });
    assert_eq!(graph.on_terms(json!({})).await["settings"], nothing);
    let event = graph.on_terms(json!({ "tax": tax(), "refundPolicy": policy() })).await;
    assert_eq!(event["settings"], json!({ "tax": tax(), "refundPolicy": policy() }));

    let other = json!({ "name": "VAT", "rate": "0", "included": true });
    let changed = graph.changed(&event, json!({ "tax": other })).await;
    assert_eq!(changed["tax"], merged(other, json!({ "rounding": "PER_LINE" })));
    assert_eq!(changed["refundPolicy"], policy(), "what is left out stays");
    let none_back = json!({ "rules": [], "feesKept": false });
    assert_eq!(
        graph.changed(&event, json!({ "refundPolicy": { "rules": [] } })).await["refundPolicy"],
        none_back
    );
    let changed = graph.changed(&event, json!({ "tax": null })).await;
    assert_eq!(changed, json!({ "tax": null, "refundPolicy": none_back }));
    assert_eq!(graph.changed(&event, json!({ "refundPolicy": null, "title": "Other" })).await, nothing);

    let told = graph.told_terms().await;
    let taxed = told.iter().map(|terms| terms.tax.as_ref().map(|tax| (tax.rate.to_string(), tax.once)));
    let (ten, zero) =
        (Some(("10".to_owned(), TaxedOnce::PerTotal)), Some(("0".to_owned(), TaxedOnce::PerLine)));
    assert_eq!(taxed.collect::<Vec<_>>(), [None, ten, zero.clone(), zero, None, None]);
    let back = told.iter().map(|terms| terms.refund_policy.as_ref().map(|policy| policy.rules.len()));
    assert_eq!(back.collect::<Vec<_>>(), [None, Some(2), Some(2), Some(0), Some(0), None]);
}

#[tokio::test]
async fn owners_managers_and_support_see_what_is_an_events_own_and_others_see_null() {
    let graph = Graph::start().await;
    let event = graph.on_terms(json!({ "tax": tax() })).await;
    let publish = "mutation($input: UpdateEventInput!, $id: ID!) {
        updateEvent(input: $input) { id } publishEvent(id: $id) { id } }";
    let venue = graph
        .data(
            Some(graph.organizer),
            "query($id: ID!) { event(id: $id) { venue { id } } }",
            json!({ "id": event["id"] }),
        )
        .await;
    let layout = graph.layout(venue["event"]["venue"]["id"].as_str().unwrap()).await;
    let input = json!({ "eventId": event["id"], "layoutId": layout });
    graph.data(Some(graph.organizer), publish, json!({ "input": input, "id": event["id"] })).await;

    let query = format!("query($id: ID!) {{ event(id: $id) {{ title {SETTINGS} }} }}");
    let owner = UserId::new();
    graph.join(graph.organization, owner, Role::Owner).await;
    for insider in [owner, graph.organizer] {
        let seen = graph.data(Some(insider), &query, json!({ "id": event["id"] })).await;
        assert_eq!(seen["event"]["settings"]["tax"], tax());
    }
    let cashier = UserId::new();
    graph.join(graph.organization, cashier, Role::BoxOffice).await;
    for outsider in [None, Some(graph.stranger), Some(graph.scanner), Some(cashier)] {
        let seen = graph.data(outsider, &query, json!({ "id": event["id"] })).await;
        assert_eq!((&seen["event"]["settings"], seen["event"]["title"].is_string()), (&Value::Null, true));
    }
    let until = SystemClock.now() + chrono::TimeDelta::hours(1);
    let support = Caller { user: UserId::new(), session: SessionId::new(), until, operator: true };
    let variables = async_graphql::Variables::from_json(json!({ "id": event["id"] }));
    let request = async_graphql::Request::new(&query).variables(variables).data(support);
    let seen = serde_json::to_value(graph.schema.execute(request).await).unwrap();
    assert_eq!(seen["data"]["event"]["settings"]["tax"], tax());
}

#[tokio::test]
async fn all_that_is_wrong_with_an_events_own_terms_is_told_at_once() {
    let graph = Graph::start().await;
    let wrong = json!({
        "title": " ",
        "tax": { "name": "", "rate": "x", "included": true },
        "refundPolicy": { "rules": [{ "hoursBeforeStart": 24, "percent": "50" }, { "hoursBeforeStart": 48, "percent": "49" }] }
    });
    let venue = graph.venue(json!({})).await;
    let event = graph.event(&venue, json!({})).await;
    let update = "mutation($input: UpdateEventInput!) { updateEvent(input: $input) { id } }";
    for (mutation, input) in [
        (create_event(), merged(graph.event_input(&venue), wrong.clone())),
        (update.to_owned(), merged(json!({ "eventId": event["id"] }), wrong)),
    ] {
        let answer = graph.ask(Some(graph.organizer), &mutation, json!({ "input": input })).await;
        let problems = answer["errors"][0]["extensions"]["problems"].as_array().unwrap();
        let mut paths: Vec<_> = problems.iter().map(|problem| problem["path"].to_string()).collect();
        paths.sort();
        let expected = [
            json!(["input", "refundPolicy", "rules", "0", "percent"]),
            json!(["input", "tax", "name"]),
            json!(["input", "tax", "rate"]),
            json!(["input", "title"]),
        ];
        assert_eq!(paths, expected.map(|path| path.to_string()), "{answer}");
    }
    assert_eq!(graph.told_terms().await, [EventTerms::default()], "nothing was made or changed");
}

#[tokio::test]
async fn the_examples_of_the_page_on_settings_that_are_of_an_event_do_what_it_says() {
    let graph = Graph::start().await;
    let venue = graph.venue(json!({})).await;
    let event = graph.event(&venue, json!({})).await;
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/money/settings.md"));
    let page = page.unwrap().replace("evt_…", event["id"].as_str().unwrap());
    let examples = page.split("```graphql\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let examples: Vec<_> = examples.filter(|example| example.contains("updateEvent")).collect();
    assert_eq!(examples.len(), 2);
    let set =
        graph.data(Some(graph.organizer), examples[0], json!({})).await["updateEvent"]["settings"].clone();
    assert_eq!(
        (&set["tax"]["rate"], &set["refundPolicy"]["rules"][0]["hoursBeforeStart"]),
        (&json!("0"), &json!(24))
    );
    let back =
        graph.data(Some(graph.organizer), examples[1], json!({})).await["updateEvent"]["settings"].clone();
    assert_eq!(back["tax"], Value::Null);
    assert!(back["refundPolicy"].is_object());
}
