use std::sync::atomic::Ordering;

use serde_json::json;

use crate::{
    act::Act,
    case::Case,
    plan::{Plan, Step},
    rest::Rest,
    stage::Stage,
};

/// Of a case in which somebody buys a seat with a card, and nothing else happens.
fn a_purchase() -> Plan {
    let acts = [Act::Hold { first: 0, seats: 1, standing: 0 }, Act::CheckOut, Act::Pay("pm_card_visa")];
    let step = |(number, act)| vec![Step { number, who: 0, act }];
    Plan { groups: (0..).zip(acts).map(step).collect(), ..Plan::of(1) }
}

/// What the other test relies on: whatever does not agree with the rest is found out.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_seen() {
    let stage = Stage::set().await;
    let cases = [Box::pin(Case::opens(&stage, a_purchase())).await];
    cases[0].runs().await;
    let wrong = Box::pin(stage.comes_to_rest(&cases, 1)).await;
    assert!(wrong.is_empty(), "{wrong:?}");
    let (case, rest) = (&cases[0], stage.keeps().await);
    let sees = async |rest: &Rest, word: &str| {
        let wrong = Box::pin(case.wrong(rest)).await;
        assert!(wrong.iter().any(|wrong| wrong.contains(word)), "{word}: {wrong:?}");
    };

    let mut spoiled = rest.clone();
    spoiled.cash.values_mut().for_each(|(paid, _)| *paid += 1);
    sees(&spoiled, "the cash book has").await;
    let mut spoiled = rest.clone();
    spoiled.books.values_mut().for_each(|booked| *booked *= 2);
    sees(&spoiled, "the books have").await;
    let mut spoiled = rest.clone();
    spoiled.mails.values_mut().for_each(|sent| *sent += 1);
    sees(&spoiled, "mails were sent").await;
    let mut spoiled = rest.clone();
    spoiled.payments.push(rest.payments[0].clone());
    sees(&spoiled, "it was paid twice").await;
    let mut spoiled = rest.clone();
    spoiled.payments[0]["amount"] = json!(1);
    sees(&spoiled, "what was charged").await;
    let mut spoiled = rest.clone();
    spoiled.payments[0]["status"] = json!("canceled");
    sees(&spoiled, "nobody paid").await;

    let (buyer, order) = (&case.buyers[0], case.buyers[0].order().unwrap());
    buyer.notes(&order.id, |order| order.shown["total"]["amount"] = json!("0.01"));
    sees(&rest, "was shown").await;
    buyer.notes(&order.id, |known| known.shown.clone_from(&order.shown));
    buyer.notes(&order.id, |order| _ = order.returned.insert("tkt_1".to_owned()));
    sees(&rest, "tickets are not back").await;
    buyer.notes(&order.id, |known| known.returned.clone_from(&order.returned));
    case.is_off.store(true, Ordering::Release);
    sees(&rest, "the event is off, and it stands").await;
    case.is_off.store(false, Ordering::Release);
    let wrong = Box::pin(case.wrong(&rest)).await;
    assert!(wrong.is_empty(), "{wrong:?}");
}
