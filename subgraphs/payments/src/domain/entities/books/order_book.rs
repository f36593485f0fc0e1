use std::collections::{BTreeMap, BTreeSet};

use contracts::payments::DisputeState;
use kernel::{Currency, Fault, RefundId};
use serde::{Deserialize, Serialize};

use super::{Account, Kind, Line, Parts};

/// Something that happened to the money of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Its tickets were issued.
    Sold(Parts),
    /// So much was paid for tickets that were issued before there were these books, and before there were fees and taxes. What
    /// its tickets tell themselves counts instead, whenever it is heard.
    SoldEarlier(i64),
    /// Tickets of it went back.
    TookBack(RefundId, Parts),
    /// So much was given back at the payment provider, of whatever it was paid for.
    GivenBackElsewhere(RefundId, i64),
    /// What was given back so came back.
    CameBack(RefundId),
    /// A dispute stands so.
    Disputed {
        /// What the provider calls it.
        dispute: String,
        /// Higher than that of everything that was told of the order's disputes before.
        version: i64,
        /// How far it is.
        state: DisputeState,
        /// How much is disputed.
        minor: i64,
    },
    /// The provider keeps so much for this transaction of its own.
    Charged(String, i64),
}

impl Fact {
    /// As the books name it: an order has one of each.
    pub fn cause(&self) -> String {
        match self {
            Self::Sold(_) => "sale".to_owned(),
            Self::SoldEarlier(_) => "earlier_sale".to_owned(),
            Self::TookBack(refund, _) => format!("refund:{refund}"),
            Self::GivenBackElsewhere(refund, _) => format!("given_back:{refund}"),
            Self::CameBack(refund) => format!("came_back:{refund}"),
            Self::Disputed { dispute, version, .. } => format!("dispute:{dispute}:{version}"),
            Self::Charged(transaction, _) => format!("provider_fee:{transaction}"),
        }
    }
}

/// All that happened to the money of one order, in whichever order it was heard of.
///
/// What the accounts stand at follows from that alone. Whatever is heard adds lines for what it changes, so that neither
/// order nor repetition matters, and each cause's lines sum to zero as all of them do. Before the sale is heard of nothing is
/// booked: without one the money never was the organization's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderBook {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sale: Option<Parts>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    earlier_sale: Option<i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    refunds: BTreeMap<RefundId, Parts>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    given_back: BTreeMap<RefundId, i64>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    came_back: BTreeSet<RefundId>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    disputes: BTreeMap<String, Disputed>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    charged: BTreeMap<String, i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Disputed {
    version: i64,
    state: DisputeState,
    minor: i64,
}

/// What accounts gained, by what it was about.
type Stand = BTreeMap<(Kind, Account), i64>;

impl OrderBook {
    /// Takes note of what happened; the lines to be added for it. A fault when amounts overflow.
    pub fn hear(&mut self, fact: &Fact, currency: Currency) -> Result<Vec<Line>, Fault> {
        let before = self.stand(currency)?;
        self.note(fact);
        let mut gained = self.stand(currency)?;
        for (place, minor) in before {
            *gained.entry(place).or_default() -= minor;
        }
        let lines = gained.into_iter().filter(|(_, minor)| *minor != 0);
        Ok(lines.map(|((kind, account), minor)| Line { kind, account, minor }).collect())
    }

    fn note(&mut self, fact: &Fact) {
        match fact {
            Fact::Sold(parts) => {
                self.sale.get_or_insert(*parts);
            }
            Fact::SoldEarlier(paid) => {
                self.earlier_sale.get_or_insert(*paid);
            }
            Fact::TookBack(refund, parts) => {
                self.refunds.entry(*refund).or_insert(*parts);
            }
            Fact::GivenBackElsewhere(refund, minor) => {
                self.given_back.entry(*refund).or_insert(*minor);
            }
            Fact::CameBack(refund) => {
                self.came_back.insert(*refund);
            }
            Fact::Disputed { dispute, version, state, minor } => {
                let told = Disputed { version: *version, state: *state, minor: *minor };
                let known = self.disputes.entry(dispute.clone()).or_insert(told);
                if known.version < told.version {
                    *known = told;
                }
            }
            Fact::Charged(transaction, minor) => {
                self.charged.entry(transaction.clone()).or_insert(*minor);
            }
        }
    }

    /// What everything that is known comes to.
    fn stand(&self, currency: Currency) -> Result<Stand, Fault> {
        let mut stand = Stand::new();
        let earlier = || self.earlier_sale.map(|paid| Parts { paid, ..Parts::default() });
        let Some(sale) = self.sale.or_else(earlier) else { return Ok(stand) };
        count(&mut stand, Kind::Sale, sale, 1);
        let mut left = sale;
        for refund in self.refunds.values() {
            count(&mut stand, Kind::Refund, *refund, -1);
            left = left.without(*refund);
        }
        let gone = self.given_back.iter().filter(|(refund, _)| !self.came_back.contains(refund));
        let elsewhere = left.share(gone.map(|(_, minor)| minor).sum(), currency)?;
        count(&mut stand, Kind::Refund, elsewhere, -1);
        // What a bank keeps may be what tickets were taken back for: it does not go back a second time.
        let mut left = left.without(elsewhere).paid.max(0);
        for dispute in self.disputes.values() {
            let has_it = match dispute.state {
                DisputeState::Open => Account::Disputes,
                DisputeState::Won => continue,
                DisputeState::Lost => Account::Buyers,
            };
            let minor = dispute.minor.min(left);
            left -= minor;
            moved(&mut stand, Kind::Dispute, (Account::Organization, has_it), minor);
        }
        for minor in self.charged.values() {
            moved(&mut stand, Kind::ProviderFee, (Account::Organization, Account::ProviderFees), *minor);
        }
        Ok(stand)
    }
}

/// What was paid is the organization's, its taxes apart, and the platform's fees are taken from it; the same backwards.
fn count(stand: &mut Stand, kind: Kind, parts: Parts, sign: i64) {
    let Parts { paid, tax, fees } = parts;
    moved(stand, kind, (Account::Buyers, Account::Organization), sign * (paid - tax));
    moved(stand, Kind::Tax, (Account::Buyers, Account::Tax), sign * tax);
    moved(stand, Kind::Fee, (Account::Organization, Account::Fees), sign * fees);
}

fn moved(stand: &mut Stand, kind: Kind, (from, to): (Account, Account), minor: i64) {
    *stand.entry((kind, from)).or_default() -= minor;
    *stand.entry((kind, to)).or_default() += minor;
}
