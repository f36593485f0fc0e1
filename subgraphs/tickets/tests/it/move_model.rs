//! Telling of moves, model-checked: every order of events, exhaustively.
//!
//! A message, once sent, may be delivered at any later time and any number of times, also after a crash, or not for long: it is
//! lost until it is sent again. Who tells of a move may be killed between any two orders, and several do it at once; an
//! event may be moved again, with or without time to decide, described anew or called off at any moment, and people buy all the while. What is done in one
//! transaction is one step. Those who write mails behave as their own tests show that they do.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use kernel::OrderId;
use stateright::{Checker, Model, Property};
use tickets::domain::entities::{Move, known_start};
use uuid::Uuid;

/// How often the event is moved.
const MOVES: u8 = 2;
/// How many orders there are.
const ORDERS: usize = 2;

/// What is sent about the event, with the version and the time it has then. Its first time is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Changed {
    /// With a window: until when whoever bought before may return tickets, which is later with each move.
    Moved {
        version: u8,
        time: u8,
        window: bool,
    },
    Described {
        version: u8,
        time: u8,
    },
    CalledOff {
        version: u8,
    },
}

/// What is sent about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Told {
    Rescheduled { order: usize, sequence: u8, before: u8, time: u8 },
    CalledOff { order: usize },
}

/// A move as `tickets` keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Kept {
    before: u8,
    told_through: Option<usize>,
    all_told: bool,
    done: bool,
}

/// What becomes of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Order {
    /// How many moves were known when its tickets were issued, and which time they say.
    issued: Option<(u8, u8)>,
    /// The time that was told last.
    told: Option<u8>,
    /// Of which move its holders have a mail, the newest.
    mailed: u8,
    off: bool,
    /// Set once somebody got what they must not get.
    wrong: Option<&'static str>,
}

impl Order {
    /// The time that its holders go by, once all mails have come.
    fn knows(&self) -> Option<u8> {
        self.issued.map(|(_, time)| self.told.unwrap_or(time))
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct World {
    /// At `events`: its version, its time, how often it was moved, whether it is off.
    version: u8,
    time: u8,
    moved: u8,
    described: bool,
    off: bool,
    /// Which of its moves gave time to decide, the last one.
    promised: u8,
    /// At `tickets`.
    learned: u8,
    learned_time: u8,
    learned_off: bool,
    /// When tickets are not sold any more that are sold until the event begins.
    sales_end: u8,
    /// Up to which move `tickets` keeps that promise.
    window: u8,
    moves: Vec<Kept>,
    orders: [Order; ORDERS],
    /// On their way.
    changed: BTreeSet<Changed>,
    told: BTreeSet<Told>,
    /// Those that came at least once.
    came: BTreeSet<Told>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Happens {
    Moves { window: bool },
    IsDescribed,
    IsCalledOff,
    SomebodyBuys(usize),
    TellsOne,
    Changed(Changed),
    Told(Told),
}

fn order_id(order: usize) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(order as u128 + 1))
}

fn instant(at: u8) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(i64::from(at))
}

impl World {
    /// The moves as the domain has them, the last one first: the first is heard of at 2, the next at 4.
    fn latest_first(&self) -> Vec<Move> {
        let kept = self.moves.iter().zip(1_u8..).map(|(kept, sequence)| Move {
            sequence: i64::from(sequence),
            previous_start: instant(kept.before),
            reason: None,
            at: instant(2 * sequence),
            told_through: if kept.all_told {
                Some(OrderId::from_uuid(Uuid::max()))
            } else {
                kept.told_through.map(order_id)
            },
        });
        let mut moves: Vec<Move> = kept.collect();
        moves.reverse();
        moves
    }

    fn learn(&mut self, changed: Changed) {
        match changed {
            Changed::Moved { version, time, window } if version > self.learned => {
                self.nothing_more();
                let before = self.learned_time;
                self.moves.push(Kept { before, told_through: None, all_told: false, done: false });
                self.window = self.window.max(if window { time } else { 0 });
                self.begins_at(version, time);
            }
            // It comes behind a later one: what was promised with it stands.
            Changed::Moved { time, window: true, .. } => self.window = self.window.max(time),
            Changed::Described { version, time } if version > self.learned => {
                // A move between what is known and this is still on its way: it is delivered again later.
                if version > self.learned + 1 && time != self.learned_time {
                    return;
                }
                self.begins_at(version, time);
            }
            Changed::CalledOff { version } if version > self.learned => {
                self.nothing_more();
                (self.learned, self.learned_off) = (version, true);
                for (order, of) in self.orders.iter().enumerate() {
                    if of.issued.is_some() {
                        self.told.insert(Told::CalledOff { order });
                    }
                }
            }
            _ => {}
        }
    }

    /// Both are one transaction.
    fn begins_at(&mut self, version: u8, time: u8) {
        if self.sales_end >= self.learned_time {
            self.sales_end += time - self.learned_time;
        }
        (self.learned, self.learned_time) = (version, time);
    }

    fn nothing_more(&mut self) {
        self.moves.iter_mut().for_each(|kept| kept.done = true);
    }

    /// The next order whose tickets say an earlier time, or the end.
    fn tell_one(&mut self) {
        let sequence = u8::try_from(self.moves.len()).unwrap();
        let moves = self.latest_first();
        let Some(last) = self.moves.last_mut().filter(|kept| !kept.done) else { return };
        let after = last.told_through.map_or(0, |through| through + 1);
        let due = (after..ORDERS).find(|order| {
            // The tickets of others were issued behind the move.
            self.orders[*order]
                .issued
                .is_some_and(|(known, _)| instant(2 * known + 1) <= instant(2 * sequence))
        });
        let Some(order) = due else {
            (last.done, last.all_told) = (true, true);
            return;
        };
        last.told_through = Some(order);
        let (known, _) = self.orders[order].issued.unwrap();
        let before = known_start(&moves, order_id(order), instant(2 * known + 1)).unwrap();
        let before = u8::try_from(before.timestamp()).unwrap();
        if self.orders[order].knows() != Some(before) {
            self.orders[order].wrong = Some("told of another time before than the one they know");
        }
        self.orders[order].told = Some(self.learned_time);
        self.told.insert(Told::Rescheduled { order, sequence, before, time: self.learned_time });
    }

    /// Who writes mails hears of it.
    fn hear(&mut self, told: Told) {
        self.came.insert(told);
        match told {
            Told::Rescheduled { order, sequence, .. } => {
                let of = &mut self.orders[order];
                if of.off || of.mailed >= sequence {
                    return;
                }
                of.mailed = sequence;
                if of.issued.is_some_and(|(known, _)| known >= sequence) {
                    of.wrong = Some("told of a move although the tickets say the new time");
                }
            }
            Told::CalledOff { order } => self.orders[order].off = true,
        }
    }
}

struct Telling;

impl Model for Telling {
    type State = World;
    type Action = Happens;

    fn init_states(&self) -> Vec<World> {
        vec![World::default()]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Happens>) {
        actions.extend([false, true].map(|window| Happens::Moves { window }));
        actions.extend([Happens::IsDescribed, Happens::IsCalledOff, Happens::TellsOne]);
        actions.extend((0..ORDERS).map(Happens::SomebodyBuys));
        actions.extend(world.changed.iter().map(|changed| Happens::Changed(*changed)));
        actions.extend(world.told.iter().map(|told| Happens::Told(*told)));
    }

    fn next_state(&self, before: &World, happens: Happens) -> Option<World> {
        let mut world = before.clone();
        match happens {
            Happens::Moves { window } if !world.off && world.moved < MOVES => {
                world.moved += 1;
                world.version += 1;
                world.time += 1;
                world.promised = if window { world.time } else { world.promised };
                let (version, time) = (world.version, world.time);
                world.changed.insert(Changed::Moved { version, time, window });
            }
            Happens::IsDescribed if !world.off && !world.described => {
                world.described = true;
                world.version += 1;
                world.changed.insert(Changed::Described { version: world.version, time: world.time });
            }
            Happens::IsCalledOff if !world.off => {
                world.off = true;
                world.version += 1;
                world.changed.insert(Changed::CalledOff { version: world.version });
            }
            Happens::SomebodyBuys(order) if !world.learned_off && world.orders[order].issued.is_none() => {
                let known = u8::try_from(world.moves.len()).unwrap();
                world.orders[order].issued = Some((known, world.learned_time));
            }
            Happens::TellsOne => world.tell_one(),
            Happens::Changed(changed) => world.learn(changed),
            Happens::Told(told) => world.hear(told),
            _ => {}
        }
        (world != *before).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("nobody is told what they must not be told", |_, world: &World| {
                world.orders.iter().all(|order| order.wrong.is_none())
            }),
            Property::always("a time is not learned without the move to it", |_, world: &World| {
                world.learned_time == 0 || !world.moves.is_empty()
            }),
            Property::always(
                "what is sold until the event begins is sold until it begins now",
                |_, world: &World| world.sales_end == world.learned_time,
            ),
            Property::always("time to decide that was given is not taken away", |_, world: &World| {
                let mut rest = world.clone();
                world.changed.iter().for_each(|changed| rest.learn(*changed));
                world.window <= world.promised && rest.window == world.promised
            }),
            Property::always("who was told of everything goes by the time it has", |_, world: &World| {
                let all_told = world.moves.last().is_none_or(|kept| kept.all_told);
                world.learned_off
                    || !all_told
                    || world
                        .orders
                        .iter()
                        .all(|order| order.knows().is_none_or(|time| time == world.learned_time))
            }),
            Property::always("whose mails have all come has one of the last move", |_, world: &World| {
                world.came != world.told
                    || world.orders.iter().enumerate().all(|(which, order)| {
                        let newest = world.told.iter().filter_map(|told| match told {
                            Told::Rescheduled { order, sequence, .. } if *order == which => Some(*sequence),
                            _ => None,
                        });
                        order.off || newest.max().is_none_or(|newest| order.mailed == newest)
                    })
            }),
            Property::always("somebody is told of a move that is not over", |_, world: &World| {
                world.moves.iter().rev().skip(1).all(|replaced| replaced.done)
            }),
            Property::sometimes("a move replaces one that was told to one of two", |_, world: &World| {
                world.moves.len() == 2
                    && world.moves[0].told_through == Some(0)
                    && !world.moves[0].all_told
                    && world.orders.iter().all(|order| order.told == Some(2))
            }),
            Property::sometimes("what was described waits for its move", |_, world: &World| {
                let described = |changed: &Changed| matches!(changed, Changed::Described { time: 1.., .. });
                world.changed.iter().any(described) && world.learned == 0 && world.moves.is_empty()
            }),
        ]
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "how many states were walked is told to who reads what tests say")]
fn no_order_of_messages_crashes_and_moves_tells_anybody_something_wrong() {
    let checker = Telling.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    let states = checker.unique_state_count();
    println!("moves of an event: {states} states");
    assert!(states > 1_000, "the model was walked: {states}");
}
