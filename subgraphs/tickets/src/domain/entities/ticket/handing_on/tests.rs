use chrono::TimeDelta;
use kernel::{Currency, ErrorCode, Money, Reason, RefundId, TicketTypeId};

use super::{
    super::super::{Place, sale::tests::an_event},
    *,
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

/// An event that begins in an hour.
fn event(status: EventStatus) -> KnownEvent {
    let mut event = an_event(status, now());
    event.facts.starts_at = now() + TimeDelta::hours(1);
    event.facts.ends_at = now() + TimeDelta::hours(3);
    event
}

fn ticket(owner: UserId) -> Ticket {
    let id = TicketId::new();
    Ticket::restore(TicketSnapshot {
        id,
        order: OrderId::new(),
        event: EventId::new(),
        ticket_type: TicketTypeId::new(),
        place: Place::Seat(7),
        section: "STALLS".to_owned(),
        position: 1,
        unit: None,
        price: Money::new(1000, Currency::EUR),
        code: spoken(id.uuid(), super::super::CODE),
        epoch: 3,
        holder: named("Ada", "ada@example.org"),
        status: TicketStatus::Valid,
        refund: None,
        checked_in_at: None,
        gate: None,
        owner: Some(owner),
        waits_for: None,
        transfers: 0,
        renames: 0,
    })
}

fn named(name: &str, email: &str) -> Attendee {
    Attendee { name: name.to_owned(), email: email.to_owned() }
}

fn grace(account: Option<UserId>) -> NewHolder {
    NewHolder { named: named("Grace", "Grace@Example.org"), address: "grace@example.org".to_owned(), account }
}

fn is(event: &KnownEvent) -> Circumstances<'_> {
    Circumstances { event, standing: Standing::Good, now: now() }
}

fn refused<T: std::fmt::Debug>(outcome: Result<T, Refusal>, reason: Reason) -> Refusal {
    let refusal = outcome.unwrap_err();
    assert!(refusal.is(reason), "{refusal:?}");
    refusal
}

#[test]
fn what_is_passed_on_is_another_ticket_of_the_same_place_and_price() {
    let (ada, event) = (UserId::new(), event(EventStatus::Published));
    let mut ticket = ticket(ada);
    let before = ticket.state().clone();
    let transfer = ticket.pass_on(ada, grace(None), is(&event)).unwrap();
    let after = ticket.state();
    assert_ne!((after.id, &after.code), (before.id, &before.code));
    assert_eq!((transfer.replaced, transfer.ticket), (before.id, after.id));
    assert_eq!((transfer.code.as_str(), transfer.number), (before.code.as_str(), 1));
    assert_eq!((after.holder.name.as_str(), after.holder.email.as_str()), ("Grace", "Grace@Example.org"));
    assert_eq!((after.owner, after.waits_for.as_deref()), (None, Some("grace@example.org")));
    let same = |ticket: &TicketSnapshot| {
        (ticket.order, ticket.event, ticket.ticket_type, ticket.place, ticket.position, ticket.price)
    };
    assert_eq!(same(after), same(&before));
    let remembered = after.replaced_by(&transfer);
    assert_eq!((remembered.id, remembered.status), (before.id, TicketStatus::Transferred));
    assert_eq!((&remembered.code, remembered.holder.known_name()), (&before.code, None));
    assert!(!remembered.is_good_for(&event));
}

#[test]
fn a_ticket_goes_through_several_hands_and_each_gives_only_what_is_theirs() {
    let [ada, grace_id, eve] = [(); 3].map(|()| UserId::new());
    let event = event(EventStatus::Published);
    let mut ticket = ticket(ada);
    refused(ticket.pass_on(eve, grace(Some(eve)), is(&event)), kernel::reasons::OWNER_ONLY);
    ticket.pass_on(ada, grace(Some(grace_id)), is(&event)).unwrap();
    refused(ticket.pass_on(ada, grace(None), is(&event)), kernel::reasons::OWNER_ONLY);
    let second = ticket.pass_on(grace_id, grace(Some(eve)), is(&event)).unwrap();
    assert_eq!((second.number, ticket.state().transfers), (2, 2));
    assert!(ticket.state().is_of(eve) && !ticket.state().is_of(grace_id));
}

#[test]
fn a_ticket_is_passed_on_five_times_and_not_once_more() {
    let (ada, event) = (UserId::new(), event(EventStatus::Published));
    let mut ticket = ticket(ada);
    for _ in 0..MOST_TRANSFERS {
        ticket.pass_on(ada, grace(Some(ada)), is(&event)).unwrap();
    }
    let refusal = refused(ticket.pass_on(ada, grace(None), is(&event)), reasons::TOO_MANY_TRANSFERS);
    assert_eq!((refusal.code, &refusal.details["limit"]), (ErrorCode::LimitExceeded, &5.into()));
    assert!(refusal.message.contains("5 times"), "{refusal}");
}

#[test]
fn what_admits_nobody_is_not_passed_on_and_each_is_told_why() {
    let ada = UserId::new();
    let on = event(EventStatus::Published);
    let refuses = |change: &dyn Fn(&mut TicketSnapshot), is: Circumstances<'_>, reason| {
        let mut state = ticket(ada).state().clone();
        change(&mut state);
        let before = state.clone();
        let mut ticket = Ticket::restore(state);
        refused(ticket.pass_on(ada, grace(None), is), reason);
        assert_eq!(*ticket.state(), before, "it is as it was");
    };
    let nothing = |_: &mut TicketSnapshot| {};
    let status = |status| move |ticket: &mut TicketSnapshot| ticket.status = status;
    refuses(&status(TicketStatus::CheckedIn), is(&on), reasons::TICKET_USED);
    refuses(&status(TicketStatus::Refunded), is(&on), reasons::TICKET_REFUNDED);
    refuses(&status(TicketStatus::Void), is(&on), reasons::TICKET_VOID);
    let going_back = |ticket: &mut TicketSnapshot| {
        (ticket.status, ticket.refund) = (TicketStatus::Void, Some(RefundId::new()));
    };
    refuses(&going_back, is(&on), reasons::TICKET_GOING_BACK);
    let disputed = Circumstances { standing: Standing::Withheld, ..is(&on) };
    refuses(&nothing, disputed, reasons::PAYMENT_DISPUTED);
    let refunded = Circumstances { standing: Standing::Refunded, ..is(&on) };
    refuses(&nothing, refunded, reasons::TICKET_REFUNDED);
    let off = event(EventStatus::Cancelled);
    refuses(&nothing, is(&off), reasons::EVENT_CALLED_OFF);
    let over = Circumstances { now: on.facts.ends_at, ..is(&on) };
    refuses(&nothing, over, reasons::EVENT_ENDED);
    let begun = Circumstances { now: on.facts.starts_at, ..is(&on) };
    ticket(ada).pass_on(ada, grace(None), begun).unwrap();
}

#[test]
fn another_name_leaves_the_code_as_it_is_until_the_event_begins() {
    let (ada, event) = (UserId::new(), event(EventStatus::Published));
    let mut ticket = ticket(ada);
    let code = ticket.state().code.clone();
    let before = ticket.rename("Ada King".to_owned(), None, true, is(&event)).unwrap();
    assert_eq!(before, Some(named("Ada", "ada@example.org")));
    assert_eq!(ticket.state().holder, named("Ada King", "ada@example.org"));
    assert_eq!((&ticket.state().code, ticket.state().renames), (&code, 1));
    assert_eq!(ticket.rename("Ada King".to_owned(), None, true, is(&event)), Ok(None));
    let begun = Circumstances { now: event.facts.starts_at, ..is(&event) };
    refused(ticket.rename("Eve".to_owned(), None, true, begun), reasons::TOO_LATE_TO_RENAME);
    assert_eq!(ticket.state().holder.name, "Ada King");
}

#[test]
fn whose_ticket_it_is_writes_ten_names_and_the_organizer_as_many_as_it_takes() {
    let (ada, event) = (UserId::new(), event(EventStatus::Published));
    let mut ticket = ticket(ada);
    for number in 0..MOST_RENAMES {
        ticket.rename(format!("Ada {number}"), None, true, is(&event)).unwrap();
    }
    let refusal = refused(ticket.rename("Eve".to_owned(), None, true, is(&event)), reasons::TOO_MANY_RENAMES);
    assert_eq!(refusal.details["limit"], MOST_RENAMES);
    ticket.rename("Eve".to_owned(), None, false, is(&event)).unwrap();
    assert_eq!(ticket.state().holder.name, "Eve");
}

#[test]
fn a_mistyped_address_is_put_right_as_long_as_the_ticket_waits_there() {
    let [ada, eve] = [(); 2].map(|()| UserId::new());
    let event = event(EventStatus::Published);
    let mut ticket = ticket(ada);
    ticket.wait_at("eve@example.org".to_owned(), Some(eve));
    assert!(ticket.state().is_of(ada), "it does not wait");
    ticket.pass_on(ada, grace(None), is(&event)).unwrap();
    ticket.wait_at("eve@example.org".to_owned(), None);
    assert_eq!(ticket.state().waits_for.as_deref(), Some("eve@example.org"));
    ticket.wait_at("eve@example.org".to_owned(), Some(eve));
    assert_eq!((ticket.state().owner, ticket.state().waits_for.as_deref()), (Some(eve), None));
}
