use kernel::{Fault, Money};

use super::{
    breakdown::PricedLine,
    cart::CartLine,
    coin::Coin,
    share::{Share, TaxPart},
    terms::{Tax, with_tax},
    ticket_price::TicketPrice,
};

/// A line while it is being priced.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// What is paid for it, with all that is inside.
    pub(super) gross: Money,
    /// How it is taxed.
    pub(super) tax: Option<&'a Tax>,
    cart: CartLine,
    absorbed: Money,
    share: Share,
}

impl<'a> Line<'a> {
    /// Of so many tickets alike, when so much is taken off them together.
    pub(super) fn of(cart: CartLine, ticket: &TicketPrice<'a>, discount: Money) -> Result<Self, Fault> {
        let none = Money::zero(discount.currency);
        let share = Share { discount: discount.minor, ..Share::default() };
        let mut line = Self { gross: none, tax: ticket.tax(), cart, absorbed: none, share };
        let coin = Coin::of(discount.currency);
        let each = coin.spread(discount.minor, cart.quantity as usize, &mut 0);
        for alike in each.chunk_by(|one, next| one == next) {
            let count = u32::try_from(alike.len()).unwrap_or(cart.quantity);
            let charged = ticket.less(alike[0])?;
            line.gross = line.gross.plus(charged.gross.times(count)?)?;
            line.absorb(charged.absorbed.times(count)?)?;
            for (name, fee) in charged.fees {
                line.name_fee(name, fee.times(count)?);
            }
        }
        Ok(line)
    }

    /// The organizer bears as much.
    pub(super) fn absorb(&mut self, fee: Money) -> Result<(), Fault> {
        self.absorbed = self.absorbed.plus(fee)?;
        Ok(())
    }

    /// As much of what is paid is a fee of that name.
    pub(super) fn name_fee(&mut self, name: &str, fee: Money) {
        self.share.add_fee(name, fee.minor);
    }

    /// Fees are paid besides, with the tax on them.
    pub(super) fn add(&mut self, fees: Money) -> Result<(), Fault> {
        self.gross = self.gross.plus(with_tax(fees, self.tax)?)?;
        Ok(())
    }

    /// As much of what is paid is its tax.
    pub(super) fn tax_with(&mut self, amount: Money) {
        // What comes on top of next to nothing might round to more than there is.
        let fees = if self.tax.is_some_and(|tax| tax.included) { 0 } else { self.share.fees() };
        let minor = amount.minor.min(self.gross.minor - fees);
        self.share.tax = self.tax.filter(|_| minor > 0).map(|tax| TaxPart {
            name: tax.name.clone(),
            rate: tax.rate,
            included: tax.included,
            minor,
        });
    }

    /// What it came to: what is neither fee nor tax on top is for the tickets.
    pub(super) fn priced(self) -> PricedLine {
        let CartLine { ticket_type, unit_price, quantity } = self.cart;
        let mut share = self.share;
        share.net = self.gross.minor - share.fees() - share.tax_on_top();
        share.absorbed = self.absorbed.minor.min(share.net);
        PricedLine { ticket_type, unit_price: unit_price.minor, quantity, share }
    }
}
