//! Connect: the accounts of those for whom the platform takes money, and the money's way to them.

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod fee;
pub(crate) mod forwarding;
pub(crate) mod link;
pub(crate) mod onboarding;
pub(crate) mod payout;
pub(crate) mod payouts;
pub(crate) mod taking_back;
pub(crate) mod transfer;
pub(crate) mod transfers;
