use chrono::TimeDelta;
use kernel::Currency;
use proptest::prelude::*;

use super::*;
use crate::domain::entities::books::Balance;

fn euro(minor: i64) -> Money {
    Money::new(minor, Currency::EUR)
}

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap()
}

fn account() -> PayoutAccount {
    let organization = OrganizationId::new();
    PayoutAccount { organization, id: "acct_1".to_owned(), status: PayoutAccountStatus::Active }
}

fn told(status: ProviderPayoutStatus) -> ProviderPayout {
    ProviderPayout { id: "po_1".to_owned(), payout: None, status, failure: None }
}

fn owed(pending: i64, payable: i64) -> Balance {
    Balance { pending: euro(pending), payable: euro(payable), paid_out: euro(0) }
}

fn planned(pending: i64, payable: i64, minor: i64) -> Plan {
    Plan::of(&owed(pending, payable), Holding { minor, may_be_levelled: true })
}

/// What was booked for the organization, and what the account is known to hold by that.
fn booked(payout: &mut Payout) -> (i64, i64) {
    let booked = payout.take_booked();
    for one in &booked {
        assert_eq!(one.lines.iter().map(|line| line.minor).sum::<i64>(), 0);
    }
    let own = booked.iter().flat_map(|one| &one.lines).filter(|line| line.account == Account::Organization);
    (own.map(|line| line.minor).sum(), booked.iter().map(|one| one.held).sum())
}

#[test]
fn what_is_paid_out_is_owed_no_more_from_when_it_is_decided() {
    let mut payout = Payout::begin(&account(), PayoutKind::PayOut, euro(5_000), noon());
    assert_eq!(booked(&mut payout), (-5_000, -5_000));
    for status in [ProviderPayoutStatus::OnItsWay, ProviderPayoutStatus::Paid, ProviderPayoutStatus::Paid] {
        payout.told(&told(status), noon());
        assert_eq!(booked(&mut payout), (0, 0));
    }
    assert_eq!((payout.state, payout.duty(noon())), (PayoutState::Paid, None));
}

#[test]
fn a_payout_that_fails_is_owed_again_once_in_whichever_order_that_is_told() {
    use ProviderPayoutStatus::{Failed, OnItsWay, Paid};
    for order in [[OnItsWay, Paid, Failed], [Failed, OnItsWay, Paid], [Paid, Failed, Failed]] {
        let mut payout = Payout::begin(&account(), PayoutKind::PayOut, euro(5_000), noon());
        booked(&mut payout);
        let (mut owed, mut held) = (0, 0);
        for status in order {
            payout.told(&told(status), noon());
            let more = booked(&mut payout);
            (owed, held) = (owed + more.0, held + more.1);
        }
        assert_eq!((payout.state, owed, held), (PayoutState::Failed, 5_000, 5_000), "{order:?}");
    }
}

#[test]
fn what_the_provider_refuses_is_owed_again_and_asked_for_by_another_key() {
    let mut payout = Payout::begin(&account(), PayoutKind::PayOut, euro(5_000), noon());
    booked(&mut payout);
    payout.refused("too little", noon());
    assert_eq!(booked(&mut payout), (5_000, 5_000));
    payout.refused("too little", noon());
    payout.told(&told(ProviderPayoutStatus::Paid), noon());
    assert_eq!((booked(&mut payout), payout.state), ((0, 0), PayoutState::Refused));
    assert_ne!(payout.key(), Payout::begin(&account(), PayoutKind::PayOut, euro(5_000), noon()).key());
}

#[test]
fn another_payout_of_the_providers_changes_nothing() {
    let mut payout = Payout::begin(&account(), PayoutKind::PayOut, euro(5_000), noon());
    payout.told(&told(ProviderPayoutStatus::OnItsWay), noon());
    let other = ProviderPayout { id: "po_2".to_owned(), ..told(ProviderPayoutStatus::Failed) };
    payout.told(&other, noon());
    assert_eq!(payout.state, PayoutState::Sent);
}

#[test]
fn what_was_asked_so_long_ago_that_its_key_is_forgotten_is_looked_for_and_not_asked_again() {
    let payout = Payout::begin(&account(), PayoutKind::PayOut, euro(5_000), noon());
    assert_eq!(payout.duty(noon() + TimeDelta::hours(19)), Some(PayoutDuty::CarryOut));
    assert_eq!(payout.duty(noon() + TimeDelta::hours(20)), Some(PayoutDuty::Find));
}

#[test]
fn money_on_its_way_is_looked_at_now_and_then() {
    let mut payout = Payout::begin(&account(), PayoutKind::PayOut, euro(5_000), noon());
    payout.told(&told(ProviderPayoutStatus::OnItsWay), noon());
    let mut now = noon();
    for hours in [1, 1, 2, 4, 8, 16, 24, 24] {
        assert_eq!(payout.due_at, Some(now + TimeDelta::hours(hours)));
        now += TimeDelta::hours(hours);
        payout.put_off(now, TimeDelta::seconds(1));
    }
}

#[test]
fn nothing_moves_before_something_is_to_be_paid_out() {
    assert_eq!(planned(10_000, 0, 0), Plan::Rest);
    assert_eq!(planned(10_000, 99, 50_000), Plan::Rest);
    assert_eq!(planned(10_000, -500, 50_000), Plan::Rest);
}

#[test]
fn the_account_holds_what_is_owed_before_it_is_paid_out() {
    assert_eq!(planned(10_000, 5_000, 15_000), Plan::PayOut(euro(5_000)));
    assert_eq!(planned(10_000, 5_000, 0), Plan::TopUp(euro(15_000)));
    assert_eq!(planned(10_000, 5_000, 15_250), Plan::TakeBack(euro(250)));
}

#[test]
fn no_more_is_paid_out_than_is_owed_in_all_and_than_the_account_holds() {
    assert_eq!(planned(-2_000, 5_000, 3_000), Plan::PayOut(euro(3_000)));
    let refused = Holding { minor: 1_200, may_be_levelled: false };
    assert_eq!(Plan::of(&owed(0, 5_000), refused), Plan::PayOut(euro(1_200)));
    let empty = Holding { minor: 0, may_be_levelled: false };
    assert_eq!(Plan::of(&owed(0, 5_000), empty), Plan::Rest);
}

#[test]
fn banks_without_coins_are_paid_without_coins() {
    let forint = |minor| Money::new(minor, Currency::parse("currency", "HUF").unwrap());
    let balance = Balance { pending: forint(0), payable: forint(123_456), paid_out: forint(0) };
    let holding = Holding { minor: 123_456, may_be_levelled: true };
    assert_eq!(Plan::of(&balance, holding), Plan::PayOut(forint(123_400)));
}

/// What may happen to an organization's money.
#[derive(Clone, Copy, Debug)]
enum Happens {
    /// A sale comes to its account, or to the platform.
    Sold(i64, bool),
    /// Something is taken from it, such as a fee of the provider's.
    Lost(i64),
    /// An event is over, and its delay too.
    Over,
    /// The provider is asked for what is planned, and does it, refuses it, or pays it and gives it back.
    Asked(u8),
}

fn happens() -> impl Strategy<Value = Vec<Happens>> {
    let one = prop_oneof![
        (1..50_000_i64, any::<bool>()).prop_map(|(minor, there)| Happens::Sold(minor, there)),
        (1..5_000_i64).prop_map(Happens::Lost),
        Just(Happens::Over),
        (0..3_u8).prop_map(Happens::Asked),
    ];
    prop::collection::vec(one, 1..60)
}

proptest! {
    #[test]
    fn no_more_is_ever_paid_out_than_was_payable_and_the_account_is_never_overdrawn(all in happens()) {
        let (account, mut pending, mut payable, mut held, mut levels) = (account(), 0, 0, 0, true);
        // What has ever become payable, without what was taken back of it.
        let (mut became_payable, mut out) = (0, 0);
        for one in all {
            match one {
                Happens::Sold(minor, there) => {
                    pending += minor;
                    held += if there { minor } else { 0 };
                }
                Happens::Lost(minor) => pending -= minor,
                Happens::Over => {
                    became_payable += pending;
                    payable += pending;
                    pending = 0;
                    levels = true;
                }
                Happens::Asked(how) => {
                    let holding = Holding { minor: held, may_be_levelled: levels };
                    let (kind, amount) = match Plan::of(&owed(pending, payable), holding) {
                        Plan::Rest => continue,
                        Plan::PayOut(amount) => (PayoutKind::PayOut, amount),
                        Plan::TopUp(amount) => (PayoutKind::TopUp, amount),
                        Plan::TakeBack(amount) => {
                            (PayoutKind::TakeBack { transfer: "tr_1".to_owned() }, amount)
                        }
                    };
                    prop_assert!(amount.minor > 0);
                    if kind == PayoutKind::PayOut {
                        prop_assert!(amount.minor <= payable && amount.minor <= held);
                        prop_assert!(amount.minor <= payable + pending);
                        prop_assert!(out + amount.minor <= became_payable);
                    }
                    let mut payout = Payout::begin(&account, kind.clone(), amount, noon());
                    match (how, &kind) {
                        (0, _) => {
                            payout.refused("no", noon());
                            levels = levels && kind == PayoutKind::PayOut;
                        }
                        (1, PayoutKind::PayOut) => {
                            payout.told(&told(ProviderPayoutStatus::Paid), noon());
                            payout.told(&told(ProviderPayoutStatus::Failed), noon());
                        }
                        (_, PayoutKind::PayOut) => {
                            payout.told(&told(ProviderPayoutStatus::Paid), noon());
                            out += amount.minor;
                        }
                        _ => payout.moved("tr_2", noon()),
                    }
                    let (more, holds) = booked(&mut payout);
                    (payable, held) = (payable + more, held + holds);
                }
            }
            prop_assert!(held >= 0);
        }
    }
}
