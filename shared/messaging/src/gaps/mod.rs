//! What a full stream forgot before a consumer had it, and how the consumer gets it all the same.
//!
//! A stream numbers what it keeps, and each row of an outbox knows the number under which it was kept. A consumer that
//! finds numbers gone which it has not had writes that down ([`Gaps`]), and asks on a topic of the moment who has them
//! ([`Ask`]). The relay of every service answers from its outbox ([`Answering`]), some messages at a time. Nothing of it
//! goes through a stream, so that a full one does not lose it again. A number that nobody has stays a gap, and is asked
//! for again: its service may be away. Where a service keeps it no longer, it is gone.

mod answering;
mod kept;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Message, Store};

pub(crate) use self::{
    answering::Answering,
    kept::{Gaps, Open},
};

/// Where is asked.
pub(crate) const ASKED: &str = "odysseus.live.gaps.asked";
/// How many gaps are kept of one stream; more become fewer and wider, and what is got twice is known by inboxes.
const MOST: usize = 1_000;

/// Numbers of a stream that a consumer is to get yet, the first and the last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Gap {
    /// The first of them.
    pub(crate) first: i64,
    /// The last of them.
    pub(crate) last: i64,
    /// By when all of them had been published, in milliseconds.
    pub(crate) before: i64,
}

impl Gap {
    /// How many numbers it has; at most so many messages were for the consumer.
    pub(crate) fn width(&self) -> u64 {
        (self.last - self.first + 1).max(0).unsigned_abs()
    }
}

/// How many numbers they have together.
pub(crate) fn width(gaps: &[Gap]) -> u64 {
    gaps.iter().map(Gap::width).sum()
}

/// What is left of gaps when these numbers are accounted for.
pub(crate) fn without(gaps: &[Gap], numbers: &BTreeSet<i64>) -> Vec<Gap> {
    let mut left = Vec::new();
    for gap in gaps {
        let mut first = gap.first;
        for number in numbers.range(gap.first..=gap.last) {
            left.push(Gap { first, last: number - 1, ..*gap });
            first = number + 1;
        }
        left.push(Gap { first, ..*gap });
    }
    left.retain(|gap| gap.width() > 0);
    left
}

/// The part of gaps behind one number, up to another.
pub(crate) fn between(gaps: &[Gap], behind: i64, through: i64) -> Vec<Gap> {
    let cut = |gap: &Gap| Gap { first: gap.first.max(behind + 1), last: gap.last.min(through), ..*gap };
    gaps.iter().map(cut).filter(|gap| gap.width() > 0).collect()
}

/// The same, no more than are kept.
fn bounded(mut gaps: Vec<Gap>) -> Vec<Gap> {
    gaps.sort_by_key(|gap| gap.first);
    while gaps.len() > MOST {
        let joined = |pair: &[Gap]| Gap {
            first: pair[0].first,
            last: pair.iter().map(|gap| gap.last).max().unwrap_or(pair[0].last),
            before: pair.iter().map(|gap| gap.before).max().unwrap_or(pair[0].before),
        };
        gaps = gaps.chunks(2).map(joined).collect();
    }
    gaps
}

/// Who has these numbers?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ask {
    /// Answers tell which question they answer.
    pub(crate) id: Uuid,
    /// The stream whose numbers they are.
    pub(crate) store: Store,
    /// The numbers, from the lowest.
    pub(crate) gaps: Vec<Gap>,
    /// Messages of other subjects are of no use to whoever asks.
    pub(crate) subjects: Vec<String>,
    /// The topic to answer on.
    pub(crate) answered: String,
}

/// What one outbox has of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// A message, on its own because it may be large.
    Message {
        /// The question.
        ask: Uuid,
        /// Its number.
        number: i64,
        /// The message.
        message: Message,
    },
    /// That was all up to a number.
    Through {
        /// The question.
        ask: Uuid,
        /// Up to this number the outbox has told everything that it has; the rest has to be asked for.
        through: i64,
        /// Numbers of messages with other subjects.
        others: Vec<i64>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(first: i64, last: i64) -> Gap {
        Gap { first, last, before: 0 }
    }

    #[test]
    fn numbers_that_are_accounted_for_leave_smaller_gaps() {
        let gaps = [gap(1, 10), gap(20, 20)];
        assert_eq!(without(&gaps, &BTreeSet::new()), gaps);
        let left = without(&gaps, &[1, 4, 5, 10, 15, 20].into());
        assert_eq!(left, [gap(2, 3), gap(6, 9)]);
        assert_eq!(width(&left), 6);
        assert_eq!(without(&left, &(1..=20).collect()), []);
    }

    #[test]
    fn a_portion_of_gaps_ends_where_it_is_cut() {
        let gaps = [gap(1, 10), gap(20, 30)];
        assert_eq!(between(&gaps, 5, 25), [gap(6, 10), gap(20, 25)]);
        assert_eq!(between(&gaps, 10, 19), []);
    }

    #[test]
    fn many_gaps_become_fewer_that_hold_them_all() {
        let many: Vec<_> = (0..2_500).map(|n| gap(n * 10, n * 10 + 1)).collect();
        let fewer = bounded(many.clone());
        assert!(fewer.len() <= MOST, "{}", fewer.len());
        let held = |small: &Gap| fewer.iter().any(|gap| gap.first <= small.first && small.last <= gap.last);
        assert!(many.iter().all(held));
        assert!(fewer.windows(2).all(|pair| pair[0].last < pair[1].first));
    }
}
