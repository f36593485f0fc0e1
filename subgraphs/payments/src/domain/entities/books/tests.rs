use std::collections::BTreeMap;

use contracts::payments::DisputeState::{self, Lost, Open, Won};
use kernel::{Currency, RefundId};
use proptest::prelude::*;

use super::*;

const EUR: Currency = Currency::EUR;

/// What accounts stand at after these facts, and the lines of each.
fn booked(facts: &[Fact]) -> (BTreeMap<Account, i64>, Vec<Vec<Line>>) {
    let (mut book, mut accounts, mut lines) = (OrderBook::default(), BTreeMap::new(), Vec::new());
    for fact in facts {
        let added = book.hear(fact, EUR).unwrap();
        for line in &added {
            *accounts.entry(line.account).or_insert(0) += line.minor;
        }
        lines.push(added);
    }
    accounts.retain(|_, minor| *minor != 0);
    (accounts, lines)
}

fn stands(facts: &[Fact]) -> BTreeMap<Account, i64> {
    booked(facts).0
}

fn of_organization(accounts: &BTreeMap<Account, i64>) -> i64 {
    Account::OF_ORGANIZATION.iter().filter_map(|account| accounts.get(account)).sum()
}

fn sold(paid: i64, tax: i64, fees: i64) -> Fact {
    Fact::Sold(Parts { paid, tax, fees })
}

fn took_back(paid: i64, tax: i64, fees: i64) -> Fact {
    Fact::TookBack(RefundId::new(), Parts { paid, tax, fees })
}

fn disputed(version: i64, state: DisputeState, minor: i64) -> Fact {
    Fact::Disputed { dispute: "dp_1".to_owned(), version, state, minor }
}

#[test]
fn a_sale_is_the_organizations_but_for_the_fees_with_its_taxes_told_apart() {
    let (_, lines) = booked(&[sold(11_900, 1_900, 500)]);
    let own: Vec<_> = lines[0]
        .iter()
        .filter(|line| Account::OF_ORGANIZATION.contains(&line.account))
        .map(|line| (line.kind, line.minor))
        .collect();
    assert_eq!(own, [(Kind::Sale, 10_000), (Kind::Fee, -500), (Kind::Tax, 1_900)]);
}

#[test]
fn what_was_never_sold_was_never_the_organizations() {
    let back = Fact::GivenBackElsewhere(RefundId::new(), 5_000);
    let (accounts, lines) = booked(&[back, disputed(1, Open, 5_000), Fact::Charged("txn_1".to_owned(), 95)]);
    assert!(accounts.is_empty());
    assert!(lines.iter().all(Vec::is_empty));
}

#[test]
fn what_goes_back_takes_its_taxes_and_fees_along() {
    let accounts = stands(&[sold(10_000, 1_600, 400), took_back(5_000, 800, 200)]);
    assert_eq!(
        accounts,
        BTreeMap::from([
            (Account::Buyers, -5_000),
            (Account::Organization, 4_000),
            (Account::Tax, 800),
            (Account::Fees, 200)
        ])
    );
}

#[test]
fn money_given_back_at_the_provider_takes_as_much_of_each_part_and_all_of_it_takes_all() {
    let back = |minor| Fact::GivenBackElsewhere(RefundId::new(), minor);
    let half = stands(&[sold(10_000, 1_600, 400), back(5_000)]);
    assert_eq!((half[&Account::Tax], half[&Account::Fees], half[&Account::Organization]), (800, 200, 4_000));
    // In thirds, which are not whole coins; a ticket of it went back before.
    let all = [sold(10_000, 1_601, 401), took_back(3_000, 480, 120), back(2_333), back(2_333), back(2_334)];
    assert!(stands(&all).is_empty(), "{:?}", stands(&all));
}

#[test]
fn money_that_came_back_to_the_provider_is_the_organizations_again() {
    let refund = RefundId::new();
    let (sale, back) = (sold(10_000, 1_600, 400), Fact::GivenBackElsewhere(refund, 5_000));
    let came = Fact::CameBack(refund);
    let sale_alone = stands(std::slice::from_ref(&sale));
    for told in [[sale.clone(), back.clone(), came.clone()], [came, sale, back]] {
        assert_eq!(stands(&told), sale_alone);
    }
}

#[test]
fn a_bank_that_disputes_has_the_money_until_it_is_won_or_for_good() {
    let sale = sold(5_000, 0, 500);
    let open = stands(&[sale.clone(), disputed(1, Open, 5_000)]);
    assert_eq!((open[&Account::Organization], open[&Account::Disputes]), (-500, 5_000));
    let won = stands(&[sale.clone(), disputed(1, Open, 5_000), disputed(2, Won, 5_000)]);
    assert_eq!(won, stands(std::slice::from_ref(&sale)));
    // Of the disputed money a part had gone back another way meanwhile: less is lost.
    let lost = stands(&[sale, disputed(1, Open, 5_000), disputed(2, Lost, 4_000)]);
    assert_eq!((lost[&Account::Organization], lost[&Account::Buyers]), (500, -1_000));
    assert_eq!(lost.get(&Account::Disputes), None);
}

#[test]
fn what_was_given_back_or_lost_another_way_is_not_taken_twice_for_tickets_that_go_back() {
    let sale = || sold(5_000, 0, 500);
    let elsewhere = Fact::GivenBackElsewhere(RefundId::new(), 5_000);
    for way in [elsewhere, disputed(2, Lost, 5_000)] {
        assert!(stands(&[sale(), way, took_back(5_000, 0, 500)]).is_empty());
    }
}

#[test]
fn a_book_is_read_as_it_was_written() {
    let mut book = OrderBook::default();
    for fact in [sold(5_000, 800, 200), took_back(1_000, 160, 40), disputed(1, Open, 4_000)] {
        book.hear(&fact, EUR).unwrap();
    }
    book.hear(&Fact::GivenBackElsewhere(RefundId::new(), 10), EUR).unwrap();
    book.hear(&Fact::Charged("txn_1".to_owned(), 95), EUR).unwrap();
    let written = serde_json::to_string(&book).unwrap();
    assert_eq!(serde_json::from_str::<OrderBook>(&written).unwrap(), book);
    assert_eq!(serde_json::from_str::<OrderBook>("{}").unwrap(), OrderBook::default());
}

#[test]
fn what_was_sold_before_there_were_books_is_the_organizations_whole_until_its_tickets_tell_more() {
    let (refund, earlier) = (RefundId::new(), Fact::SoldEarlier(10_000));
    let back = Fact::TookBack(refund, Parts { paid: 4_000, ..Parts::default() });
    let stood = stands(&[back.clone(), earlier.clone()]);
    assert_eq!(stood, BTreeMap::from([(Account::Buyers, -6_000), (Account::Organization, 6_000)]));
    let told = sold(10_000, 1_600, 400);
    let counted = stands(&[told.clone(), back.clone()]);
    for order in [[back.clone(), earlier.clone(), told.clone()], [told, earlier, back]] {
        assert_eq!(stands(&order), counted);
    }
}

/// An order's facts as they may happen: paid, given back in parts by either way, of which some came back, disputed, perhaps
/// more than once, charged for.
fn history() -> impl Strategy<Value = Vec<Fact>> {
    let parts = (1_000..1_000_000_i64, 0..30_i64, 0..20_i64);
    let backs = prop::collection::vec((any::<bool>(), 1..40_i64, any::<bool>()), 0..4);
    let disputes = prop::collection::vec((1..60_i64, prop::sample::select(vec![Open, Won, Lost])), 0..3);
    (parts, backs, disputes, 0..3_usize).prop_map(|((paid, tax, fees), backs, disputes, charged)| {
        let whole = Parts { paid, tax: paid * tax / 130, fees: paid * fees / 100 };
        let (mut left, mut facts) = (whole, vec![Fact::Sold(whole)]);
        for (elsewhere, percent, came_back) in backs {
            let part = Parts {
                paid: left.paid * percent / 100,
                tax: left.tax * percent / 100,
                fees: left.fees * percent / 100,
            };
            let refund = RefundId::new();
            match (elsewhere, came_back) {
                (false, _) => facts.push(Fact::TookBack(refund, part)),
                (true, false) => facts.push(Fact::GivenBackElsewhere(refund, part.paid)),
                (true, true) => {
                    facts.extend([Fact::GivenBackElsewhere(refund, part.paid), Fact::CameBack(refund)]);
                    continue;
                }
            }
            left = left.without(part);
        }
        let (mut undisputed, mut version) = (left.paid, 0);
        for (number, (percent, state)) in disputes.into_iter().enumerate() {
            let minor = undisputed * percent / 100;
            undisputed -= minor;
            let dispute = format!("dp_{number}");
            for state in [Open].into_iter().chain(Some(state).filter(|state| *state != Open)) {
                version += 1;
                facts.push(Fact::Disputed { dispute: dispute.clone(), version, state, minor });
            }
        }
        for number in 0..charged {
            facts.push(Fact::Charged(format!("txn_{number}"), 25 + paid * 14 / 1_000));
        }
        facts
    })
}

proptest! {
    #[test]
    fn each_causes_lines_sum_to_zero_and_no_line_is_of_nothing(facts in history()) {
        for lines in booked(&facts).1 {
            prop_assert_eq!(lines.iter().map(|line| line.minor).sum::<i64>(), 0);
            prop_assert!(lines.iter().all(|line| line.minor != 0));
        }
    }

    #[test]
    fn neither_order_nor_repetition_changes_what_accounts_stand_at(
        (facts, shuffled) in history().prop_flat_map(|facts| {
            let twice: Vec<_> = facts.iter().chain(&facts).cloned().collect();
            (Just(facts), Just(twice).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(stands(&facts), stands(&shuffled));
    }

    #[test]
    fn what_is_booked_late_of_an_earlier_sale_changes_nothing_once_its_tickets_have_told(
        (facts, with_earlier) in history().prop_flat_map(|facts| {
            let Some(Fact::Sold(parts)) = facts.first().cloned() else { unreachable!("it begins with its sale") };
            let more: Vec<_> = facts.iter().cloned().chain([Fact::SoldEarlier(parts.paid)]).collect();
            (Just(facts), Just(more).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(stands(&facts), stands(&with_earlier));
        for lines in booked(&with_earlier).1 {
            prop_assert_eq!(lines.iter().map(|line| line.minor).sum::<i64>(), 0);
        }
    }

    #[test]
    fn an_organization_is_owed_what_was_paid_and_did_not_go_back_and_nothing_twice(facts in history()) {
        let accounts = stands(&facts);
        let at = |account| accounts.get(&account).copied().unwrap_or_default();
        let came_back = |refund: &RefundId| facts.contains(&Fact::CameBack(*refund));
        let left: i64 = facts.iter().map(|fact| match fact {
            Fact::Sold(parts) => parts.paid,
            Fact::TookBack(_, parts) => -parts.paid,
            Fact::GivenBackElsewhere(refund, minor) if !came_back(refund) => -minor,
            _ => 0,
        }).sum();
        let lost: i64 = facts.iter().map(|fact| match fact {
            Fact::Disputed { state: Lost, minor, .. } => *minor,
            _ => 0,
        }).sum();
        prop_assert_eq!(-at(Account::Buyers), left - lost);
        let others = at(Account::Fees) + at(Account::ProviderFees) + at(Account::Disputes);
        prop_assert_eq!(of_organization(&accounts), left - lost - others);
        prop_assert!(at(Account::Fees) >= 0 && at(Account::Tax) >= 0);
    }
}
