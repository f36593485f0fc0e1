use chrono::TimeDelta;
use kernel::Currency;

use super::*;

fn wish(types: &[TicketTypeId], quantity: u32) -> WaitlistWish {
    WaitlistWish { types: types.to_vec(), quantity, together: true, price_max: None }
}

fn entry(wish: WaitlistWish) -> WaitlistEntry {
    let now = DateTime::UNIX_EPOCH;
    WaitlistEntry::join(EventId::new(), UserId::new(), wish, now, now + TimeDelta::days(1))
}

#[test]
fn who_waits_for_the_same_again_goes_on_waiting_and_for_a_part_of_it_is_refused() {
    let (one, other, third) = (TicketTypeId::new(), TicketTypeId::new(), TicketTypeId::new());
    let open = [entry(wish(&[one, other], 2))];
    let again = WaitlistEntry::may_join(&wish(&[one, other], 2), &open).unwrap().unwrap();
    assert_eq!(again.state().id, open[0].state().id);
    let refusal = WaitlistEntry::may_join(&wish(&[other], 1), &open).unwrap_err();
    assert!(refusal.is(reasons::ALREADY_WAITING));
    assert_eq!(refusal.details["waitlistEntryId"], open[0].state().id.public().to_string());
    assert!(WaitlistEntry::may_join(&wish(&[third], 1), &open).unwrap().is_none());
}

#[test]
fn nobody_waits_more_often_for_an_event_than_one_may() {
    let open: Vec<_> = (0..MOST_OPEN).map(|_| entry(wish(&[TicketTypeId::new()], 1))).collect();
    let refusal = WaitlistEntry::may_join(&wish(&[TicketTypeId::new()], 1), &open).unwrap_err();
    assert!(refusal.is(reasons::TOO_MANY_WAITLIST_ENTRIES));
}

#[test]
fn an_offer_is_shorter_near_the_end_of_sales_and_never_longer_than_they_go_on() {
    let (now, hours) = (DateTime::UNIX_EPOCH, |hours: i64| TimeDelta::hours(hours));
    let (longest, ordinary) = (Duration::from_hours(12), Duration::from_mins(10));
    let until = |left: TimeDelta| offered_until(now, now + left, longest, ordinary).map(|until| until - now);
    assert_eq!(until(hours(24 * 30)), Some(hours(12)));
    assert_eq!(until(hours(8)), Some(hours(2)), "a quarter of what is left");
    assert_eq!(until(TimeDelta::minutes(20)), Some(TimeDelta::minutes(10)), "as long as anybody has");
    assert_eq!(until(TimeDelta::minutes(4)), Some(TimeDelta::minutes(4)));
    assert_eq!(until(TimeDelta::zero()), None);
    assert_eq!(until(hours(-1)), None);
}

#[test]
fn what_became_of_an_offer_is_told_by_its_reservation_and_its_order() {
    use OrderStatus::{AwaitingPayment, Cancelled, Completed, Paid, PaymentFailed};
    use ReservationStatus::{Active, CheckedOut, Released};
    let is = OfferFate::of;
    assert_eq!(is(Active, None), OfferFate::Open);
    assert_eq!(is(Released, None), OfferFate::Declined);
    assert_eq!(is(ReservationStatus::Expired, None), OfferFate::Expired);
    for under_way in [AwaitingPayment, Paid, PaymentFailed] {
        assert_eq!(is(CheckedOut, Some(under_way)), OfferFate::Open);
    }
    assert_eq!(is(CheckedOut, Some(Completed)), OfferFate::Bought);
    assert_eq!(is(CheckedOut, Some(Cancelled)), OfferFate::Declined);
    assert_eq!(is(CheckedOut, Some(OrderStatus::Expired)), OfferFate::Expired);
}

#[test]
fn an_entry_ends_once_and_is_seen_to_have_ended_before_somebody_has_tidied_up() {
    let now = DateTime::UNIX_EPOCH;
    let mut waits = entry(wish(&[TicketTypeId::new()], 1));
    assert_eq!(waits.learn(OfferFate::Bought, false, now), None, "nothing was offered");
    waits.offer(ReservationId::new());
    assert_eq!(waits.status(Some(OfferFate::Open)), WaitlistStatus::Offered);
    assert_eq!(waits.status(Some(OfferFate::Expired)), WaitlistStatus::Expired);
    assert_eq!(waits.learn(OfferFate::Expired, true, now), Some(WaitlistEnd::EventCancelled));
    assert_eq!(waits.learn(OfferFate::Bought, false, now), None);
    waits.end(WaitlistEnd::Left, now + TimeDelta::hours(1));
    assert_eq!((waits.state().status, waits.state().ended_at), (WaitlistStatus::Expired, Some(now)));
}

#[test]
fn accepting_twice_is_once_and_nothing_is_accepted_that_is_not_offered() {
    let now = DateTime::UNIX_EPOCH;
    let mut waits = entry(wish(&[TicketTypeId::new()], 1));
    assert!(waits.accept(now).unwrap_err().is(reasons::NOTHING_OFFERED));
    waits.offer(ReservationId::new());
    assert!(waits.accept(now).unwrap());
    assert!(!waits.accept(now + TimeDelta::minutes(1)).unwrap());
    assert_eq!(waits.state().accepted_at, Some(now));
    waits.learn(OfferFate::Expired, false, now);
    assert!(waits.accept(now).unwrap_err().is(reasons::OFFER_RAN_OUT));
    let mut gone = entry(wish(&[TicketTypeId::new()], 1));
    gone.end(WaitlistEnd::Left, now);
    assert!(gone.accept(now).unwrap_err().is(reasons::WAITS_NO_MORE));
}

#[test]
fn a_wish_names_what_everybody_may_buy_just_now() {
    let now = DateTime::UNIX_EPOCH;
    let event = super::super::sale::tests::an_event(contracts::events::EventStatus::Published, now);
    let refused = |wish: &WaitlistWish| wish.check(&[], &event, now).unwrap_err();
    assert_eq!(refused(&wish(&[], 1)).details["field"], "ticketTypeIds");
    let twice = TicketTypeId::new();
    assert!(refused(&wish(&[twice, twice], 1)).is(kernel::reasons::DUPLICATE));
    let dollars = WaitlistWish { price_max: Some(Money::new(1, Currency::USD)), ..wish(&[twice], 1) };
    assert_eq!(refused(&dollars).details["field"], "priceMax");
    assert_eq!(refused(&wish(&[twice], 1)).reason, "NO_SUCH_TICKET_TYPE");
}
