//! What a cart costs, what that is made of, and what goes back of it.
//!
//! **Listed prices are all-in.** Whoever sells sets a base price. What is listed is made of it by [`listed`]: the fees that are
//! passed on and a tax that comes on top are in it. The listed price is what is promised, so everything else is found
//! inside it: without a code, a cart costs its listed prices times their quantities, to the smallest unit, and fees that
//! are asked once for an order besides. Fees that the organizer bears are in no price.
//!
//! **A code takes off the base price.** Fees and taxes are counted again of what is left of each ticket; a ticket of
//! which nothing is left is free, of fees too.
//!
//! **Rounding.** A *coin* is the smallest amount that can be charged: 0.01 EUR, 1 JPY, 0.010 KWD. Discounts, fees and
//! totals are whole coins. A part of an amount is rounded to the nearest, and away from zero in the middle. Taxes are stated
//! to the smallest unit of the currency: once for a line or once for all that is taxed alike, as the tax says, of what is
//! paid, fees included. What is shared out is shared by largest remainder, so that everything sums.
//!
//! Everything here is arithmetic: the same input has the same answer, anywhere and at any time.

mod breakdown;
mod cart;
mod coin;
mod line;
mod policy;
mod promo;
mod refund;
mod share;
mod terms;
mod ticket_price;
mod units;

pub use breakdown::{LinePrice, PriceBreakdown};
pub use cart::{CartLine, TicketUnit, gather, price};
pub use coin::share_out;
pub use policy::{RefundPolicy, RefundRule};
pub use promo::{Off, Promo};
pub use refund::RefundTerms;
pub use terms::{BorneBy, FeeAmount, ServiceFee, Tax, TaxedOnce, Terms};
pub use ticket_price::listed;

#[cfg(test)]
mod tests;
