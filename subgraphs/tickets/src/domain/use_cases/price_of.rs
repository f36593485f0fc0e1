use kernel::Result;

use crate::domain::{
    entities::{Claim, KnownEvent},
    pricing::{CartLine, PriceBreakdown, Terms, gather, price},
};

/// On which terms tickets of an event are sold. Whatever asks a price asks here.
pub(super) fn terms_of(event: &KnownEvent) -> Terms {
    Terms::plain(event.facts.currency)
}

/// What is asked for places, on the terms of their event. Refused is what the provider does not charge.
pub(super) fn price_of(claims: &[Claim], terms: &Terms) -> Result<PriceBreakdown> {
    price(&gather(claims.iter().map(CartLine::from)).0, terms, None)
}
