use chrono::TimeDelta;
use contracts::settings::{EventTerms, RefundPolicy, Tax, TaxedOnce};
use kernel::{Currency, Rate, TimeZone};

use super::*;
use crate::domain::{Address, Category, VenueSnapshot};

pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

pub(super) fn venue() -> Venue {
    Venue::restore(VenueSnapshot {
        id: VenueId::new(),
        organization_id: OrganizationId::new(),
        name: "Hall".to_owned(),
        address: Address {
            street: "1".to_owned(),
            postal_code: None,
            city: "Vienna".to_owned(),
            region: None,
            country: "AT".to_owned(),
        },
        location: None,
        timezone: TimeZone::UTC,
        created_at: now(),
    })
}

pub(super) fn layout(venue: &Venue) -> LayoutHead {
    LayoutHead {
        id: LayoutId::new(),
        venue_id: venue.id(),
        organization_id: venue.organization_id(),
        name: "Concert".to_owned(),
        capacity: 1,
        created_at: now(),
        focal_point: None,
        frame: None,
    }
}

fn details() -> EventDetails {
    EventDetails {
        title: "Winter Concert".to_owned(),
        description: String::new(),
        category: Category::Music,
        tags: Vec::new(),
        performers: Vec::new(),
        starts_at: now() + TimeDelta::days(1),
        ends_at: now() + TimeDelta::hours(27),
        doors_at: Some(now() + TimeDelta::hours(23)),
        currency: Currency::EUR,
        image_url: None,
        shows_stock: true,
        terms: EventTerms::default(),
    }
}

pub(super) fn draft(venue: &Venue, layout: Option<&LayoutHead>) -> Event {
    let mut event = Event::draft(EventId::new(), venue, layout, details(), now()).unwrap();
    event.name("winter-concert".to_owned(), venue);
    event
}

pub(super) fn published(venue: &Venue) -> Event {
    let mut event = draft(venue, Some(&layout(venue)));
    assert!(event.publish(venue, now()).unwrap());
    event
}

pub(super) fn told(event: &mut Event) -> Vec<EventChanged> {
    event.take_pending().into_iter().map(|told| serde_json::from_value(told.payload).unwrap()).collect()
}

type Spoil = Box<dyn Fn(&mut EventDetails)>;

#[test]
fn wrong_details_are_refused_naming_the_field() {
    let spoils: Vec<(&str, Spoil)> = vec![
        ("title", Box::new(|it| it.title = " ".to_owned())),
        ("title", Box::new(|it| it.title = "x".repeat(201))),
        ("title", Box::new(|it| it.title = "x".repeat(10_000_000))),
        ("title", Box::new(|it| it.title = "a\u{7}b".to_owned())),
        ("description", Box::new(|it| it.description = "x".repeat(20_001))),
        ("description", Box::new(|it| it.description = "a\u{0}b".to_owned())),
        ("tags", Box::new(|it| it.tags = vec!["x".to_owned(); 21])),
        ("tags[1]", Box::new(|it| it.tags = vec!["x".to_owned(), "y".repeat(41)])),
        ("tags[0]", Box::new(|it| it.tags = vec![String::new()])),
        ("tags[0]", Box::new(|it| it.tags = vec!["---".to_owned()])),
        ("startsAt", Box::new(|it| (it.starts_at, it.doors_at) = (now(), None))),
        ("startsAt", Box::new(|it| (it.starts_at, it.doors_at) = (DateTime::<Utc>::MIN_UTC, None))),
        (
            "startsAt",
            Box::new(|it| {
                it.starts_at += TimeDelta::days(6 * 365);
                it.ends_at += TimeDelta::days(6 * 365);
                it.doors_at = None;
            }),
        ),
        ("endsAt", Box::new(|it| it.ends_at = it.starts_at)),
        ("endsAt", Box::new(|it| it.ends_at = it.starts_at - TimeDelta::hours(1))),
        ("endsAt", Box::new(|it| it.ends_at = DateTime::<Utc>::MAX_UTC)),
        ("endsAt", Box::new(|it| it.ends_at = it.starts_at + TimeDelta::days(32))),
        ("doorsAt", Box::new(|it| it.doors_at = Some(it.starts_at + TimeDelta::seconds(1)))),
        ("doorsAt", Box::new(|it| it.doors_at = Some(it.starts_at - TimeDelta::days(8)))),
        ("imageUrl", Box::new(|it| it.image_url = Some("http://x.org/a.png".to_owned()))),
        ("imageUrl", Box::new(|it| it.image_url = Some("javascript:alert(1)".to_owned()))),
        ("imageUrl", Box::new(|it| it.image_url = Some("https://".to_owned()))),
        ("imageUrl", Box::new(|it| it.image_url = Some("https://x.org/\"onload=".to_owned()))),
        ("imageUrl", Box::new(|it| it.image_url = Some(format!("https://x.org/{}", "x".repeat(2_000))))),
    ];
    let venue = venue();
    for (field, spoil) in spoils {
        let mut wrong = details();
        spoil(&mut wrong);
        let refusal = Event::draft(EventId::new(), &venue, None, wrong, now())
            .expect_err(&format!("a wrong {field} was taken"));
        // The long start is refused as too long an event when its end stayed where it was.
        let named = refusal.details["field"].as_str().unwrap();
        assert!(named == field || (field == "startsAt" && named == "endsAt"), "{field}: {refusal}");
    }
}

#[test]
fn each_change_is_told_once_with_a_rising_version() {
    let venue = venue();
    let mut event = published(&venue);
    assert!(!event.publish(&venue, now()).unwrap());
    assert!(event.cancel("The hall is flooded.", &venue, now()).unwrap());
    assert!(!event.cancel("Again.", &venue, now()).unwrap());
    let told = told(&mut event);
    let changes: Vec<_> = told.iter().map(|told| (told.version, told.change, told.event.status)).collect();
    assert_eq!(
        changes,
        [
            (1, EventChange::Created, EventStatus::Draft),
            (2, EventChange::Published, EventStatus::Published),
            (3, EventChange::Cancelled, EventStatus::Cancelled),
        ]
    );
    assert_eq!(told[2].reason.as_deref(), Some("The hall is flooded."));
    assert_eq!(told[1].event.venue_address, "1\nVienna\nAT");
}

#[test]
fn an_event_without_a_layout_is_not_published() {
    let venue = venue();
    let refusal = draft(&venue, None).publish(&venue, now()).unwrap_err();
    assert_eq!(
        (refusal.code, refusal.details["field"].as_str()),
        (kernel::ErrorCode::Conflict, Some("layoutId"))
    );
}

#[test]
fn what_lies_in_the_past_is_not_published() {
    let venue = venue();
    let mut event = draft(&venue, Some(&layout(&venue)));
    let refusal = event.publish(&venue, now() + TimeDelta::days(2)).unwrap_err();
    assert_eq!(refusal.details["field"], "startsAt");
    assert!(!event.is_public());
}

#[test]
fn a_layout_of_another_venue_is_refused() {
    let (here, there) = (venue(), venue());
    let elsewhere = layout(&there);
    assert!(Event::draft(EventId::new(), &here, Some(&elsewhere), details(), now()).is_err());
    let changes = EventChanges::default();
    let refusal = draft(&here, None)
        .update(changes, &Change::Set(elsewhere), Problems::default(), &here, now())
        .unwrap_err();
    assert_eq!(refusal.details["field"], "layoutId");
}

fn fields(refusal: &Refusal) -> Vec<&str> {
    refusal.problems.iter().map(|problem| problem.field.as_str()).collect()
}

#[test]
fn what_was_not_read_of_a_change_is_told_beside_what_is_wrong_with_the_rest() {
    let (here, there) = (venue(), venue());
    let mut event = draft(&here, None);
    let unread = || {
        let mut unread = Problems::default();
        unread.add(Refusal::bad_input("title", "must not be null"));
        unread
    };
    let changes = EventChanges {
        tags: Some(vec!["fine".to_owned(), " ".to_owned()]),
        ends_at: Some(now()),
        ..EventChanges::default()
    };
    let elsewhere = Change::Set(layout(&there));
    let refusal = event.update(changes, &elsewhere, unread(), &here, now()).unwrap_err();
    assert_eq!(fields(&refusal), ["title", "tags[1]", "endsAt", "layoutId"]);
    let right = EventChanges { description: Some("Right.".to_owned()), ..EventChanges::default() };
    let refusal = event.update(right, &Change::Keep, unread(), &here, now()).unwrap_err();
    assert_eq!((fields(&refusal), event.snapshot().version), (vec!["title"], 1));
}

#[test]
fn the_layout_of_another_venue_is_told_beside_what_is_wrong_with_a_new_event() {
    let elsewhere = layout(&venue());
    let details = EventDetails { title: " ".to_owned(), ..details() };
    let later = now() + TimeDelta::days(2);
    let refusal = Event::draft(EventId::new(), &venue(), Some(&elsewhere), details, later).unwrap_err();
    assert_eq!(fields(&refusal), ["title", "startsAt", "layoutId"]);
}

#[test]
fn changes_are_looked_at_by_themselves_where_their_event_is_not_known() {
    let wrong = EventChanges {
        title: Some(" ".to_owned()),
        description: Some("a\u{0}b".to_owned()),
        tags: Some(vec![String::new()]),
        starts_at: Some(now()),
        ends_at: Some(now()),
        doors_at: Change::Set(now() + TimeDelta::hours(1)),
        image_url: Change::Set("http://example.org".to_owned()),
        ..EventChanges::default()
    };
    let refusal = wrong.check(now()).unwrap_err();
    assert_eq!(
        fields(&refusal),
        ["title", "description", "tags[0]", "imageUrl", "startsAt", "endsAt", "doorsAt"]
    );
    // Nobody knows whether these go with the event's start.
    let alone =
        EventChanges { ends_at: Some(now()), doors_at: Change::Set(now()), ..EventChanges::default() };
    assert_eq!(alone.check(now()), Ok(()));
    let cleared =
        EventChanges { image_url: Change::Clear, doors_at: Change::Clear, ..EventChanges::default() };
    assert_eq!(cleared.check(now()), Ok(()));
}

#[test]
fn texts_of_a_published_event_change_and_its_time_and_layout_do_not() {
    let venue = venue();
    let mut event = published(&venue);
    let title = EventChanges { title: Some("Spring Concert".to_owned()), ..EventChanges::default() };
    assert!(event.update(title.clone(), &Change::Keep, Problems::default(), &venue, now()).unwrap());
    assert!(
        !event.update(title, &Change::Keep, Problems::default(), &venue, now()).unwrap(),
        "nothing is different"
    );
    assert_eq!(event.snapshot().slug, "winter-concert");
    let later = now() + TimeDelta::hours(26);
    let cases = [
        ("startsAt", EventChanges { starts_at: Some(later), ..EventChanges::default() }, Change::Keep),
        ("endsAt", EventChanges { ends_at: Some(later), ..EventChanges::default() }, Change::Keep),
        ("layoutId", EventChanges::default(), Change::Clear),
        ("layoutId", EventChanges::default(), Change::Set(layout(&venue))),
    ];
    for (field, changes, layout) in cases {
        let refusal = event.update(changes, &layout, Problems::default(), &venue, now()).unwrap_err();
        assert_eq!(
            (refusal.code, refusal.details["field"].as_str()),
            (kernel::ErrorCode::Conflict, Some(field))
        );
    }
    assert_eq!(event.snapshot().version, 3);
}

#[test]
fn what_the_public_is_told_of_stock_can_change_at_any_time_before_the_start_and_is_announced() {
    let venue = venue();
    let mut event = published(&venue);
    assert!(told(&mut event).iter().all(|told| told.event.shows_stock));
    let show = |shows_stock| EventChanges { shows_stock: Some(shows_stock), ..EventChanges::default() };
    assert!(!event.update(show(true), &Change::Keep, Problems::default(), &venue, now()).unwrap());
    for shows_stock in [false, true] {
        assert!(event.update(show(shows_stock), &Change::Keep, Problems::default(), &venue, now()).unwrap());
        let [told] = told(&mut event).try_into().unwrap();
        assert_eq!((told.change, told.event.shows_stock), (EventChange::Updated, shows_stock));
    }
}

#[test]
fn an_events_own_terms_are_told_with_all_that_is_told_of_it_until_they_are_its_organizations_again() {
    let venue = venue();
    let mut event = published(&venue);
    assert!(told(&mut event).iter().all(|told| told.terms == Some(EventTerms::default())));
    let tax =
        Tax { name: "VAT".to_owned(), rate: Rate::percent(7), included: true, once: TaxedOnce::PerLine };
    let policy = RefundPolicy { rules: Vec::new(), fees_kept: true };
    let to = |tax: Change<Tax>, refund_policy: Change<RefundPolicy>| EventChanges {
        tax,
        refund_policy,
        ..EventChanges::default()
    };
    let mut change = |changes: EventChanges| {
        let changed = event.update(changes, &Change::Keep, Problems::default(), &venue, now()).unwrap();
        (changed, told(&mut event).pop().and_then(|told| told.terms))
    };
    let own = |tax: Option<&Tax>, refund_policy: Option<&RefundPolicy>| {
        (true, Some(EventTerms { tax: tax.cloned(), refund_policy: refund_policy.cloned() }))
    };
    assert_eq!(change(to(Change::Set(tax.clone()), Change::Keep)), own(Some(&tax), None));
    assert_eq!(change(to(Change::Keep, Change::Set(policy.clone()))), own(Some(&tax), Some(&policy)));
    let title = EventChanges { title: Some("Other".to_owned()), ..EventChanges::default() };
    assert_eq!(change(title), own(Some(&tax), Some(&policy)));
    assert_eq!(change(to(Change::Set(tax.clone()), Change::Set(policy.clone()))), (false, None));
    assert_eq!(change(to(Change::Clear, Change::Keep)), own(None, Some(&policy)));
    assert_eq!(change(to(Change::Keep, Change::Clear)), own(None, None));
    assert_eq!(change(to(Change::Clear, Change::Clear)), (false, None));
}

#[test]
fn an_input_that_makes_no_choice_is_written_as_before_there_was_one() {
    let written = |details: &EventDetails| serde_json::to_value(details).unwrap();
    let (open, secret) = (details(), EventDetails { shows_stock: false, ..details() });
    let terms = EventTerms { refund_policy: Some(RefundPolicy::default()), ..EventTerms::default() };
    let generous = EventDetails { terms, ..details() };
    for field in ["shows_stock", "terms"] {
        assert_eq!(written(&open).get(field), None);
    }
    assert_eq!(written(&secret)["shows_stock"], false);
    for details in [open, secret, generous] {
        assert_eq!(serde_json::from_value::<EventDetails>(written(&details)).unwrap(), details);
    }
}

#[test]
fn what_has_begun_or_was_called_off_does_not_change() {
    let venue = venue();
    let title = EventChanges { title: Some("Other".to_owned()), ..EventChanges::default() };
    let mut event = published(&venue);
    let begun = now() + TimeDelta::days(1);
    assert!(event.update(title.clone(), &Change::Keep, Problems::default(), &venue, begun).is_err());
    assert!(event.cancel("Power cut.", &venue, begun).unwrap(), "one can still break it off");
    assert!(event.update(title, &Change::Keep, Problems::default(), &venue, now()).is_err());
    assert!(event.publish(&venue, now()).is_err());
    let mut over = published(&venue);
    assert!(over.cancel("Late.", &venue, now() + TimeDelta::days(2)).is_err());
    assert!(over.cancel(" ", &venue, now()).is_err(), "a reason is needed");
}

#[test]
fn a_slug_is_short_and_never_empty() {
    assert_eq!(short_slug("!!! 🎉?"), short_slug("!!! 🎉?"));
    assert_eq!(short_slug("???"), "event");
    let long = short_slug(&"Ein sehr langer Abend ".repeat(9));
    assert!(long.len() <= 80 && !long.ends_with('-'), "{long}");
}
