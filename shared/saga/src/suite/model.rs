//! A saga with whoever it asks, model-checked: every order of events, exhaustively.
//!
//! A message, once sent, may be delivered at any later time and any number of times, also after a crash; time may run out
//! and the saga be given up at any moment; whoever is asked may refuse. Whoever is asked answers each ask with the outcome
//! that stands, and an undo wins over a late do. What was refused stays refused, unless it must happen, and what was said
//! to stand stands. What is asked of
//! the saga's own service is done with the decision.

use std::collections::BTreeSet;

use contracts::saga::{Outcome, Way};
use stateright::{Checker, Model, Property};

use crate::{Ask, Back, Input, Progress, Saga, Why, advance, advance::line};

/// How a step stands with whoever does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Part {
    Idle,
    Done,
    /// Done, and it was said that it stands although its time was over.
    Kept,
    Refused,
    Undone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Sent<S> {
    Do(S),
    /// With true: what was done in time may be kept.
    Undo(S, bool),
    Done(S),
    Refused(S),
    Undone(S),
    Stands(S),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World<S> {
    progress: Progress<S>,
    parts: Vec<Part>,
    sent: BTreeSet<Sent<S>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Happens<S> {
    what: What<S>,
    /// Whoever is asked then refuses what may be refused.
    refuses: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum What<S> {
    Delivered(Sent<S>),
    TimeRunsOut,
    GivenUp,
}

struct Checked<A: Saga> {
    given: A::Given,
}

impl<A: Saga> Checked<A> {
    fn place(step: A::Step) -> usize {
        A::table().iter().position(|line| line.step == step).expect("the table has every step")
    }

    fn go_on(&self, world: &mut World<A::Step>, input: &Input<A::Step>, refuses: bool) {
        let (next, ask) = advance::<A>(world.progress, input, self.given);
        world.progress = next;
        let Some(ask) = ask else { return };
        if ask.is_own::<A>() {
            let outcome = Self::outcome(world, ask.step(), ask.way(), false, refuses);
            if world.progress.ask() == Some(ask) {
                self.go_on(world, &ask.answered(outcome), refuses);
            }
            return;
        }
        world.sent.insert(match ask {
            Ask::Do(step) => Sent::Do(step),
            Ask::Undo(step, why) => Sent::Undo(step, why == Why::Expired),
        });
    }

    /// What whoever is asked does, and answers.
    fn outcome(
        world: &mut World<A::Step>,
        step: A::Step,
        way: Way,
        may_keep: bool,
        refuses: bool,
    ) -> Outcome {
        let no = || Outcome::Refused { reason: String::new() };
        let must_happen = line::<A>(step).back == Back::MustHappen;
        let part = &mut world.parts[Self::place(step)];
        match (way, *part) {
            (Way::Do, Part::Idle) if refuses => {
                if !must_happen {
                    *part = Part::Refused;
                }
                no()
            }
            (Way::Do, Part::Idle | Part::Done) => {
                *part = Part::Done;
                Outcome::Done
            }
            (Way::Do, Part::Kept) => Outcome::Done,
            (Way::Do, Part::Refused | Part::Undone) => no(),
            // To keep what was done, or not, is up to whoever did it; what was kept stays so.
            (Way::Undo, Part::Done | Part::Kept) if may_keep && (!refuses || *part == Part::Kept) => {
                *part = Part::Kept;
                Outcome::Stands
            }
            (Way::Undo, _) => {
                *part = Part::Undone;
                Outcome::Done
            }
        }
    }

    fn deliver(&self, world: &mut World<A::Step>, message: Sent<A::Step>, refuses: bool) {
        let reply = |step, way, outcome| Input::Reply(step, way, outcome);
        match message {
            Sent::Do(step) => {
                let outcome = Self::outcome(world, step, Way::Do, false, refuses);
                world.sent.insert(match outcome {
                    Outcome::Done => Sent::Done(step),
                    Outcome::Refused { .. } | Outcome::Stands => Sent::Refused(step),
                });
            }
            Sent::Undo(step, may_keep) => {
                let outcome = Self::outcome(world, step, Way::Undo, may_keep, refuses);
                world.sent.insert(match outcome {
                    Outcome::Stands => Sent::Stands(step),
                    Outcome::Done | Outcome::Refused { .. } => Sent::Undone(step),
                });
            }
            Sent::Done(step) => self.go_on(world, &reply(step, Way::Do, Outcome::Done), refuses),
            Sent::Refused(step) => {
                let no = Outcome::Refused { reason: String::new() };
                self.go_on(world, &reply(step, Way::Do, no), refuses);
            }
            Sent::Undone(step) => self.go_on(world, &reply(step, Way::Undo, Outcome::Done), refuses),
            Sent::Stands(step) => self.go_on(world, &reply(step, Way::Undo, Outcome::Stands), refuses),
        }
    }

    fn are_done(world: &World<A::Step>, steps: impl Iterator<Item = A::Step>) -> bool {
        steps.map(Self::place).all(|place| matches!(world.parts[place], Part::Done | Part::Kept))
    }

    fn steps(&self) -> impl Iterator<Item = A::Step> {
        let given = self.given;
        A::table().iter().map(|line| line.step).filter(move |step| !A::leaves_out(*step, given))
    }
}

impl<A: Saga> Model for Checked<A> {
    type State = World<A::Step>;
    type Action = Happens<A::Step>;

    fn init_states(&self) -> Vec<Self::State> {
        let start = |refuses| {
            let progress = Progress::start::<A>();
            let parts = vec![Part::Idle; A::table().len()];
            let mut world = World { progress, parts, sent: BTreeSet::new() };
            let Some(first) = progress.ask() else { return world };
            if first.is_own::<A>() {
                let outcome = Self::outcome(&mut world, first.step(), Way::Do, false, refuses);
                self.go_on(&mut world, &first.answered(outcome), refuses);
            } else {
                world.sent.insert(Sent::Do(first.step()));
            }
            world
        };
        vec![start(false), start(true)]
    }

    fn actions(&self, world: &Self::State, actions: &mut Vec<Self::Action>) {
        for refuses in [false, true] {
            let happens = |what| Happens { what, refuses };
            actions.extend(world.sent.iter().map(|message| happens(What::Delivered(*message))));
            actions.extend([What::TimeRunsOut, What::GivenUp].map(happens));
        }
    }

    fn next_state(
        &self,
        before: &Self::State,
        Happens { what, refuses }: Self::Action,
    ) -> Option<Self::State> {
        let mut world = before.clone();
        match what {
            What::Delivered(message) => self.deliver(&mut world, message, refuses),
            What::TimeRunsOut => self.go_on(&mut world, &Input::TimedOut, refuses),
            What::GivenUp => self.go_on(&mut world, &Input::Cancel, refuses),
        }
        (world != *before).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("what is done is done in all its steps", |it: &Self, world: &World<A::Step>| {
                world.progress != Progress::Done || Self::are_done(world, it.steps())
            }),
            Property::always("of what is undone nothing is left", |_, world: &World<A::Step>| {
                !matches!(world.progress, Progress::Undone { .. })
                    || !world.parts.iter().any(|part| matches!(part, Part::Done | Part::Kept))
            }),
            Property::always(
                "past the pivot everything before it stands",
                |it: &Self, world: &World<A::Step>| {
                    let pivot = A::table().iter().find(|line| line.back == Back::Pivot).map(|line| line.step);
                    let past = pivot.filter(|pivot| world.parts[Self::place(*pivot)] == Part::Done);
                    past.is_none_or(|pivot| Self::are_done(world, it.steps().filter(|step| *step < pivot)))
                },
            ),
            Property::always("there is always something that moves it on", |_, world: &World<A::Step>| {
                world.progress.is_over() || world.progress.ask().is_some()
            }),
            Property::sometimes("it is done", |_, world: &World<A::Step>| world.progress == Progress::Done),
        ]
    }
}

/// Walks over every order, loss and repetition of messages, refusals, time-outs and second thoughts, and panics where a saga
/// ends half done or half undone. How many states there are.
pub fn no_order_of_messages_breaks<A: Saga>(given: A::Given) -> usize {
    let checker = Checked::<A> { given }.checker().threads(2).spawn_bfs().join();
    checker.assert_properties();
    checker.unique_state_count()
}
