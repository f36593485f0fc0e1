//! What a payment knows of a sale from before there were books.

use super::{
    refunds::{ask, elsewhere, paid},
    *,
};
use crate::domain::entities::books::{EarlierSale, Fact, Parts, earlier_sale};

fn a_day_later() -> DateTime<Utc> {
    noon() + Duration::days(1)
}

fn known(payment: &Payment) -> Vec<Fact> {
    match earlier_sale(payment, a_day_later()) {
        EarlierSale::Sold(facts) => facts,
        other => panic!("{other:?}"),
    }
}

#[test]
fn money_that_came_a_day_ago_and_stayed_was_paid_for_tickets() {
    let payment = paid();
    assert_eq!(known(&payment), [Fact::SoldEarlier(4200)]);
    let sooner = a_day_later() - Duration::milliseconds(1);
    assert_eq!(earlier_sale(&payment, sooner), EarlierSale::Undecided);
}

#[test]
fn what_went_back_and_what_banks_have_comes_before_what_was_sold() {
    let mut payment = paid();
    let (done, owed) = (ask(Some(1000)), ask(Some(500)));
    for part in [&done, &owed] {
        assert_eq!(payment.give_back(part, None, noon()), None);
    }
    let first = payment.is.refunds[0].clone();
    let answer = ProviderRefund {
        refund_id: Some(first.id),
        refund_number: Some(first.number),
        ..elsewhere("re_1", 1000, RefundStatus::Succeeded)
    };
    payment.refund_told(&answer, noon(), SOON);
    payment.refund_told(&elsewhere("re_d", 300, RefundStatus::Pending), noon(), SOON);
    let failed = elsewhere("re_e", 200, RefundStatus::Pending);
    payment.refund_told(&failed, noon(), SOON);
    payment.refund_told(&ProviderRefund { status: RefundStatus::Failed, ..failed }, noon(), SOON);
    let lost = ProviderDispute { amount: Some(euro(700)), ..disputed(DisputeState::Open) };
    payment.dispute_told(&lost, noon());
    payment.dispute_told(&ProviderDispute { state: DisputeState::Lost, ..lost }, noon());
    let elsewhere_made = payment.is.refunds.iter().find(|refund| refund.amount == euro(300)).unwrap().id;
    let expected = [
        Fact::TookBack(done.refund_id, Parts { paid: 1000, ..Parts::default() }),
        Fact::GivenBackElsewhere(elsewhere_made, 300),
        Fact::Disputed { dispute: "dp_1".to_owned(), version: 2, state: DisputeState::Lost, minor: 700 },
        Fact::SoldEarlier(4200),
    ];
    assert_eq!(known(&payment), expected);
}

#[test]
fn a_purchase_that_failed_after_its_money_came_was_no_sale() {
    let mut ended = paid();
    ended.end(IfPaid::Refund, "the seats are gone", noon());
    let mut late = tried();
    late.end(IfPaid::Refund, "time ran out", noon());
    late.cancelled();
    late.capture(euro(4200), noon());
    let mut wrong = tried();
    wrong.capture(euro(4100), noon());
    let mut free = asked(0);
    free.amount = euro(0);
    let free = Payment::request(PaymentId::new(), &free, noon()).unwrap();
    for payment in [ended, late, wrong, free, tried()] {
        assert_eq!(earlier_sale(&payment, a_day_later()), EarlierSale::NotSold, "{payment:?}");
    }
}
