//! On which terms an organization sells and how it presents itself: what of it may be asked for.

mod fees;
mod presenting;
mod terms;

pub use fees::{FeeAsk, MoneyAsk};
pub use presenting::{BrandingAsk, SellerAsk};
pub use terms::TermsAsk;

use contracts::settings::{
    OrganizationSettings, RefundPolicy, RefundPolicyAsk, SalesTerms, ServiceFee, Tax, TaxAsk,
};
use kernel::{Change, Refusal, line, together};

use presenting::{BrandingChange, SellerChange};

/// The most days after an event's end that its takings wait to be paid out.
const LONGEST_PAYOUT_DELAY: u16 = 90;

/// What an owner asks to be changed of an organization, as it was typed. What is left out stays.
#[derive(Clone, Debug, Default)]
pub struct OrganizationAsk {
    /// Another name.
    pub name: Option<String>,
    /// Other fees: all of them.
    pub fees: Option<Vec<FeeAsk>>,
    /// Another tax.
    pub tax: Change<TaxAsk>,
    /// Another refund policy: all of its rules.
    pub refund_policy: Option<RefundPolicyAsk>,
    /// After how many days payouts are made.
    pub payout_delay_days: Option<i32>,
    /// Who sells.
    pub seller: SellerAsk,
    /// How it looks.
    pub branding: BrandingAsk,
    /// Other terms of business.
    pub terms: Change<TermsAsk>,
}

/// A change of an organization that keeps all rules; one is made by [`OrganizationChange::read`] only.
#[derive(Clone, Debug)]
pub struct OrganizationChange {
    name: Option<String>,
    fees: Option<Vec<ServiceFee>>,
    tax: Change<Tax>,
    refund_policy: Option<RefundPolicy>,
    payout_delay_days: Option<u16>,
    seller: SellerChange,
    branding: BrandingChange,
    terms: Change<SalesTerms>,
}

impl OrganizationChange {
    /// Reads what an owner asks for. Refused with all that is wrong with it.
    pub fn read(ask: OrganizationAsk) -> Result<Self, Refusal> {
        let (name, fees, tax, refund_policy, payout_delay_days, seller, branding, terms) = together((
            ask.name.map(|name| line("name", &name, 100)).transpose(),
            ask.fees.as_deref().map(fees::read).transpose(),
            ask.tax.read(|tax| tax.read().map(Some)),
            ask.refund_policy.as_ref().map(RefundPolicyAsk::read).transpose(),
            ask.payout_delay_days.map(payout_delay).transpose(),
            ask.seller.read(),
            ask.branding.read(),
            ask.terms.read(|terms| terms.read().map(Some)),
        ))?;
        Ok(Self { name, fees, tax, refund_policy, payout_delay_days, seller, branding, terms })
    }

    /// The other name, if it is to have one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The settings with this change.
    pub fn of(self, before: &OrganizationSettings) -> OrganizationSettings {
        let mut settings = before.clone();
        if let Some(fees) = self.fees {
            settings.fees = fees;
        }
        self.tax.apply(&mut settings.tax);
        if let Some(policy) = self.refund_policy {
            settings.refund_policy = policy;
        }
        if let Some(days) = self.payout_delay_days {
            settings.payout_delay_days = days;
        }
        self.seller.apply(&mut settings.seller);
        self.branding.apply(&mut settings.branding);
        self.terms.apply(&mut settings.terms);
        settings
    }
}

fn payout_delay(days: i32) -> Result<u16, Refusal> {
    u16::try_from(days).ok().filter(|days| *days <= LONGEST_PAYOUT_DELAY).ok_or_else(|| {
        let message = format!("must be a number of days from 0 to {LONGEST_PAYOUT_DELAY}");
        Refusal::bad_input("payoutDelayDays", message).because(kernel::reasons::OUT_OF_RANGE)
    })
}

#[cfg(test)]
mod tests;
