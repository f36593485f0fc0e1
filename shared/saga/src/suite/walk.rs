//! Walks over a saga's table.

use std::collections::{HashSet, VecDeque};

use contracts::saga::{Outcome, Way};

use crate::{Ask, Back, Input, Progress, Saga, Step, Why, advance, advance::line};

/// Walks over the table: a failure at each step, each reply repeated and lost, time running out at each step, undone twice.
/// Panics, saying where, when one of them does not end as it should.
pub fn every_walk_ends_well<A: Saga>(given: A::Given) {
    let walk = Walk::<A> { given };
    walk.the_table_has_its_order();
    walk.each_step_done_leads_to_the_end();
    walk.a_refusal_undoes_what_was_done();
    walk.a_reply_that_comes_again_changes_nothing();
    walk.silence_is_answered();
    walk.an_undo_wins_over_a_late_do();
    walk.past_the_pivot_nothing_goes_back();
    walk.there_is_a_way_to_an_end();
    walk.where_it_stands_survives_being_kept();
}

struct Walk<A: Saga> {
    given: A::Given,
}

impl<A: Saga> Walk<A> {
    fn next(
        &self,
        at: Progress<A::Step>,
        input: &Input<A::Step>,
    ) -> (Progress<A::Step>, Option<Ask<A::Step>>) {
        advance::<A>(at, input, self.given)
    }

    fn steps(&self) -> Vec<A::Step> {
        let steps = A::table().iter().map(|line| line.step);
        steps.filter(|step| !A::leaves_out(*step, self.given)).collect()
    }

    fn back(step: A::Step) -> Back {
        line::<A>(step).back
    }

    fn inputs() -> Vec<Input<A::Step>> {
        let outcomes = [Outcome::Done, refused(), Outcome::Stands];
        let mut inputs = vec![Input::TimedOut, Input::Cancel];
        for line in A::table() {
            for way in [Way::Do, Way::Undo] {
                inputs.extend(outcomes.iter().map(|outcome| Input::Reply(line.step, way, outcome.clone())));
            }
        }
        inputs
    }

    fn reachable(&self) -> HashSet<Progress<A::Step>> {
        let start = Progress::start::<A>();
        let (mut seen, mut next) = (HashSet::from([start]), VecDeque::from([start]));
        while let Some(at) = next.pop_front() {
            for input in Self::inputs() {
                let (to, _) = self.next(at, &input);
                if seen.insert(to) {
                    next.push_back(to);
                }
            }
        }
        seen
    }

    fn the_table_has_its_order(&self) {
        let table = A::table();
        assert!(table.is_sorted_by(|one, other| one.step < other.step), "steps are in order, each once");
        let rank = |back| match back {
            Back::By(_) => 0,
            Back::Pivot => 1,
            Back::MustHappen => 2,
        };
        assert!(
            table.is_sorted_by_key(|line| rank(line.back)),
            "undone first, then the pivot, then what must happen"
        );
        assert!(table.iter().filter(|line| line.back == Back::Pivot).count() <= 1, "one point of no return");
        let names = table.iter().flat_map(|line| match line.back {
            Back::By(undo) => vec![line.step.name(), undo],
            Back::Pivot | Back::MustHappen => vec![line.step.name()],
        });
        let names: Vec<_> = names.collect();
        assert_eq!(names.iter().collect::<HashSet<_>>().len(), names.len(), "each name means one thing");
        assert!(!A::leaves_out(table[0].step, self.given), "there is a first step");
    }

    fn each_step_done_leads_to_the_end(&self) {
        let mut at = Progress::start::<A>();
        for step in self.steps() {
            assert_eq!(at.ask(), Some(Ask::Do(step)));
            (at, _) = self.next(at, &Input::Reply(step, Way::Do, Outcome::Done));
        }
        assert_eq!(at, Progress::Done);
    }

    fn a_refusal_undoes_what_was_done(&self) {
        let steps = self.steps();
        for (place, step) in steps.iter().enumerate() {
            let (mut at, _) =
                self.next(Progress::Forward { step: *step }, &Input::Reply(*step, Way::Do, refused()));
            let why = match Self::back(*step) {
                Back::By(_) => Why::Refused,
                Back::Pivot => Why::PivotRefused,
                Back::MustHappen => {
                    assert_eq!(at, Progress::Forward { step: *step }, "it is asked again");
                    continue;
                }
            };
            for before in steps[..place].iter().rev() {
                assert_eq!(at.ask(), Some(Ask::Undo(*before, why)), "{step:?} was refused");
                let done = Input::Reply(*before, Way::Undo, Outcome::Done);
                let (to, _) = self.next(at, &done);
                assert_eq!(self.next(to, &done), (to, None), "undone twice is undone once");
                at = to;
            }
            assert_eq!(at, Progress::Undone { why });
        }
    }

    fn a_reply_that_comes_again_changes_nothing(&self) {
        for at in self.reachable() {
            for input in Self::inputs().into_iter().filter(|input| matches!(input, Input::Reply(..))) {
                let (once, _) = self.next(at, &input);
                if once != at {
                    assert_eq!(self.next(once, &input), (once, None), "{at:?} {input:?}");
                }
            }
        }
    }

    fn silence_is_answered(&self) {
        for at in self.reachable() {
            let (_, ask) = self.next(at, &Input::TimedOut);
            assert_eq!(ask.is_none(), at.is_over(), "{at:?} asks again or goes back, unless it is over");
            assert_eq!(
                at.patience::<A>().is_none(),
                at.is_over(),
                "{at:?} has a deadline, unless it is over"
            );
        }
    }

    fn an_undo_wins_over_a_late_do(&self) {
        for step in self.steps() {
            let at = Progress::Backward { step, why: Why::Cancelled };
            assert_eq!(self.next(at, &Input::Reply(step, Way::Do, Outcome::Done)), (at, None));
        }
    }

    fn past_the_pivot_nothing_goes_back(&self) {
        for step in self.steps().into_iter().filter(|step| Self::back(*step) == Back::MustHappen) {
            for input in Self::inputs() {
                let (to, _) = self.next(Progress::Forward { step }, &input);
                assert!(matches!(to, Progress::Forward { .. } | Progress::Done), "{step:?} {input:?}");
            }
        }
    }

    fn there_is_a_way_to_an_end(&self) {
        for start in self.reachable() {
            let mut at = start;
            for _ in A::table() {
                if let Some(ask) = at.ask() {
                    (at, _) = self.next(at, &ask.answered(Outcome::Done));
                }
            }
            assert!(at.is_over(), "{start:?}");
        }
    }

    fn where_it_stands_survives_being_kept(&self) {
        for at in self.reachable() {
            let text = at.text();
            assert_eq!(Progress::parse::<A>(&text).ok(), Some(at), "{text}");
        }
    }
}

fn refused() -> Outcome {
    Outcome::Refused { reason: "no".to_owned() }
}
