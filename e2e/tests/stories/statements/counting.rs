use std::collections::{BTreeMap, HashMap};

use e2e::{Answer, Collector, Person, Settings, Span, eventually, within};
use futures::StreamExt as _;
use reqwest::header;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Stage;

/// What counts as a statement; the beginnings and ends of transactions do not.
const STATEMENTS: [&str; 4] =
    ["sea_orm.query_one", "sea_orm.query_all", "sea_orm.execute", "sea_orm.execute_unprepared"];

/// The span of whoever asks.
const CALLER: &str = "00f067aa0ba902b7";
/// What spans of subscriptions are called, before the field.
const FOLLOWED: &str = "subscription ";
/// Which service answers a subscription.
const FIELDS: [(&str, &str); 2] = [("seatMapChanged", "tickets"), ("orderChanged", "tickets")];

/// How many statements, by service.
pub(super) type Costs = BTreeMap<String, u64>;

/// The platform, whose statements are counted one by one from the traces it exports: each belongs to the request that
/// needed it, whatever else goes on.
pub(super) struct Counted {
    pub(super) stage: Stage,
    collector: Collector,
    client: reqwest::Client,
}

impl Counted {
    pub(super) async fn set() -> Self {
        let collector = Collector::listens().await;
        let settings = Settings::default()
            .with("ODYSSEUS__TELEMETRY__OTLP_ENDPOINT", &collector.url())
            .with("TICKETS__HOLDS_BY_ACCOUNT__BURST", &100_000);
        let stage = Stage::set_with(settings).await;
        Self { stage, collector, client: reqwest::Client::new() }
    }

    /// What was answered, whole, and in which trace; of a subscription, what it says first. It is left then.
    pub(super) async fn asks(
        &self,
        who: &Person,
        query: &str,
        variables: &Value,
        operation: Option<&str>,
    ) -> (Value, String) {
        let trace = Uuid::new_v4().simple().to_string();
        let body = json!({ "query": query, "variables": variables, "operationName": operation });
        let mut request = self
            .client
            .post(format!("{}/graphql", self.stage.platform.address().now()))
            .header("traceparent", format!("00-{trace}-{CALLER}-01"))
            .header(header::ACCEPT, "application/json, text/event-stream;q=0.9");
        if let Some(token) = who.token() {
            request = request.bearer_auth(token);
        }
        let response = within("an answer", request.json(&body).send()).await.unwrap();
        let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap().to_owned();
        let follows = kind.starts_with("text/event-stream");
        let before = self.collector.spans().len();
        let body = if follows {
            within("the first event", first_event(response)).await
        } else {
            response.json().await.unwrap()
        };
        let answer = Answer::read(body);
        assert!(answer.errors.is_empty(), "{query}: {:?}", answer.errors);
        let trace = if follows { self.left(&answer.data, before).await } else { trace };
        (answer.data, trace)
    }

    /// The trace of a subscription that was left a moment ago. In its service it begins one of its own.
    async fn left(&self, said: &Value, before: usize) -> String {
        let field = said.as_object().unwrap().keys().next().unwrap();
        let name = format!("{FOLLOWED}{field}");
        eventually("the end of the subscription", async || {
            let spans = self.collector.spans();
            spans.iter().skip(before).find(|span| span.name == name).map(|span| span.trace.clone())
        })
        .await
    }

    /// How many statements a trace's request needed, by service. Messages that it led to, and what they led to, are not
    /// counted.
    pub(super) async fn costs(&self, trace: &str) -> Costs {
        let spans = eventually("all spans of a request", async || {
            let spans =
                self.collector.spans().into_iter().filter(|span| span.trace == trace).collect::<Vec<_>>();
            is_whole(&spans).then_some(spans)
        })
        .await;
        let known: HashMap<&str, &Span> = spans.iter().map(|span| (span.id.as_str(), span)).collect();
        let mut costs = Costs::new();
        for span in spans.iter().filter(|span| STATEMENTS.contains(&span.name.as_str())) {
            if let Some(service) = asked_in(span, &known) {
                *costs.entry(service).or_default() += 1;
            }
        }
        costs
    }
}

/// Each process sends its spans in the order of their ends: with what a service has answered all that it needed is here.
fn is_whole(spans: &[Span]) -> bool {
    let has = |is_so: &dyn Fn(&Span) -> bool| spans.iter().any(is_so);
    let answered = |call: &Span| has(&|span| span.parent == call.id && span.says("http.route").is_some());
    let mut calls = spans.iter().filter(|span| span.name == "http.client");
    let ended = has(&|span| span.parent == CALLER || span.name.starts_with(FOLLOWED));
    ended && calls.all(answered)
}

/// In which service a request's answer needed this; none where it is the work of somebody who was told of it.
fn asked_in(span: &Span, known: &HashMap<&str, &Span>) -> Option<String> {
    let mut around = known.get(span.parent.as_str());
    while let Some(span) = around {
        if let Some(field) = span.name.strip_prefix(FOLLOWED) {
            let known = FIELDS.iter().find(|(known, _)| *known == field);
            return Some(known.expect("say here which service answers this subscription").1.to_owned());
        }
        if let Some(service) = span.says("service") {
            return (span.says("http.route") == Some("/graphql")).then(|| service.to_owned());
        }
        around = known.get(span.parent.as_str());
    }
    None
}

async fn first_event(response: reqwest::Response) -> Value {
    let mut pieces = response.bytes_stream();
    let mut heard = String::new();
    loop {
        heard.push_str(&String::from_utf8_lossy(&pieces.next().await.unwrap().unwrap()));
        let mut data = heard.lines().filter_map(|line| line.strip_prefix("data:")).map(str::trim);
        if let Some(event) = data.find_map(|data| serde_json::from_str(data).ok()) {
            return event;
        }
    }
}
