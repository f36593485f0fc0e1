use std::sync::Arc;

use futures::StreamExt as _;
use hive_router::{
    executor::plugin_context::PluginContext,
    http::{
        HeaderName, HeaderValue,
        header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
    },
    ntex::web::HttpResponse,
    sonic_rs,
    telemetry::metrics::subscription_metrics::SubscriptionTransport,
};
use tokio::sync::mpsc;

use super::{
    message::{Answer, Answers},
    operations::Running,
};
use crate::{
    client_address::ClientAddress,
    delivery::Piece,
    errors::Wording,
    inside::Inside,
    payload,
    sharing::{Place, Viewer},
};

/// Who asks on a socket, and by whom it is answered.
#[derive(Clone)]
pub(super) struct Caller {
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) address: Option<ClientAddress>,
    pub(super) inside: Inside,
}

/// Where an operation's answers go, for as long as they are wanted.
struct Asker {
    running: Running,
    answers: Answers,
    socket: mpsc::Sender<Answer>,
}

impl Caller {
    /// What `connection_init` says counts more than what the request for the socket said.
    pub(super) fn say(&mut self, headers: Vec<(HeaderName, HeaderValue)>) {
        self.headers.retain(|(name, _)| !headers.iter().any(|(other, _)| other == name));
        self.headers.extend(headers);
    }

    pub(super) fn is_anonymous(&self) -> bool {
        !self.headers.iter().any(|(name, _)| name == AUTHORIZATION)
    }

    /// Carries an operation out and tells the socket what comes of it, until it ends or is not wanted any more.
    pub(super) async fn run(
        self,
        operation: String,
        running: Running,
        answers: Answers,
        socket: mpsc::Sender<Answer>,
        wording: Arc<Wording>,
    ) {
        // Not cut off by a `complete`: what was begun, perhaps a mutation, ends as it would over HTTP.
        let (response, viewer) = Box::pin(self.execute(operation)).await;
        let asker = Asker { running, answers, socket };
        if asker.running.is_stopped() {
            return;
        }
        let last = match viewer {
            Some(viewer) => asker.watches(viewer).await,
            None if is_turned_away(&response) => {
                let is_ready = self.inside.is_ready();
                let refusal = if is_ready { wording.too_many_clients() } else { Wording::starting() };
                Some(asker.answers.refusal(&refusal))
            }
            None => asker.hears(response, &wording).await,
        };
        if let Some(last) = last
            && !asker.running.is_stopped()
        {
            let Asker { running, socket, .. } = asker;
            // Its id is free before the client can know.
            drop(running);
            socket.send(last).await.ok();
        }
    }

    async fn execute(&self, operation: String) -> (HttpResponse, Option<Viewer>) {
        let context = Arc::new(PluginContext::default());
        if let Some(address) = &self.address {
            context.insert(address.clone());
        }
        context.insert(self.inside.clone());
        let response = self.inside.ask(&self.headers, context.clone(), operation).await;
        (response, Place::taken(&context))
    }
}

impl Asker {
    /// Tells each frame of what others watch as well; returns what to say last, unless it is not wanted any more.
    async fn watches(&self, viewer: Viewer) -> Option<Answer> {
        let mut viewer = viewer.counted(SubscriptionTransport::WebSocket);
        loop {
            let frame = tokio::select! {
                () = self.running.stopped() => return None,
                frame = viewer.next() => frame,
            };
            let Some(frame) = frame else { return Some(self.answers.complete()) };
            if !self.is_told(self.answers.shared(frame)).await {
                return None;
            }
        }
    }

    /// The same for an answer of hive-router.
    async fn hears(&self, mut response: HttpResponse, wording: &Wording) -> Option<Answer> {
        let kind =
            response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let is_stream = kind.starts_with("text/event-stream");
        let mut body = response.take_body();
        if is_stream {
            loop {
                let chunk = tokio::select! {
                    () = self.running.stopped() => return None,
                    chunk = body.next() => chunk,
                };
                match chunk.and_then(Result::ok).map_or(Piece::Complete, |chunk| Piece::read(&chunk)) {
                    Piece::Next(result) => {
                        let result = payload::reworded(result, wording);
                        if !self.is_told(self.answers.next(&String::from_utf8_lossy(&result))).await {
                            return None;
                        }
                    }
                    Piece::Complete => return Some(self.answers.complete()),
                    Piece::Beat => {}
                }
            }
        }
        let mut result = Vec::new();
        while let Some(Ok(chunk)) = body.next().await {
            result.extend_from_slice(&chunk);
        }
        let result = String::from_utf8_lossy(&result);
        if let Some(refused) = errors_of_refusal(&result) {
            return Some(self.answers.error(refused));
        }
        self.is_told(self.answers.next(&result)).await.then(|| self.answers.complete())
    }

    /// False, when it is not wanted any more.
    async fn is_told(&self, answer: Answer) -> bool {
        tokio::select! {
            biased;
            () = self.running.stopped() => false,
            sent = self.socket.send(answer) => sent.is_ok(),
        }
    }
}

/// There are too many live clients, or the router has not read its supergraph yet.
fn is_turned_away(response: &HttpResponse) -> bool {
    response.headers().contains_key(RETRY_AFTER)
}

/// A result without data is a refusal: nothing was carried out.
fn errors_of_refusal(result: &str) -> Option<&str> {
    if sonic_rs::get(result, ["data"]).is_ok() {
        return None;
    }
    let errors = sonic_rs::get(result, ["errors"]).ok()?;
    let start = errors.as_raw_str().as_ptr().addr().checked_sub(result.as_ptr().addr())?;
    result.get(start..start + errors.as_raw_str().len())
}
