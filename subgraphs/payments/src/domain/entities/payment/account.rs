//! Payments whose money goes to the seller's account at the provider. An account that is refused there never costs a sale: then
//! the platform takes the money, as for whoever has none.

use chrono::{DateTime, Utc};

use super::Payment;
use crate::domain::{
    entities::{Cause, Destination, DestinationState, Posting, ProviderAmount, Refund},
    ports::{FromAccount, ToAccount},
};

impl Payment {
    /// Sends the money to the seller's account, as long as nobody has tried to pay.
    pub fn goes_to(&mut self, account: &str) {
        let Some(seller) = self.is.seller.filter(|_| self.is.attempts.is_empty() && !self.is_free()) else {
            return;
        };
        self.is.destination = Destination::of(account, self.is.amount, seller.fees);
    }

    /// To where the provider is to send the money of what is opened now.
    pub fn to_account(&self) -> Option<ToAccount> {
        let named = self.is.destination.as_ref().filter(|one| one.state == DestinationState::Named)?;
        let fee = ProviderAmount::of(named.fee).ok()?;
        Some(ToAccount { account: named.account.clone(), fee })
    }

    /// The account to which the money came, or comes.
    pub fn destination(&self) -> Option<&Destination> {
        self.is.destination.as_ref().filter(|one| one.state != DestinationState::Left)
    }

    /// The provider sends nothing to the account. What was opened with it is ended first. False when that is known.
    pub fn account_refused(&mut self) -> bool {
        let is_open = self.is.intent.is_some();
        let Some(named) = self.is.destination.as_mut().filter(|one| one.state == DestinationState::Named)
        else {
            return false;
        };
        named.state = if is_open { DestinationState::Refused } else { DestinationState::Left };
        true
    }

    /// Nobody can pay on the page of an attempt, as the account to which its money was to go takes none any more. It is closed
    /// before there is another.
    pub fn account_lost(&mut self, page: u32, now: DateTime<Utc>) {
        self.shut_page(page, now);
        if let Some(named) = self.is.destination.as_mut().filter(|one| one.state == DestinationState::Named) {
            named.state = DestinationState::Refused;
        }
    }

    /// What was opened with an account that is refused is ended.
    pub(super) fn account_left(&mut self) {
        if let Some(named) = self.is.destination.as_mut().filter(|one| one.state == DestinationState::Refused)
        {
            named.state = DestinationState::Left;
        }
    }

    /// True while something is open at the provider that sends the money to an account that is refused.
    pub(super) fn is_to_be_retired(&self) -> bool {
        let is_refused = |one: &Destination| one.state == DestinationState::Refused;
        self.is.intent.is_some() && self.is.destination.as_ref().is_some_and(is_refused)
    }

    /// What keys end with: what is asked without the account that was refused needs keys of its own.
    pub(super) fn way(&self) -> &'static str {
        match &self.is.destination {
            Some(one) if one.state == DestinationState::Left => PLATFORM,
            _ => "",
        }
    }

    /// What the account gives for a refund. The fee is given back with all that was paid, where it is the whole fee: of a part
    /// only the books know how much of the fees goes back, and the account is levelled by them.
    pub fn given_by_account(&self, refund: &Refund) -> FromAccount {
        match self.destination() {
            Some(one) if refund.reverses && refund.tried == self.is.amount && one.fee.minor > 0 => {
                FromAccount::AllButTheFee
            }
            Some(_) if refund.reverses => FromAccount::All,
            _ => FromAccount::Nothing,
        }
    }

    /// What the account gains by what is booked, and what the books of organizations call that; none where it gains nothing.
    pub fn account_gains(&self, posting: &Posting) -> Option<(String, i64)> {
        let to = self.destination()?;
        match posting.cause {
            Cause::Capture => Some(("sale".to_owned(), to.gains(posting.amount))),
            Cause::Refund(id, _) => {
                let refund = self.is.refunds.iter().find(|refund| refund.id == id)?;
                let fee = match self.given_by_account(refund) {
                    FromAccount::Nothing => return None,
                    FromAccount::All => 0,
                    FromAccount::AllButTheFee => to.fee.minor,
                };
                Some((format!("refund:{id}"), fee - posting.amount.minor))
            }
            Cause::RefundFailed(..) | Cause::DisputeLost(_) => None,
        }
    }
}

/// Ends the keys of what is asked without an account that was refused.
pub(super) const PLATFORM: &str = "-platform";
