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
            .ok_or_else(overflowed)
    }

    /// What is left without the other, which may be less than nothing; a fault as in [`Money::plus`].
    pub fn minus(self, other: Self) -> Result<Self, Fault> {
        self.plus(other.negated()?)
    }

    /// As much the other way: what is owed instead of had.
    pub fn negated(self) -> Result<Self, Fault> {
        let minor = self.minor.checked_neg().ok_or_else(overflowed)?;
        Ok(Self::new(minor, self.currency))
    }

    /// So many of so many equal parts of it, to the nearest smallest unit; what lies in the middle goes away from zero.
    /// `of` is not 0.
    pub fn share(self, parts: u64, of: u64) -> Result<Self, Fault> {
        if of == 0 {
            return Err(Fault::broken_rule("an amount cannot be shared among none"));
        }
        let (whole, of) = (i128::from(self.minor) * i128::from(parts), i128::from(of));
        let rounded = (whole.abs() * 2 + of) / (of * 2) * whole.signum();
        i64::try_from(rounded).map(|minor| Self::new(minor, self.currency)).map_err(|_| overflowed())
    }

    /// Shares it out by weight, so that the shares sum to it: each has its part rounded towards zero, and the smallest
    /// units that are left go to those who lost most by that, the earlier first (the method of the largest remainder).
    /// Where nothing has weight, there is nothing to be shared.
    pub fn allocate(self, weights: &[u64]) -> Result<Vec<Self>, Fault> {
        let all: u128 = weights.iter().copied().map(u128::from).sum();
        if all == 0 {
            let wrong = || Fault::broken_rule(format!("{self} cannot be shared among none"));
            return self.is_zero().then(|| vec![self; weights.len()]).ok_or_else(wrong);
        }
        let amount = u128::from(self.minor.unsigned_abs());
        let mut shares = Vec::with_capacity(weights.len());
        for weight in weights {
            let exact = amount.checked_mul(u128::from(*weight)).ok_or_else(overflowed)?;
            shares.push((exact / all, exact % all));
        }
        let mut left = amount - shares.iter().map(|(share, _)| share).sum::<u128>();
        let mut places: Vec<usize> = (0..shares.len()).collect();
        places.sort_by_key(|place| std::cmp::Reverse(shares[*place].1)); // a stable sort: the earlier first
        for place in places {
            if left == 0 {
                break;
            }
            shares[place].0 += 1;
            left -= 1;
        }
        let signed = |(share, _): (u128, u128)| {
            let share = i64::try_from(share).map_err(|_| overflowed())?;
            Ok(Self::new(share * self.minor.signum(), self.currency))
        };
        shares.into_iter().map(signed).collect()
    }

    /// The amount so many times.
    pub fn times(self, quantity: u32) -> Result<Self, Fault> {
        self.minor
            .checked_mul(i64::from(quantity))
            .map(|minor| Self::new(minor, self.currency))
            .ok_or_else(overflowed)
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

fn overflowed() -> Fault {
    Fault::broken_rule("an amount overflowed")
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
    fn a_share_is_rounded_to_the_nearest_unit_and_away_from_zero_in_the_middle() {
        let shares =
            [(1000, 1, 3, 333), (1001, 1, 2, 501), (-1001, 1, 2, -501), (999, 19, 119, 160), (5, 0, 7, 0)];
        for (minor, parts, of, expected) in shares {
            let share = Money::new(minor, Currency::EUR).share(parts, of).unwrap();
            assert_eq!(share.minor, expected, "{minor} * {parts}/{of}");
        }
        assert!(Money::new(1, Currency::EUR).share(1, 0).is_err());
        assert!(Money::new(i64::MAX, Currency::EUR).share(2, 1).is_err());
    }

    #[test]
    fn what_is_left_over_goes_to_those_who_lost_most_by_rounding() {
        let shared = |minor, weights: &[u64]| {
            let shares = Money::new(minor, Currency::EUR).allocate(weights).unwrap();
            shares.into_iter().map(|share| share.minor).collect::<Vec<_>>()
        };
        assert_eq!(shared(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(
            shared(100, &[1, 1, 4]),
            [17, 17, 66],
            "16.67, 16.67, 66.67: two are left, for the earlier"
        );
        assert_eq!(shared(-100, &[1, 1, 1]), [-34, -33, -33]);
        assert_eq!(shared(5, &[0, 2, 0]), [0, 5, 0]);
        assert_eq!(shared(0, &[0, 0]), [0, 0]);
        assert!(Money::new(1, Currency::EUR).allocate(&[]).is_err());
    }

    #[test]
    fn what_is_taken_away_may_leave_less_than_nothing() {
        let (ten, three) = (Money::new(10, Currency::EUR), Money::new(3, Currency::EUR));
        assert_eq!(three.minus(ten).unwrap().minor, -7);
        assert!(ten.minus(Money::new(1, Currency::JPY)).is_err());
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
        fn shares_sum_to_the_amount_and_none_is_off_by_a_unit(
            minor in -Money::MAX_MINOR..Money::MAX_MINOR,
            weights in prop::collection::vec(0..1_000_000_u64, 1..40),
        ) {
            prop_assume!(weights.iter().any(|weight| *weight > 0));
            let amount = Money::new(minor, Currency::EUR);
            let shares = amount.allocate(&weights).unwrap();
            prop_assert_eq!(Money::sum(amount.currency, shares.iter().copied()).unwrap(), amount);
            let all: i128 = weights.iter().copied().map(i128::from).sum();
            for (share, weight) in shares.iter().zip(&weights) {
                let off = i128::from(share.minor) * all - i128::from(minor) * i128::from(*weight);
                prop_assert!(off.abs() < all, "{share} for {weight} of {all}");
            }
        }

        #[test]
        fn an_amount_written_and_read_is_the_same(minor in 0..Money::MAX_MINOR, code in prop::sample::select(vec!["EUR", "JPY", "KWD"])) {
            let money = Money::new(minor, Currency::parse("currency", code).unwrap());
            prop_assert_eq!(Money::parse("amount", &money.decimal(), money.currency).unwrap(), money);
        }
    }
}
