//! A cart changes: places come and go, all of them or none.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use kernel::{Fault, Result, TicketTypeId};

use super::{Claim, Fields, Inventory, Place, Reservation, SeatState, SeatStatus, Wishes};
use crate::domain::pricing::listed;

impl Inventory {
    /// Gives back what is `gone` of a reservation, keeps what `stays`, and sets aside what is wished for besides. What all of it
    /// is then, as it is listed just now. A place that stays keeps the price tier it had.
    pub fn change(
        &mut self,
        reservation: &Reservation,
        (gone, stays): (&[Claim], Vec<Claim>),
        wishes: &Wishes,
        fields: Fields,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>> {
        self.let_go(gone, reservation.state().id)?;
        let own: BTreeSet<u32> = stays.iter().filter_map(|claim| claim.place.seat()).collect();
        let mut has: BTreeMap<TicketTypeId, u32> = BTreeMap::new();
        for claim in &stays {
            *has.entry(claim.ticket_type).or_default() += claim.quantity;
        }
        let mut fresh = Vec::new();
        if !wishes.wishes.is_empty() {
            self.event.sells(now)?;
            let wanted = self.wanted(wishes, &own, fields)?;
            fresh = self.take(wanted, &has, now)?;
        }
        let more: BTreeSet<TicketTypeId> = fresh.iter().map(|claim| claim.ticket_type).collect();
        for id in gone.iter().map(|claim| claim.ticket_type).filter(|id| !more.contains(id)) {
            if let Some(left) = has.get(&id) {
                self.type_mut(id)?.may_be_ordered(*left)?;
            }
        }
        let (holder, until) = (Some(reservation.state().id), Some(reservation.state().expires_at));
        for number in fresh.iter().filter_map(|claim| claim.place.seat()) {
            self.set_seat(number, SeatState { status: SeatStatus::Held, holder, until });
        }
        let mut claims = self.relisted(stays)?;
        for new in fresh {
            let same = |known: &&mut Claim| {
                known.place == Place::Standing
                    && (known.place, &known.section, known.ticket_type, known.tier)
                        == (new.place, &new.section, new.ticket_type, new.tier)
            };
            match claims.iter_mut().find(same) {
                Some(known) => known.quantity += new.quantity,
                None => claims.push(new),
            }
        }
        Ok(claims)
    }

    /// Claims at what their tiers are listed for just now.
    fn relisted(&self, mut claims: Vec<Claim>) -> Result<Vec<Claim>, Fault> {
        let terms = self.terms();
        for claim in &mut claims {
            let of = self.types.iter().find(|known| known.state().id == claim.ticket_type);
            let tier = of.and_then(|of| of.state().tiers.iter().find(|tier| tier.id == claim.tier));
            if let Some(tier) = tier {
                claim.unit_price = listed(tier.base, &terms, claim.ticket_type)?;
            }
        }
        Ok(claims)
    }
}
