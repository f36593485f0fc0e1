//! What is on: some sixty events at nine venues, planned from the day of the first start.

mod comedy;
mod conferences;
mod family;
mod music;
mod offers;
mod performers;
mod sports;
mod stages;
mod theatre;

pub use offers::{Offer, PlannedTier, PlannedType};
pub use stages::{House, Stage};

use chrono::{DateTime, Duration, NaiveTime, TimeZone as _, Utc};

/// What kind of event it is, in the words of the public API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Concerts and clubs.
    Music,
    /// Plays and musicals.
    Theatre,
    /// Matches and contests.
    Sports,
    /// Stand-up, cabaret, improvisation.
    Comedy,
    /// Talks, lectures, meetings.
    Conference,
    /// For children and those who bring them.
    Family,
}

/// An event, ready to be made.
#[derive(Clone, Debug)]
pub struct Planned {
    /// Its title.
    pub title: &'static str,
    /// What it is about, in two sentences.
    pub description: &'static str,
    /// What kind of event it is.
    pub category: Category,
    /// What else it may be found by.
    pub tags: &'static [&'static str],
    /// Who performs, the most important first.
    pub performers: &'static [&'static str],
    /// Where it is.
    pub stage: Stage,
    /// When doors open.
    pub doors_at: DateTime<Utc>,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// How it is sold.
    pub offer: Offer,
    /// What is sold.
    pub ticket_types: Vec<PlannedType>,
}

/// The whole programme, as seen from `now`.
pub fn programme(now: DateTime<Utc>) -> Vec<Planned> {
    let parts = [
        (Category::Music, music::SHOWS),
        (Category::Theatre, theatre::SHOWS),
        (Category::Sports, sports::SHOWS),
        (Category::Comedy, comedy::SHOWS),
        (Category::Conference, conferences::SHOWS),
        (Category::Family, family::SHOWS),
    ];
    let shows =
        parts.into_iter().flat_map(|(category, shows)| shows.iter().map(move |show| (category, show)));
    let mut planned: Vec<Planned> = shows.map(|(category, show)| plan(category, show, now)).collect();
    planned.sort_by_key(|planned| planned.starts_at);
    planned
}

/// An event as it is written down here.
struct Show {
    title: &'static str,
    about: &'static str,
    tags: &'static [&'static str],
    stage: Stage,
    /// How many days from today.
    days: u16,
    /// The hour and minute of its beginning, in the venue's zone.
    at: (u32, u32),
    minutes: u16,
    /// What a usual ticket costs, in whole units of the venue's currency.
    price: i64,
    offer: Offer,
}

fn plan(category: Category, show: &Show, now: DateTime<Utc>) -> Planned {
    let starts_at = at_local_time(show.stage, now, show.days, show.at);
    Planned {
        title: show.title,
        description: show.about,
        category,
        tags: show.tags,
        performers: performers::performers(show.title),
        stage: show.stage,
        doors_at: starts_at - Duration::hours(1),
        starts_at,
        ends_at: starts_at + Duration::minutes(i64::from(show.minutes)),
        offer: show.offer,
        ticket_types: offers::ticket_types(show, now),
    }
}

/// That time of the day so many days from today, where the stage is.
fn at_local_time(stage: Stage, now: DateTime<Utc>, days: u16, (hour, minute): (u32, u32)) -> DateTime<Utc> {
    let zone = stage.timezone().tz();
    let day = now.with_timezone(&zone).date_naive() + Duration::days(i64::from(days));
    let time = NaiveTime::from_hms_opt(hour, minute, 0).expect("the times written down here exist");
    // An hour that the change to summer time leaves out begins an hour later.
    let local = day.and_time(time);
    let exact = zone.from_local_datetime(&local).earliest();
    exact
        .or_else(|| zone.from_local_datetime(&(local + Duration::hours(1))).earliest())
        .map_or_else(|| Utc.from_utc_datetime(&local), |at| at.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chrono::Timelike;
    use kernel::{Currency, Money};

    use super::*;

    fn today() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 22, 18, 10, 0).unwrap()
    }

    #[test]
    fn there_are_some_sixty_events_in_eight_cities_and_six_categories() {
        let programme = programme(today());
        assert!((55..=65).contains(&programme.len()), "{}", programme.len());
        let count = |of: fn(&Planned) -> String| programme.iter().map(of).collect::<HashSet<_>>().len();
        assert_eq!(count(|planned| planned.stage.city().to_owned()), 8);
        assert_eq!(count(|planned| format!("{:?}", planned.category)), 6);
        assert_eq!(count(|planned| planned.title.to_lowercase()), programme.len());
        for currency in [Currency::EUR, Currency::USD, Currency::GBP, Currency::JPY] {
            assert!(programme.iter().any(|planned| planned.stage.currency() == currency), "{currency}");
        }
        let large = programme.iter().filter(|planned| planned.stage == Stage::SpreebogenArena).count();
        assert!((8..=12).contains(&large), "{large}");
    }

    #[test]
    fn each_special_case_is_there_once() {
        let programme = programme(today());
        for offer in
            [Offer::AlmostSoldOut, Offer::OpensTomorrow, Offer::Free, Offer::TiersByDate, Offer::Cancelled]
        {
            assert_eq!(programme.iter().filter(|planned| planned.offer == offer).count(), 1, "{offer:?}");
        }
    }

    #[test]
    fn every_event_is_to_come_at_its_local_hour_and_sells_what_its_venue_has() {
        for planned in programme(today()) {
            assert!(planned.doors_at > today(), "{}", planned.title);
            assert!(planned.starts_at < planned.ends_at, "{}", planned.title);
            let local = planned.starts_at.with_timezone(&planned.stage.timezone().tz());
            assert!((9..=22).contains(&local.hour()), "{}", planned.title);
            let sections: HashSet<String> =
                planned.stage.sections().into_iter().map(|section| section.key).collect();
            assert!(!planned.ticket_types.is_empty(), "{}", planned.title);
            for ticket_type in &planned.ticket_types {
                assert!(!ticket_type.tiers.is_empty(), "{}", planned.title);
                for key in &ticket_type.sections {
                    assert!(sections.contains(key), "{}: {key}", planned.title);
                }
            }
        }
    }

    #[test]
    fn only_the_free_event_costs_nothing() {
        for planned in programme(today()) {
            let prices = planned.ticket_types.iter().flat_map(|ticket_type| &ticket_type.tiers);
            let free = prices.map(|tier| tier.price).all(Money::is_zero);
            assert_eq!(free, planned.offer == Offer::Free, "{}", planned.title);
        }
    }

    #[test]
    fn an_hour_that_does_not_exist_moves_forward() {
        let winter = Utc.with_ymd_and_hms(2027, 3, 27, 12, 0, 0).unwrap();
        let at = at_local_time(Stage::SpreebogenArena, winter, 1, (2, 30));
        assert_eq!(at, Utc.with_ymd_and_hms(2027, 3, 28, 1, 30, 0).unwrap());
    }
}
