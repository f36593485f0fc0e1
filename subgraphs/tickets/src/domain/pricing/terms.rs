use std::collections::BTreeMap;

use contracts::settings::OrganizationSettings;
pub use contracts::settings::{BorneBy, FeeAmount, ServiceFee, Tax, TaxedOnce};
use kernel::{Currency, Fault, Money, Problems, ProviderAmount, Refusal, TicketTypeId, reasons};
use serde::{Deserialize, Serialize};

use super::coin::Coin;

/// The most fees that may be asked.
const MOST_FEES: usize = 20;

/// On which terms an organization sells the tickets of an event: what is asked for the service, and how it is taxed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The event's currency.
    pub currency: Currency,
    /// What is asked for the service. Those of one name are one to the buyer.
    #[serde(default)]
    pub fees: Vec<ServiceFee>,
    /// How tickets are taxed, with the fees on them.
    #[serde(default)]
    pub tax: Option<Tax>,
    /// How tickets of some types are taxed instead; those with none are not.
    #[serde(default)]
    pub tax_of: BTreeMap<TicketTypeId, Option<Tax>>,
}

impl Terms {
    /// Nothing is asked for the service, and nothing is taxed.
    pub fn plain(currency: Currency) -> Self {
        Self { currency, fees: Vec::new(), tax: None, tax_of: BTreeMap::new() }
    }

    /// Those of an organization where tickets are sold in a currency: fees in other currencies are not asked there.
    pub fn of(settings: &OrganizationSettings, currency: Currency) -> Self {
        let is_asked = |fee: &&ServiceFee| match fee.amount {
            FeeAmount::Percent(_) => true,
            FeeAmount::PerTicket(amount) | FeeAmount::PerOrder(amount) => amount.currency == currency,
        };
        let fees = settings.fees.iter().filter(is_asked).cloned().collect();
        Self { fees, tax: settings.tax.clone(), ..Self::plain(currency) }
    }

    /// The terms, when they can be kept: there are at most 20 fees, and each is in the terms' currency, not negative, and one
    /// that can be charged.
    pub fn checked(self) -> Result<Self, Refusal> {
        let mut problems = Problems::default();
        if self.fees.len() > MOST_FEES {
            let refusal = Refusal::bad_input("fees", format!("must be at most {MOST_FEES}"));
            problems.add(refusal.because(reasons::WRONG_COUNT));
        }
        for (place, fee) in self.fees.iter().enumerate() {
            let (FeeAmount::PerTicket(amount) | FeeAmount::PerOrder(amount)) = fee.amount else { continue };
            let field = format!("fees[{place}].amount");
            if amount.currency != self.currency {
                let why = format!("must be in {}, the event's currency", self.currency);
                problems.add(Refusal::bad_input(&field, why).because(reasons::INCONSISTENT));
            } else if amount.minor < 0 {
                let refusal = Refusal::bad_input(&field, "must not be negative");
                problems.add(refusal.because(reasons::OUT_OF_RANGE));
            } else if let Err(why) = ProviderAmount::of(amount) {
                problems.add(Refusal::bad_input(&field, why).because(reasons::OUT_OF_RANGE));
            }
        }
        problems.refuse().map(|()| self)
    }

    /// How tickets of a type are taxed.
    pub fn tax_of(&self, ticket_type: TicketTypeId) -> Option<&Tax> {
        self.tax_of.get(&ticket_type).unwrap_or(&self.tax).as_ref().filter(|tax| !tax.rate.is_zero())
    }

    /// What is asked for a ticket at a base price, each fee with its name; nothing for a free one.
    pub(super) fn for_a_ticket(&self, base: Money, borne_by: BorneBy) -> Result<Vec<(&str, Money)>, Fault> {
        let coin = Coin::of(self.currency);
        let mut fees = Vec::new();
        for fee in self.fees.iter().filter(|fee| fee.borne_by == borne_by && !base.is_zero()) {
            match fee.amount {
                FeeAmount::Percent(rate) => fees.push((fee.name.as_str(), coin.part(rate, base)?)),
                FeeAmount::PerTicket(amount) => fees.push((fee.name.as_str(), coin.whole(amount))),
                FeeAmount::PerOrder(_) => {}
            }
        }
        Ok(fees)
    }

    /// What is asked for an order that is not free.
    pub(super) fn for_an_order(&self) -> impl Iterator<Item = (&ServiceFee, Money)> {
        let coin = Coin::of(self.currency);
        self.fees.iter().filter_map(move |fee| match fee.amount {
            FeeAmount::PerOrder(amount) => Some((fee, coin.whole(amount))),
            FeeAmount::Percent(_) | FeeAmount::PerTicket(_) => None,
        })
    }
}

/// With a tax that comes on top of it.
pub(super) fn with_tax(amount: Money, tax: Option<&Tax>) -> Result<Money, Fault> {
    match tax.filter(|tax| !tax.included) {
        Some(tax) => amount.plus(Coin::of(amount.currency).part(tax.rate, amount)?),
        None => Ok(amount),
    }
}
