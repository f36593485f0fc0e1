use kernel::Result;

use crate::domain::{
    entities::{Claim, Inventory},
    pricing::{CartLine, PriceBreakdown, Promo, Terms, gather, price},
};

/// On which terms tickets of an event are sold just now. Whatever asks a price asks here.
pub(super) fn terms_of(inventory: &Inventory) -> Terms {
    inventory.terms()
}

/// What is asked for places, on the terms of their event and with at most one code. Refused are what the provider does not
/// charge, and a code that is for none of them.
pub(super) fn price_of(claims: &[Claim], terms: &Terms, promo: Option<&Promo>) -> Result<PriceBreakdown> {
    price(&gather(claims.iter().map(CartLine::from)).0, terms, promo)
}
