//! What clients name the lines of a reservation by.

use kernel::{Id, LineItemId, Refusal, Result};
use uuid::Uuid;

use super::{Claim, Reservation};

impl Reservation {
    /// The id of each of its claims, in their order. An id is made of what the claim is for, so that it stays the same when
    /// others come or go, and in the order that the reservation becomes.
    pub fn item_ids(&self) -> Vec<LineItemId> {
        let claims = &self.state.claims;
        let same = |a: &Claim, b: &Claim| {
            (a.place, &a.section, a.ticket_type, a.tier) == (b.place, &b.section, b.ticket_type, b.tier)
        };
        let id = |(at, claim): (usize, &Claim)| {
            let before = claims[..at].iter().filter(|before| same(before, claim)).count();
            let what = (self.state.id, claim.place, &claim.section, claim.ticket_type, claim.tier, before);
            let digest = kernel::fingerprint(&what);
            let value = u128::from_str_radix(&digest[..32], 16).unwrap_or_default();
            Id::from_uuid(Uuid::from_u128(value))
        };
        claims.iter().enumerate().map(id).collect()
    }

    /// What is given for each of its places, which are named by their items, in the order of the places. Refused is what is for
    /// none of its items, and an item for which more or less is given than it has places.
    pub fn in_order<T>(&self, mut given: Vec<(LineItemId, T)>) -> Result<Vec<T>, Refusal> {
        let ids = self.item_ids();
        if let Some(at) = given.iter().position(|(named, _)| !ids.contains(named)) {
            let refusal = Refusal::bad_input("itemId", "is no item of this reservation");
            let refusal = refusal.because(kernel::reasons::UNKNOWN);
            return Err(refusal.within(&format!("attendees[{at}]")));
        }
        let mut in_order = Vec::with_capacity(given.len());
        for (claim, id) in self.state.claims.iter().zip(ids) {
            let (here, others): (Vec<_>, Vec<_>) = given.into_iter().partition(|(named, _)| *named == id);
            if here.len() != claim.quantity as usize {
                let (id, places, named) = (id.public(), claim.quantity, here.len());
                let message =
                    format!("must name the item {id} {places} times, once for each place, not {named}");
                return Err(Refusal::bad_input("attendees", message).because(kernel::reasons::INCONSISTENT));
            }
            in_order.extend(here.into_iter().map(|(_, what)| what));
            given = others;
        }
        Ok(in_order)
    }

    /// Its claims, those that are `named` apart from those that stay. Refused is what is none of its own.
    pub fn without(&self, named: &[LineItemId]) -> Result<(Vec<Claim>, Vec<Claim>)> {
        let ids = self.item_ids();
        if let Some(at) = named.iter().position(|name| !ids.contains(name)) {
            let refusal = Refusal::bad_input("removeItemIds", "is no item of this reservation");
            let refusal = refusal.because(kernel::reasons::UNKNOWN);
            return Err(refusal.standing_at(&format!("removeItemIds[{at}]")).into());
        }
        let claims = self.state.claims.iter().cloned().zip(ids);
        let (gone, stay): (Vec<_>, Vec<_>) = claims.partition(|(_, id)| named.contains(id));
        let claims = |of: Vec<(Claim, _)>| of.into_iter().map(|(claim, _)| claim).collect();
        Ok((claims(gone), claims(stay)))
    }
}
