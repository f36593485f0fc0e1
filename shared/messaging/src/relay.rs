use std::{sync::Arc, time::Duration};

use futures::FutureExt as _;
use kernel::Fault;
use sea_orm::DatabaseConnection;
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{
    Bus, Outbox,
    bus::back_off,
    gaps::Answering,
    outbox::row,
    refilling::{Refilling, Stores},
    rows::{Rows, Sent},
    sending::{Ended, ROOM, Sending},
};

/// How many messages are on their way at most when more are claimed: twice as many as transactions may hand over, so that
/// what waits has its turn as well.
const IN_FLIGHT: usize = 2 * ROOM;
/// So many that have arrived are marked at once.
const MANY: usize = 64;
/// How much longer than the bus may take a claimed row belongs to its relay.
const LEEWAY: Duration = Duration::from_secs(1);
/// How often the outbox is looked at when nobody wakes the relay: another replica may have been killed before it sent
/// what it had committed.
const LOOK: Duration = Duration::from_secs(2);
/// How long after it has looked the relay looks again at the earliest: what is committed or sent meanwhile is claimed and
/// marked together, for the price of one. Who comes after a pause waits for nothing.
const BREATH: Duration = Duration::from_millis(4);
/// So many times as long as a round took it waits with the next: the busier the database is, the less it is asked.
const BREATH_AFTER_A_ROUND: u32 = 2;
/// But never longer.
const LONGEST_BREATH: Duration = Duration::from_millis(25);
/// How long it takes at most until what was sent is marked, together with what was sent meanwhile. If this process is
/// killed before, it is sent again.
const MARKED_WITHIN: Duration = Duration::from_millis(40);
/// How often it is counted what waits, and looked whether the bus has lost something.
const REVIEW: Duration = Duration::from_secs(3);
/// How long a message rests that cannot be published as it is.
const REST: Duration = Duration::from_mins(1);
/// How long a stop waits for what is on its way.
const FINISHING: Duration = Duration::from_secs(5);
/// How often a bus out of reach is worth a line in the log.
const REMIND: Duration = Duration::from_secs(30);

/// Publishes what a service has committed to its outbox. Each replica of the service runs one.
///
/// What its own process commits is handed over to it in memory, and sent at once. It looks into the outbox for the rest:
/// what was committed while nothing got through or too much was on its way, and what a killed process has left.
pub struct Relay {
    /// The service, for logs and metrics.
    pub service: &'static str,
    /// Its database, to write.
    pub database: DatabaseConnection,
    /// What wakes the relay.
    pub outbox: Outbox,
    /// Where it publishes.
    pub bus: Arc<dyn Bus>,
}

impl Relay {
    /// Works until told to stop; then waits a little for what is on its way, so that it is marked.
    pub async fn run(self, stop: CancellationToken) {
        let answering =
            Answering { service: self.service, database: self.database.clone(), bus: self.bus.clone() };
        let rows = Rows::new(self.database);
        if let Err(fault) = rows.forget_claims().await {
            tracing::warn!(service = self.service, error = fault.chain(), "the outbox cannot be read");
        }
        let stores = Stores::default();
        let (sending, ends, guard) =
            Sending::new(self.service, self.bus.clone(), stores.clone(), stop.clone());
        self.outbox.is_served_by(sending.clone());
        let running = Running {
            service: self.service,
            rows,
            news: self.outbox,
            bus: self.bus,
            sending,
            ends,
            _guard: guard,
            ended: Vec::new(),
            settles_at: None,
            failures: 0,
            rests_until: None,
            next_reminder: Instant::now(),
            next_review: Instant::now(),
            refilling: Refilling::new(stores),
        };
        tokio::join!(running.run(stop.clone()), answering.run(stop));
    }
}

struct Running {
    service: &'static str,
    rows: Rows,
    news: Outbox,
    bus: Arc<dyn Bus>,
    sending: Sending,
    /// Where it is told what came of each.
    ends: mpsc::UnboundedReceiver<Ended>,
    /// When it is dropped, what is on its way is given up.
    _guard: DropGuard,
    /// What came of those that are not on their way any more, until it is written down.
    ended: Vec<Ended>,
    settles_at: Option<Instant>,
    /// How often in a row nothing got through.
    failures: u32,
    rests_until: Option<Instant>,
    next_reminder: Instant,
    next_review: Instant,
    refilling: Refilling,
}

impl Running {
    async fn run(mut self, stop: CancellationToken) {
        // Whether something may wait: what has been sent makes nothing new.
        let mut more = true;
        // Another process may leave something here, of which nobody tells: however busy this one is, it looks.
        let mut next_look = Instant::now();
        while !stop.is_cancelled() {
            more |= self.see_to_the_rest().await;
            let now = Instant::now();
            let resting = self.rests_until.filter(|until| *until > now);
            if resting.is_none() && (more || next_look <= now) {
                next_look = now + LOOK;
                more = self.send_off().await;
                if !more && self.refilling.more {
                    self.next_review = now;
                    continue;
                }
            }
            let breath = (now.elapsed() * BREATH_AFTER_A_ROUND).clamp(BREATH, LONGEST_BREATH);
            let look = resting.unwrap_or(next_look);
            let settles_at = self.settles_at.unwrap_or(look);
            tokio::select! {
                Some(first) = self.ends.recv() => self.ended.push(first),
                () = self.news.news.notified(), if resting.is_none() => more = true,
                () = tokio::time::sleep_until(settles_at), if settles_at < look => {}
                () = tokio::time::sleep_until(look) => more = true,
                () = stop.cancelled() => {}
            }
            tokio::time::sleep_until(now + breath).await;
            more |= self.news.news.notified().now_or_never().is_some();
            while let Ok(next) = self.ends.try_recv() {
                self.ended.push(next);
            }
            if self.is_to_settle() {
                let ended = std::mem::take(&mut self.ended);
                self.settle(ended).await;
            }
        }
        self.finish().await;
    }

    /// Claims and publishes as much as there is room for; true when more may wait.
    async fn send_off(&mut self) -> bool {
        let room = IN_FLIGHT.saturating_sub(self.sending.count());
        if room == 0 {
            return true;
        }
        match self.rows.claim(room, self.bus.patience() + LEEWAY).await {
            Ok(rows) => {
                let more = rows.len() == room;
                for row in rows {
                    // What a transaction has handed over may be on its way for longer than it was said to be.
                    if !self.sending.has(row.id) {
                        self.send(row);
                    }
                }
                more
            }
            Err(fault) => {
                self.failures += 1;
                self.rests_until = Some(Instant::now() + back_off(self.failures));
                tracing::warn!(service = self.service, error = fault.chain(), "the outbox cannot be read");
                true
            }
        }
    }

    fn send(&mut self, row: row::Model) {
        let id = row.id;
        match row::read(row) {
            Ok(message) => self.sending.send(message, None),
            Err(fault) => self.ended.push(Ended { id, outcome: Err(fault), room: None }),
        }
    }

    /// True when it is time to write down what came of messages: it was long enough ago, or it is much, or something did
    /// not get through.
    fn is_to_settle(&mut self) -> bool {
        if self.ended.is_empty() {
            return false;
        }
        let now = Instant::now();
        let settles_at = *self.settles_at.get_or_insert(now + MARKED_WITHIN);
        let is_time = now >= settles_at
            || self.ended.len() >= MANY
            || self.ended.iter().any(|ended| ended.outcome.is_err());
        if is_time {
            self.settles_at = None;
        }
        is_time
    }

    /// Writes down what came of messages; then there is room for others.
    async fn settle(&mut self, ended: Vec<Ended>) {
        let (mut sent, mut failed, mut faulty) = (Vec::new(), Vec::new(), Vec::new());
        let (mut why, mut rooms) = (None, Vec::new());
        for Ended { id, outcome, room } in ended {
            rooms.push(room);
            let since = self.sending.forget(id);
            match outcome {
                Ok(number) => sent.push(Sent { id, since, number }),
                Err(fault) if fault.passing => {
                    failed.push(id);
                    why = Some(fault);
                }
                Err(fault) => {
                    tracing::error!(
                        service = self.service,
                        message = %id,
                        error = fault.chain(),
                        "a message cannot be published as it is"
                    );
                    faulty.push(id);
                }
            }
        }
        if let Some(fault) = why {
            self.something_did_not_get_through(sent.is_empty(), failed.len(), &fault);
        } else if !sent.is_empty() && self.failures > 0 {
            self.failures = 0;
            self.rests_until = None;
            self.sending.takes_over(true);
            self.next_reminder = Instant::now();
            self.next_review = Instant::now();
            tracing::info!(service = self.service, "messages are published again");
        }
        metrics::counter!("outbox_sent_total", "service" => self.service).increment(sent.len() as u64);
        let after = if sent.is_empty() { Duration::ZERO } else { Duration::from_secs(1) };
        for marked in [
            self.rows.sent(&sent).await,
            self.rows.free(&failed, after).await,
            self.rows.free(&faulty, REST).await,
        ] {
            if let Err(fault) = marked {
                // Their claims run out and they are published again: consumers know them by their ids.
                tracing::warn!(
                    service = self.service,
                    error = fault.chain(),
                    "sent messages could not be marked"
                );
            }
        }
        for sent in sent.iter().filter(|sent| sent.number.is_some()) {
            self.refilling.was_sent_to(sent.since);
        }
    }

    /// Rests, if nothing gets through; says so now and then.
    fn something_did_not_get_through(&mut self, nothing_did: bool, messages: usize, fault: &Fault) {
        if nothing_did && self.rests_until.is_none_or(|until| until <= Instant::now()) {
            self.failures += 1;
            self.rests_until = Some(Instant::now() + back_off(self.failures).min(Duration::from_secs(2)));
            self.sending.takes_over(false);
        }
        if Instant::now() >= self.next_reminder {
            self.next_reminder = Instant::now() + REMIND;
            tracing::warn!(
                service = self.service,
                messages,
                error = fault.chain(),
                "messages could not be published and will be tried again"
            );
        }
    }

    /// Now and then; true when something waits that did not before.
    async fn see_to_the_rest(&mut self) -> bool {
        if Instant::now() >= self.next_review {
            self.next_review = Instant::now() + REVIEW;
            match self.rows.waiting().await {
                Ok(waiting) => {
                    #[expect(clippy::cast_precision_loss, reason = "a hundred thousand at most")]
                    let messages = waiting.messages as f64;
                    let service = self.service;
                    metrics::gauge!("outbox_waiting", "service" => service).set(messages);
                    metrics::gauge!("outbox_oldest_seconds", "service" => service).set(waiting.oldest);
                }
                Err(fault) => tracing::debug!(
                    service = self.service,
                    error = fault.chain(),
                    "the outbox cannot be counted"
                ),
            }
            return self.refilling.look(self.service, &self.rows, self.bus.as_ref()).await;
        }
        false
    }

    /// Waits a little for what is on its way; what has not arrived by then is free for whoever comes next.
    async fn finish(mut self) {
        let limit = Instant::now() + FINISHING;
        while self.sending.count() > self.ended.len() {
            match tokio::time::timeout_at(limit, self.ends.recv()).await {
                Ok(ended) => self.ended.extend(ended),
                Err(_) => break,
            }
        }
        let ended = std::mem::take(&mut self.ended);
        if !ended.is_empty() {
            self.settle(ended).await;
        }
        drop(self.rows.free(&self.sending.all(), Duration::ZERO).await); // or their claims run out
    }
}
