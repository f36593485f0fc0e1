//! How a relay answers who looks for messages that a stream has forgotten.

use std::{sync::Arc, time::Duration};

use futures::StreamExt as _;
use kernel::Fault;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, FromQueryResult as _, Statement};
use tokio_util::sync::CancellationToken;

use super::{ASKED, Answer, Ask};
use crate::{Bus, bus::matches, outbox::row, rows::surely_in};

/// How many rows are read for one answer.
const ROWS: usize = 32;
/// How long to rest when the bus has nothing to listen to.
const REST: Duration = Duration::from_secs(1);

/// Answers for one service, from its outbox.
pub(crate) struct Answering {
    pub(crate) service: &'static str,
    pub(crate) database: DatabaseConnection,
    pub(crate) bus: Arc<dyn Bus>,
}

impl Answering {
    /// Answers until told to stop.
    pub(crate) async fn run(self, stop: CancellationToken) {
        stop.run_until_cancelled(async {
            loop {
                if let Ok(mut asked) = self.bus.listen(ASKED).await {
                    while let Some(ask) = asked.next().await {
                        // Who gets no answer asks again.
                        if let Err(fault) = self.answer(&ask).await {
                            tracing::warn!(
                                service = self.service,
                                error = fault.chain(),
                                "who asks for lost messages could not be answered"
                            );
                        }
                    }
                }
                tokio::time::sleep(REST).await;
            }
        })
        .await;
    }

    async fn answer(&self, ask: &[u8]) -> Result<(), Fault> {
        let ask: Ask = serde_json::from_slice(ask).map_err(|cause| Fault::new("reading who asks", cause))?;
        let Some(last) = ask.gaps.last().map(|gap| gap.last) else { return Ok(()) };
        let mut rows = self.numbered(&ask).await?;
        let (lowest, highest) =
            (rows.first().and_then(|row| row.number), rows.last().and_then(|row| row.number));
        let through = match highest {
            // There may be another with this number, which is told of with the next.
            Some(highest) if rows.len() == ROWS && lowest < Some(highest) => highest - 1,
            Some(highest) if rows.len() == ROWS => highest,
            _ => last,
        };
        rows.retain(|row| row.number <= Some(through));
        let mut others = Vec::new();
        for row in rows {
            let Some(number) = row.number else { continue };
            if ask.subjects.iter().any(|pattern| matches(pattern, &row.subject)) {
                let answer = Answer::Message { ask: ask.id, number, message: row::read(row)? };
                self.tell(&ask.answered, &answer).await?;
            } else {
                others.push(number);
            }
        }
        self.tell(&ask.answered, &Answer::Through { ask: ask.id, through, others }).await
    }

    async fn tell(&self, topic: &str, answer: &Answer) -> Result<(), Fault> {
        let answer = serde_json::to_vec(answer).map_err(|cause| Fault::new("writing an answer", cause))?;
        self.bus.announce(topic, answer).await
    }

    /// The rows with the lowest of these numbers, as many as fit into an answer. Those whose numbers are of a stream
    /// that was there before are sent to this one anyway, by [`crate::rows::Rows::lost`].
    pub(crate) async fn numbered(&self, ask: &Ask) -> Result<Vec<row::Model>, Fault> {
        let fault = |cause| Fault::passing("looking for lost messages", cause);
        let (Some(first), Some(last)) = (ask.gaps.first(), ask.gaps.last()) else { return Ok(Vec::new()) };
        let any_of = |conditions: Vec<String>| conditions.join(" OR ");
        let gaps = ask.gaps.iter().map(|gap| format!("number BETWEEN {} AND {}", gap.first, gap.last));
        // As a range it is found by the index, whatever the planner makes of the rest.
        let begins =
            |(at, kind): (usize, &String)| format!("substr(subject, 1, {}) = ${}", kind.len(), at + 1);
        let look = format!(
            "SELECT {} FROM outbox WHERE number >= {} AND number <= {} AND ({}) AND sent_at >= {} AND ({}) \
             ORDER BY number LIMIT {ROWS}",
            row::columns(),
            first.first,
            last.last,
            any_of(gaps.collect()),
            surely_in(ask.store.since),
            any_of(ask.store.kinds.iter().enumerate().map(begins).collect()),
        );
        let kinds = ask.store.kinds.iter().map(|kind| kind.as_str().into());
        let look = Statement::from_sql_and_values(self.database.get_database_backend(), look, kinds);
        let rows = self.database.query_all_raw(look).await.map_err(fault)?;
        rows.iter().map(|row| row::Model::from_query_result(row, "")).collect::<Result<_, _>>().map_err(fault)
    }
}
