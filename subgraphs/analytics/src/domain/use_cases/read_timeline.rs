use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use kernel::{EventId, Money, Refusal, Result, together};

use super::Analytics;
use crate::domain::entities::{EventCopy, Interval, Period, QUARTER, SalesPoint};

/// Read what was sold in each interval, in the event's own days and hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReadTimeline {
    /// How long a point is.
    pub interval: Interval,
    /// The first point holds this instant; left out, the first sale.
    pub from: Option<DateTime<Utc>>,
    /// The last point begins before this instant; left out, the last sale.
    pub until: Option<DateTime<Utc>>,
}

impl Analytics {
    /// What events sold in each interval: those without sales are there too. Without bounds, from the first sale
    /// to the last. In the order asked, and as many questions to the database as for one event.
    ///
    /// For whoever was given the events' reports: nobody is asked for their role again.
    pub async fn read_timelines(
        &self,
        asked: &[(EventCopy, ReadTimeline)],
    ) -> Result<Vec<Result<Vec<SalesPoint>, Refusal>>> {
        let open = asked.iter().filter(|(_, ask)| ask.from.is_none() || ask.until.is_none());
        let open: Vec<EventId> = open.map(|(event, _)| event.id).collect();
        let times = if open.is_empty() { HashMap::new() } else { self.reads.selling_times(&open).await? };
        let periods: Vec<_> =
            asked.iter().map(|(event, ask)| ask.period(event, times.get(&event.id).copied())).collect();
        let spans: Vec<_> = asked
            .iter()
            .zip(&periods)
            .filter_map(|((event, _), period)| {
                let period = period.as_ref().ok()?.as_ref()?;
                Some((event.id, period.begin(), period.end()))
            })
            .collect();
        let mut sold: HashMap<EventId, Vec<_>> = HashMap::new();
        for quarter in if spans.is_empty() { Vec::new() } else { self.reads.quarters(&spans).await? } {
            sold.entry(quarter.event).or_default().push((quarter.at, quarter.sold));
        }
        let mut timelines = Vec::with_capacity(asked.len());
        for ((event, _), period) in asked.iter().zip(periods) {
            let period = match period {
                Ok(period) => period,
                Err(refusal) => {
                    timelines.push(Err(refusal));
                    continue;
                }
            };
            let Some(period) = period else {
                timelines.push(Ok(Vec::new()));
                continue;
            };
            let point =
                |at: &DateTime<Utc>| SalesPoint { at: *at, tickets: 0, revenue: Money::zero(event.currency) };
            let mut points: Vec<_> = period.points().iter().map(point).collect();
            for (at, sold) in sold.get(&event.id).into_iter().flatten() {
                if let Some(point) = period.point_of(*at).and_then(|index| points.get_mut(index)) {
                    point.tickets += sold.tickets;
                    point.revenue = point.revenue.plus(Money::new(sold.revenue, event.currency))?;
                }
            }
            timelines.push(Ok(points));
        }
        Ok(timelines)
    }
}

impl ReadTimeline {
    /// Over which intervals; none where nothing was sold that could bound them.
    fn period(
        &self,
        event: &EventCopy,
        sold: Option<(DateTime<Utc>, DateTime<Utc>)>,
    ) -> Result<Option<Period>, Refusal> {
        let said = |field, bound: Option<_>| bound.map_or(Ok(()), |at| Period::bound(field, at));
        together((said("from", self.from), said("until", self.until)))?;
        let (from, until) = match (self.from, self.until) {
            (Some(from), Some(until)) => (from, until),
            (from, until) => {
                let Some((first, last)) = sold else { return Ok(None) };
                let end = last + Duration::milliseconds(QUARTER);
                let (from, until) = (from.unwrap_or(first), until.unwrap_or(end));
                if from >= until {
                    return Ok(None); // all sales lie on the other side of the one bound given
                }
                (from, until)
            }
        };
        Period::parse(self.interval, event.timezone, from, until).map(Some)
    }
}
