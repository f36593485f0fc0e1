use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Fault, Refusal, reasons};

/// A currency of ISO 4217 in which prices can be stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// Euro.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);
    /// US dollar.
    pub const USD: Self = Self(iso_currency::Currency::USD);
    /// Pound sterling.
    pub const GBP: Self = Self(iso_currency::Currency::GBP);
    /// Yen.
    pub const JPY: Self = Self(iso_currency::Currency::JPY);

    /// Reads what a client sent in `field`.
    pub fn parse(field: &str, code: &str) -> Result<Self, Refusal> {
        iso_currency::Currency::from_code(code)
            .filter(|currency| currency.exponent().is_some())
            .map(Self)
            .ok_or_else(|| {
                Refusal::bad_input(field, "is not a currency of ISO 4217, such as EUR, USD, GBP or JPY")
                    .because(reasons::UNKNOWN)
            })
    }

    /// The three letters.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals an amount has: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn decimals(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(2))
    }

    fn minor_per_major(self) -> i64 {
        10_i64.pow(self.decimals())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = Fault;
    fn from_str(code: &str) -> Result<Self, Fault> {
        iso_currency::Currency::from_code(code)
            .map(Self)
            .ok_or_else(|| Fault::broken_rule(format!("unknown currency {code}")))
    }
}

/// An amount in the smallest unit of its currency: cents, yen, fils. Never a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Smallest units.
    pub minor: i64,
    /// In which currency.
    pub currency: Currency,
}

impl Money {
    /// The largest amount a client may state, in minor units: a thousand million.
    pub const MAX_MINOR: i64 = 100_000_000_000;

    /// So many smallest units.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// True for nothing.
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// The sum, or a fault when currencies differ or it overflows: both are errors of ours.
    pub fn plus(self, other: Self) -> Result<Self, Fault> {
        if self.currency != other.currency {
            return Err(Fault::broken_rule(format!("{self} and {other} cannot be added")));
        }
        self.minor
            .checked_add(other.minor)
            .map(|minor| Self::new(minor, self.currency))
            .ok_or_else(|| Fault::broken_rule("an amount overflowed"))
    }

    /// The amount so many times.
    pub fn times(self, quantity: u32) -> Result<Self, Fault> {
        self.minor
            .checked_mul(i64::from(quantity))
            .map(|minor| Self::new(minor, self.currency))
            .ok_or_else(|| Fault::broken_rule("an amount overflowed"))
    }

    /// Adds up amounts of one currency.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Self>) -> Result<Self, Fault> {
        amounts.into_iter().try_fold(Self::zero(currency), Self::plus)
    }

    /// Reads a decimal such as `49.50` that a client sent in `field`: not negative, not more decimals
    /// than the currency has, at most [`Money::MAX_MINOR`].
    pub fn parse(field: &str, amount: &str, currency: Currency) -> Result<Self, Refusal> {
        let wrong = || {
            Refusal::bad_input(
                field,
                format!(
                    "must be a decimal such as {}, not negative, with at most {} decimals for {currency}",
                    Self::new(4950 % (currency.minor_per_major() * 100), currency).decimal(),
                    currency.decimals(),
                ),
            )
            .because(reasons::MALFORMED)
        };
        let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
        let digits = |text: &str| text.len() <= 15 && text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || amount.ends_with('.') {
            return Err(wrong());
        }
        let decimals = currency.decimals() as usize;
        let (kept, beyond) = fraction.split_at(fraction.len().min(decimals));
        if beyond.bytes().any(|byte| byte != b'0') {
            return Err(wrong());
        }
        let whole: i64 = whole.parse().map_err(|_| wrong())?;
        let fraction: i64 = format!("{kept:0<decimals$}0").parse::<i64>().map_err(|_| wrong())? / 10;
        whole
            .checked_mul(currency.minor_per_major())
            .and_then(|minor| minor.checked_add(fraction))
            .filter(|minor| *minor <= Self::MAX_MINOR)
            .map(|minor| Self::new(minor, currency))
            .ok_or_else(|| Refusal::bad_input(field, "is too large an amount").because(reasons::OUT_OF_RANGE))
    }

    /// The amount as a decimal with the currency's number of decimals: `49.50`, `1200` for yen.
    pub fn decimal(self) -> String {
        let decimals = self.currency.decimals() as usize;
        let per_major = self.currency.minor_per_major().unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, fraction) =
            (self.minor.unsigned_abs() / per_major, self.minor.unsigned_abs() % per_major);
        if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction:0decimals$}") }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        let kwd = Currency::parse("currency", "KWD").unwrap();
        assert_eq!(Money::new(4950, Currency::EUR).decimal(), "49.50");
        assert_eq!(Money::new(1200, Currency::JPY).decimal(), "1200");
        assert_eq!(Money::new(5, kwd).decimal(), "0.005");
        assert_eq!(Money::new(-5, Currency::EUR).decimal(), "-0.05");
    }

    #[test]
    fn what_is_no_amount_is_refused_naming_the_field() {
        for text in ["", "-1", "1e3", "1,50", "0.001", ".5", "5.", "99999999999999999999", "１", "NaN"] {
            let refusal = Money::parse("amount", text, Currency::EUR).unwrap_err();
            assert_eq!(refusal.details["field"], "amount", "{text}");
        }
    }

    #[test]
    fn unknown_currencies_are_refused() {
        for code in ["", "eur", "EURO", "XXX", "ZZZ"] {
            assert!(Currency::parse("currency", code).is_err(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn an_amount_written_and_read_is_the_same(minor in 0..Money::MAX_MINOR, code in prop::sample::select(vec!["EUR", "JPY", "KWD"])) {
            let money = Money::new(minor, Currency::parse("currency", code).unwrap());
            prop_assert_eq!(Money::parse("amount", &money.decimal(), money.currency).unwrap(), money);
        }
    }
}
