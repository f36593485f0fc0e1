mod counting;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use contracts::{Announcement, events::EventFacts, tickets::TicketTypeChanged};
use kernel::{EventId, Fault, Money, Problems, Refusal, TicketTypeId, TierId, each, spoken_word, together};

use serde::{Deserialize, Serialize};

use super::{House, KnownEvent, NewTier, PriceTier};
use crate::domain::{
    pricing::{Tax, listed},
    reasons,
};

/// The most tiers a ticket type may have.
const MAX_TIERS: usize = 20;
/// The most places one order may have of a type, whatever the organizer says.
const MAX_PER_ORDER: u32 = 50;

/// Where a ticket type stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SalesStatus {
    /// Sales open later: at their time, or when the event is published, or has a new date.
    Scheduled,
    /// It can be bought.
    OnSale,
    /// Nothing is left just now.
    SoldOut,
    /// Sales are over.
    Closed,
}

/// Everything about a ticket type; what databases keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketTypeSnapshot {
    /// Which.
    pub id: TicketTypeId,
    /// Of which event.
    pub event: EventId,
    /// Rises with each change of what it is, not with sales.
    pub version: i64,
    /// Its name.
    pub name: String,
    /// What it includes.
    pub description: String,
    /// Keys of the sections it is for; all when empty.
    pub sections: Vec<String>,
    /// How many may be sold in all; as many as there are places when left out.
    pub quota: Option<u32>,
    /// When sales open.
    pub sales_start: Option<DateTime<Utc>>,
    /// When they close.
    pub sales_end: Option<DateTime<Utc>>,
    /// The fewest in one order.
    pub min_per_order: u32,
    /// The most in one order.
    pub max_per_order: u32,
    /// The most that one buyer may have of it, in all orders together; as many as one likes when left out.
    pub limit_per_buyer: Option<u32>,
    /// What it demands of who goes in with it, a sentence each.
    pub restrictions: Vec<String>,
    /// Who does not know it does not see the type.
    pub access_code: Option<String>,
    /// How it is taxed, where that is not as its event's tickets are.
    pub tax: Option<TicketTax>,
    /// Its prices, in order; the first that holds is charged.
    pub tiers: Vec<PriceTier>,
    /// How many are held.
    pub held: u32,
    /// How many are sold.
    pub sold: u32,
}

/// How a ticket type is taxed on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketTax {
    /// Not at all.
    Untaxed,
    /// With this tax.
    Taxed(Tax),
}

/// The fewest characters of an access code.
const SHORTEST_CODE: usize = 8;

/// A kind of ticket of an event.
#[derive(Clone, Debug)]
pub struct TicketType {
    state: TicketTypeSnapshot,
    counted: BTreeSet<TierId>,
    pending: Vec<Announcement>,
}

impl TicketType {
    /// A new type of an event, checked. `is` holds what the organizer asked for; its tiers come from `tiers`.
    pub fn define(
        mut is: TicketTypeSnapshot,
        tiers: Vec<NewTier>,
        event: &KnownEvent,
        house: &House,
    ) -> kernel::Result<Self> {
        let (ends_at, currency) = (event.facts.ends_at, event.facts.currency);
        let mut problems = Problems::default();
        for (index, key) in is.sections.iter().enumerate() {
            let at = || format!("sections[{index}]");
            if house.section(key).is_none() {
                let message = format!("the event's layout has no section {key}");
                let unknown = Refusal::bad_input("sections", message).because(kernel::reasons::UNKNOWN);
                problems.add(unknown.standing_at(&at()));
            } else if is.sections[..index].contains(key) {
                let twice = Refusal::bad_input("sections", format!("section {key} is there twice"));
                problems.add(twice.because(kernel::reasons::DUPLICATE).standing_at(&at()));
            }
        }
        if is.quota == Some(0) || is.quota.is_some_and(|quota| quota > house.capacity()) {
            let capacity = house.capacity();
            let message = format!("must be from 1 to {capacity}, the layout's capacity");
            problems.add(Refusal::bad_input("quota", message).because(kernel::reasons::OUT_OF_RANGE));
        }
        if is.min_per_order == 0 || is.min_per_order > MAX_PER_ORDER {
            let message = format!("must be from 1 to {MAX_PER_ORDER}");
            problems.add(Refusal::bad_input("minPerOrder", message).because(kernel::reasons::OUT_OF_RANGE));
        }
        if is.max_per_order < is.min_per_order || is.max_per_order > MAX_PER_ORDER {
            let min = is.min_per_order;
            let message = format!("must be from {min} (minPerOrder) to {MAX_PER_ORDER}");
            problems.add(Refusal::bad_input("maxPerOrder", message).because(kernel::reasons::OUT_OF_RANGE));
        }
        if is.limit_per_buyer.is_some_and(|limit| limit < is.min_per_order) {
            let min = is.min_per_order;
            let message = format!("must be at least {min} (minPerOrder), or nobody can buy it");
            problems.add(Refusal::bad_input("limitPerBuyer", message).because(kernel::reasons::OUT_OF_RANGE));
        }
        if is.access_code.as_deref().is_some_and(|code| spoken_word(code).chars().count() < SHORTEST_CODE) {
            let message = format!("must have at least {SHORTEST_CODE} characters, or it is guessed");
            problems
                .add(Refusal::bad_input("accessCode", message).because(kernel::reasons::TOO_EASY_TO_GUESS));
        }
        if is.sales_end.is_some_and(|end| end > ends_at) {
            problems.add(unfit("salesEnd", "must not be after the event's end"));
        } else if let (Some(start), Some(end)) = (is.sales_start, is.sales_end)
            && start >= end
        {
            problems.add(unfit("salesEnd", "must be after salesStart"));
        }
        if is.sales_start.is_some_and(|start| start >= ends_at) {
            problems.add(unfit("salesStart", "must be before the event's end"));
        }
        let prices = if tiers.is_empty() || tiers.len() > MAX_TIERS {
            let message = format!("must be from 1 to {MAX_TIERS}");
            Err(Refusal::bad_input("tiers", message).because(kernel::reasons::WRONG_COUNT))
        } else {
            // One alone may be the type's own price.
            let is_one_of_several = tiers.len() > 1;
            each(tiers.into_iter().enumerate().map(|(at, tier)| {
                let of = if is_one_of_several { format!("tiers[{at}].") } else { String::new() };
                tier.checked(currency, &of)
            }))
        };
        let ((), prices) = together((problems.refuse(), prices))?;
        is.tiers = prices;
        let mut defined = Self { state: is, counted: BTreeSet::new(), pending: Vec::new() };
        defined.pending.push(Announcement::of(&defined.told(event)?));
        Ok(defined)
    }

    /// The type as it was saved; for adapters.
    pub fn restore(state: TicketTypeSnapshot) -> Self {
        Self { state, counted: BTreeSet::new(), pending: Vec::new() }
    }

    /// Everything about it.
    pub fn state(&self) -> &TicketTypeSnapshot {
        &self.state
    }

    /// Its event begins at another time. What was sold until it begins, or even until it is over, is sold so again: an end of
    /// sales, or of one of its prices, that was not before the old beginning moves with it, and not behind the event's end. An
    /// earlier end stays, and so does every beginning. True when something has moved.
    pub fn event_moved(&mut self, from: DateTime<Utc>, to: &EventFacts) -> bool {
        let moved = |end: Option<DateTime<Utc>>| {
            let end = end.filter(|end| *end >= from)?;
            Some((end + (to.starts_at - from)).min(to.ends_at))
        };
        let ends = self.state.tiers.iter_mut().map(|tier| &mut tier.until);
        let mut has_moved = false;
        for end in ends.chain([&mut self.state.sales_end]) {
            if let Some(moved) = moved(*end) {
                has_moved |= *end != Some(moved);
                *end = Some(moved);
            }
        }
        self.state.version += i64::from(has_moved);
        has_moved
    }

    /// What is to be told; for adapters, when it is saved.
    pub fn take_pending(&mut self) -> Vec<Announcement> {
        std::mem::take(&mut self.pending)
    }

    /// The tiers whose counters changed; for adapters.
    pub fn changed_tiers(&self) -> impl Iterator<Item = &PriceTier> {
        self.state.tiers.iter().filter(|tier| self.counted.contains(&tier.id))
    }

    /// True when it is for this section.
    pub fn covers(&self, section: &str) -> bool {
        self.state.sections.is_empty() || self.state.sections.iter().any(|key| key == section)
    }

    /// True when only those who know its access code see it.
    pub fn is_hidden(&self) -> bool {
        self.state.access_code.is_some()
    }

    /// True when a buyer who knows `code` may see and buy it, in capital letters or not.
    pub fn is_open_to(&self, code: Option<&str>) -> bool {
        // Digests are compared: how long that takes tells nothing of the code.
        let digest = |code: &str| kernel::fingerprint(&spoken_word(code));
        let same = |secret: &str| code.is_some_and(|code| digest(code) == digest(secret));
        self.state.access_code.as_deref().is_none_or(same)
    }

    /// Refuses when a buyer who `has` some of it already would have too many with so many `more`.
    pub fn may_have(&self, has: u32, more: u32) -> Result<(), Refusal> {
        let Some(limit) = self.state.limit_per_buyer.filter(|limit| has.saturating_add(more) > *limit) else {
            return Ok(());
        };
        let name = &self.state.name;
        let message = format!(
            "One buyer may have {limit} of {name}, in all orders together, and you have {has} already."
        );
        Err(Refusal::new(reasons::LIMIT_PER_BUYER, message).with("limit", limit))
    }

    /// Its id, with the tax of its own or with none at all; nothing where it is taxed as its event or organization says.
    pub fn own_tax(&self) -> Option<(TicketTypeId, Option<Tax>)> {
        let tax = match self.state.tax.as_ref()? {
            TicketTax::Untaxed => None,
            TicketTax::Taxed(tax) => Some(tax.clone()),
        };
        Some((self.state.id, tax))
    }

    /// What is listed for a place at one of its tiers' prices, as its event is sold just now: with fees and taxes in it.
    pub fn listed(&self, tier: &PriceTier, event: &KnownEvent) -> Result<Money, Fault> {
        listed(tier.base, &event.terms([self]), self.state.id)
    }

    /// What is listed for the tier on sale now; before sales for the first to come, afterwards for the last.
    pub fn price(&self, event: &KnownEvent, now: DateTime<Utc>) -> Result<Money, Fault> {
        self.listed(self.tier_at(now), event)
    }

    /// What it is listed for once the price on sale now is over, where that is more; none where it stays as it is or falls, and
    /// while nothing of it is sold.
    pub fn price_to_come(&self, event: &KnownEvent, now: DateTime<Utc>) -> Result<Option<Money>, Fault> {
        let tiers = &self.state.tiers;
        let Some(place) = tiers.iter().position(|tier| tier.sells_at(now)) else { return Ok(None) };
        let is_left = |tier: &&PriceTier| tier.until.is_none_or(|until| until > now);
        let Some(next) = tiers[place + 1..].iter().find(is_left) else { return Ok(None) };
        let (price, to_come) = (self.listed(&tiers[place], event)?, self.listed(next, event)?);
        Ok(Some(to_come).filter(|to_come| to_come.minor > price.minor))
    }

    fn tier_at(&self, now: DateTime<Utc>) -> &PriceTier {
        let tiers = &self.state.tiers;
        let tier = tiers
            .iter()
            .find(|tier| tier.sells_at(now))
            .or_else(|| tiers.iter().find(|tier| tier.from.is_some_and(|from| from > now)))
            .or_else(|| tiers.last());
        tier.expect("a ticket type has at least one tier")
    }

    /// When it comes on sale, by its own time and those of its prices; none when that is with its event's publication.
    pub fn opens_at(&self) -> Option<DateTime<Utc>> {
        // None is before every instant.
        self.state.sales_start.max(self.state.tiers.iter().map(|tier| tier.from).min().flatten())
    }

    /// Where it stands, as far as the event lets it, when `available` places are left of it. What is not sold yet is not
    /// sold out.
    pub fn status_at(&self, event: &KnownEvent, now: DateTime<Utc>, available: u32) -> SalesStatus {
        if event.is_over(now) {
            SalesStatus::Closed
        } else if event.sells(now).is_err() {
            SalesStatus::Scheduled
        } else {
            self.status(now, available)
        }
    }

    /// Where it stands, when `available` places are left of it.
    pub fn status(&self, now: DateTime<Utc>, available: u32) -> SalesStatus {
        let tiers = &self.state.tiers;
        let open = tiers.iter().any(|tier| tier.holds_at(now));
        let later = tiers.iter().any(|tier| tier.from.is_some_and(|from| from > now));
        if self.state.sales_end.is_some_and(|end| end <= now) || (!open && !later) {
            SalesStatus::Closed
        } else if self.state.sales_start.is_some_and(|start| now < start) || !open {
            SalesStatus::Scheduled
        } else if available == 0 {
            SalesStatus::SoldOut
        } else {
            SalesStatus::OnSale
        }
    }

    /// What others are told of it, with the prices that are listed just now. Its version rises with those of the type and of the
    /// terms.
    pub fn told(&self, event: &KnownEvent) -> Result<TicketTypeChanged, Fault> {
        let listed = self.state.tiers.iter().map(|tier| self.listed(tier, event));
        let mut prices = listed.collect::<Result<Vec<Money>, Fault>>()?;
        prices.sort_unstable_by_key(|price| price.minor);
        let (Some(lowest_price), Some(highest_price)) = (prices.first().copied(), prices.last().copied())
        else {
            return Err(Fault::broken_rule(format!("the ticket type {} without prices", self.state.id)));
        };
        Ok(TicketTypeChanged {
            ticket_type_id: self.state.id,
            event_id: self.state.event,
            version: self.state.version + event.terms_version(),
            name: self.state.name.clone(),
            lowest_price,
            highest_price,
            hidden: self.is_hidden(),
        })
    }
}

/// A time of sale does not go with another.
fn unfit(field: &str, message: &str) -> Refusal {
    Refusal::bad_input(field, message).because(kernel::reasons::INCONSISTENT)
}
