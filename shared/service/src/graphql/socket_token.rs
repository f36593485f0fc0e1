//! What a WebSocket's token means for the operations on it.

use std::{sync::Arc, time::Duration};

use async_graphql::{Pos, Response};
use chrono::{DateTime, Utc};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use kernel::{Clock, Refusal, SessionId, reasons};
use tokio::time::Instant;

use super::into_graph;
use crate::TokenVerifier;

/// Stands in a WebSocket's data when the token it was opened with is wrong.
pub(super) struct WrongToken(pub(super) Refusal);

/// Stands in a WebSocket's data when it was opened with a token.
pub(super) struct TokenEnd {
    pub(super) at: DateTime<Utc>,
    pub(super) session: SessionId,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) tokens: TokenVerifier,
}

/// How often is looked whether the session of an open subscription has ended.
const LOOK: Duration = Duration::from_secs(3);

impl TokenEnd {
    /// A token ends what was opened with it, and so does the end of its session, within some seconds; whoever listens is
    /// told, and can come back with a new one.
    pub(super) fn ends<'s>(&self, running: BoxStream<'s, Response>) -> BoxStream<'s, Response> {
        let left: Duration = (self.at - self.clock.now()).to_std().unwrap_or_default();
        let (tokens, session) = (self.tokens.clone(), self.session);
        let end = Box::pin(async move {
            let ends = Instant::now() + left;
            while Instant::now() < ends && !tokens.has_ended(session) {
                tokio::time::sleep_until(ends.min(Instant::now() + LOOK)).await;
            }
        });
        stream::unfold(Some((running, end)), async |listening| {
            let (mut running, mut end) = listening?;
            tokio::select! {
                biased;
                () = &mut end => Some((refused(ended()), None)),
                response = running.next() => Some((response?, Some((running, end)))),
            }
        })
        .boxed()
    }
}

fn ended() -> Refusal {
    let message = "The access token has ended. Get a new one by refreshSession, then subscribe again.";
    Refusal::new(reasons::TOKEN_EXPIRED, message)
}

/// An answer that is nothing but a refusal.
pub(super) fn refused(refusal: Refusal) -> Response {
    let mut error = into_graph(refusal.into()).into_server_error(Pos::default());
    error.locations.clear(); // it lies nowhere in the document
    Response::from_errors(vec![error])
}
