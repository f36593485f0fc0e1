use kernel::{Currency, Fault, Money};

use super::{breakdown::PricedLine, coin::Coin, share::Share};

impl PricedLine {
    /// What each of its tickets was paid with. The same line has the same answer always: refunds rely on it.
    pub(super) fn units(&self, currency: Currency) -> Result<Vec<Share>, Fault> {
        let (coin, line) = (Coin::of(currency), &self.share);
        let count = self.quantity as usize;
        // What is paid is shared in whole coins, so that each can be given back alone.
        let mut taken = 0;
        let without_fees = coin.spread(line.without_fees(), count, &mut taken);
        let mut taken_off = taken;
        let discounts = coin.spread(line.discount, count, &mut taken_off);
        let mut units: Vec<Share> =
            discounts.into_iter().map(|discount| Share { discount, ..Share::default() }).collect();
        for fee in &line.fees {
            for (unit, minor) in units.iter_mut().zip(coin.spread(fee.minor, count, &mut taken)) {
                unit.add_fee(&fee.name, minor);
            }
        }
        // A tax by what is paid: so it is never more.
        let paid: Vec<i64> =
            without_fees.iter().zip(&units).map(|(minor, unit)| minor + unit.fees()).collect();
        let on_top = by_weight(line.tax_on_top(), &without_fees, currency)?;
        let included = by_weight(line.tax_included(), &paid, currency)?;
        for (place, unit) in units.iter_mut().enumerate() {
            unit.net = without_fees[place] - on_top[place];
            unit.tax = line.taxed(on_top[place] + included[place]);
        }
        let nets: Vec<i64> = units.iter().map(|unit| unit.net).collect();
        for (unit, absorbed) in units.iter_mut().zip(by_weight(line.absorbed, &nets, currency)?) {
            unit.absorbed = absorbed;
        }
        Ok(units)
    }
}

fn by_weight(minor: i64, weights: &[i64], currency: Currency) -> Result<Vec<i64>, Fault> {
    let weights: Vec<u64> = weights.iter().map(|weight| weight.unsigned_abs()).collect();
    let shares = Money::new(minor, currency).allocate(&weights)?;
    Ok(shares.into_iter().map(|share| share.minor).collect())
}
