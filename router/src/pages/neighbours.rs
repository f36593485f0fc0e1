//! The services whose word the storefront's page needs before a script has run: events, of what a shared link is about, and
//! payments, whether browsers speak to Stripe. Nobody waits for them for long, and the page is served without them.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use hive_router::ntex::rt;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{
    kept::{Kept, Look, Terms},
    preview::Preview,
};
use crate::RouterOptions;

const EVENT: &str = include_str!("event.graphql");
const SETTINGS: &str = include_str!("payments.graphql");

/// How long a page waits for what it would say of an event.
const PATIENCE: Duration = Duration::from_secs(1);
const LONGEST_ANSWER: Duration = Duration::from_secs(3);
/// Of an event of which a million people hear at once, each replica asks twice a minute.
const OF_EVENTS: Terms = Terms { most: 1_000, fresh: Duration::from_secs(30), good: Duration::from_mins(5) };
/// It changes with a restart of payments.
const OF_PAYMENTS: Terms = Terms { most: 1, fresh: Duration::from_mins(1), good: Duration::from_hours(24) };
/// What the keys of stand-ins for Stripe begin with: they have no library of their own.
const STAND_IN: &str = "pk_sandbox_";

/// What is known of them, by all workers.
pub(crate) struct Told {
    events: Option<String>,
    payments: Option<String>,
    /// By the name in the address; none where there is no such event for everybody.
    previews: Arc<Kept<Option<Preview>>>,
    with_stripe: Arc<Kept<bool>>,
}

impl Told {
    pub(crate) fn new(options: &RouterOptions) -> Self {
        let graph = |name: &str| {
            options.subgraphs.get(name).map(|base| format!("{}/graphql", base.trim_end_matches('/')))
        };
        Self {
            events: graph("events"),
            payments: graph("payments"),
            previews: Arc::new(Kept::new(OF_EVENTS)),
            with_stripe: Arc::new(Kept::new(OF_PAYMENTS)),
        }
    }
}

/// One for each worker: its connections live in the worker's own runtime.
#[derive(Clone)]
pub(crate) struct Neighbours {
    client: reqwest::Client,
    told: Arc<Told>,
}

impl Neighbours {
    pub(crate) fn new(told: Arc<Told>) -> Self {
        let client = reqwest::Client::builder()
            .timeout(LONGEST_ANSWER)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("these settings need nothing from outside");
        Self { client, told }
    }

    /// What a link to an event shows, which is known by the name in its address, or by its id. None where that is not to be
    /// had now; none within where everybody sees no such event.
    pub(super) async fn preview(&self, event: &str) -> Option<Arc<Option<Preview>>> {
        let graph = self.told.events.as_ref()?;
        let which = if event.starts_with("evt_") { "id" } else { "slug" };
        let ask = asked::<OneEvent>(&self.client, graph, EVENT, &json!({ which: event }));
        self.known(&self.told.previews, event, async { Some(ask.await?.event) }).await
    }

    /// Whether browsers speak to Stripe by themselves here. As long as payments has not said so, they do not.
    pub(super) async fn with_stripe(&self) -> bool {
        let Some(graph) = &self.told.payments else { return false };
        let ask = asked::<Settings>(&self.client, graph, SETTINGS, &json!({}));
        let ask = async {
            let key = ask.await?.payment_settings.publishable_key;
            Some(key.is_some_and(|key| !key.starts_with(STAND_IN)))
        };
        self.known(&self.told.with_stripe, "", ask).await.is_some_and(|with| *with)
    }

    async fn known<T: 'static>(
        &self,
        kept: &Arc<Kept<T>>,
        what: &str,
        ask: impl Future<Output = Option<T>> + 'static,
    ) -> Option<Arc<T>> {
        let mut coming = match kept.look(what, Instant::now()) {
            Look::Known(known) => return known,
            Look::Wait(coming) => coming,
            Look::Ask { tell, meanwhile } => {
                let coming = tell.subscribe();
                let (kept, what) = (kept.clone(), what.to_owned());
                // Others wait for it too, so that it does not end with the client that came first.
                rt::spawn(async move {
                    if let Some(answer) = ask.await.map(Arc::new) {
                        kept.note(&what, answer.clone(), Instant::now());
                        tell.send_replace(Some(answer));
                    }
                });
                if meanwhile.is_some() {
                    return meanwhile;
                }
                coming
            }
        };
        // Without an answer in time it is what was known before.
        drop(timeout(PATIENCE, coming.changed()).await);
        coming.borrow().clone()
    }
}

#[derive(Deserialize)]
struct OneEvent {
    event: Option<Preview>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    payment_settings: PaymentSettings,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PaymentSettings {
    publishable_key: Option<String>,
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Option<T>,
}

/// The answer of a service, which is asked as nobody.
fn asked<T: DeserializeOwned>(
    client: &reqwest::Client,
    graph: &str,
    query: &'static str,
    variables: &Value,
) -> impl Future<Output = Option<T>> + 'static + use<T> {
    let request = client.post(graph).json(&json!({ "query": query, "variables": variables }));
    let graph = graph.to_owned();
    async move {
        let read = async { request.send().await?.error_for_status()?.json::<Answer<T>>().await };
        match read.await {
            Ok(Answer { data: Some(data) }) => return Some(data),
            Ok(Answer { data: None }) => tracing::warn!(graph, "a service refuses what pages ask it"),
            Err(error) => tracing::warn!(graph, %error, "a service does not answer what pages ask it"),
        }
        None
    }
}
