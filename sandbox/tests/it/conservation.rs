//! Whatever happens between a platform and its accounts, money comes from buyers and goes to banks, and nowhere else.

use serde_json::{Value, json};
use stripe_shared::Payout;

use crate::desk::Desk;
use crate::platform::{As, acting};

/// The same throws at each run.
struct Dice(u64);

impl Dice {
    /// From 0 on, below `end`.
    fn throw(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % 1_000_003).unwrap() % end
    }

    fn amount(&mut self) -> usize {
        1 + self.throw(2_500)
    }
}

/// All of somebody's books: kind, and what it brought or took.
async fn all_books(desk: &Desk, account: Option<&str>) -> Vec<(String, i64)> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let url = format!("{}/v1/balance_transactions?limit=100{after}", desk.sandbox.stripe_url());
        let mut ask = desk.http.get(url).bearer_auth("sk_test_sandbox");
        if let Some(account) = account {
            ask = ask.header("stripe-account", account);
        }
        let page: Value = ask.send().await.unwrap().json().await.unwrap();
        let data = page["data"].as_array().unwrap();
        let told = |made: &Value| (made["type"].as_str().unwrap().to_owned(), made["net"].as_i64().unwrap());
        all.extend(data.iter().map(told));
        if page["has_more"] == false {
            return all;
        }
        after = format!("&starting_after={}", data.last().unwrap()["id"].as_str().unwrap());
    }
}

fn sum(books: &[(String, i64)], kinds: &[&str]) -> i64 {
    let some = books.iter().filter(|(kind, _)| kinds.contains(&kind.as_str()));
    some.map(|(_, net)| net).sum()
}

/// Something happens; what Stripe refuses, it refuses.
async fn happens(
    desk: &Desk,
    account: &str,
    dice: &mut Dice,
    charges: &mut Vec<Value>,
    payouts: &mut Vec<String>,
) {
    let throw = dice.throw(8);
    if throw < 2 || charges.is_empty() {
        return charges.push(desk.sell(account).await);
    }
    let (charge, amount) = (&charges[dice.throw(charges.len())], dice.amount());
    let fee = if dice.throw(2) == 0 { "&refund_application_fee=true" } else { "" };
    match throw {
        2 => {
            let back = if dice.throw(3) == 0 { "" } else { "&reverse_transfer=true" };
            let id = charge["id"].as_str().unwrap();
            desk.raw("refunds", &format!("charge={id}&amount={amount}{back}{fee}")).await;
        }
        3 => {
            let path = format!("transfers/{}/reversals", charge["transfer"].as_str().unwrap());
            desk.raw(&path, &format!("amount={amount}{fee}")).await;
        }
        4 => {
            let form = format!("amount={amount}&currency=eur&destination={account}");
            desk.raw("transfers", &form).await;
        }
        5 | 6 => {
            let form = format!("amount={amount}&currency=eur");
            let made = desk.ask::<Payout>(acting(account), "/payouts", &form).await;
            payouts.extend(made.map(|payout| payout.id.as_str().to_owned()));
        }
        _ if payouts.is_empty() => (),
        _ => {
            let payout = &payouts[dice.throw(payouts.len())];
            let decision = ["pay", "fail"][dice.throw(2)];
            desk.post(&format!("/sandbox/payouts/{payout}/{decision}"), "").await;
        }
    }
}

#[tokio::test]
async fn no_money_is_made_or_lost_between_the_platform_and_its_accounts() {
    let desk = Desk::open().await;
    desk.switch(json!({"payoutHold": true})).await;
    let accounts = [desk.account().await, desk.account().await];
    let (mut dice, mut charges, mut payouts) = (Dice(7), Vec::new(), Vec::new());
    for _ in 0..250 {
        let account = &accounts[dice.throw(2)];
        happens(&desk, account, &mut dice, &mut charges, &mut payouts).await;
    }
    let platform = all_books(&desk, None).await;
    let mut theirs = Vec::new();
    for account in &accounts {
        let books = all_books(&desk, Some(account)).await;
        let paid_out = -sum(&books, &["payout", "payout_failure"]);
        let holds = books.iter().map(|(_, net)| net).sum::<i64>();
        assert_eq!(desk.holds(account).await, (holds, 0));
        let known = desk.json("/sandbox/accounts.json").await;
        let known = known.as_array().unwrap().iter().find(|known| known["id"] == account.as_str()).unwrap();
        let kept = known["payouts"].as_array().unwrap().iter().filter(|payout| payout["status"] != "failed");
        assert_eq!(paid_out, kept.map(|payout| payout["amount"].as_i64().unwrap()).sum::<i64>());
        for transfer in known["transfers"].as_array().unwrap() {
            assert!(transfer["reversed"].as_i64() <= transfer["amount"].as_i64(), "{transfer}");
        }
        theirs.extend(books);
    }
    // What the platform gave on, the accounts got.
    let given = sum(&platform, &["transfer", "transfer_refund", "application_fee", "application_fee_refund"]);
    let got = sum(&theirs, &["payment", "payment_refund", "application_fee_refund"]);
    assert_eq!(-given, got);
    let taken = sum(&platform, &["charge", "refund"]);
    let held: i64 = platform.iter().chain(&theirs).map(|(_, net)| net).sum();
    assert_eq!(held, taken + sum(&theirs, &["payout", "payout_failure"]));
    // All of it has happened.
    for kind in ["refund", "transfer_refund", "application_fee_refund"] {
        assert!(platform.iter().any(|(known, _)| known == kind), "{kind}");
    }
    for kind in ["payment_refund", "payout", "payout_failure"] {
        assert!(theirs.iter().any(|(known, _)| known == kind), "{kind}");
    }
    let fee = charges[0]["application_fee"].as_str().unwrap();
    let fee: stripe_shared::ApplicationFee =
        desk.look(As::default(), &format!("/application_fees/{fee}")).await.unwrap();
    assert!(fee.amount_refunded <= fee.amount);
}
