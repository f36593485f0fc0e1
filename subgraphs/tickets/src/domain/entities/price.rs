use kernel::Money;

/// What a price is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// All lines together.
    pub subtotal: Money,
    /// What is taken off.
    pub discount: Money,
    /// What is put on for the service.
    pub fees: Money,
    /// Taxes that come on top.
    pub tax: Money,
    /// What is to be paid.
    pub total: Money,
}

impl Price {
    /// Of lines that cost so much together, with nothing taken off or put on.
    pub fn plain(lines: Money) -> Self {
        let none = Money::zero(lines.currency);
        Self { subtotal: lines, discount: none, fees: none, tax: none, total: lines }
    }
}
