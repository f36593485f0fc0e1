use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Fault, Money, Refusal, reasons};

/// A part of an amount, as people state it in percent: a discount, a fee, a tax. Exact to a ten-thousandth of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate {
    /// Millionths.
    millionths: u32,
}

/// How many decimals a percentage may have.
const DECIMALS: usize = 4;
/// One percent, in millionths.
const PERCENT: u32 = 10_000;

impl Rate {
    /// Nothing.
    pub const ZERO: Self = Self { millionths: 0 };
    /// All of it.
    pub const WHOLE: Self = Self::percent(100);
    /// How many millionths all of it is.
    pub const MILLION: u64 = 1_000_000;

    /// So many percent, of at most 100.
    pub const fn percent(percent: u32) -> Self {
        Self { millionths: percent * PERCENT }
    }

    /// Reads a percentage such as `19` or `8.875` that a client sent in `field`: from 0 to 100, with at most four decimals.
    pub fn parse(field: &str, text: &str) -> Result<Self, Refusal> {
        let wrong = || {
            let message = "must be a percentage from 0 to 100 with at most 4 decimals, such as 19 or 8.875";
            Refusal::bad_input(field, message).because(reasons::MALFORMED)
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 3) || !digits(fraction, DECIMALS) {
            return Err(wrong());
        }
        let whole: u32 = whole.parse().map_err(|_| wrong())?;
        let fraction: u32 = format!("{fraction:0<DECIMALS$}").parse().map_err(|_| wrong())?;
        let rate = Self { millionths: whole * PERCENT + fraction };
        if rate > Self::WHOLE { Err(wrong()) } else { Ok(rate) }
    }

    /// How many millionths it is.
    pub fn millionths(self) -> u64 {
        u64::from(self.millionths)
    }

    /// True for nothing.
    pub fn is_zero(self) -> bool {
        self.millionths == 0
    }

    /// That part of an amount, to the nearest smallest unit.
    pub fn of(self, amount: Money) -> Result<Money, Fault> {
        amount.share(self.millionths(), Self::MILLION)
    }

    /// What is inside an amount that was made by adding this part of something to it: of 119.00 with 19 % it is 19.00.
    pub fn inside(self, amount: Money) -> Result<Money, Fault> {
        amount.share(self.millionths(), Self::MILLION + self.millionths())
    }
}

/// In percent, without zeros at the end: `19`, `8.875`.
impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.millionths / PERCENT, self.millionths % PERCENT);
        let text = format!("{whole}.{fraction:0DECIMALS$}");
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl FromStr for Rate {
    type Err = Refusal;
    fn from_str(text: &str) -> Result<Self, Refusal> {
        Self::parse("rate", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    #[test]
    fn a_percentage_written_and_read_is_the_same() {
        for text in ["0", "19", "8.875", "100", "0.0001", "7.7"] {
            assert_eq!(Rate::parse("percentOff", text).unwrap().to_string(), text);
        }
        assert_eq!(Rate::parse("percentOff", "7.70").unwrap().to_string(), "7.7");
    }

    #[test]
    fn what_is_no_percentage_is_refused_naming_the_field() {
        for text in ["", "-1", "101", "100.0001", "1e2", "5.", ".5", "1.00001", "0019", "19%"] {
            let refusal = Rate::parse("percentOff", text).unwrap_err();
            assert_eq!(refusal.details["field"], "percentOff", "{text}");
        }
    }

    #[test]
    fn a_tax_comes_on_top_or_is_inside() {
        let nineteen = Rate::percent(19);
        assert_eq!(nineteen.of(Money::new(10_000, Currency::EUR)).unwrap().minor, 1_900);
        assert_eq!(nineteen.inside(Money::new(11_900, Currency::EUR)).unwrap().minor, 1_900);
        assert_eq!(Rate::WHOLE.of(Money::new(77, Currency::JPY)).unwrap().minor, 77);
    }
}
