//! Prices of different currencies as one number, for filters that name no currency.

use kernel::{Currency, Money, Refusal};

/// How many parts of a whole unit are counted: no currency has smaller ones.
const PARTS: i64 = 10_000;
/// As many decimals.
const DECIMALS: usize = 4;
/// The largest number that can be asked for, in whole units.
const MOST: i64 = 1_000_000_000;

/// An amount in ten-thousandths of a whole unit of its currency, whichever that is.
pub fn parts(money: Money) -> i64 {
    let places = u32::try_from(DECIMALS).unwrap_or(0).saturating_sub(money.currency.decimals());
    money.minor.saturating_mul(10_i64.pow(places))
}

/// What a client wrote in `field`, such as 49.50, in ten-thousandths.
pub fn read(field: &str, text: &str) -> Result<i64, Refusal> {
    let wrong = || {
        Refusal::bad_input(
            field,
            "must be a number such as 49.50, not negative and with at most four decimals",
        )
        .because(kernel::reasons::MALFORMED)
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) || part.len() > DECIMALS || whole.len() > 12 {
        return Err(wrong());
    }
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    let part: i64 = format!("{part:0<DECIMALS$}").parse().map_err(|_| wrong())?;
    if whole > MOST {
        return Err(Refusal::bad_input(field, format!("must be at most {MOST}"))
            .because(kernel::reasons::OUT_OF_RANGE));
    }
    Ok(whole * PARTS + part)
}

/// The upper ends of price bands, in whole units of a currency with cents.
const BANDS: [i64; 6] = [10, 20, 50, 100, 200, 500];

/// A range of prices in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    /// Such as `EUR:20-50`, which ends before 50.
    pub value: String,
    /// As people say it.
    pub label: String,
    /// Its lower end, in whole units.
    pub from: i64,
}

/// In which band of prices an amount is.
pub fn band(parts: i64, currency: Currency) -> Band {
    // What costs tens elsewhere costs thousands in currencies without cents.
    let scale = if currency.decimals() == 0 { 100 } else { 1 };
    let code = currency.code();
    if parts == 0 {
        return Band { value: format!("{code}:0"), label: "free".to_owned(), from: 0 };
    }
    let mut from = 0;
    for end in BANDS.map(|end| end * scale) {
        if parts < end * PARTS {
            let (value, label) = (format!("{code}:{from}-{end}"), format!("{code} {from} to {end}"));
            return Band { value, label, from };
        }
        from = end;
    }
    Band { value: format!("{code}:{from}-"), label: format!("{code} {from} and more"), from }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_of_all_currencies_are_compared_as_people_write_them() {
        let written = |text: &str| read("priceMax", text).unwrap();
        assert_eq!(written("49.50"), parts(Money::new(4_950, Currency::EUR)));
        assert_eq!(written("4950"), parts(Money::new(4_950, Currency::JPY)));
        assert!(written("49.4999") < written("49.5"));
        assert_eq!(written("0"), 0);
    }

    #[test]
    fn what_is_no_price_is_refused_by_name() {
        for wrong in ["", "-1", "1,5", "1e3", ".5", "1.", "1.23456", "99999999999999", "9999999999", "١"] {
            assert_eq!(read("priceMax", wrong).unwrap_err().details["field"], "priceMax", "{wrong}");
        }
    }

    #[test]
    fn a_price_is_in_the_band_that_begins_with_it() {
        let of = |minor, currency| band(parts(Money::new(minor, currency)), currency).value;
        assert_eq!(of(0, Currency::EUR), "EUR:0");
        assert_eq!(of(999, Currency::EUR), "EUR:0-10");
        assert_eq!(of(1_000, Currency::EUR), "EUR:10-20");
        assert_eq!(of(1_000_000, Currency::USD), "USD:500-");
        assert_eq!(of(4_950, Currency::JPY), "JPY:2000-5000");
    }
}
