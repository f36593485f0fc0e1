//! How many of a ticket type are taken, and at which price.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{Fault, Money, Refusal, Result, TierId};

use super::{SalesStatus, TicketType};
use crate::domain::{
    entities::places::{left, less},
    errors, reasons,
};

impl TicketType {
    /// How many of it can be had at `now`, when its sections have `places` left: what its own quota and the quotas of
    /// its prices allow.
    pub fn left_of(&self, places: u32, now: DateTime<Utc>) -> Result<u32, Fault> {
        let left = self.quota_left()?.map_or(places, |left| left.min(places));
        let open: Vec<_> = self.state.tiers.iter().filter(|tier| tier.holds_at(now)).collect();
        let mut priced: u64 = 0;
        for tier in &open {
            let Some(at_this_price) = tier.remaining()? else { return Ok(left) };
            priced += u64::from(at_this_price);
        }
        // Before any price holds it is what there will be.
        let priced = if open.is_empty() { left } else { u32::try_from(priced).unwrap_or(left) };
        Ok(left.min(priced))
    }

    /// True when numbers of its own limit it, and not only places.
    pub fn is_limited(&self) -> bool {
        self.state.quota.is_some() || self.state.tiers.iter().any(|tier| tier.quota.is_some())
    }

    /// The type as it is once these places of its tiers, whose time is over, are given back. That may have happened between
    /// one reading and the other, so that there are fewer to give.
    #[must_use]
    pub fn without_lapsed(&self, lapsed: &BTreeMap<TierId, u32>) -> Self {
        let mut free = self.clone();
        for tier in &mut free.state.tiers {
            let given = lapsed.get(&tier.id).copied().unwrap_or(0).min(tier.taken);
            tier.taken -= given;
            free.state.held = free.state.held.saturating_sub(given);
        }
        free
    }

    /// When the next of its prices holds; none when that depends on its event.
    fn opens_next(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let starts = self.state.tiers.iter().filter_map(|tier| tier.from.max(self.state.sales_start));
        starts.filter(|start| *start > now).min()
    }

    /// How many its own quota still allows; none when it has no quota.
    fn quota_left(&self) -> Result<Option<u32>, Fault> {
        let taken = [self.state.held, self.state.sold];
        self.state.quota.map(|quota| left(quota, taken, "places of a ticket type")).transpose()
    }

    /// Refuses when a cart may not have so many of it.
    pub(in crate::domain::entities) fn may_be_ordered(&self, quantity: u32) -> Result<(), Refusal> {
        let (min, max, name) = (self.state.min_per_order, self.state.max_per_order, &self.state.name);
        if (min..=max).contains(&quantity) {
            return Ok(());
        }
        let message = format!("An order may have {min} to {max} of {name}, not {quantity}.");
        Err(Refusal::new(reasons::QUANTITY_PER_ORDER, message).with("limit", max))
    }

    /// Sets `quantity` places aside, each at the price of the first tier that has one left, for a cart that `has` some of it
    /// already. The base prices, one for each place, with the tiers they are of. A refusal says how many are left where that
    /// is `told`.
    pub(in crate::domain::entities) fn take(
        &mut self,
        quantity: u32,
        has: u32,
        now: DateTime<Utc>,
        told: bool,
    ) -> Result<Vec<(TierId, Money)>> {
        let name = self.state.name.clone();
        match self.status(now, 1) {
            SalesStatus::Scheduled => {
                let message = format!("Sales of {name} are not open yet.");
                let refusal = Refusal::new(reasons::NOT_YET_OPEN, message);
                return Err(match self.opens_next(now) {
                    Some(at) => refusal.with("opensAt", kernel::rfc3339(at)),
                    None => refusal,
                }
                .into());
            }
            SalesStatus::Closed => {
                let message = format!("Sales of {name} are over.");
                return Err(Refusal::new(reasons::SALES_ENDED, message).into());
            }
            SalesStatus::OnSale | SalesStatus::SoldOut => {}
        }
        self.may_be_ordered(has.saturating_add(quantity))?;
        if let Some(left) = self.quota_left()?
            && left < quantity
        {
            return Err(errors::not_enough(&name, left, told).into());
        }
        let mut prices = Vec::new();
        for priced in 0..quantity {
            let Some(tier) = self.state.tiers.iter_mut().find(|tier| tier.sells_at(now)) else {
                return Err(errors::not_enough(&name, priced, told).into());
            };
            tier.taken += 1;
            self.counted.insert(tier.id);
            prices.push((tier.id, tier.base));
        }
        self.state.held += quantity;
        Ok(prices)
    }

    /// Takes places that were given back again, at the price they had. A refusal says how many are left where that is
    /// `told`.
    pub(in crate::domain::entities) fn retake(
        &mut self,
        tier: TierId,
        quantity: u32,
        told: bool,
    ) -> Result<()> {
        if let Some(left) = self.quota_left()?
            && left < quantity
        {
            return Err(errors::not_enough(&self.state.name, left, told).into());
        }
        self.state.held += quantity;
        if let Some(tier) = self.state.tiers.iter_mut().find(|known| known.id == tier) {
            // What was shown is what is charged: a tier that filled up meanwhile grows by these.
            tier.taken += quantity;
            self.counted.insert(tier.id);
            tier.quota = tier.quota.map(|quota| quota.max(tier.taken));
        }
        Ok(())
    }

    /// What came free of it at that price is kept for who waits.
    pub(in crate::domain::entities) fn keep(&mut self, tier: TierId, quantity: u32) {
        self.state.held += quantity;
        if let Some(tier) = self.state.tiers.iter_mut().find(|known| known.id == tier) {
            tier.taken += quantity;
            self.counted.insert(tier.id);
        }
    }

    /// Gives held places back.
    pub(in crate::domain::entities) fn give_back(
        &mut self,
        tier: TierId,
        quantity: u32,
    ) -> Result<(), Fault> {
        self.state.held = less(self.state.held, quantity, "held of a ticket type")?;
        if let Some(tier) = self.state.tiers.iter_mut().find(|known| known.id == tier) {
            tier.taken = less(tier.taken, quantity, "taken of a tier")?;
            self.counted.insert(tier.id);
        }
        Ok(())
    }

    /// Sold places can be had again, at the price they had.
    pub(in crate::domain::entities) fn take_back(
        &mut self,
        tier: TierId,
        quantity: u32,
    ) -> Result<(), Fault> {
        self.state.sold = less(self.state.sold, quantity, "sold of a ticket type")?;
        if let Some(tier) = self.state.tiers.iter_mut().find(|known| known.id == tier) {
            tier.taken = less(tier.taken, quantity, "taken of a tier")?;
            self.counted.insert(tier.id);
        }
        Ok(())
    }

    /// Turns held places into sold ones.
    pub(in crate::domain::entities) fn sell(&mut self, quantity: u32) -> Result<(), Fault> {
        self.state.held = less(self.state.held, quantity, "held of a ticket type")?;
        self.state.sold += quantity;
        Ok(())
    }
}
