use kernel::{Currency, Fault, Money, Rate};
use serde::{Deserialize, Serialize};

use crate::domain::entities::{DiscountLine, FeeLine, Price, TaxLine};

/// What an amount is made of, in smallest units of a currency that whoever has it knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Share {
    /// What is paid for the tickets themselves.
    pub(super) net: i64,
    /// What was taken off before.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub(super) discount: i64,
    /// What is paid for the service, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) fees: Vec<FeePart>,
    /// The tax on it, or inside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tax: Option<TaxPart>,
    /// What the organizer bears for the service, out of `net`.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub(super) absorbed: i64,
}

/// A fee of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FeePart {
    pub(super) name: String,
    pub(super) minor: i64,
}

/// A tax of one name, rate and way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TaxPart {
    pub(super) name: String,
    pub(super) rate: Rate,
    pub(super) included: bool,
    pub(super) minor: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_nothing(minor: &i64) -> bool {
    *minor == 0
}

impl Share {
    /// Adds to the fee of that name.
    pub(super) fn add_fee(&mut self, name: &str, minor: i64) {
        if minor == 0 {
            return;
        }
        match self.fees.iter_mut().find(|fee| fee.name == name) {
            Some(fee) => fee.minor += minor,
            None => self.fees.push(FeePart { name: name.to_owned(), minor }),
        }
    }

    /// All fees.
    pub(super) fn fees(&self) -> i64 {
        self.fees.iter().map(|fee| fee.minor).sum()
    }

    /// The tax that comes on top.
    pub(super) fn tax_on_top(&self) -> i64 {
        self.tax.as_ref().filter(|tax| !tax.included).map_or(0, |tax| tax.minor)
    }

    /// The tax that is inside.
    pub(super) fn tax_included(&self) -> i64 {
        self.tax.as_ref().filter(|tax| tax.included).map_or(0, |tax| tax.minor)
    }

    /// What is paid for it but for the fees: a whole number of coins.
    pub(super) fn without_fees(&self) -> i64 {
        self.net + self.tax_on_top()
    }

    /// What is paid for it.
    pub(super) fn total(&self) -> i64 {
        self.without_fees() + self.fees()
    }

    /// The same tax of another amount.
    pub(super) fn taxed(&self, minor: i64) -> Option<TaxPart> {
        self.tax.as_ref().map(|tax| TaxPart { minor, ..tax.clone() })
    }
}

/// What several cost together, and what that is made of; a fault where that overflows.
pub(super) fn price_of<'a>(
    shares: impl IntoIterator<Item = &'a Share>,
    code: Option<&str>,
    currency: Currency,
) -> Result<Price, Fault> {
    let money = |minor| Money::new(minor, currency);
    let mut price = Price::plain(money(0));
    for share in shares {
        add(&mut price.subtotal, money(share.net).plus(money(share.discount))?)?;
        add(&mut price.discount, money(share.discount))?;
        add(&mut price.total, money(share.net))?;
        for FeePart { name, minor } in &share.fees {
            let fee = money(*minor);
            add(&mut price.fees, fee)?;
            add(&mut price.total, fee)?;
            match price.fee_lines.iter_mut().find(|line| line.name == *name) {
                Some(line) => add(&mut line.amount, fee)?,
                None => price.fee_lines.push(FeeLine { name: name.clone(), amount: fee }),
            }
        }
        if let Some(TaxPart { name, rate, included, minor }) = &share.tax
            && *minor != 0
        {
            let (amount, rate) = (money(*minor), rate.to_string());
            if *included {
                add(&mut price.tax_included, amount)?;
            } else {
                add(&mut price.tax, amount)?;
                add(&mut price.total, amount)?;
            }
            let same =
                |line: &&mut TaxLine| (&line.name, &line.rate, line.included) == (name, &rate, *included);
            match price.taxes.iter_mut().find(same) {
                Some(line) => add(&mut line.amount, amount)?,
                None => price.taxes.push(TaxLine { name: name.clone(), rate, included: *included, amount }),
            }
        }
    }
    if !price.discount.is_zero() {
        price.discounts.push(DiscountLine { code: code.map(str::to_owned), amount: price.discount });
    }
    Ok(price)
}

fn add(to: &mut Money, more: Money) -> Result<(), Fault> {
    *to = to.plus(more)?;
    Ok(())
}
