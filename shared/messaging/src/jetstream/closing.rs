//! Gets again, from the outboxes, what streams have forgotten before a consumer had it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures::{StreamExt as _, TryStreamExt as _, stream, stream::BoxStream};
use kernel::{Fault, Id, to_millis};
use tokio::{
    sync::{Notify, Semaphore},
    time::Instant,
};
use uuid::Uuid;

use super::{Inner, streams};
use crate::{
    Consumer, Message, Store,
    gaps::{ASKED, Answer, Ask, Gap, Gaps, Open, between, width, without},
    handling::{self, Failure},
    tables::SENT_KEPT,
};

/// How often is looked for gaps when nobody tells of one: another process may have died over it.
const LOOK: Duration = Duration::from_secs(5);
/// How long all services together may take to answer.
const ANSWER: Duration = Duration::from_millis(1_500);
/// How often is asked before a number is one that nobody has: an answer may be lost.
const ASKS: u32 = 3;
/// How many numbers are asked for at once, and in how many pieces.
const WIDTH: (i64, usize) = (5_000, 100);
/// How long after outboxes have ceased to keep a message it is given up.
const LEEWAY: Duration = Duration::from_hours(1);

/// Closes the gaps of one consumer.
pub(super) struct Closing {
    pub(super) bus: Arc<Inner>,
    pub(super) consumer: Arc<Consumer>,
    pub(super) gaps: Gaps,
    /// Room for handlers, the same as for what comes from streams.
    pub(super) handlers: Arc<Semaphore>,
    /// Wakes it when something is lost.
    pub(super) lost: Arc<Notify>,
}

/// What came of one question.
#[derive(Default)]
struct Portion {
    /// Numbers that somebody has.
    numbers: BTreeSet<i64>,
    /// The messages among them that are for this consumer. After a crash a server may have given a number twice.
    messages: BTreeMap<(i64, Uuid), Message>,
    /// Up to which number everybody has told all.
    through: Option<i64>,
}

impl Closing {
    /// Works until told to stop.
    pub(super) async fn run(self) {
        let stop = self.bus.stop.clone();
        stop.run_until_cancelled(async {
            let mut open = self.bus.open.subscribe();
            drop(open.wait_for(|open| *open).await);
            loop {
                if let Err(fault) = self.close_all().await {
                    let consumer = self.consumer.name;
                    tracing::warn!(
                        consumer,
                        error = fault.chain(),
                        "lost messages cannot be got again just now"
                    );
                }
                drop(tokio::time::timeout(LOOK, self.lost.notified()).await);
            }
        })
        .await;
    }

    async fn close_all(&self) -> Result<(), Fault> {
        while let Some(open) = self.gaps.claim().await? {
            let passed = self.pass(&open).await;
            self.gaps.rest(&open).await?;
            passed?;
        }
        #[expect(clippy::cast_precision_loss, reason = "that precise is nobody's interest")]
        let missing = width(&self.gaps.all().await?) as f64;
        metrics::gauge!("bus_messages_missing", "consumer" => self.consumer.name).set(missing);
        Ok(())
    }

    /// Asks once for everything that one stream has forgotten.
    async fn pass(&self, open: &Open) -> Result<(), Fault> {
        let (consumer, stream) = (self.consumer.name, streams::name(&open.stream));
        let store = Store { kinds: streams::kinds(&open.stream).to_vec(), since: open.since };
        let (mut gaps, mut behind, mut got) = (open.gaps.clone(), 0, 0);
        let topic = format!("odysseus.live.gaps.answered.{}", Id::<()>::new().uuid());
        let mut answers = self.bus.live.listen(&topic).await?;
        while let Some(asked) = portion(&gaps, behind) {
            let asks = if open.tries == 0 { ASKS } else { 1 };
            let portion = self.ask(&store, &asked, &topic, &mut answers, asks).await?;
            // Nobody is there to answer.
            let Some(through) = portion.through else { return Ok(()) };
            got += portion.messages.len();
            self.handle(portion.messages).await?;
            behind = through;
            if !portion.numbers.is_empty() {
                let Some(left) = self.gaps.close(open, &portion.numbers).await? else { return Ok(()) };
                gaps = left;
            }
        }
        metrics::counter!("bus_messages_recovered_total", "consumer" => consumer).increment(got as u64);
        if got > 0 {
            tracing::info!(
                consumer,
                stream,
                messages = got,
                "what the stream had forgotten came from outboxes"
            );
        }
        if !gaps.is_empty() {
            let missing = width(&gaps);
            tracing::warn!(
                consumer,
                stream,
                missing,
                first = gaps.first().map(|gap| gap.first),
                last = gaps.last().map(|gap| gap.last),
                "nobody has some of what the stream had forgotten; it is asked for again, a service may be away"
            );
            self.give_up(open, &gaps).await?;
        }
        Ok(())
    }

    /// What no outbox keeps any longer is gone.
    async fn give_up(&self, open: &Open, gaps: &[Gap]) -> Result<(), Fault> {
        // What was published before is in no outbox any more.
        let kept = open.now - SENT_KEPT - LEEWAY;
        let gone: Vec<_> = gaps.iter().filter(|gap| gap.before < to_millis(kept)).collect();
        for gap in &gone {
            let consumer = self.consumer.name;
            metrics::counter!("bus_messages_gone_total", "consumer" => consumer).increment(gap.width());
            tracing::error!(
                consumer,
                stream = streams::name(&open.stream),
                first = gap.first,
                last = gap.last,
                "a stream has forgotten messages that were not read, and they are too old for any outbox"
            );
        }
        if gone.is_empty() { Ok(()) } else { self.gaps.give_up(open, kept).await }
    }

    /// Asks every service, until all numbers are accounted for up to the one through which all have answered.
    async fn ask(
        &self,
        store: &Store,
        gaps: &[Gap],
        topic: &str,
        answers: &mut BoxStream<'static, Vec<u8>>,
        asks: u32,
    ) -> Result<Portion, Fault> {
        let mut portion = Portion::default();
        let subjects = self.consumer.subjects.iter().map(|subject| (*subject).to_owned());
        let subjects: Vec<_> = subjects.chain([self.consumer.replays()]).collect();
        for _ in 0..asks {
            let ask = Ask {
                id: Id::<()>::new().uuid(),
                store: store.clone(),
                gaps: without(gaps, &portion.numbers),
                subjects: subjects.clone(),
                answered: topic.to_owned(),
            };
            let question =
                serde_json::to_vec(&ask).map_err(|cause| Fault::new("asking for messages", cause))?;
            self.bus.live.announce(ASKED, question).await?;
            portion.through = None;
            let until = Instant::now() + ANSWER;
            while let Ok(Some(answer)) = tokio::time::timeout_at(until, answers.next()).await {
                portion.take(&ask, &answer);
                if portion.is_complete(gaps) {
                    return Ok(portion);
                }
            }
        }
        Ok(portion)
    }

    async fn handle(&self, messages: BTreeMap<(i64, Uuid), Message>) -> Result<(), Fault> {
        let messages = messages.into_values().filter_map(|message| self.consumer.meant_by(&message));
        let handled = stream::iter(messages).map(async |message| {
            let (consumer, handlers, pause) = (&self.consumer, &self.handlers, self.bus.pause);
            handling::to_the_end(consumer, handlers, pause, Failure::patience, &message).await
        });
        handled.buffer_unordered(self.consumer.handler.at_once()).try_collect().await
    }
}

impl Portion {
    fn take(&mut self, asked: &Ask, answer: &[u8]) {
        match serde_json::from_slice(answer) {
            Ok(Answer::Message { ask, number, message }) if ask == asked.id => {
                self.numbers.insert(number);
                self.messages.insert((number, message.id), message);
            }
            Ok(Answer::Through { ask, through, others }) if ask == asked.id => {
                self.numbers.extend(others);
                self.through = Some(self.through.map_or(through, |before| before.min(through)));
            }
            // To a question before, or nonsense.
            _ => {}
        }
    }

    fn is_complete(&self, gaps: &[Gap]) -> bool {
        let Some(through) = self.through else { return false };
        without(&between(gaps, 0, through), &self.numbers).is_empty()
    }
}

/// As much of the gaps behind a number as is asked for at once; none when there is nothing.
fn portion(gaps: &[Gap], behind: i64) -> Option<Vec<Gap>> {
    let first =
        gaps.iter().map(|gap| gap.first.max(behind + 1)).zip(gaps).find(|(first, gap)| *first <= gap.last)?.0;
    let mut portion = between(gaps, behind, first.saturating_add(WIDTH.0 - 1));
    portion.truncate(WIDTH.1);
    Some(portion)
}
