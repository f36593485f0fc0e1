use chrono::{DateTime, Utc};
use contracts::events::{EventChange, EventChanged, EventFacts};
use kernel::OrderId;

/// What was told of an event before something new is told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ToldBefore {
    /// Of which version it is.
    pub version: i64,
    /// What was told.
    pub facts: EventFacts,
    /// Until when everything goes back of what was ordered before its last move.
    pub refundable_until: Option<DateTime<Utc>>,
}

impl ToldBefore {
    /// True when the event was moved to another time between this and what is told now, and that is still on its way here:
    /// nothing but a move changes the times of an event that everybody has seen. One that is called off waits for nothing.
    pub fn lacks_a_move(&self, told: &EventChanged) -> bool {
        let times = |of: &EventFacts| (of.starts_at, of.ends_at);
        self.facts.is_public()
            && !matches!(told.change, EventChange::Rescheduled | EventChange::Cancelled)
            && told.version > self.version + 1
            && times(&told.event) != times(&self.facts)
    }

    /// Until when everything goes back once the event is moved so: what was promised with a move before stands.
    pub fn refundable_after(&self, moved: &EventChanged) -> Option<DateTime<Utc>> {
        self.refundable_until.max(moved.refundable_until)
    }
}

/// A move of an event to another time, and how far those who have tickets have been told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Rises with each move of the event, from 1 on.
    pub sequence: i64,
    /// When the event was to begin before.
    pub previous_start: DateTime<Utc>,
    /// Why, in the organizer's words.
    pub reason: Option<String>,
    /// When it was heard of: tickets that were issued until then say the time before, later ones the new one.
    pub at: DateTime<Utc>,
    /// The last order, by its id, that was told; none while nobody was.
    pub told_through: Option<OrderId>,
}

impl Move {
    /// True when who has this order, with tickets since that instant, knows of the move.
    fn is_known_with(&self, order: OrderId, issued_at: DateTime<Utc>) -> bool {
        issued_at > self.at || self.told_through.is_some_and(|through| order <= through)
    }
}

/// When an event was to begin, as far as those know who have this order, with tickets since that instant; they are being told
/// of the last of these moves. `moves` are the event's, the last one first. Moves that were replaced before their turn came
/// are none that they know of.
pub fn known_start(moves: &[Move], order: OrderId, issued_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let (last, before) = moves.split_first()?;
    let unheard_of = before.iter().take_while(|earlier| !earlier.is_known_with(order, issued_at));
    Some(unheard_of.last().unwrap_or(last).previous_start)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn day(day: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(day)
    }

    /// A move on that day, away from this one, told so far.
    fn moved(sequence: i64, on: i64, from: i64, told_through: Option<OrderId>) -> Move {
        Move { sequence, previous_start: day(from), reason: None, at: day(on), told_through }
    }

    #[test]
    fn who_was_told_of_each_move_knows_the_time_before_the_last() {
        let order = OrderId::new();
        let moves = [moved(2, 20, 110, None), moved(1, 10, 100, Some(order))];
        assert_eq!(known_start(&moves, order, day(5)), Some(day(110)));
        assert_eq!(known_start(&moves[1..], order, day(5)), Some(day(100)));
        assert_eq!(known_start(&[], order, day(5)), None);
    }

    #[test]
    fn who_was_never_told_of_a_move_that_was_replaced_still_knows_the_time_before_it() {
        let (told, order) = (OrderId::new(), OrderId::new());
        assert!(told < order);
        let moves = [moved(3, 30, 120, None), moved(2, 20, 110, None), moved(1, 10, 100, Some(told))];
        assert_eq!(known_start(&moves, told, day(5)), Some(day(110)), "of the first, and not of the second");
        assert_eq!(known_start(&moves, order, day(5)), Some(day(100)), "of neither");
    }

    #[test]
    fn who_bought_after_a_move_knows_the_time_it_was_moved_to() {
        let order = OrderId::new();
        let moves = [moved(3, 30, 120, None), moved(2, 20, 110, None), moved(1, 10, 100, None)];
        assert_eq!(known_start(&moves, order, day(15)), Some(day(110)));
        assert_eq!(known_start(&moves, order, day(25)), Some(day(120)));
        assert_eq!(known_start(&moves, order, day(10)), Some(day(100)), "in the same instant: before it");
    }
}
