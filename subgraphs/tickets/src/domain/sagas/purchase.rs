//! The purchase: a reservation becomes tickets that are paid, or nothing of it is left.

use std::time::Duration;

use chrono::{DateTime, Utc};
use contracts::{payments::ReturnReason, purchase::PurchaseStep};
use kernel::{OrderId, SagaId};
use saga::{Back, Input, Line, Patience, Progress, Running, Saga, Whom, Why, advance};

/// The purchase of an order. Its id is the order's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purchase {}

/// Nothing is to be paid, so that nobody is asked for money.
pub type Free = bool;

const fn line(step: PurchaseStep, of: Whom, back: Back, patience: Patience) -> Line<PurchaseStep> {
    Line { step, of, back, patience }
}

const HALF_A_MINUTE: Duration = Duration::from_secs(30);
const TEN_MINUTES: Duration = Duration::from_mins(10);

const TABLE: [Line<PurchaseStep>; 4] = {
    use Back::{By, MustHappen, Pivot};
    use Patience::{For, UntilItExpires};
    use PurchaseStep::{IssueTickets, SecureSeats, SendConfirmation, TakePayment};
    use Whom::{Itself, Service};
    [
        line(SecureSeats, Itself, By("RELEASE_SEATS"), UntilItExpires),
        // Nobody gains by giving up sooner: a bus that was away brings the answer when it is back.
        line(TakePayment, Service("payments"), By("RETURN_PAYMENT"), UntilItExpires),
        line(IssueTickets, Itself, Pivot, For(HALF_A_MINUTE)),
        line(SendConfirmation, Service("notifications"), MustHappen, For(TEN_MINUTES)),
    ]
};

impl Saga for Purchase {
    const KIND: &'static str = "purchase";
    type Step = PurchaseStep;
    type Given = Free;

    fn table() -> &'static [Line<PurchaseStep>] {
        &TABLE
    }

    fn leaves_out(step: PurchaseStep, free: Free) -> bool {
        free && step == PurchaseStep::TakePayment
    }
}

/// The purchase of an order that is just being placed.
pub fn of(order: OrderId, now: DateTime<Utc>) -> Running<Purchase> {
    Running::new(SagaId::from_uuid(order.uuid()), order.uuid(), None, now)
}

/// The purchase of an order whose saga was over so long ago that nothing is kept of it.
pub fn long_over(order: OrderId, placed_at: DateTime<Utc>) -> Running<Purchase> {
    Running { progress: Progress::Done, ended_at: Some(placed_at), ..of(order, placed_at) }
}

/// True when the input makes `tickets` itself do something, for which the event must be locked.
pub fn needs_the_event(at: Progress<PurchaseStep>, input: &Input<PurchaseStep>, free: Free) -> bool {
    let (_, ask) = advance::<Purchase>(at, input, free);
    ask.is_some_and(saga::Ask::is_own::<Purchase>)
}

/// Why a purchase went back, for the buyer and the books.
pub fn reason(why: Why) -> ReturnReason {
    match why {
        Why::Expired => ReturnReason::Expired,
        Why::Cancelled => ReturnReason::Cancelled,
        Why::Refused => ReturnReason::NotFulfilled,
        Why::PivotRefused => ReturnReason::PlacesGone,
    }
}

#[cfg(test)]
mod tests {
    use contracts::purchase::{Outcome, Way};
    use saga::{
        Ask,
        suite::{every_walk_ends_well, no_order_of_messages_breaks},
    };

    use super::*;

    #[test]
    fn every_walk_over_its_table_ends_well() {
        for free in [false, true] {
            every_walk_ends_well::<Purchase>(free);
        }
    }

    #[test]
    #[expect(
        clippy::print_stdout,
        reason = "how many states were walked is told to who reads what tests say"
    )]
    fn no_order_of_messages_breaks_it() {
        let states = [false, true].map(no_order_of_messages_breaks::<Purchase>);
        println!("a purchase: {} states, {} of what is free", states[0], states[1]);
        assert!(states[0] >= 40 && states[1] >= 5, "the model was walked: {states:?}");
    }

    #[test]
    fn a_free_order_passes_through_the_same_saga_without_payment() {
        let done = Input::Reply(PurchaseStep::SecureSeats, Way::Do, Outcome::Done);
        let (_, ask) = advance::<Purchase>(Progress::start::<Purchase>(), &done, true);
        assert_eq!(ask, Some(Ask::Do(PurchaseStep::IssueTickets)));
    }

    #[test]
    fn a_payment_that_turns_out_to_have_come_in_time_completes_the_purchase() {
        let at = Progress::Forward { step: PurchaseStep::TakePayment };
        let (at, ask) = advance::<Purchase>(at, &Input::TimedOut, false);
        assert_eq!(ask, Some(Ask::Undo(PurchaseStep::TakePayment, Why::Expired)));
        let stands = Input::Reply(PurchaseStep::TakePayment, Way::Undo, Outcome::Stands);
        assert_eq!(advance::<Purchase>(at, &stands, false).1, Some(Ask::Do(PurchaseStep::IssueTickets)));
    }

    #[test]
    fn seats_that_are_gone_at_the_pivot_give_the_money_back() {
        let at = Progress::Forward { step: PurchaseStep::IssueTickets };
        let gone =
            Input::Reply(at.ask().unwrap().step(), Way::Do, Outcome::Refused { reason: "gone".to_owned() });
        let (_, ask) = advance::<Purchase>(at, &gone, false);
        assert_eq!(ask, Some(Ask::Undo(PurchaseStep::TakePayment, Why::PivotRefused)));
    }
}
