use chrono::{DateTime, Duration, Utc};
use kernel::{Money, Result};

use super::Analytics;
use crate::domain::entities::{EventCopy, Interval, Period, QUARTER, SalesPoint};

impl Analytics {
    /// What was sold in each interval, in the event's own days and hours: those without sales are
    /// there too. Without bounds, from the first sale to the last.
    ///
    /// For whoever was given the event's report: nobody is asked for their role again.
    pub async fn read_timeline(
        &self,
        event: &EventCopy,
        interval: Interval,
        from: Option<DateTime<Utc>>,
        until: Option<DateTime<Utc>>,
    ) -> Result<Vec<SalesPoint>> {
        for (field, bound) in [("from", from), ("until", until)] {
            bound.map_or(Ok(()), |at| Period::bound(field, at))?;
        }
        let (from, until) = match (from, until) {
            (Some(from), Some(until)) => (from, until),
            (from, until) => {
                let Some((first, last)) = self.reads.selling_time(event.id).await? else {
                    return Ok(Vec::new());
                };
                let end = last + Duration::milliseconds(QUARTER);
                let (from, until) = (from.unwrap_or(first), until.unwrap_or(end));
                if from >= until {
                    return Ok(Vec::new()); // all sales lie on the other side of the one bound given
                }
                (from, until)
            }
        };
        let period = Period::parse(interval, event.timezone, from, until)?;
        let mut points: Vec<_> = period
            .points()
            .iter()
            .map(|at| SalesPoint { at: *at, tickets: 0, revenue: Money::zero(event.currency) })
            .collect();
        for (at, sold) in self.reads.quarters(event.id, period.begin(), period.end()).await? {
            if let Some(point) = period.point_of(at).and_then(|index| points.get_mut(index)) {
                point.tickets += sold.tickets;
                point.revenue = point.revenue.plus(Money::new(sold.revenue, event.currency))?;
            }
        }
        Ok(points)
    }
}
