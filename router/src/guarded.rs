//! Leaves a subgraph alone that cannot be reached.
//!
//! Hive-router's own breaker counts every error alike, time-outs too (executor/executors/map.rs). How long an answer
//! takes is up to whoever asks: so with it, a few clients with slow operations would close a service to everybody. Here
//! only what no client can bring about counts: no connection, or one that ends without an answer.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use breaker::{Breaker, Settings};
use futures::stream::BoxStream;
use hive_router::{
    async_trait,
    executor::{
        executors::{
            common::{SubgraphExecutionRequest, SubgraphExecutor, SubgraphExecutorBoxedArc},
            error::SubgraphExecutorError,
        },
        plugin_context::PluginRequestState,
        response::subgraph_response::SubgraphResponse,
    },
    http::Uri,
};

/// Pauses grow to a few seconds only: whoever comes back should be found soon.
const SETTINGS: Settings = Settings { failures: 10, pause_millis: 1_000, longest_pause_millis: 5_000 };

/// A breaker for each subgraph.
#[derive(Default)]
pub(crate) struct Breakers(Mutex<HashMap<String, Breaker>>);

impl Breakers {
    /// The same way to that subgraph, unless it is left alone.
    pub(crate) fn guard(&self, subgraph: &str, way: SubgraphExecutorBoxedArc) -> SubgraphExecutorBoxedArc {
        Guarded { way, breaker: self.before(subgraph) }.to_boxed_arc()
    }

    fn before(&self, subgraph: &str) -> Breaker {
        let mut known = self.0.lock().expect("no holder of this lock panics");
        if let Some(breaker) = known.get(subgraph) {
            return breaker.clone();
        }
        let breaker = Breaker::new(format!("subgraph {subgraph}"), SETTINGS);
        known.insert(subgraph.to_owned(), breaker.clone());
        breaker
    }
}

struct Guarded {
    way: SubgraphExecutorBoxedArc,
    breaker: Breaker,
}

#[async_trait]
impl SubgraphExecutor for Guarded {
    fn executor_name(&self) -> &str {
        self.way.executor_name()
    }

    fn endpoint(&self) -> &Uri {
        self.way.endpoint()
    }

    async fn execute<'a>(
        &self,
        request: SubgraphExecutionRequest<'a>,
        timeout: Option<Duration>,
        state: Option<&'a PluginRequestState<'a>>,
    ) -> Result<SubgraphResponse<'static>, SubgraphExecutorError> {
        let entry = self.breaker.enter().map_err(|_| SubgraphExecutorError::CircuitBreakerRejected)?;
        let outcome = self.way.execute(request, timeout, state).await;
        match &outcome {
            Err(SubgraphExecutorError::RequestFailure(_) | SubgraphExecutorError::ResponseFailure(_)) => {
                entry.failed();
            }
            // Who asked may have wanted too much: it tells nothing of the service.
            Err(SubgraphExecutorError::RequestTimeout(_)) => drop(entry),
            _ => entry.succeeded(),
        }
        outcome
    }

    async fn subscribe<'a>(
        &self,
        request: SubgraphExecutionRequest<'a>,
        timeout: Option<Duration>,
    ) -> Result<
        BoxStream<'static, Result<SubgraphResponse<'static>, SubgraphExecutorError>>,
        SubgraphExecutorError,
    > {
        self.way.subscribe(request, timeout).await
    }
}
