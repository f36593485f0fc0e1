use kernel::{Currency, Money};

use crate::domain::entities::{books::Balance, destination::whole};

/// Of these currencies banks take no coins: payouts have to be divisible by a hundred.
const WITHOUT_COINS: [&str; 2] = ["HUF", "TWD"];

/// What an account is known to hold of a currency, and what was tried already to make that what the books say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// How much, in minor units: what came to it, without what was given back, taken back and paid out.
    pub minor: i64,
    /// True while it may still be levelled: what is refused is not tried again at once.
    pub may_be_levelled: bool,
}

/// What is to be done next, so that an organization gets what it is owed of a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// Nothing, for now.
    Rest,
    /// To bring this much to its account: the platform took it.
    TopUp(Money),
    /// To take this much from its account at most: the organization is not owed it.
    TakeBack(Money),
    /// To pay this much out.
    PayOut(Money),
}

impl Plan {
    /// What is to be done next.
    ///
    /// Nothing happens before something is to be paid out. Then the account is made to hold what the books say that the
    /// organization is owed in all, whether or not that can be paid out yet; and what can is paid out. It is never more than
    /// what is payable, than all that is owed (of events that are not over more may have gone back than came), and than what
    /// the account holds.
    pub fn of(balance: &Balance, holding: Holding) -> Self {
        let currency = balance.payable.currency;
        let money = |minor| Money::new(minor, currency);
        let owed = balance.payable.minor + balance.pending.minor;
        let due = balance.payable.minor.min(owed);
        if payable(money(due)).is_none() {
            return Self::Rest;
        }
        let missing = money(owed - holding.minor);
        if holding.may_be_levelled
            && let Some(level) = whole(missing)
        {
            if level.minor > 0 {
                return Self::TopUp(level);
            }
            if level.minor < 0 {
                return Self::TakeBack(money(-level.minor));
            }
        }
        payable(money(due.min(holding.minor))).map_or(Self::Rest, Self::PayOut)
    }
}

/// As much of it as can be paid out at once, if that is not too little.
fn payable(money: Money) -> Option<Money> {
    let paid = whole(money)?;
    let paid = if WITHOUT_COINS.contains(&paid.currency.code()) {
        Money::new(paid.minor - paid.minor % 100, paid.currency)
    } else {
        paid
    };
    (paid.minor >= least(paid.currency)).then_some(paid)
}

/// The least that is paid out, in minor units: one whole unit of the currency, as the provider has it. What is less waits.
fn least(currency: Currency) -> i64 {
    10_i64.pow(currency.decimals())
}
