//! The cancellation of an event, model-checked: every order of events, exhaustively.
//!
//! A message, once sent, may be delivered at any later time and any number of times, also after a crash. Two replicas work the
//! cancellation off; each may be killed, or be slow, between any two of its transactions, and goes on with what it has seen. Buyers pay
//! at any moment, and orders run out. What is done in one transaction is one step. A purchase, a refund and `payments`
//! behave as their own models show that they do.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::saga::{Outcome, Way};
use kernel::{EventId, OrderId};
use saga::{Input, Progress, Running, advance};
use stateright::{Checker, Model, Property};
use tickets::domain::sagas::cancellation::{Cancellation as Saga, CancellationStep, Looked, of};
use uuid::Uuid;

/// How many orders there are, and replicas.
const ORDERS: usize = 2;
const REPLICAS: usize = 2;
/// How many orders are taken in hand at a time, and how many refunds are under way at most.
const AT_ONCE: usize = 1;

/// How an order stands in `tickets`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Stand {
    Unpaid,
    /// Its payment is to end, unless it came in time.
    Ending,
    Cancelled,
    Ticketed,
    /// What was paid goes back: by a refund that the cancellation has begun, or by its purchase.
    GoingBack {
        by_cancellation: bool,
    },
    Refunded,
}

/// How its money stands in `payments`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Money {
    Open,
    Paid,
    Closed,
    /// So often it was given back.
    Back(u8),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Sent {
    EndPayment(usize),
    PaymentEnded(usize),
    PaymentStands(usize),
    Paid(usize),
    GiveBack(usize),
    GivenBack(usize),
}

/// What a replica has in hand between its transactions: the order that is next, and what it will say that it has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct InHand {
    next: Option<usize>,
    looked: Looked,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    /// Where the cancellation stands, and its cursor; none as long as the event is on.
    saga: Option<(Progress<CancellationStep>, Option<Uuid>)>,
    orders: [(Stand, Money); ORDERS],
    sent: BTreeSet<Sent>,
    replicas: [Option<InHand>; REPLICAS],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Happens {
    Delivered(Sent),
    CalledOff,
    BuyerPays(usize),
    TimeRunsOut(usize),
    /// A replica reads where the cancellation stands, and what is next.
    Looks(usize),
    /// It does what is next.
    Acts(usize),
    /// It says what it has come to.
    Notes(usize),
    Dies(usize),
}

fn order(number: usize) -> OrderId {
    OrderId::from_uuid(Uuid::from_u128(number as u128 + 1))
}

/// The cancellation as `tickets` keeps it.
fn kept((progress, cursor): (Progress<CancellationStep>, Option<Uuid>)) -> Running<Saga> {
    Running { progress, cursor, ..of(EventId::from_uuid(Uuid::nil()), DateTime::<Utc>::UNIX_EPOCH) }
}

/// It goes on, by the table that the real one has.
fn go_on(saga: &mut Running<Saga>, input: &Input<CancellationStep>, looked: &Looked) {
    let (next, ask) = advance::<Saga>(saga.progress, input, ());
    saga.progress = next;
    let Some(ask) = ask else { return };
    let step = ask.step();
    if step == CancellationStep::ReleaseHolds || looked.note(saga, step) {
        go_on(saga, &Input::Reply(step, Way::Do, Outcome::Done), looked);
    }
}

impl World {
    fn stand(&mut self, order: usize) -> &mut Stand {
        &mut self.orders[order].0
    }

    /// The money of an order is there: its tickets are issued, unless the event is off.
    fn is_paid(&mut self, order: usize) {
        if self.saga.is_none() {
            *self.stand(order) = Stand::Ticketed;
        } else {
            self.goes_back(order, false);
        }
    }

    fn goes_back(&mut self, order: usize, by_cancellation: bool) {
        *self.stand(order) = Stand::GoingBack { by_cancellation };
        self.sent.insert(Sent::GiveBack(order));
    }

    fn ends(&mut self, order: usize) {
        if *self.stand(order) == Stand::Unpaid {
            *self.stand(order) = Stand::Ending;
            self.sent.insert(Sent::EndPayment(order));
        }
    }

    fn deliver(&mut self, message: Sent) {
        match message {
            Sent::EndPayment(order) => {
                let money = &mut self.orders[order].1;
                let answer = match *money {
                    Money::Paid => Sent::PaymentStands(order),
                    Money::Open | Money::Closed => {
                        *money = Money::Closed;
                        Sent::PaymentEnded(order)
                    }
                    Money::Back(_) => Sent::PaymentEnded(order),
                };
                self.sent.insert(answer);
            }
            Sent::PaymentEnded(order) => {
                if *self.stand(order) == Stand::Ending {
                    *self.stand(order) = Stand::Cancelled;
                }
            }
            Sent::PaymentStands(order) => {
                if *self.stand(order) == Stand::Ending {
                    self.is_paid(order);
                }
            }
            Sent::Paid(order) => {
                if matches!(self.stand(order), Stand::Unpaid | Stand::Ending) {
                    self.is_paid(order);
                }
            }
            Sent::GiveBack(order) => {
                let money = &mut self.orders[order].1;
                // By the same key it is given back once.
                if *money == Money::Paid {
                    *money = Money::Back(1);
                }
                self.sent.insert(Sent::GivenBack(order));
            }
            Sent::GivenBack(order) => {
                if let Stand::GoingBack { .. } = *self.stand(order) {
                    *self.stand(order) = Stand::Refunded;
                }
            }
        }
    }

    fn looks(&self) -> Option<InHand> {
        let (progress, cursor) = self.saga?;
        let Progress::Forward { step } = progress else { return None };
        let next = |is_meant: fn(&Stand) -> bool| {
            let is_behind = |number: &usize| cursor.is_none_or(|cursor| order(*number).uuid() > cursor);
            (0..ORDERS).filter(is_behind).find(|number| is_meant(&self.orders[*number].0))
        };
        let (next, all_done) = match step {
            CancellationStep::ReleaseHolds => (None, false),
            CancellationStep::EndOrders => {
                let next = next(|stand| *stand == Stand::Unpaid);
                (next, usize::from(next.is_some()) < AT_ONCE)
            }
            CancellationStep::RefundOrders => {
                let is_child = |stand: &Stand| matches!(stand, Stand::GoingBack { by_cancellation: true });
                let under_way = self.orders.iter().filter(|(stand, _)| is_child(stand)).count();
                let room = under_way < AT_ONCE;
                let next = next(|stand| *stand == Stand::Ticketed).filter(|_| room);
                (next, room && next.is_none() && under_way == 0)
            }
        };
        let looked = match step {
            CancellationStep::ReleaseHolds => Looked::nowhere(progress),
            _ => Looked::through(progress, next.map(order), all_done),
        };
        Some(InHand { next, looked })
    }

    /// One transaction for the order that is next. What is not as it was is let be.
    fn acts(&mut self, replica: usize) {
        let Some(InHand { next: Some(order), looked }) = self.replicas[replica] else { return };
        self.replicas[replica] = Some(InHand { next: None, looked });
        match *self.stand(order) {
            Stand::Unpaid => self.ends(order),
            Stand::Ticketed => self.goes_back(order, true),
            _ => {}
        }
    }

    fn notes(&mut self, replica: usize) {
        let Some(InHand { next: None, looked }) = self.replicas[replica].take() else { return };
        let mut saga = kept(self.saga.expect("it was looked at"));
        go_on(&mut saga, &Input::TimedOut, &looked);
        self.saga = Some((saga.progress, saga.cursor));
    }

    fn is_done(&self) -> bool {
        self.saga.is_some_and(|(progress, _)| progress.is_over())
    }

    fn is_at_rest(&self) -> bool {
        self.orders.iter().all(|(stand, _)| matches!(stand, Stand::Cancelled | Stand::Refunded))
    }
}

struct CalledOff;

impl Model for CalledOff {
    type State = World;
    type Action = Happens;

    fn init_states(&self) -> Vec<World> {
        let orders = [(Stand::Unpaid, Money::Open); ORDERS];
        vec![World { saga: None, orders, sent: BTreeSet::new(), replicas: [None; REPLICAS] }]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Happens>) {
        actions.extend(world.sent.iter().map(|message| Happens::Delivered(*message)));
        actions.push(Happens::CalledOff);
        for order in 0..ORDERS {
            actions.extend([Happens::BuyerPays(order), Happens::TimeRunsOut(order)]);
        }
        for replica in 0..REPLICAS {
            let does = [Happens::Looks, Happens::Acts, Happens::Notes, Happens::Dies];
            actions.extend(does.map(|does| does(replica)));
        }
    }

    fn next_state(&self, before: &World, happens: Happens) -> Option<World> {
        let mut world = before.clone();
        match happens {
            Happens::Delivered(message) => world.deliver(message),
            Happens::CalledOff if world.saga.is_none() => {
                let saga = of(EventId::from_uuid(Uuid::nil()), DateTime::<Utc>::UNIX_EPOCH);
                world.saga = Some((saga.progress, saga.cursor));
            }
            Happens::BuyerPays(order) if world.orders[order].1 == Money::Open => {
                world.orders[order].1 = Money::Paid;
                world.sent.insert(Sent::Paid(order));
            }
            Happens::TimeRunsOut(order) => world.ends(order),
            Happens::Looks(replica) if world.replicas[replica].is_none() => {
                world.replicas[replica] = world.looks();
            }
            Happens::Acts(replica) => world.acts(replica),
            Happens::Notes(replica) if world.replicas[replica].is_some_and(|it| it.next.is_none()) => {
                world.notes(replica);
            }
            Happens::Dies(replica) => world.replicas[replica] = None,
            _ => {}
        }
        (world != *before).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("when it is done, nobody has tickets or is still to pay", |_, world: &World| {
                !world.is_done()
                    || !world.orders.iter().any(|(stand, _)| {
                        let goes_back = Stand::GoingBack { by_cancellation: true };
                        matches!(stand, Stand::Unpaid | Stand::Ticketed) || *stand == goes_back
                    })
            }),
            Property::always("money goes back once, and where no tickets are", |_, world: &World| {
                world.orders.iter().all(|(stand, money)| match money {
                    Money::Back(times) => {
                        *times == 1 && matches!(stand, Stand::GoingBack { .. } | Stand::Refunded)
                    }
                    _ => *stand != Stand::Refunded,
                })
            }),
            Property::always("who is cancelled has paid nothing", |_, world: &World| {
                world
                    .orders
                    .iter()
                    .all(|(stand, money)| *stand != Stand::Cancelled || *money == Money::Closed)
            }),
            Property::always("something always leads on", |_, world: &World| {
                let waits = |(number, (stand, _)): (usize, &(Stand, Money))| match stand {
                    Stand::Ending => world.sent.contains(&Sent::EndPayment(number)),
                    Stand::GoingBack { .. } => world.sent.contains(&Sent::GiveBack(number)),
                    _ => true,
                };
                world.orders.iter().enumerate().all(waits)
                    && (world.saga.is_none() || world.is_done() || world.looks().is_some())
            }),
            Property::sometimes("all is done and at rest", |_, world: &World| {
                world.is_done() && world.is_at_rest()
            }),
            Property::sometimes("one is cancelled, and one has its money back", |_, world: &World| {
                let has = |wanted| world.orders.iter().any(|(stand, _)| *stand == wanted);
                world.is_done() && has(Stand::Cancelled) && has(Stand::Refunded)
            }),
        ]
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "how many states were walked is told to who reads what tests say")]
fn no_order_of_messages_and_crashes_leaves_anybody_with_tickets_for_an_event_that_is_off() {
    let checker = CalledOff.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    let states = checker.unique_state_count();
    println!("a cancellation with two orders and two replicas: {states} states");
    assert!(states > 10_000, "the model was walked: {states}");
}
