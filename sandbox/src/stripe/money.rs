//! Stripe's rules for amounts: minor units, the least that can be charged, and how an amount is written.

use iso_currency::Currency;

use super::refused::Refused;

const MOST: i64 = 99_999_999;

/// Refuses an unknown currency; answers it in lower case.
pub(crate) fn known_currency(given: &str) -> Result<String, Refused> {
    let code = given.to_ascii_uppercase();
    match Currency::from_code(&code) {
        Some(currency) if !currency.is_special() => Ok(code.to_ascii_lowercase()),
        _ => Err(Refused::invalid(format!("Invalid currency: {given}")).param("currency")),
    }
}

/// Refuses an amount that Stripe would not charge in this currency.
pub(crate) fn chargeable(amount: i64, currency: &str) -> Result<i64, Refused> {
    let least = least(currency);
    if amount < 1 {
        return Err(Refused::invalid("This value must be greater than or equal to 1.")
            .code("parameter_invalid_integer")
            .param("amount"));
    }
    if amount < least {
        return Err(Refused::invalid(format!(
            "Amount must be at least {} {currency}",
            written(least, currency)
        ))
        .code("amount_too_small")
        .param("amount"));
    }
    if amount > MOST {
        return Err(Refused::invalid(format!(
            "Amount must be no more than {} {currency}",
            written(MOST, currency)
        ))
        .code("amount_too_large")
        .param("amount"));
    }
    divisible(amount, currency)
}

/// Refuses an amount that is none, or too much for Stripe.
pub(crate) fn positive(amount: i64) -> Result<i64, Refused> {
    if (1..=MOST).contains(&amount) {
        return Ok(amount);
    }
    Err(Refused::invalid("This value must be greater than or equal to 1, and have at most eight digits.")
        .code("parameter_invalid_integer")
        .param("amount"))
}

/// Refuses an amount that no bank is paid in this currency.
pub(crate) fn payable_out(amount: i64, currency: &str) -> Result<i64, Refused> {
    let amount = divisible(positive(amount)?, currency)?;
    let one = 10_i64.pow(places(currency));
    if amount < one {
        return Err(Refused::invalid(format!(
            "Amount must be at least {} {currency}",
            written(one, currency)
        ))
        .code("amount_too_small")
        .param("amount"));
    }
    // Charged in two places, and paid out in whole units.
    if matches!(currency, "huf" | "twd") && amount % 100 != 0 {
        return Err(Refused::invalid(format!(
            "Invalid amount: payouts in {currency} must be evenly divisible by 100"
        ))
        .code("parameter_invalid_integer")
        .param("amount"));
    }
    Ok(amount)
}

/// Refuses an amount finer than what the currency can be charged in.
pub(crate) fn divisible(amount: i64, currency: &str) -> Result<i64, Refused> {
    let step = match (currency, places(currency)) {
        ("isk" | "ugx", _) => 100,
        (_, 3) => 10,
        _ => 1,
    };
    if amount % step == 0 {
        Ok(amount)
    } else {
        Err(Refused::invalid(format!("Invalid amount: in {currency} it must be evenly divisible by {step}"))
            .code("parameter_invalid_integer")
            .param("amount"))
    }
}

/// An amount as Stripe writes it: `€42.00`, `¥500`, `-€0.50`.
pub(crate) fn written(amount: i64, currency: &str) -> String {
    if amount < 0 {
        return format!("-{}", written(-amount, currency));
    }
    let symbol = Currency::from_code(&currency.to_ascii_uppercase())
        .map_or_else(|| format!("{currency} "), |known| known.symbol().to_string());
    let places = places(currency);
    let one = 10_i64.pow(places);
    if places == 0 {
        return format!("{symbol}{amount}");
    }
    let width = places as usize;
    format!("{symbol}{}.{:0width$}", amount / one, amount % one)
}

/// How many decimal places an amount has at Stripe.
fn places(currency: &str) -> u32 {
    match currency {
        "isk" | "ugx" => 2, // without minor units in the world, sent times 100
        "mga" => 0,         // the other way round
        _ => Currency::from_code(&currency.to_ascii_uppercase())
            .and_then(Currency::exponent)
            .map_or(2, u32::from),
    }
}

fn least(currency: &str) -> i64 {
    match currency {
        "usd" | "eur" | "chf" | "cad" | "aud" | "nzd" | "sgd" | "brl" | "inr" | "jpy" => 50,
        "gbp" => 30,
        "aed" | "pln" | "ron" | "myr" => 200,
        "dkk" => 250,
        "sek" | "nok" => 300,
        "hkd" => 400,
        "bgn" => 100,
        "mxn" | "thb" => 1_000,
        "czk" => 1_500,
        "huf" => 17_500,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_the_places_of_their_currency() {
        assert_eq!(written(4200, "eur"), "€42.00");
        assert_eq!(written(500, "jpy"), "¥500");
        assert_eq!(written(-50, "eur"), "-€0.50");
        assert!(written(1_230, "kwd").ends_with("1.230"));
    }

    #[test]
    fn amounts_below_the_least_or_too_fine_are_refused() {
        assert!(chargeable(49, "eur").is_err());
        assert!(chargeable(50, "eur").is_ok());
        assert!(chargeable(1_235, "kwd").is_err());
        assert!(chargeable(1_050, "isk").is_err());
        assert!(chargeable(100_000_000, "eur").is_err());
        assert!(known_currency("zzz").is_err());
    }

    #[test]
    fn banks_are_paid_from_one_unit_on_and_in_whole_ones_where_nothing_smaller_is_in_use() {
        assert!(payable_out(99, "eur").is_err());
        assert!(payable_out(100, "eur").is_ok());
        assert!(payable_out(1, "jpy").is_ok());
        assert!(payable_out(12_350, "huf").is_err());
        assert!(payable_out(12_300, "huf").is_ok());
        assert!(payable_out(1_235, "kwd").is_err());
        assert!(payable_out(0, "jpy").is_err());
    }
}
