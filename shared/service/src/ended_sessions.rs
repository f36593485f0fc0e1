//! Sessions that have ended before the access tokens that they gave out.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use contracts::users::SESSION_ENDED;
use futures::StreamExt as _;
use kernel::SessionId;
use messaging::{Bus, bus::back_off};
use tokio_util::sync::CancellationToken;

use crate::TokenVerifier;

/// How many are remembered. Of more, those are forgotten whose tokens end first.
const MOST: usize = 100_000;

/// Sessions whose tokens are refused although their time is not over: after a logout, or after a refresh token came a
/// second time.
///
/// A process knows those that it was told of while it ran, and forgets each when the last of its tokens has ended. What it
/// missed, it takes for valid until then.
#[derive(Clone, Default)]
pub(crate) struct EndedSessions(Arc<Mutex<HashMap<SessionId, DateTime<Utc>>>>);

impl EndedSessions {
    /// This one has ended; its last token ends at `until`.
    pub(crate) fn add(&self, session: SessionId, until: DateTime<Utc>, now: DateTime<Utc>) {
        let mut ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.len() >= MOST {
            ended.retain(|_, until| *until > now);
        }
        if ended.len() >= MOST {
            let mut ends: Vec<_> = ended.values().copied().collect();
            let (_, middle, _) = ends.select_nth_unstable(MOST / 2);
            let middle = *middle;
            ended.retain(|_, until| *until > middle);
        }
        ended.insert(session, until);
    }

    pub(crate) fn has(&self, session: SessionId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&session)
    }
}

/// Hears of sessions that ended, until told to stop.
pub(crate) async fn listen(bus: Arc<dyn Bus>, tokens: TokenVerifier, stop: CancellationToken) {
    let listening = async {
        let mut failures = 0;
        loop {
            if let Ok(mut heard) = bus.listen(SESSION_ENDED).await {
                failures = 0;
                while let Some(told) = heard.next().await {
                    match serde_json::from_slice::<contracts::users::SessionEnded>(&told) {
                        Ok(ended) => tokens.end_session(ended.session_id, ended.until),
                        Err(error) => {
                            tracing::error!(%error, "what was told of an ended session cannot be read");
                        }
                    }
                }
            }
            failures += 1;
            tokio::time::sleep(back_off(failures)).await;
        }
    };
    stop.run_until_cancelled(listening).await;
}
