use kernel::{Currency, Fault, Money, ProviderAmount, Rate};

/// The smallest amount of a currency that can be charged, which may be more than its smallest unit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coin {
    /// In the currency's smallest units.
    pub(super) minor: i64,
    currency: Currency,
}

impl Coin {
    /// That of a currency. Where the provider takes nothing at all it is the smallest unit.
    pub(super) fn of(currency: Currency) -> Self {
        let mut known = [1, 10, 100, 1_000].into_iter();
        let minor = known.find(|minor| ProviderAmount::of(Money::new(*minor, currency)).is_ok());
        Self { minor: minor.unwrap_or(1), currency }
    }

    /// That part of an amount, to the nearest coin.
    pub(super) fn part(self, rate: Rate, amount: Money) -> Result<Money, Fault> {
        self.share(amount, rate.millionths(), Rate::MILLION)
    }

    /// What is inside an amount that was made by adding that part of something to it, to the nearest coin.
    pub(super) fn inside(self, rate: Rate, amount: Money) -> Result<Money, Fault> {
        self.share(amount, rate.millionths(), Rate::MILLION + rate.millionths())
    }

    /// The amount without what is less than a coin.
    pub(super) fn whole(self, amount: Money) -> Money {
        Money::new(amount.minor - amount.minor % self.minor, self.currency)
    }

    /// Shares out an amount of whole coins by weight, by largest remainder. Where nothing has weight, nobody gets any.
    pub(super) fn allocate(self, amount: Money, weights: &[i64]) -> Result<Vec<Money>, Fault> {
        let weights: Vec<u64> = weights.iter().map(|weight| weight.unsigned_abs()).collect();
        if weights.iter().all(|weight| *weight == 0) {
            return Ok(vec![Money::zero(self.currency); weights.len()]);
        }
        let coins = Money::new(amount.minor / self.minor, self.currency).allocate(&weights)?;
        coins.into_iter().map(|coins| self.times(coins)).collect()
    }

    /// Shares out an amount equally. The last take the coins that are left over; but for those, of which `taken` counts on,
    /// that took one in an earlier round of sharing among the same: after the first the round goes on from there.
    pub(super) fn spread(self, amount: i64, among: usize, taken: &mut usize) -> Vec<i64> {
        let count = i64::try_from(among).unwrap_or(i64::MAX).max(1);
        let coins = amount / self.minor;
        let mut shares = vec![coins / count * self.minor; among];
        let left = usize::try_from(coins % count).unwrap_or_default();
        for place in *taken..*taken + left {
            shares[among - 1 - place % among] += self.minor;
        }
        *taken += left;
        shares
    }

    /// So many of so many equal parts of an amount, to the nearest coin.
    pub(super) fn share(self, amount: Money, parts: u64, of: u64) -> Result<Money, Fault> {
        self.times(amount.share(parts, of * self.minor.unsigned_abs())?)
    }

    fn times(self, coins: Money) -> Result<Money, Fault> {
        // A coin is at most 1,000 units.
        coins.times(u32::try_from(self.minor).map_err(|_| Fault::broken_rule("a coin of too many units"))?)
    }
}

/// Shares out an amount of whole coins by weight, so that the shares sum to it. Where nothing has weight, nobody gets any.
pub fn share_out(amount: Money, weights: &[i64]) -> Result<Vec<Money>, Fault> {
    Coin::of(amount.currency).allocate(amount, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coin(code: &str) -> Coin {
        Coin::of(Currency::parse("currency", code).unwrap())
    }

    #[test]
    fn coins_are_what_the_provider_can_charge() {
        for (code, minor) in
            [("EUR", 1), ("JPY", 1), ("KWD", 10), ("ISK", 1), ("HUF", 1), ("MGA", 100), ("UGX", 1)]
        {
            assert_eq!(coin(code).minor, minor, "{code}");
        }
    }

    #[test]
    fn a_part_is_whole_coins() {
        let kwd = coin("KWD");
        assert_eq!(kwd.part(Rate::percent(5), Money::new(10_010, kwd.currency)).unwrap().minor, 500);
        assert_eq!(kwd.part(Rate::percent(5), Money::new(10_100, kwd.currency)).unwrap().minor, 510);
        assert_eq!(kwd.inside(Rate::percent(5), Money::new(10_500, kwd.currency)).unwrap().minor, 500);
        assert_eq!(kwd.whole(Money::new(1_239, kwd.currency)).minor, 1_230);
    }

    #[test]
    fn the_last_take_what_is_left_over_and_the_next_round_goes_on_from_there() {
        let (eur, mut taken) = (coin("EUR"), 0);
        assert_eq!(eur.spread(500, 3, &mut taken), [166, 167, 167]);
        assert_eq!(eur.spread(1_000, 3, &mut taken), [334, 333, 333]);
        assert_eq!(eur.spread(100, 3, &mut taken), [33, 33, 34]);
        assert_eq!(coin("KWD").spread(1_000, 3, &mut 0), [330, 330, 340]);
    }
}
