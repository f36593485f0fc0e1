use crate::{Currency, Money};

/// The largest amount the provider takes, in its units.
const MOST: i64 = 99_999_999;

/// An amount as the provider counts it: an integer of its own minor units.
///
/// They are those of ISO 4217 but for some: amounts of three decimals must end in a zero; the Icelandic
/// króna and the Ugandan shilling are sent times 100, the Malagasy ariary without decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProviderAmount {
    /// How many of the provider's units.
    pub units: i64,
    /// Of which currency.
    pub currency: Currency,
}

impl ProviderAmount {
    /// The amount in the provider's units, or why it cannot be paid there.
    pub fn of(money: Money) -> Result<Self, String> {
        let (multiply, divide) = scale(money.currency)
            .ok_or_else(|| format!("{} cannot be charged by the payment provider", money.currency))?;
        let step = step(money.currency);
        let units = money
            .minor
            .checked_mul(multiply)
            .filter(|units| units % divide == 0 && (units / divide) % step == 0)
            .map(|units| units / divide)
            .ok_or_else(|| format!("{money} is finer than what the payment provider can charge"))?;
        Ok(Self { units, currency: money.currency })
    }

    /// The same, if it is also within what the provider charges at once.
    pub fn chargeable(money: Money) -> Result<Self, String> {
        let amount = Self::of(money)?;
        let least = least(money.currency);
        if amount.units < least {
            let least = Self { units: least, ..amount };
            return Err(match least.money() {
                Some(least) => format!("{money} is less than the payment provider's minimum of {least}"),
                None => format!("{money} is less than the payment provider's minimum"),
            });
        }
        if amount.units > MOST {
            return Err(format!("{money} is more than the payment provider takes at once"));
        }
        Ok(amount)
    }

    /// The amount as we count it; none when the provider's number does not fit the currency.
    pub fn money(self) -> Option<Money> {
        let (multiply, divide) = scale(self.currency)?;
        let minor = self.units.checked_mul(divide)?;
        (minor % multiply == 0).then(|| Money::new(minor / multiply, self.currency))
    }
}

/// Our minor units times the first, divided by the second, are the provider's.
fn scale(currency: Currency) -> Option<(i64, i64)> {
    match currency.code() {
        "ISK" | "UGX" => Some((100, 1)),
        "MGA" => Some((1, 100)),
        _ if currency.decimals() <= 3 => Some((1, 1)),
        _ => None,
    }
}

/// What the provider's units must be divisible by.
fn step(currency: Currency) -> i64 {
    match (currency.code(), currency.decimals()) {
        ("ISK" | "UGX", _) => 100,
        (_, 3) => 10,
        _ => 1,
    }
}

/// The least the provider charges, in its units.
fn least(currency: Currency) -> i64 {
    match currency.code() {
        "USD" | "EUR" | "CHF" | "CAD" | "AUD" | "NZD" | "SGD" | "BRL" | "INR" | "JPY" => 50,
        "GBP" => 30,
        "AED" | "PLN" | "RON" | "MYR" => 200,
        "DKK" => 250,
        "SEK" | "NOK" => 300,
        "HKD" => 400,
        "BGN" => 100,
        "MXN" | "THB" => 1_000,
        "CZK" => 1_500,
        "HUF" => 17_500,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn money(minor: i64, code: &str) -> Money {
        Money::new(minor, Currency::parse("currency", code).unwrap())
    }

    fn units(minor: i64, code: &str) -> Result<i64, String> {
        ProviderAmount::of(money(minor, code)).map(|amount| amount.units)
    }

    #[test]
    fn minor_units_are_those_of_the_provider() {
        assert_eq!(units(4950, "EUR"), Ok(4950));
        assert_eq!(units(1200, "JPY"), Ok(1200));
        assert_eq!(units(1200, "ISK"), Ok(120_000));
        assert_eq!(units(1200, "UGX"), Ok(120_000));
        assert_eq!(units(1200, "MGA"), Ok(12));
        for code in ["KWD", "BHD", "JOD", "OMR", "TND"] {
            assert_eq!(units(1230, code), Ok(1230));
            assert!(units(1234, code).is_err(), "{code}");
        }
    }

    #[test]
    fn less_than_the_minimum_and_more_than_the_maximum_are_refused() {
        assert!(ProviderAmount::chargeable(money(49, "EUR")).unwrap_err().contains("0.50 EUR"));
        assert!(ProviderAmount::chargeable(money(50, "EUR")).is_ok());
        assert!(ProviderAmount::chargeable(money(49, "JPY")).is_err());
        assert!(ProviderAmount::chargeable(money(0, "KWD")).is_err());
        assert!(ProviderAmount::chargeable(money(100_000_000, "EUR")).is_err());
    }

    proptest! {
        #[test]
        fn what_the_provider_took_is_what_we_asked_for(
            minor in 0..Money::MAX_MINOR,
            code in prop::sample::select(vec!["EUR", "JPY", "KWD", "ISK", "UGX", "MGA", "TND", "HUF", "XOF"]),
        ) {
            if let Ok(amount) = ProviderAmount::of(money(minor, code)) {
                prop_assert_eq!(amount.money(), Some(money(minor, code)));
                prop_assert_eq!(amount.units == 0, minor == 0);
            }
        }
    }
}
