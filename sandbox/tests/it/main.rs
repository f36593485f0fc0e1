//! The sandbox, seen by the clients that production uses: async-stripe, its webhook reader, and lettre.

#[cfg(test)]
mod balance;
#[cfg(test)]
mod checkout;
#[cfg(test)]
mod connect;
#[cfg(test)]
mod conservation;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod destinations;
#[cfg(test)]
mod events;
#[cfg(test)]
mod mails;
#[cfg(test)]
mod openid;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod payouts;
#[cfg(test)]
mod platform;
#[cfg(test)]
mod restart;
#[cfg(test)]
mod retries;
#[cfg(test)]
mod sms;
#[cfg(test)]
mod webhooks;
