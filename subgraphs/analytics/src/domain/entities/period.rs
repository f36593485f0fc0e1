use chrono::{
    DateTime, Datelike, Days, Duration, Months, NaiveDate, NaiveDateTime, Offset, TimeZone as _, Utc,
};
use kernel::{Refusal, TimeZone, together};

/// The most points a timeline may have.
pub const MAX_POINTS: usize = 1000;

/// How long a point of a timeline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interval {
    /// From one full hour to the next.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Sunday.
    Week,
    /// From a month's first day to its last.
    Month,
}

/// A stretch of time in whole intervals of a time zone: at least one, at most [`MAX_POINTS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// Where intervals begin, rising, and where the last one ends.
    edges: Vec<DateTime<Utc>>,
}

impl Period {
    /// The intervals from the one that holds `from` to the one that holds the instant before `until`.
    pub fn parse(
        interval: Interval,
        zone: TimeZone,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        together((Self::bound("from", from), Self::bound("until", until)))?;
        if from >= until {
            return Err(
                Refusal::bad_input("until", "must be later than from").because(kernel::reasons::INCONSISTENT)
            );
        }
        let mut edge = interval.begin_of(zone, from);
        let mut edges = vec![edge];
        while edge < until {
            if edges.len() > MAX_POINTS {
                return Err(Refusal::bad_input(
                    "interval",
                    format!(
                        "gives more than {MAX_POINTS} points; take a longer interval, or a shorter time between from and until"
                    ),
                ).because(kernel::reasons::OUT_OF_RANGE));
            }
            edge = interval.next(zone, edge);
            edges.push(edge);
        }
        Ok(Self { edges })
    }

    /// Refuses instants so far away that calendars end.
    pub fn bound(field: &str, at: DateTime<Utc>) -> Result<(), Refusal> {
        if (1970..=9000).contains(&at.year()) {
            Ok(())
        } else {
            Err(Refusal::bad_input(field, "must lie in the years 1970 to 9000")
                .because(kernel::reasons::OUT_OF_RANGE))
        }
    }

    /// When the first interval begins.
    pub fn begin(&self) -> DateTime<Utc> {
        *self.edges.first().expect("a period has a beginning")
    }

    /// When the last interval ends.
    pub fn end(&self) -> DateTime<Utc> {
        *self.edges.last().expect("a period has an end")
    }

    /// When each interval begins.
    pub fn points(&self) -> &[DateTime<Utc>] {
        &self.edges[..self.edges.len() - 1]
    }

    /// In which interval an instant lies.
    pub fn point_of(&self, at: DateTime<Utc>) -> Option<usize> {
        if at >= self.end() {
            return None;
        }
        self.edges.partition_point(|edge| *edge <= at).checked_sub(1)
    }
}

impl Interval {
    fn begin_of(self, zone: TimeZone, at: DateTime<Utc>) -> DateTime<Utc> {
        let local = at.with_timezone(&zone.tz());
        let day = local.date_naive();
        match self {
            Self::Hour => {
                let seconds = local.naive_local().and_utc().timestamp();
                at - Duration::seconds(seconds.rem_euclid(3600))
                    - Duration::nanoseconds(at.timestamp_subsec_nanos().into())
            }
            Self::Day => midnight(zone, day),
            Self::Week => midnight(zone, day - Days::new(local.weekday().num_days_from_monday().into())),
            Self::Month => midnight(zone, first_of_month(day)),
        }
    }

    /// The first beginning of an interval after `edge`, itself one.
    fn next(self, zone: TimeZone, edge: DateTime<Utc>) -> DateTime<Utc> {
        if self == Self::Hour {
            let hour = Duration::hours(1);
            let next = self.begin_of(zone, edge + hour);
            // Where clocks are moved by half an hour, the full hour may lie on either side.
            return if next > edge { next } else { edge + hour };
        }
        let mut day = edge.with_timezone(&zone.tz()).date_naive();
        loop {
            day = match self {
                Self::Month => first_of_month(day) + Months::new(1),
                Self::Week => day + Days::new(7 - u64::from(day.weekday().num_days_from_monday())),
                Self::Hour | Self::Day => day + Days::new(1),
            };
            // A day that a zone left out (Samoa, 30 December 2011) has no length, and no point.
            let next = midnight(zone, day);
            if next > edge {
                return next;
            }
        }
    }
}

fn first_of_month(day: NaiveDate) -> NaiveDate {
    day.with_day(1).expect("every month has a first day")
}

/// When a day begins: at midnight, or, where clocks are moved forward just then, as soon as it can.
fn midnight(zone: TimeZone, day: NaiveDate) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    match zone.tz().from_local_datetime(&midnight) {
        chrono::LocalResult::Single(at) | chrono::LocalResult::Ambiguous(at, _) => at.to_utc(),
        chrono::LocalResult::None => after_gap(zone, midnight),
    }
}

/// The instant at which clocks leapt over this local time: with the offset of before the leap, that
/// local time is just as long after the leap as it is after the gap's beginning.
fn after_gap(zone: TimeZone, local: NaiveDateTime) -> DateTime<Utc> {
    let tz = zone.tz();
    let offset = |at: DateTime<Utc>| at.with_timezone(&tz).offset().fix().local_minus_utc();
    let (mut before, mut after) =
        (local.and_utc() - Duration::hours(48), local.and_utc() + Duration::hours(48));
    let old = offset(before);
    // Offsets change at full minutes at the finest.
    while after - before > Duration::seconds(1) {
        let middle = before + (after - before) / 2;
        if offset(middle) == old { before = middle } else { after = middle }
    }
    DateTime::from_timestamp(after.timestamp(), 0).unwrap_or(after)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn zone(name: &str) -> TimeZone {
        TimeZone::parse("timezone", name).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn period(interval: Interval, name: &str, from: &str, until: &str) -> Period {
        Period::parse(interval, zone(name), at(from), at(until)).unwrap()
    }

    #[test]
    fn days_begin_at_the_events_midnight_also_when_clocks_are_moved() {
        let days = period(Interval::Day, "Europe/Vienna", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z");
        assert_eq!(
            days.points(),
            [at("2026-03-27T23:00:00Z"), at("2026-03-28T23:00:00Z"), at("2026-03-29T22:00:00Z")]
        );
        assert_eq!(days.end(), at("2026-03-30T22:00:00Z"));
    }

    #[test]
    fn a_midnight_that_does_not_exist_is_the_moment_clocks_are_moved() {
        // In Cairo clocks were moved from 0:00 to 1:00 on 26 April 2024.
        let days = period(Interval::Day, "Africa/Cairo", "2024-04-25T12:00:00Z", "2024-04-26T12:00:00Z");
        assert_eq!(days.points(), [at("2024-04-24T22:00:00Z"), at("2024-04-25T22:00:00Z")]);
        assert_eq!(days.end(), at("2024-04-26T21:00:00Z"));
    }

    #[test]
    fn a_day_that_was_left_out_has_no_point() {
        let days = period(Interval::Day, "Pacific/Apia", "2011-12-29T12:00:00Z", "2011-12-31T12:00:00Z");
        assert_eq!(days.points().len(), 3, "29 (twice noon UTC), 31 December and 1 January: {days:?}");
    }

    #[test]
    fn hours_of_a_zone_with_half_hours_begin_at_its_full_hours() {
        let hours = period(Interval::Hour, "Asia/Kolkata", "2026-06-01T10:10:00Z", "2026-06-01T11:30:00Z");
        assert_eq!(hours.points(), [at("2026-06-01T09:30:00Z"), at("2026-06-01T10:30:00Z")]);
    }

    #[test]
    fn weeks_begin_on_mondays_and_months_on_the_first() {
        let weeks = period(Interval::Week, "UTC", "2026-11-22T00:00:00Z", "2026-11-23T00:00:01Z");
        assert_eq!(weeks.points(), [at("2026-11-16T00:00:00Z"), at("2026-11-23T00:00:00Z")]);
        let months = period(Interval::Month, "UTC", "2026-11-22T00:00:00Z", "2027-01-01T00:00:00Z");
        assert_eq!(months.points(), [at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z")]);
        assert_eq!(months.end(), at("2027-01-01T00:00:00Z"));
    }

    #[test]
    fn too_many_points_and_impossible_times_are_refused_naming_the_field() {
        let refused = |interval, from, until| {
            let refusal = Period::parse(interval, TimeZone::UTC, from, until).unwrap_err();
            refusal.details["field"].as_str().unwrap().to_owned()
        };
        let (now, ever) = (at("2026-01-01T00:00:00Z"), at("9000-01-01T00:00:00Z"));
        assert_eq!(refused(Interval::Hour, now, ever), "interval");
        assert_eq!(refused(Interval::Month, now, ever), "interval");
        assert_eq!(refused(Interval::Day, now, now), "until");
        assert_eq!(refused(Interval::Day, ever, now), "until");
        assert_eq!(refused(Interval::Day, DateTime::<Utc>::MIN_UTC, now), "from");
        assert_eq!(refused(Interval::Day, now, DateTime::<Utc>::MAX_UTC), "until");
        let full = Duration::hours(i64::try_from(MAX_POINTS).unwrap());
        assert!(Period::parse(Interval::Hour, TimeZone::UTC, now, now + full).is_ok());
        assert_eq!(refused(Interval::Hour, now, now + full + Duration::milliseconds(1)), "interval");
    }

    proptest! {
        #[test]
        fn every_instant_of_a_period_lies_in_one_of_its_intervals(
            seconds in 0_i64..4_000_000_000,
            length in 1_i64..3_000_000,
            name in prop::sample::select(vec![
                "UTC", "Europe/Vienna", "America/Havana", "America/Sao_Paulo", "Asia/Kathmandu",
                "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo", "America/St_Johns",
            ]),
            interval in prop::sample::select(vec![
                Interval::Hour, Interval::Day, Interval::Week, Interval::Month,
            ]),
        ) {
            let from = DateTime::from_timestamp(seconds, 0).unwrap();
            let until = from + Duration::seconds(length);
            let period = Period::parse(interval, zone(name), from, until).unwrap();
            prop_assert!(period.edges.is_sorted_by(|one, two| one < two));
            prop_assert!(period.begin() <= from && until <= period.end());
            prop_assert!(period.point_of(from).is_some());
            prop_assert!(period.point_of(until - Duration::seconds(1)).is_some());
            prop_assert!(period.edges.iter().all(|edge| edge.timestamp() % 900 == 0));
        }
    }
}
