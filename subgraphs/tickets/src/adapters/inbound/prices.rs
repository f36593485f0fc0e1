//! How prices are told: the graph and REST have shapes with the same fields, each with its own money.

/// Makes the `PriceBreakdown` of the module that says this, with its `TaxLine`, `FeeLine` and `DiscountLine`, out of what the
/// domain knows of a price. `$rate` turns a tax's rate, which is a text, into what the module has for it.
macro_rules! tells_prices {
    ($rate:expr) => {
        impl From<$crate::domain::entities::Price> for PriceBreakdown {
            fn from(price: $crate::domain::entities::Price) -> Self {
                let tax = |line: $crate::domain::entities::TaxLine| TaxLine {
                    name: line.name,
                    rate: $rate(line.rate),
                    included: line.included,
                    amount: line.amount.into(),
                };
                let fee = |line: $crate::domain::entities::FeeLine| FeeLine {
                    name: line.name,
                    amount: line.amount.into(),
                };
                let off = |line: $crate::domain::entities::DiscountLine| DiscountLine {
                    code: line.code,
                    amount: line.amount.into(),
                };
                Self {
                    subtotal: price.subtotal.into(),
                    discount: price.discount.into(),
                    fees: price.fees.into(),
                    tax: price.tax.into(),
                    tax_included: price.tax_included.into(),
                    total: price.total.into(),
                    taxes: price.taxes.into_iter().map(tax).collect(),
                    fee_lines: price.fee_lines.into_iter().map(fee).collect(),
                    discounts: price.discounts.into_iter().map(off).collect(),
                }
            }
        }
    };
}

pub(crate) use tells_prices;
