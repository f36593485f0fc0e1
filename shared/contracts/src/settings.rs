//! On which terms an organization sells, as `users` tells it: one contract, whole, for everybody who needs a part of it.

mod asked;

pub use asked::{RefundPolicyAsk, RefundRuleAsk, TaxAsk};

use kernel::{Money, OrganizationId, Rate};
use serde::{Deserialize, Serialize};

use crate::contract;

/// The settings of an organization were changed. Whole state. Of one of which none were ever told, the settings are
/// [`OrganizationSettings::default`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationSettingsChanged {
    /// Whose.
    pub organization_id: OrganizationId,
    /// Rises with each change.
    pub version: i64,
    /// How they are now.
    pub settings: OrganizationSettings,
}
contract!(OrganizationSettingsChanged, "odysseus.users.organization.settings.v1", organization_id, version);

/// On which terms an organization sells, and how it presents itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationSettings {
    /// What is asked for the service, in the order buyers read it. A fee in a currency is asked where tickets are sold in it.
    #[serde(default)]
    pub fees: Vec<ServiceFee>,
    /// How tickets are taxed, with the fees on them, where neither a ticket type nor an event says anything else.
    #[serde(default)]
    pub tax: Option<Tax>,
    /// What buyers get back who return a ticket themselves, where an event says nothing else.
    #[serde(default)]
    pub refund_policy: RefundPolicy,
    /// How many days after an event's end what it took is paid out.
    #[serde(default = "week")]
    pub payout_delay_days: u16,
    /// Who sells, as invoices name them.
    #[serde(default)]
    pub seller: Seller,
    /// How mails and pages look.
    #[serde(default)]
    pub branding: Branding,
    /// What whoever buys has to accept; none where there is nothing of the organization's own to accept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<SalesTerms>,
}

fn week() -> u16 {
    7
}

/// No fees, no tax, no refunds by buyers themselves, and payouts a week after the end.
impl Default for OrganizationSettings {
    fn default() -> Self {
        Self {
            fees: Vec::new(),
            tax: None,
            refund_policy: RefundPolicy::default(),
            payout_delay_days: week(),
            seller: Seller::default(),
            branding: Branding::default(),
            terms: None,
        }
    }
}

/// Something that is asked for the service. Those of one name are one to the buyer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceFee {
    /// As the buyer reads it: `Service fee`.
    pub name: String,
    /// How much.
    pub amount: FeeAmount,
    /// Who bears it.
    pub borne_by: BorneBy,
}

/// How much a fee is. Free tickets and free orders have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeAmount {
    /// A part of each ticket's base price, after a discount.
    Percent(Rate),
    /// As much for each ticket.
    PerTicket(Money),
    /// As much for an order, however many tickets it has. No listed price can have it inside.
    PerOrder(Money),
}

/// Who bears a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BorneBy {
    /// It is taken from what the organizer gets, at most all of it. The buyer sees nothing of it.
    Organizer,
    /// It is passed on: the buyer pays it on top of the base price.
    Buyer,
}

/// A tax on tickets, and on the fees that buyers pay for them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tax {
    /// As receipts call it: `VAT`.
    pub name: String,
    /// How much.
    pub rate: Rate,
    /// True when it is inside base prices and fees, false when it comes on top of them.
    pub included: bool,
    /// Of what it is counted at once, and rounded once.
    pub once: TaxedOnce,
}

/// Of what a tax is counted at once. What is paid is the same either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxedOnce {
    /// Of each line.
    PerLine,
    /// Of all lines that are taxed alike, and then shared out among them.
    PerTotal,
}

/// What buyers get back who return a ticket themselves. Without rules, nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundPolicy {
    /// The earliest that still holds counts: the one with the most hours before the start comes first.
    #[serde(default)]
    pub rules: Vec<RefundRule>,
    /// True when fees that were passed on stay with whoever got them.
    #[serde(default)]
    pub fees_kept: bool,
}

/// How much goes back of what is returned early enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRule {
    /// Until how many hours before the event's start.
    pub hours_before_start: u32,
    /// Which part of what was paid.
    pub percent: Rate,
}

/// What of the terms on which an event's tickets are sold is its own. What is not there is its organization's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventTerms {
    /// How its tickets are taxed, with the fees on them, where a ticket type says nothing else.
    #[serde(default)]
    pub tax: Option<Tax>,
    /// What buyers get back who return a ticket themselves.
    #[serde(default)]
    pub refund_policy: Option<RefundPolicy>,
}

impl EventTerms {
    /// True when nothing is the event's own.
    pub fn are_the_organizations(&self) -> bool {
        *self == Self::default()
    }
}

/// Who sells, as invoices name them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// The legal name, where it is another than the organization's.
    #[serde(default)]
    pub legal_name: Option<String>,
    /// In lines, as on an envelope.
    #[serde(default)]
    pub address: Option<String>,
    /// The number under which taxes are paid.
    #[serde(default)]
    pub tax_number: Option<String>,
}

/// The terms of business of an organization, in one of their versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesTerms {
    /// Where they are read.
    pub url: String,
    /// Which version is in force: who buys accepts this one, by its name.
    pub version: String,
}

/// How mails and pages of an organization look, and where its buyers turn to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branding {
    /// The accent colour, as `#1a2b3c`.
    #[serde(default)]
    pub colour: Option<String>,
    /// Its own website.
    #[serde(default)]
    pub website: Option<String>,
    /// Where buyers write to.
    #[serde(default)]
    pub support_email: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_which_nothing_was_told_are_the_default() {
        assert_eq!(
            serde_json::from_str::<OrganizationSettings>("{}").unwrap(),
            OrganizationSettings::default()
        );
    }
}
