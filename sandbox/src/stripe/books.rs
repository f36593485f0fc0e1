//! The books of the platform and of the accounts below it: their newest transactions, and the sums of those before.

use std::collections::BTreeMap;

use super::balance::BalanceTransaction;
use crate::shelf::Shelf;
use crate::state::Change;

/// Transactions of all balances, of which the oldest are forgotten one by one and counted on.
pub(crate) struct Books {
    kept: Shelf<BalanceTransaction>,
    /// What balances had of transactions that are forgotten, by account and currency.
    before: BTreeMap<Option<String>, BTreeMap<String, i64>>,
}

/// What is there in one currency.
#[derive(Clone, Copy, Default)]
pub(crate) struct Held {
    /// What can be used now.
    pub(crate) available: i64,
    /// What comes to it.
    pub(crate) pending: i64,
}

impl Books {
    /// Empty books that keep so many transactions.
    pub(crate) fn new(limit: usize) -> Self {
        Self { kept: Shelf::new(limit), before: BTreeMap::new() }
    }

    pub(crate) fn put(&mut self, made: BalanceTransaction) {
        for _ in 0..self.kept.put(&made.id.clone(), made) {
            if let Some(oldest) = self.kept.forget_oldest(|kept| &kept.id) {
                let net = oldest.net();
                self.put_before(oldest.account, oldest.currency, net);
            }
        }
    }

    /// Counts what is forgotten.
    pub(crate) fn put_before(&mut self, account: Option<String>, currency: String, net: i64) {
        *self.before.entry(account).or_default().entry(currency).or_default() += net;
    }

    /// An account is forgotten, and with it what it had.
    pub(crate) fn leave(&mut self, account: String) {
        self.before.remove(&Some(account));
    }

    /// The transactions of the platform, or of an account.
    pub(crate) fn newest_first(&self, account: Option<&str>) -> impl Iterator<Item = &BalanceTransaction> {
        self.kept.newest_first().filter(move |booked| booked.account.as_deref() == account)
    }

    /// What the platform or an account holds, by currency.
    pub(crate) fn held_by(&self, account: Option<&str>, now: i64) -> BTreeMap<String, Held> {
        let mut held: BTreeMap<String, Held> = BTreeMap::new();
        let before = self.before.iter().filter(|(whose, _)| whose.as_deref() == account);
        for (currency, net) in before.flat_map(|(_, sums)| sums) {
            held.entry(currency.clone()).or_default().available += net;
        }
        for booked in self.newest_first(account) {
            let held = held.entry(booked.currency.clone()).or_default();
            if booked.is_pending(now) {
                held.pending += booked.net();
            } else {
                held.available += booked.net();
            }
        }
        held
    }

    /// The changes that lead from empty books to these.
    pub(crate) fn retell(&self) -> impl Iterator<Item = Change> {
        let before = self.before.iter().flat_map(|(account, sums)| {
            sums.iter().map(|(currency, net)| Change::BalanceBefore {
                account: account.clone(),
                currency: currency.clone(),
                net: *net,
            })
        });
        before.chain(self.kept.oldest_first().cloned().map(Change::Balance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stripe::balance::Entry;

    #[test]
    fn a_balance_counts_what_is_forgotten_also_when_it_is_told_anew() {
        let mut books = Books::new(2);
        let entry = Entry { kind: "payment", source: "py_1", amount: 2, fee: 1, currency: "eur" };
        for _ in 0..5 {
            books.put(BalanceTransaction::new(Some("acct_1"), &entry, 0));
        }
        let mut heir = Books::new(2);
        for change in books.retell() {
            match change {
                Change::Balance(made) => heir.put(made),
                Change::BalanceBefore { account, currency, net } => heir.put_before(account, currency, net),
                _ => panic!("books tell of balances"),
            }
        }
        for books in [&books, &heir] {
            assert_eq!(books.newest_first(Some("acct_1")).count(), 2);
            assert_eq!(books.held_by(Some("acct_1"), 0)["eur"].available, 5);
            assert!(books.held_by(None, 0).is_empty());
        }
        heir.leave("acct_1".to_owned());
        assert_eq!(heir.held_by(Some("acct_1"), 0)["eur"].available, 2);
    }
}
