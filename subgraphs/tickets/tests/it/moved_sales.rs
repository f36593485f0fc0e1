//! What was sold until an event begins is sold until it begins once it was moved, too.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::events::{EventChange, EventChanged, EventStatus};
use kernel::{Currency, Money, TicketTypeId, UserId};
use tickets::{
    Config,
    domain::{
        entities::{NewTier, TicketType},
        use_cases::CreateTicketType,
    },
};

use crate::stage::{STALLS, Stage, code, now};

impl Stage {
    /// What is told of an event that begins then and lasts three hours.
    fn begins(&self, version: i64, change: EventChange, at: DateTime<Utc>) -> EventChanged {
        let mut told = self.event_changed(version, change, EventStatus::Published);
        (told.event.starts_at, told.event.ends_at) = (at, at + TimeDelta::hours(3));
        told
    }

    /// A ticket type whose sales, or whose only price, end then.
    async fn sells_until(&self, sales: Option<DateTime<Utc>>, price: Option<DateTime<Utc>>) -> TicketTypeId {
        let tiers = vec![NewTier {
            name: "Normal".to_owned(),
            price: Money::new(1000, Currency::EUR),
            from: None,
            until: price,
            quota: None,
        }];
        let ask = CreateTicketType { sales_end: sales, tiers, ..self.ticket_type("Seat", &[STALLS], 1000) };
        self.tickets.create_ticket_type(ask).await.unwrap().state().id
    }

    async fn ends(&self, id: TicketTypeId) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
        let known: TicketType = self.tickets.reads().ticket_type(id).await.unwrap().unwrap();
        (known.state().sales_end, known.state().tiers[0].until)
    }
}

/// An event that begins then, on sale.
async fn begins_at(start: DateTime<Utc>) -> Stage {
    let stage = Stage::empty(Config::default()).await;
    stage.hear(&stage.layout_defined()).await;
    stage.hear(&stage.begins(1, EventChange::Published, start)).await;
    stage
}

fn whole_seconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap()
}

#[tokio::test]
async fn an_end_of_sales_at_the_beginning_moves_with_it_and_an_earlier_one_stays() {
    let start = whole_seconds(now() + TimeDelta::days(30));
    let stage = begins_at(start).await;
    let (before, end) = (start - TimeDelta::days(1), start + TimeDelta::hours(3));
    let with_it = stage.sells_until(Some(start), None).await;
    let to_the_end = stage.sells_until(Some(end), Some(start)).await;
    let earlier = stage.sells_until(Some(before), Some(before)).await;
    let open = stage.sells_until(None, None).await;
    let week = TimeDelta::days(7);
    stage.hear(&stage.begins(2, EventChange::Rescheduled, start + week)).await;
    assert_eq!(stage.ends(with_it).await, (Some(start + week), None));
    assert_eq!(stage.ends(to_the_end).await, (Some(end + week), Some(start + week)));
    assert_eq!(stage.ends(earlier).await, (Some(before), Some(before)));
    assert_eq!(stage.ends(open).await, (None, None));
    // Late news of the time before change nothing, and neither do news that leave the time as it is.
    stage.hear(&stage.begins(1, EventChange::Published, start)).await;
    stage.hear(&stage.begins(3, EventChange::Updated, start + week)).await;
    assert_eq!(stage.ends(with_it).await, (Some(start + week), None));
    // Back, and shorter than it was: nothing is sold behind its end.
    let mut shorter = stage.begins(4, EventChange::Rescheduled, start);
    shorter.event.ends_at = start + TimeDelta::hours(1);
    stage.hear(&shorter).await;
    assert_eq!(stage.ends(to_the_end).await, (Some(start + TimeDelta::hours(1)), Some(start)));
    assert_eq!(stage.ends(with_it).await, (Some(start), None));
    assert_eq!(stage.ends(earlier).await, (Some(before), Some(before)));
}

#[tokio::test]
async fn what_had_closed_with_the_beginning_is_on_sale_again_once_that_is_moved() {
    let start = kernel::from_millis(kernel::to_millis(now() + TimeDelta::seconds(1)));
    let stage = begins_at(start).await;
    stage.sells_until(Some(start), None).await;
    stage
        .until("its beginning", async || (stage.tickets.reads().now().await.unwrap() >= start).then_some(()))
        .await;
    assert_eq!(code(stage.holds(UserId::new(), &[0]).await), "SALES_CLOSED");
    stage.hear(&stage.begins(2, EventChange::Rescheduled, start + TimeDelta::days(7))).await;
    stage.holds(UserId::new(), &[0]).await.unwrap();
    stage.assert_invariants().await;
}
