use kernel::{Currency, Fault, Money, ProviderAmount, Refusal, Result, TicketTypeId};
use serde::{Deserialize, Serialize};

use super::{
    breakdown::PriceBreakdown,
    coin::Coin,
    line::Line,
    promo::Promo,
    terms::{BorneBy, Tax, TaxedOnce, Terms},
    ticket_price::TicketPrice,
};
use crate::domain::reasons;

/// The most lines that are priced at once.
const MOST_LINES: usize = 1_000;
/// The most tickets of a line.
const MOST_TICKETS: u32 = 10_000;

/// Tickets of one type at one price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CartLine {
    /// Of which type.
    pub ticket_type: TicketTypeId,
    /// What each was listed for, with fees and taxes in it.
    pub unit_price: Money,
    /// How many.
    pub quantity: u32,
}

/// One ticket of a cart: which of its lines, and which of the line's tickets, both counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TicketUnit {
    /// Of which line.
    pub line: usize,
    /// Which of them.
    pub unit: usize,
}

/// Makes one line of all tickets of one type at one price, in the order in which they come; and tells for each ticket, also
/// in that order, which of a line it became.
pub fn gather(places: impl IntoIterator<Item = CartLine>) -> (Vec<CartLine>, Vec<TicketUnit>) {
    let (mut lines, mut units) = (Vec::<CartLine>::new(), Vec::new());
    for place in places {
        let same =
            |line: &CartLine| (line.ticket_type, line.unit_price) == (place.ticket_type, place.unit_price);
        let line = lines.iter().position(same).unwrap_or_else(|| {
            lines.push(CartLine { quantity: 0, ..place });
            lines.len() - 1
        });
        for unit in lines[line].quantity..lines[line].quantity + place.quantity {
            units.push(TicketUnit { line, unit: unit as usize });
        }
        lines[line].quantity += place.quantity;
    }
    (lines, units)
}

/// What a cart costs on these terms, with at most one code.
///
/// Without a code it is what was listed, and the fees of an order that are passed on. A cart that costs nothing has no fees
/// and needs no provider. Refused are a code that is for none of the tickets or takes off another currency (`code`), and an
/// amount that the provider does not charge: too little, too much, or finer than it can. Lines that are not in the terms'
/// currency, and carts of nothing, are faults.
pub fn price(cart: &[CartLine], terms: &Terms, promo: Option<&Promo>) -> Result<PriceBreakdown> {
    check(cart, terms.currency)?;
    let tickets: Result<Vec<TicketPrice<'_>>, Fault> =
        cart.iter().map(|line| TicketPrice::of(line.unit_price, terms, line.ticket_type)).collect();
    let tickets = tickets?;
    let mut amounts = Vec::with_capacity(cart.len());
    for (line, ticket) in cart.iter().zip(&tickets) {
        amounts.push((line.ticket_type, ticket.base.times(line.quantity)?));
    }
    let discounts = match promo {
        Some(promo) => promo.shares(&amounts, terms.currency)?,
        None => vec![Money::zero(terms.currency); cart.len()],
    };
    let mut lines = Vec::with_capacity(cart.len());
    for ((line, ticket), discount) in cart.iter().zip(&tickets).zip(discounts) {
        lines.push(Line::of(*line, ticket, discount)?);
    }
    ask_for_the_order(&mut lines, terms)?;
    tax(&mut lines)?;
    let code = promo.map(|promo| promo.code.clone());
    let priced = lines.into_iter().map(Line::priced).collect();
    let breakdown = PriceBreakdown::of(terms.currency, code, priced);
    breakdown.require_chargeable()?;
    Ok(breakdown)
}

fn check(cart: &[CartLine], currency: Currency) -> Result<()> {
    if cart.is_empty() || cart.len() > MOST_LINES {
        return Err(Fault::broken_rule(format!("a price of {} lines", cart.len())).into());
    }
    for line in cart {
        let price = line.unit_price;
        let right = price.currency == currency
            && (0..=Money::MAX_MINOR).contains(&price.minor)
            && (1..=MOST_TICKETS).contains(&line.quantity);
        if !right {
            let what = format!("{} tickets at {price} cannot be priced in {currency}", line.quantity);
            return Err(Fault::broken_rule(what).into());
        }
        if !price.is_zero() {
            ProviderAmount::of(price).map_err(|why| not_chargeable(&why))?;
        }
    }
    Ok(())
}

pub(super) fn not_chargeable(why: &str) -> Refusal {
    Refusal::new(reasons::AMOUNT_NOT_CHARGEABLE, format!("This order cannot be paid: {why}."))
}

/// Shares what is asked once for an order among its lines, by what they cost. A free order has no fees.
fn ask_for_the_order(lines: &mut [Line<'_>], terms: &Terms) -> Result<(), Fault> {
    let weights: Vec<i64> = lines.iter().map(|line| line.gross.minor).collect();
    if weights.iter().all(|weight| *weight == 0) {
        return Ok(());
    }
    let coin = Coin::of(terms.currency);
    let none = Money::zero(terms.currency);
    let mut passed_on = vec![none; lines.len()];
    for (fee, amount) in terms.for_an_order() {
        let parts = coin.allocate(amount, &weights)?;
        for ((line, part), passed_on) in lines.iter_mut().zip(parts).zip(&mut passed_on) {
            match fee.borne_by {
                BorneBy::Organizer => line.absorb(part)?,
                BorneBy::Buyer => {
                    line.name_fee(&fee.name, part);
                    *passed_on = passed_on.plus(part)?;
                }
            }
        }
    }
    lines.iter_mut().zip(passed_on).try_for_each(|(line, fees)| line.add(fees))
}

/// Finds the taxes inside of what is paid, each line's or that of all that are taxed alike.
fn tax(lines: &mut [Line<'_>]) -> Result<(), Fault> {
    let mut taxed_at_once: Vec<(&Tax, Vec<usize>)> = Vec::new();
    for (place, line) in lines.iter().enumerate() {
        let Some(tax) = line.tax else { continue };
        match taxed_at_once.iter_mut().find(|(same, _)| tax.once == TaxedOnce::PerTotal && *same == tax) {
            Some((_, places)) => places.push(place),
            None => taxed_at_once.push((tax, vec![place])),
        }
    }
    for (tax, places) in taxed_at_once {
        let gross: Vec<Money> = places.iter().map(|place| lines[*place].gross).collect();
        let weights: Vec<u64> = gross.iter().map(|gross| gross.minor.unsigned_abs()).collect();
        let all = tax.rate.inside(Money::sum(gross[0].currency, gross)?)?;
        for (place, part) in places.into_iter().zip(all.allocate(&weights)?) {
            lines[place].tax_with(part);
        }
    }
    Ok(())
}
