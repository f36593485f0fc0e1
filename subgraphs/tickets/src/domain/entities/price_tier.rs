use chrono::{DateTime, Utc};
use kernel::{Currency, Fault, Money, Problems, ProviderAmount, Refusal, TierId};
use serde::Serialize;

use super::places::left;

/// A price, for a time or a number of places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceTier {
    /// Which.
    pub id: TierId,
    /// As the buyer reads it: `Early bird`.
    pub name: String,
    /// How much the organizer asks for a place: what is listed is made of it.
    pub base: Money,
    /// From when; from the start of sales when left out.
    pub from: Option<DateTime<Utc>>,
    /// Until when; to the end of sales when left out.
    pub until: Option<DateTime<Utc>>,
    /// How many places at this price; all when left out.
    pub quota: Option<u32>,
    /// How many of them are held or sold.
    pub taken: u32,
}

impl PriceTier {
    /// How many places are left at this price, if it is limited.
    pub fn remaining(&self) -> Result<Option<u32>, Fault> {
        self.quota.map(|quota| left(quota, [self.taken], "places of a tier")).transpose()
    }

    pub(super) fn holds_at(&self, now: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| from <= now) && self.until.is_none_or(|until| now < until)
    }

    pub(super) fn sells_at(&self, now: DateTime<Utc>) -> bool {
        self.holds_at(now) && self.quota.is_none_or(|quota| self.taken < quota)
    }
}

/// A tier an organizer asks for.
#[derive(Clone, Debug, Serialize)]
pub struct NewTier {
    /// Its name.
    pub name: String,
    /// What is asked for a place, before fees that are passed on and a tax that comes on top.
    pub price: Money,
    /// From when.
    pub from: Option<DateTime<Utc>>,
    /// Until when.
    pub until: Option<DateTime<Utc>>,
    /// For how many places.
    pub quota: Option<u32>,
}

impl NewTier {
    /// The tier, when what is asked for makes sense; otherwise the field that does not is named, with what it stands in.
    pub(super) fn checked(self, currency: Currency, of: &str) -> Result<PriceTier, Refusal> {
        let mut problems = Problems::default();
        let mut wrong = |field: &str, reason, why: String| {
            problems.add(Refusal::bad_input(&format!("{of}{field}"), why).because(reason));
        };
        if self.price.currency != currency {
            let why = format!("must be in {currency}, the event's currency");
            wrong("price", kernel::reasons::INCONSISTENT, why);
        } else if self.price.minor > 0
            // What cannot be paid for is refused when it is priced, not when somebody wants to pay.
            && let Err(why) = ProviderAmount::chargeable(self.price)
        {
            wrong("price", kernel::reasons::OUT_OF_RANGE, why);
        }
        if self.quota == Some(0) {
            wrong("quota", kernel::reasons::OUT_OF_RANGE, "must be at least 1".to_owned());
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && from >= until
        {
            wrong("until", kernel::reasons::INCONSISTENT, "must be after from".to_owned());
        }
        problems.refuse()?;
        Ok(PriceTier {
            id: TierId::new(),
            name: self.name,
            base: self.price,
            from: self.from,
            until: self.until,
            quota: self.quota,
            taken: 0,
        })
    }
}
