//! The purchase saga, model-checked: every order of events, exhaustively.
//!
//! A message, once sent, may be delivered at any later time and any number of times, also after a crash; time may
//! run out at any moment; the buyer may pay or give up at any moment; seats may lapse and be taken by somebody
//! else. Each participant behaves as its own tests show that it does; what `tickets` does itself is done with the decision.

use std::collections::BTreeSet;

use contracts::purchase::{Outcome, PurchaseStep, Way};
use saga::{Ask, Input, Progress, Why, advance};
use stateright::{Checker, Model, Property};
use tickets::domain::sagas::purchase::Purchase as Saga;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Money {
    Unasked,
    Open,
    Paid,
    Closed,
    Refunded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Seats {
    Held,
    Free,
    Others,
    Sold,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Sent {
    Do(PurchaseStep),
    KeepOrCancelPayment,
    RefundOrCancelPayment,
    Done(PurchaseStep),
    Refused(PurchaseStep),
    Undone(PurchaseStep),
    Stands,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    progress: Progress<PurchaseStep>,
    money: Money,
    seats: Seats,
    sent: BTreeSet<Sent>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Happens {
    Delivered(Sent),
    TimeRunsOut,
    BuyerPays,
    BuyerGivesUp,
    HoldLapses,
    SomebodyElseTakesTheSeats,
}

impl World {
    fn send(&mut self, message: Sent) {
        self.sent.insert(message);
    }
}

struct Purchase {
    free: bool,
}

impl Purchase {
    fn go_on(&self, world: &mut World, input: &Input<PurchaseStep>) {
        let (next, ask) = advance::<Saga>(world.progress, input, self.free);
        world.progress = next;
        let Some(ask) = ask else { return };
        match ask {
            own if own.is_own::<Saga>() => self.does(world, own),
            Ask::Do(step) => world.send(Sent::Do(step)),
            Ask::Undo(_, Why::Expired) => world.send(Sent::KeepOrCancelPayment),
            Ask::Undo(..) => world.send(Sent::RefundOrCancelPayment),
        }
    }

    /// What `tickets` itself is asked for is done at once.
    fn does(&self, world: &mut World, ask: Ask<PurchaseStep>) {
        let (step, way, becomes) = match ask {
            Ask::Do(step @ PurchaseStep::SecureSeats) => (step, Way::Do, Seats::Held),
            Ask::Do(step) => (step, Way::Do, Seats::Sold),
            Ask::Undo(step, _) => (step, Way::Undo, Seats::Free),
        };
        let theirs = world.seats != Seats::Others;
        if theirs {
            world.seats = becomes;
        }
        let outcome = match way {
            Way::Do if !theirs => Outcome::Refused { reason: String::new() },
            _ => Outcome::Done,
        };
        self.go_on(world, &Input::Reply(step, way, outcome));
    }

    fn deliver(&self, world: &mut World, message: Sent) {
        let reply = |step, way, outcome| Input::Reply(step, way, outcome);
        match message {
            Sent::Do(PurchaseStep::TakePayment) => match world.money {
                Money::Unasked => world.money = Money::Open,
                Money::Open => {}
                Money::Paid => world.send(Sent::Done(PurchaseStep::TakePayment)),
                Money::Closed | Money::Refunded => world.send(Sent::Refused(PurchaseStep::TakePayment)),
            },
            Sent::Do(step) => world.send(Sent::Done(step)),
            Sent::KeepOrCancelPayment if world.money == Money::Paid => world.send(Sent::Stands),
            Sent::KeepOrCancelPayment | Sent::RefundOrCancelPayment => {
                world.money = match world.money {
                    Money::Unasked | Money::Open | Money::Closed => Money::Closed,
                    Money::Paid | Money::Refunded => Money::Refunded,
                };
                world.send(Sent::Undone(PurchaseStep::TakePayment));
            }
            Sent::Done(step) => self.go_on(world, &reply(step, Way::Do, Outcome::Done)),
            Sent::Refused(step) => {
                self.go_on(world, &reply(step, Way::Do, Outcome::Refused { reason: String::new() }));
            }
            Sent::Undone(step) => self.go_on(world, &reply(step, Way::Undo, Outcome::Done)),
            Sent::Stands => self.go_on(world, &reply(PurchaseStep::TakePayment, Way::Undo, Outcome::Stands)),
        }
    }
}

impl Model for Purchase {
    type State = World;
    type Action = Happens;

    fn init_states(&self) -> Vec<World> {
        let progress = Progress::start::<Saga>();
        let mut world = World { progress, money: Money::Unasked, seats: Seats::Held, sent: BTreeSet::new() };
        self.does(&mut world, Ask::Do(PurchaseStep::SecureSeats));
        vec![world]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Happens>) {
        actions.extend(world.sent.iter().map(|message| Happens::Delivered(*message)));
        actions.extend([
            Happens::TimeRunsOut,
            Happens::BuyerPays,
            Happens::BuyerGivesUp,
            Happens::HoldLapses,
            Happens::SomebodyElseTakesTheSeats,
        ]);
    }

    fn next_state(&self, before: &World, happens: Happens) -> Option<World> {
        let mut world = before.clone();
        match happens {
            Happens::Delivered(message) => self.deliver(&mut world, message),
            Happens::TimeRunsOut => self.go_on(&mut world, &Input::TimedOut),
            Happens::BuyerGivesUp => self.go_on(&mut world, &Input::Cancel),
            Happens::BuyerPays if world.money == Money::Open => {
                world.money = Money::Paid;
                world.sent.insert(Sent::Done(PurchaseStep::TakePayment));
            }
            Happens::HoldLapses if world.seats == Seats::Held => world.seats = Seats::Free,
            Happens::SomebodyElseTakesTheSeats if world.seats == Seats::Free => world.seats = Seats::Others,
            _ => {}
        }
        (world != *before).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("tickets only for money that stays", |purchase: &Self, world: &World| {
                world.seats != Seats::Sold || purchase.free || world.money == Money::Paid
            }),
            Property::always(
                "a purchase that went back keeps neither seats nor money",
                |_, world: &World| {
                    !matches!(world.progress, Progress::Undone { .. })
                        || (world.seats != Seats::Sold && !matches!(world.money, Money::Paid | Money::Open))
                },
            ),
            Property::always("a buyer who has bought has the seats", |_, world: &World| {
                world.progress != Progress::Done || world.seats == Seats::Sold
            }),
            Property::always("a free order never asks for money", |purchase: &Self, world: &World| {
                !purchase.free || world.money == Money::Unasked
            }),
            Property::always("there is always something that moves it on", |_, world: &World| {
                world.progress.is_over() || world.progress.ask().is_some()
            }),
            Property::sometimes("it is bought", |_, world: &World| world.progress == Progress::Done),
            Property::sometimes(
                "the money goes back because the seats are gone",
                |purchase: &Self, world: &World| {
                    purchase.free || world.money == Money::Refunded && world.seats == Seats::Others
                },
            ),
        ]
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "how many states were walked is told to who reads what tests say")]
fn no_order_of_messages_crashes_and_choices_breaks_a_purchase() {
    for free in [false, true] {
        let checker = Purchase { free }.checker().threads(2).spawn_bfs().join();
        checker.assert_properties();
        // What costs nothing is bought at the checkout: all that is left is its confirmation.
        let fewest = if free { 2 } else { 50 };
        let states = checker.unique_state_count();
        println!("a purchase with money and seats, free {free}: {states} states");
        assert!(states >= fewest, "the model was walked: {states}");
    }
}
