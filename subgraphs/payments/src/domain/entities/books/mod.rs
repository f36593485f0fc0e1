//! The books of organizations: what buyers' money became, in double entry.
//!
//! The cash book ([`super::Posting`]) says what the provider took from buyers and gave back, order by order, whoever it was
//! for. These books say whose that money is. They begin where an order has tickets: a purchase that failed after its money
//! came, and was given back, was never a sale, and nothing of it is here. At rest both agree: for each order with tickets
//! [`Account::Buyers`] has lost here what was captured there and did not go back, but for what a bank has for now.
//!
//! A line says how much an account gained, or lost when it is less than nothing. Lines are added and never changed, and those
//! of one cause sum to zero.
//!
//! | Account | Whose it is, and what is counted there |
//! | --- | --- |
//! | `BUYERS` | What buyers have paid for tickets leaves it; what goes back to them, or their bank keeps, comes again. |
//! | `ORGANIZATION` | The organization's: what it is owed for its sales, without taxes and after fees. |
//! | `TAX` | The organization's too: taxes that its buyers paid, which it owes to its tax office. |
//! | `FEES` | The platform's: what it asks for the service, whether buyers or the organization bear it. |
//! | `PROVIDER_FEES` | The payment provider's: what it keeps of a payment. |
//! | `DISPUTES` | A bank has it until a dispute is decided. |
//! | `PAID_OUT` | The organization's bank has it, or it is on its way there. |

mod earlier;
mod line;
mod order_book;
mod organization;
mod parts;
#[cfg(test)]
mod tests;

pub use earlier::{EarlierSale, earlier_sale};
pub use line::{Account, Kind, Line};
pub use order_book::{Fact, OrderBook};
pub use organization::{Balance, LedgerAsk, Posted, PostingId};
pub use parts::Parts;
