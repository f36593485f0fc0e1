use kernel::{Fault, Money};

/// What a price is made of. All prices are what a buyer pays, with fees and taxes in them:
/// `subtotal - discount + fees + tax = total`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// All lines together.
    pub subtotal: Money,
    /// What is taken off.
    pub discount: Money,
    /// What is put on for the service.
    pub fees: Money,
    /// Taxes that come on top.
    pub tax: Money,
    /// Taxes that are inside `total` already.
    pub tax_included: Money,
    /// Each tax, on top or inside.
    pub taxes: Vec<TaxLine>,
    /// Each fee.
    pub fee_lines: Vec<FeeLine>,
    /// Each reduction.
    pub discounts: Vec<DiscountLine>,
    /// What is to be paid.
    pub total: Money,
}

/// A tax in a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxLine {
    /// As receipts call it: `VAT`.
    pub name: String,
    /// In percent, as a decimal: `20`, `8.1`.
    pub rate: String,
    /// True when it is inside the price, false when it comes on top.
    pub included: bool,
    /// How much.
    pub amount: Money,
}

/// A fee in a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeLine {
    /// As the buyer reads it.
    pub name: String,
    /// How much.
    pub amount: Money,
}

/// A reduction of a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscountLine {
    /// The code that gave it; none when it needs none.
    pub code: Option<String>,
    /// How much.
    pub amount: Money,
}

impl Price {
    /// Of lines that cost so much together, with nothing taken off or put on.
    pub fn plain(lines: Money) -> Self {
        let none = Money::zero(lines.currency);
        Self {
            subtotal: lines,
            discount: none,
            fees: none,
            tax: none,
            tax_included: none,
            taxes: Vec::new(),
            fee_lines: Vec::new(),
            discounts: Vec::new(),
            total: lines,
        }
    }

    /// All taxes of it, on top and inside.
    pub fn all_taxes(&self) -> Result<Money, Fault> {
        self.tax.plus(self.tax_included)
    }
}
