//! Taxes and refund policies, as organizations and events set them.

use async_graphql::{Enum, InputObject, SimpleObject};
use contracts::settings::{RefundPolicy, RefundPolicyAsk, RefundRuleAsk, TaxAsk, TaxedOnce};

use super::{Decimal, Url};

/// Of what a tax is counted at once, and rounded once. What buyers pay is the same either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "TaxedOnce")]
pub enum TaxRounding {
    /// Of each line of an order.
    PerLine,
    /// Of all lines of an order that are taxed alike.
    PerTotal,
}

/// A tax on tickets, and on the fees that buyers pay for them.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(shareable)]
pub struct Tax {
    /// As receipts call it, such as VAT.
    pub name: String,
    /// How many percent.
    pub rate: Decimal,
    /// True when it is inside prices and fees. False when it comes on top of them.
    pub included: bool,
    /// Of what it is counted at once.
    pub rounding: TaxRounding,
}

impl From<contracts::settings::Tax> for Tax {
    fn from(tax: contracts::settings::Tax) -> Self {
        Self {
            name: tax.name,
            rate: Decimal(tax.rate.to_string()),
            included: tax.included,
            rounding: tax.once.into(),
        }
    }
}

/// A tax on tickets, and on the fees that buyers pay for them.
#[derive(InputObject)]
pub struct TaxInput {
    /// As receipts call it, such as VAT; at most 60 characters in one line.
    pub name: String,
    /// How many percent, 0 to 100. With 0 nothing is taxed.
    pub rate: Decimal,
    /// True when it is inside prices and fees. False when it comes on top of them.
    pub included: bool,
    /// Of what it is counted at once.
    #[graphql(default_with = "TaxRounding::PerLine")]
    pub rounding: TaxRounding,
}

impl From<TaxInput> for TaxAsk {
    fn from(input: TaxInput) -> Self {
        let TaxInput { name, rate, included, rounding } = input;
        Self { name, rate: rate.0, included, once: rounding.into() }
    }
}

/// An organization's terms of business, in one of their versions.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(shareable)]
pub struct SalesTerms {
    /// Where they are read.
    pub url: Url,
    /// The version's name.
    pub version: String,
}

impl From<contracts::settings::SalesTerms> for SalesTerms {
    fn from(terms: contracts::settings::SalesTerms) -> Self {
        Self { url: Url(terms.url), version: terms.version }
    }
}

/// An organization's terms of business, in a new version or as they are.
#[derive(InputObject)]
pub struct SalesTermsInput {
    /// Where they are read: https or http, at most 2,000 characters.
    pub url: Url,
    /// The version's name, at most 40 characters, such as 2026-11. Whoever buys accepts this version.
    pub version: String,
}

/// What buyers get back who return a ticket themselves. Without rules, nothing.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(shareable)]
pub struct RefundPolicySettings {
    /// How much goes back until when. The one with the most hours comes first.
    pub rules: Vec<RefundPolicyRule>,
    /// True when fees that buyers paid do not go back.
    pub fees_kept: bool,
}

/// How much goes back of what is returned early enough.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(shareable)]
pub struct RefundPolicyRule {
    /// Until how many hours before the event's start.
    pub hours_before_start: u32,
    /// How many percent of what was paid.
    pub percent: Decimal,
}

impl From<RefundPolicy> for RefundPolicySettings {
    fn from(policy: RefundPolicy) -> Self {
        let rules = policy.rules.into_iter().map(|rule| RefundPolicyRule {
            hours_before_start: rule.hours_before_start,
            percent: Decimal(rule.percent.to_string()),
        });
        Self { rules: rules.collect(), fees_kept: policy.fees_kept }
    }
}

/// What buyers get back who return a ticket themselves. Without rules, nothing.
#[derive(InputObject)]
pub struct RefundPolicyInput {
    /// How much goes back until when: at most 10 rules, in any order.
    pub rules: Vec<RefundPolicyRuleInput>,
    /// True when fees that buyers paid do not go back.
    #[graphql(default)]
    pub fees_kept: bool,
}

/// How much goes back of what is returned early enough.
#[derive(InputObject)]
pub struct RefundPolicyRuleInput {
    /// Until how many hours before the event's start, 0 to 8760. Each rule has another number.
    pub hours_before_start: i32,
    /// How many percent of what was paid, 0 to 100. A rule with fewer hours gives no more than one with more.
    pub percent: Decimal,
}

impl From<RefundPolicyInput> for RefundPolicyAsk {
    fn from(input: RefundPolicyInput) -> Self {
        let rules = input.rules.into_iter().map(|rule| RefundRuleAsk {
            hours_before_start: rule.hours_before_start,
            percent: rule.percent.0,
        });
        Self { rules: rules.collect(), fees_kept: input.fees_kept }
    }
}
