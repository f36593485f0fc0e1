use chrono::{DateTime, Utc};
use contracts::tickets::{PlacesHeld, ReservationEnded};
use kernel::{EventId, Fault, ReservationId};

use super::{Figures, Sales};

/// What was heard of a reservation, in whatever order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReservationFacts {
    /// Since when places are set aside.
    pub held_at: Option<DateTime<Utc>>,
    /// How many.
    pub quantity: Option<u32>,
    /// When it ended without an order.
    pub ended_at: Option<DateTime<Utc>>,
    /// Whether it ended because time ran out.
    pub expired: Option<bool>,
}

impl ReservationFacts {
    fn sales(&self) -> Sales {
        let figures = Figures {
            holds: self.held_at.is_some().into(),
            expired: (self.expired == Some(true)).into(),
            ..Figures::default()
        };
        Sales { figures, ..Sales::default() }
    }
}

/// Places that were set aside for somebody.
#[derive(Debug)]
pub struct Reservation {
    id: ReservationId,
    event: EventId,
    facts: ReservationFacts,
    kept: ReservationFacts,
}

impl Reservation {
    /// For adapters: a reservation as it is kept, already counted.
    pub fn restore(id: ReservationId, event: EventId, kept: ReservationFacts) -> Self {
        Self { id, event, facts: kept.clone(), kept }
    }

    /// Which.
    pub fn id(&self) -> ReservationId {
        self.id
    }

    /// Of which event.
    pub fn event(&self) -> EventId {
        self.event
    }

    /// What is known of it.
    pub fn facts(&self) -> &ReservationFacts {
        &self.facts
    }

    /// For adapters: what was known of it when it was read, and is counted already.
    pub fn kept(&self) -> &ReservationFacts {
        &self.kept
    }

    /// Places were set aside.
    pub fn held(&mut self, fact: &PlacesHeld) {
        self.facts.held_at.get_or_insert(fact.at);
        self.facts.quantity.get_or_insert(fact.quantity);
    }

    /// It ended without an order.
    pub fn ended(&mut self, fact: &ReservationEnded) {
        self.facts.ended_at.get_or_insert(fact.at);
        self.facts.expired.get_or_insert(fact.expired);
    }

    /// What else was heard of it: of two facts of a kind the one that was known first stands.
    pub fn hears(&mut self, heard: &ReservationFacts) {
        let facts = &mut self.facts;
        facts.held_at = facts.held_at.or(heard.held_at);
        facts.quantity = facts.quantity.or(heard.quantity);
        facts.ended_at = facts.ended_at.or(heard.ended_at);
        facts.expired = facts.expired.or(heard.expired);
    }

    /// What it adds to sales beyond what is counted already.
    pub fn news(&self) -> Result<Sales, Fault> {
        self.facts.sales().minus(&self.kept.sales())
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use kernel::UserId;

    use super::*;

    #[test]
    fn a_reservation_that_ended_before_it_was_held_counts_once() {
        let (id, event, at) = (ReservationId::new(), EventId::new(), DateTime::UNIX_EPOCH);
        let mut reservation = Reservation::restore(id, event, ReservationFacts::default());
        reservation.ended(&ReservationEnded { reservation_id: id, event_id: event, expired: true, at });
        assert_eq!(reservation.news().unwrap().figures.expired, 1);
        for expected in [1, 0] {
            reservation = Reservation::restore(id, event, reservation.facts);
            reservation.held(&PlacesHeld {
                reservation_id: id,
                event_id: event,
                buyer_id: UserId::new(),
                quantity: 2,
                expires_at: at,
                at,
            });
            let news = reservation.news().unwrap();
            assert_eq!((news.figures.holds, news.figures.expired), (expected, 0));
        }
    }
}
