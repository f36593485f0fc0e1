use kernel::{Currency, Fault, Money, ProviderAmount, Rate, Refusal, Result, TicketTypeId, reasons};
use serde::{Deserialize, Serialize};

use super::coin::Coin;

/// A code that takes something off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promo {
    /// As the buyer types it.
    pub code: String,
    /// What it takes off.
    pub off: Off,
    /// For tickets of which types; of all when left out.
    #[serde(default)]
    pub ticket_types: Option<Vec<TicketTypeId>>,
}

/// What a code takes off base prices, never more than all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Off {
    /// A part of each line.
    Percent(Rate),
    /// As much of all its tickets together, shared by their prices.
    Amount(Money),
    /// Everything: its tickets are free.
    Everything,
}

impl Off {
    /// A part that an organizer asks for in `field`: more than nothing. All of it makes tickets free.
    pub fn percent(field: &str, percent: Rate) -> Result<Self, Refusal> {
        match percent {
            Rate::ZERO => {
                let refusal = Refusal::bad_input(field, "must be more than nothing");
                Err(refusal.because(reasons::OUT_OF_RANGE))
            }
            Rate::WHOLE => Ok(Self::Everything),
            part => Ok(Self::Percent(part)),
        }
    }

    /// An amount that an organizer asks for in `field`: in the event's currency, more than nothing, and one that can be charged.
    pub fn amount(field: &str, amount: Money, currency: Currency) -> Result<Self, Refusal> {
        if amount.currency != currency {
            let why = format!("must be in {currency}, the event's currency");
            return Err(Refusal::bad_input(field, why).because(reasons::INCONSISTENT));
        }
        if amount.minor <= 0 {
            let refusal = Refusal::bad_input(field, "must be more than nothing");
            return Err(refusal.because(reasons::OUT_OF_RANGE));
        }
        ProviderAmount::of(amount)
            .map(|_| Self::Amount(amount))
            .map_err(|why| Refusal::bad_input(field, why).because(reasons::OUT_OF_RANGE))
    }
}

impl Promo {
    /// True when it is for tickets of that type.
    pub fn is_for(&self, ticket_type: TicketTypeId) -> bool {
        self.ticket_types.as_ref().is_none_or(|types| types.contains(&ticket_type))
    }

    /// What it takes off each of lines that cost so much. It is refused where it is for none of them, or in another
    /// currency.
    pub(super) fn shares(&self, lines: &[(TicketTypeId, Money)], currency: Currency) -> Result<Vec<Money>> {
        let refused =
            |why: String| Err(Refusal::bad_input("code", why).because(reasons::INCONSISTENT).into());
        if !lines.iter().any(|(ticket_type, _)| self.is_for(*ticket_type)) {
            return refused(format!("{} is for none of these tickets", self.code));
        }
        let none = Money::zero(currency);
        let eligible: Vec<Money> = lines
            .iter()
            .map(|(ticket_type, amount)| if self.is_for(*ticket_type) { *amount } else { none })
            .collect();
        let coin = Coin::of(currency);
        match self.off {
            Off::Amount(off) if off.currency != currency => refused(format!(
                "{} takes off an amount of {}, and prices are in {currency}",
                self.code, off.currency
            )),
            Off::Amount(off) => {
                let all = Money::sum(currency, eligible.iter().copied())?;
                let off = coin.whole(Money::new(off.minor.clamp(0, all.minor), currency));
                let weights: Vec<i64> = eligible.iter().map(|amount| amount.minor).collect();
                Ok(coin.allocate(off, &weights)?)
            }
            Off::Percent(rate) => {
                let parts: Result<Vec<Money>, Fault> =
                    eligible.iter().map(|amount| coin.part(rate, *amount)).collect();
                Ok(parts?)
            }
            Off::Everything => Ok(eligible),
        }
    }
}
