//! The purchase's rules, at every place it may stand.

use std::collections::{HashSet, VecDeque};

use super::*;

fn done(step: PurchaseStep, way: Way) -> Input {
    Input::Reply(step, way, Outcome::Done)
}

fn refused(step: PurchaseStep) -> Input {
    Input::Reply(step, Way::Do, Outcome::Refused { reason: "no".to_owned() })
}

fn every_input() -> Vec<Input> {
    let outcomes = [Outcome::Done, Outcome::Refused { reason: "no".to_owned() }, Outcome::Stands];
    let mut inputs = vec![Input::TimedOut, Input::Cancel];
    for line in PURCHASE {
        for way in [Way::Do, Way::Undo] {
            inputs.extend(outcomes.iter().map(|outcome| Input::Reply(line.step, way, outcome.clone())));
        }
    }
    inputs
}

fn reachable(free: bool) -> HashSet<Progress> {
    let mut seen = HashSet::from([Progress::start()]);
    let mut next = VecDeque::from([Progress::start()]);
    while let Some(at) = next.pop_front() {
        for input in every_input() {
            let (to, _) = advance(at, &input, free);
            if seen.insert(to) {
                next.push_back(to);
            }
        }
    }
    seen
}

#[test]
fn each_step_done_leads_to_the_next_and_the_last_to_the_end() {
    let mut at = Progress::start();
    for line in PURCHASE {
        assert_eq!(at, Progress::Forward { step: line.step });
        (at, _) = advance(at, &done(line.step, Way::Do), false);
    }
    assert_eq!(at, Progress::Bought);
}

#[test]
fn a_free_order_passes_through_the_same_saga_without_payment() {
    let (at, ask) = advance(Progress::start(), &done(PurchaseStep::SecureSeats, Way::Do), true);
    assert_eq!(ask, Some(Ask::Do(PurchaseStep::IssueTickets)));
    let (at, ask) = advance(at, &refused(PurchaseStep::IssueTickets), true);
    assert_eq!(ask, Some(Ask::Undo(PurchaseStep::SecureSeats, Ending::SeatsGone)));
    assert!(matches!(at, Progress::Backward { .. }));
}

#[test]
fn a_refusal_at_any_step_before_the_pivot_undoes_what_was_done() {
    let (at, ask) = advance(Progress::start(), &refused(PurchaseStep::SecureSeats), false);
    assert_eq!((at, ask), (Progress::Undone { why: Ending::Refused }, None));
    let at = Progress::Forward { step: PurchaseStep::TakePayment };
    let (at, ask) = advance(at, &refused(PurchaseStep::TakePayment), false);
    assert_eq!(ask, Some(Ask::Undo(PurchaseStep::SecureSeats, Ending::Refused)));
    let (at, _) = advance(at, &done(PurchaseStep::SecureSeats, Way::Undo), false);
    assert_eq!(at, Progress::Undone { why: Ending::Refused });
}

#[test]
fn seats_that_are_gone_at_the_pivot_give_the_money_back() {
    let at = Progress::Forward { step: PurchaseStep::IssueTickets };
    let (_, ask) = advance(at, &refused(PurchaseStep::IssueTickets), false);
    assert_eq!(ask, Some(Ask::Undo(PurchaseStep::TakePayment, Ending::SeatsGone)));
}

#[test]
fn a_payment_that_turns_out_to_have_come_in_time_completes_the_purchase() {
    let at = Progress::Forward { step: PurchaseStep::TakePayment };
    let (at, ask) = advance(at, &Input::TimedOut, false);
    assert_eq!(ask, Some(Ask::Undo(PurchaseStep::TakePayment, Ending::Expired)));
    let (_, ask) = advance(at, &Input::Reply(PurchaseStep::TakePayment, Way::Undo, Outcome::Stands), false);
    assert_eq!(ask, Some(Ask::Do(PurchaseStep::IssueTickets)));
}

#[test]
fn an_undo_wins_over_a_late_do() {
    let at = Progress::Backward { step: PurchaseStep::TakePayment, why: Ending::Cancelled };
    assert_eq!(advance(at, &done(PurchaseStep::TakePayment, Way::Do), false), (at, None));
}

#[test]
fn a_reply_that_comes_again_changes_nothing() {
    for free in [false, true] {
        for at in reachable(free) {
            for input in every_input().into_iter().filter(|input| matches!(input, Input::Reply(..))) {
                let (once, _) = advance(at, &input, free);
                if once != at {
                    assert_eq!(advance(once, &input, free), (once, None), "{at:?} {input:?}");
                }
            }
        }
    }
}

#[test]
fn past_the_pivot_nothing_goes_back() {
    let at = Progress::Forward { step: PurchaseStep::SendConfirmation };
    for input in every_input() {
        let (to, _) = advance(at, &input, false);
        assert!(to == at || to == Progress::Bought, "{input:?}");
    }
}

#[test]
fn from_everywhere_there_is_a_way_to_an_end() {
    for free in [false, true] {
        for at in reachable(free) {
            let mut at = at;
            for _ in 0..PURCHASE.len() {
                at = match at.ask() {
                    Some(Ask::Do(step)) => advance(at, &done(step, Way::Do), free).0,
                    Some(Ask::Undo(step, _)) => advance(at, &done(step, Way::Undo), free).0,
                    None => at,
                };
            }
            assert!(at.is_over(), "{at:?}");
        }
    }
}

#[test]
fn silence_is_answered_by_asking_again_or_going_back() {
    for at in reachable(false).into_iter().filter(|at| !at.is_over()) {
        let (_, ask) = advance(at, &Input::TimedOut, false);
        assert!(ask.is_some(), "{at:?} would wait for ever");
    }
}
