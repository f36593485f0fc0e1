//! Requests that want the same event wait here for their turn, and not with a connection in hand. Those who wait together
//! have their turns in one transaction: the event is locked once, what they look for is read once, each decides on what
//! those before it left, and what they decided is written and committed once. The more want an event, the less each costs.

use std::{
    collections::{BTreeSet, HashMap, VecDeque, hash_map::Entry},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::DateTime;
use kernel::{EventId, Fault, PromoCodeId, Refusal, ReservationId, Result, UserId};
use service::Database;
use tokio::{sync::oneshot, time::Instant};
use tracing::{Instrument as _, Span};
use uuid::Uuid;

use super::{
    locking::{self, Found, Looks},
    sql::faulty,
    store::SeaStore,
    transaction::{Back, Gathered, Open, SeaTx},
};
use crate::domain::{
    entities::Inventory,
    ports::{Key, Locked, Look, Tx as _},
    reasons,
};

/// The most turns of a round.
const TURNS: usize = 16;
/// Who looks at more seats has a round alone: each turn is given its own copy of what was read.
const FEW_SEATS: usize = 100;
/// When more wait after a round, an event is left alone for as long as the round took, and not longer than that: whoever
/// wants another event has the machine meanwhile.
const CROWD: usize = 4 * TURNS;
const LONGEST_REST: Duration = Duration::from_millis(50);
/// How long anybody waits for a turn.
const PATIENCE: Duration = Duration::from_secs(3);
/// After a round that failed, so many have one turn only: one who fails then fails alone.
const ALONE_AFTER_A_FAULT: usize = TURNS;

/// Who waits for which event: so many for each, and no more. An event that everybody wants takes neither connections nor
/// time from the others.
#[derive(Clone)]
pub(crate) struct Rounds {
    inner: Arc<Inner>,
    behind: bool,
}

struct Inner {
    places: usize,
    database: Database,
    /// An event is in it as long as somebody leads its rounds.
    events: Mutex<HashMap<EventId, Queue>>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Ask>,
    /// How many rounds from now on have one turn only.
    alone: usize,
}

/// What one looks for, and to whom the turn is given.
struct Ask {
    seats: Vec<u32>,
    buyer: Option<UserId>,
    reservation: Option<ReservationId>,
    key: Option<(UserId, &'static str, String)>,
    promo_code: Option<PromoCodeId>,
    message: Option<Uuid>,
    /// True when a consumer or a worker asks.
    behind: bool,
    give: oneshot::Sender<Given>,
    /// Within which it asks: a round belongs to the trace of its first.
    within: Span,
}

/// A turn; none when there is no such event, or the message was handled.
type Given = Result<Turn, Fault>;

enum Turn {
    Had(Box<(SeaTx, Locked)>),
    UnknownEvent,
    HandledBefore,
}

/// Waits for a turn with the event; `RATE_LIMITED` when too many wait already, or the wait is long. Who works behind waits
/// for as long as it takes.
pub(super) async fn turn(
    store: &SeaStore,
    event: EventId,
    look: Look<'_>,
    message: Option<Uuid>,
) -> Result<Option<(SeaTx, Locked)>> {
    let (give, given) = oneshot::channel();
    store.rounds.stand_in(store, event, Ask::of(look, message, store.rounds.behind, give))?;
    let given = if store.rounds.behind {
        given.await
    } else {
        tokio::time::timeout(PATIENCE, given).await.map_err(|_| too_many())?
    };
    let given = given.map_err(|_| Fault::passing("waiting for a turn", "nobody leads the event's rounds"))?;
    match given? {
        Turn::Had(turn) => Ok(Some(*turn)),
        Turn::UnknownEvent if message.is_some() => {
            Err(Fault::broken_rule(format!("a message about event {event}, which is not known")).into())
        }
        Turn::UnknownEvent | Turn::HandledBefore => Ok(None),
    }
}

fn too_many() -> Refusal {
    metrics::counter!("event_queue_refused_total").increment(1);
    let message = "So many want places of this event that the queue is full. Try again in a second.";
    Refusal::new(reasons::EVENT_QUEUE_FULL, message).with("retryAfterSeconds", 1)
}

impl Ask {
    fn of(look: Look<'_>, message: Option<Uuid>, behind: bool, give: oneshot::Sender<Given>) -> Self {
        Self {
            seats: look.seats.to_vec(),
            buyer: look.buyer,
            reservation: look.reservation,
            key: look.key.map(|key| (key.by, key.operation, key.key.to_owned())),
            promo_code: look.promo_code,
            message,
            behind,
            give,
            within: Span::current(),
        }
    }

    fn look(&self) -> Look<'_> {
        Look {
            seats: &self.seats,
            buyer: self.buyer,
            reservation: self.reservation,
            key: self.key.as_ref().map(|(by, operation, key)| Key { by: *by, operation, key }),
            promo_code: self.promo_code,
        }
    }

    /// Who and what it is about. What is read for a turn is read before the round's first: two about the same follow each
    /// other in two rounds.
    fn about(&self) -> impl Iterator<Item = Uuid> {
        let by = self.key.as_ref().map(|(by, ..)| by.uuid());
        let reservation = self.reservation.map(kernel::Id::uuid);
        let promo_code = self.promo_code.map(kernel::Id::uuid);
        [self.buyer.map(kernel::Id::uuid), by, reservation, promo_code, self.message].into_iter().flatten()
    }
}

impl Rounds {
    /// So many wait for an event at most.
    pub(crate) fn new(places: u32, database: Database) -> Self {
        let inner = Inner { places: places as usize, database, events: Mutex::default() };
        Self { inner: Arc::new(inner), behind: false }
    }

    /// The same rounds, for consumers and workers: they are few, wait before everybody else, are never refused, and decide
    /// with connections of their own.
    pub(crate) fn behind(&self) -> Self {
        Self { behind: true, ..self.clone() }
    }

    fn events(&self) -> MutexGuard<'_, HashMap<EventId, Queue>> {
        self.inner.events.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stand_in(&self, store: &SeaStore, event: EventId, ask: Ask) -> Result<(), Refusal> {
        let mut events = self.events();
        match events.entry(event) {
            Entry::Occupied(mut queue) => queue.get_mut().add(ask, self.inner.places),
            Entry::Vacant(place) => {
                place.insert(Queue { waiting: VecDeque::from([ask]), alone: 0 });
                let leads = Leads { rounds: self.clone(), event };
                tokio::spawn(leads.on(store.clone()));
                Ok(())
            }
        }
    }

    /// Those who have their turns in the next round. Nobody waits any more when there are none; then the event is
    /// forgotten.
    fn next(&self, event: EventId) -> Vec<Ask> {
        let mut events = self.events();
        let Entry::Occupied(mut queue) = events.entry(event) else { return Vec::new() };
        let next = queue.get_mut().next();
        if next.is_empty() {
            queue.remove();
        }
        next
    }

    /// They wait again, before all others.
    fn wait_again(&self, event: EventId, asks: impl DoubleEndedIterator<Item = Ask>) {
        if let Some(queue) = self.events().get_mut(&event) {
            for ask in asks.rev() {
                queue.waiting.push_front(ask);
            }
        }
    }

    /// True when so many wait that the event is left alone for a while. Who works behind does not wait for that.
    fn is_crowded(&self, event: EventId) -> bool {
        let events = self.events();
        let Some(Queue { waiting, .. }) = events.get(&event) else { return false };
        waiting.len() > CROWD && waiting.front().is_some_and(|first| !first.behind)
    }

    fn failed(&self, event: EventId) {
        if let Some(queue) = self.events().get_mut(&event) {
            queue.alone = ALONE_AFTER_A_FAULT;
        }
    }
}

impl Queue {
    fn add(&mut self, ask: Ask, places: usize) -> Result<(), Refusal> {
        if ask.behind {
            let before = self.waiting.iter().take_while(|waiting| waiting.behind).count();
            self.waiting.insert(before, ask);
        } else if self.waiting.len() >= places {
            return Err(too_many());
        } else {
            self.waiting.push_back(ask);
        }
        Ok(())
    }

    fn next(&mut self) -> Vec<Ask> {
        let most = if self.alone > 0 { 1 } else { TURNS };
        self.alone = self.alone.saturating_sub(1);
        let (mut next, mut later) = (Vec::<Ask>::new(), VecDeque::new());
        let (mut about, mut seats) = (BTreeSet::new(), 0);
        while let Some(ask) = self.waiting.pop_front() {
            if ask.give.is_closed() {
                continue;
            }
            let fits = next.is_empty() || seats + ask.seats.len() <= FEW_SEATS;
            // Whoever comes later and is about the same stays behind whoever has to wait.
            let apart = ask.about().all(|what| !about.contains(&what));
            about.extend(ask.about());
            if fits && apart {
                seats += ask.seats.len();
                next.push(ask);
                if next.len() == most {
                    break;
                }
            } else {
                later.push_back(ask);
            }
        }
        later.append(&mut self.waiting);
        self.waiting = later;
        next
    }
}

/// Whoever leads an event's rounds. If that ends by a panic, who waits hears of it, and somebody else leads.
struct Leads {
    rounds: Rounds,
    event: EventId,
}

impl Drop for Leads {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.rounds.events().remove(&self.event);
        }
    }
}

impl Leads {
    async fn on(self, store: SeaStore) {
        loop {
            let asks = self.rounds.next(self.event);
            let Some(first) = asks.first() else { return };
            let within = first.within.clone();
            let began = Instant::now();
            if let Err(fault) = self.round(&store, asks).instrument(within).await {
                self.rounds.failed(self.event);
                tracing::warn!(event = %self.event, error = fault.chain(), "a round failed");
            }
            if self.rounds.is_crowded(self.event) {
                tokio::time::sleep(began.elapsed().min(LONGEST_REST)).await;
            }
        }
    }

    async fn round(&self, store: &SeaStore, asks: Vec<Ask>) -> Result<(), Fault> {
        let (mut open, mut found) = match self.lock(store, &asks).await {
            Ok(Some(locked)) => locked,
            Ok(None) => {
                for ask in asks {
                    drop(ask.give.send(Ok(Turn::UnknownEvent)));
                }
                return Ok(());
            }
            Err(fault) => {
                for ask in asks {
                    drop(ask.give.send(Err(fault.alike())));
                }
                return Err(fault);
            }
        };
        // Who gives back what has run out decides with it: if nothing comes of the turn, nothing comes of that.
        let alone = !found.lapsed.is_empty();
        let mut decided = Decided::default();
        let mut asks = asks.into_iter();
        while let Some(ask) = asks.next() {
            if found.was_handled(ask.message) {
                drop(ask.give.send(Ok(Turn::HandledBefore)));
                continue;
            }
            let before = mem::replace(&mut open.gathered, Gathered::of(store));
            open.sent = false;
            let (back, comes_back) = oneshot::channel();
            let locked = found.of(ask.look());
            let turn = Turn::Had(Box::new((SeaTx::turn(open, ask.message, back), locked)));
            // Who does not wait any more gives it back at once.
            drop(ask.give.send(Ok(turn)));
            let (stays, mut came) = match comes_back.await {
                Ok(Back::Decided(came, durable)) => (Some(durable), came),
                Ok(Back::Left(came)) => (None, came),
                Err(_) => {
                    self.rounds.wait_again(self.event, asks);
                    return Err(decided.failed(Fault::passing("taking turns", "a turn never came back")));
                }
            };
            let turn = mem::replace(&mut came.gathered, before);
            let sent = came.sent;
            open = *came;
            if let Some(durable) = stays {
                decided.turns.push(durable);
                if let Some(inventory) = open.inventory.take() {
                    found.inventory = inventory;
                    decided.saves = true;
                }
                if let Err(fault) = open.take_over(turn).await {
                    self.rounds.wait_again(self.event, asks);
                    return Err(decided.failed(fault));
                }
            } else if sent {
                // What was sent cannot be taken back alone.
                self.rounds.wait_again(self.event, asks);
                return decided.given_up();
            }
            open.inventory = None;
            if alone {
                break;
            }
        }
        self.rounds.wait_again(self.event, asks);
        decided.commit(open, found.inventory).await
    }

    async fn lock(&self, store: &SeaStore, asks: &[Ask]) -> Result<Option<(Open, Found)>, Fault> {
        // Who works behind waits for no connection that requests have taken.
        let Inner { database, .. } = &*self.rounds.inner;
        let behind = asks.iter().any(|ask| ask.behind);
        let database = if behind { database.background() } else { database.clone() };
        let mut looks = Looks::default();
        for ask in asks {
            looks.add(ask.look(), ask.message);
        }
        let transaction = database.begin().await.map_err(faulty("beginning a transaction"))?;
        // Its time is that of the lock.
        let mut open = Open::new(store.clone(), transaction, DateTime::UNIX_EPOCH);
        let found = locking::lock(&mut open, self.event, &looks).await?;
        Ok(found.map(|found| (open, found)))
    }
}

/// What the turns of a round came to.
#[derive(Default)]
struct Decided {
    /// Those who wait until it is durable.
    turns: Vec<oneshot::Sender<Result<(), Fault>>>,
    /// True when the event's places are saved.
    saves: bool,
}

impl Decided {
    async fn commit(self, mut open: Open, inventory: Inventory) -> Result<(), Fault> {
        if self.turns.is_empty() {
            return Ok(());
        }
        let turns = self.turns.len() as u64;
        open.inventory = self.saves.then_some(inventory);
        match Box::new(SeaTx::whole(open)).commit().await {
            Ok(()) => {
                metrics::counter!("event_rounds_total").increment(1);
                metrics::counter!("event_turns_total").increment(turns);
                for turn in self.turns {
                    drop(turn.send(Ok(())));
                }
                Ok(())
            }
            Err(fault) => Err(self.failed(fault)),
        }
    }

    /// Tells all of them that it failed; the fault is for the log.
    fn failed(self, fault: Fault) -> Fault {
        for turn in self.turns {
            drop(turn.send(Err(fault.alike())));
        }
        fault
    }

    /// One gave up in the middle: all of it is rolled back, and the others try again. Nothing is wrong when there are none.
    fn given_up(self) -> Result<(), Fault> {
        if self.turns.is_empty() {
            return Ok(());
        }
        Err(self.failed(Fault::passing("taking turns", "another gave up in the middle of its turn")))
    }
}

#[cfg(test)]
mod tests;
