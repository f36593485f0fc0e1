//! Payouts of connected accounts.

use serde_json::json;
use stripe::StripeError;
use stripe_shared::{ApiErrorsCode, Payout};
use stripe_types::List;
use stripe_webhook::EventObject;

use crate::desk::{Desk, Endpoint, refusal};
use crate::platform::{As, acting};

async fn payout(desk: &Desk, account: &str, amount: i64) -> Result<Payout, StripeError> {
    pay_out(desk, acting(account), amount).await
}

async fn pay_out(desk: &Desk, of: As<'_>, amount: i64) -> Result<Payout, StripeError> {
    desk.ask(of, "/payouts", &format!("amount={amount}&currency=eur&metadata[payout_id]=p1")).await
}

async fn seen(desk: &Desk, payout: &Payout, account: &str) -> Payout {
    desk.look(acting(account), &format!("/payouts/{}", payout.id)).await.unwrap()
}

/// Why it was refused; what would have been the answer says nothing.
fn reason(answer: Result<Payout, StripeError>) -> Option<ApiErrorsCode> {
    refusal(answer.map(|payout| payout.id)).0.code
}

/// An account with 37.80 euros.
async fn rich(desk: &Desk) -> String {
    let account = desk.account().await;
    desk.sell(&account).await;
    account
}

#[tokio::test]
async fn a_payout_takes_from_the_balance_at_once_and_is_paid_a_little_later() {
    let desk = Desk::open().await;
    let account = rich(&desk).await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    let known = endpoint.kinds(3).await.len();
    let made = payout(&desk, &account, 3000).await.unwrap();
    assert_eq!((made.status.as_str(), made.amount, made.automatic), ("pending", 3000, false));
    assert_eq!(made.metadata.as_ref().unwrap()["payout_id"], "p1");
    assert_eq!(desk.holds(&account).await, (780, 0));
    let told = endpoint.heard(known + 2).await;
    let told: Vec<_> = told[known..]
        .iter()
        .map(|event| {
            let (EventObject::PayoutCreated(payout) | EventObject::PayoutPaid(payout)) = &event.data.object
            else {
                panic!("a payout was expected");
            };
            assert_eq!((event.account.as_deref(), &payout.id), (Some(account.as_str()), &made.id));
            (event.type_.to_string(), payout.status.clone())
        })
        .collect();
    let expected = [("payout.created", "pending"), ("payout.paid", "paid")];
    assert_eq!(told, expected.map(|(kind, status)| (kind.to_owned(), status.to_owned())));
    assert_eq!(seen(&desk, &made, &account).await.status, "paid");
    let books = desk.books(acting(&account)).await;
    assert_eq!(books[1], ("payout".to_owned(), -3000, 0));
    for (query, count) in [
        (format!("created[gte]={}", made.created), 1),
        (format!("created[gt]={}", made.created), 0),
        ("status=paid".to_owned(), 1),
        ("status=pending".to_owned(), 0),
    ] {
        let some: List<Payout> = desk.look(acting(&account), &format!("/payouts?{query}")).await.unwrap();
        assert_eq!(some.data.len(), count, "{query}");
    }
}

#[tokio::test]
async fn nothing_is_paid_out_that_is_not_there() {
    let desk = Desk::open().await;
    let account = rich(&desk).await;
    assert_eq!(reason(payout(&desk, &account, 3781).await), Some(ApiErrorsCode::BalanceInsufficient));
    let (one, other) = tokio::join!(payout(&desk, &account, 2000), payout(&desk, &account, 2000));
    let (paid, refused) = if one.is_ok() { (one, other) } else { (other, one) };
    paid.unwrap();
    assert_eq!(reason(refused), Some(ApiErrorsCode::BalanceInsufficient));
    assert_eq!(desk.holds(&account).await, (1780, 0));
    for (form, param) in [
        ("currency=eur", "amount"),
        ("amount=100", "currency"),
        ("amount=0&currency=eur", "amount"),
        ("amount=99&currency=eur", "amount"),
        ("amount=150&currency=huf", "amount"),
        ("amount=100&currency=eur&method=instant", "method"),
    ] {
        let refused = desk.ask::<Payout>(acting(&account), "/payouts", form).await;
        let (error, status) = refusal(refused.map(|payout| payout.id));
        assert_eq!((status, error.param.as_deref()), (400, Some(param)), "{form}");
    }
    // The platform itself is not paid out here, and nobody sees another's payouts.
    assert!(pay_out(&desk, As::default(), 100).await.is_err());
    let stranger = rich(&desk).await;
    let mine = payout(&desk, &account, 100).await.unwrap();
    let theirs = desk.look::<Payout>(acting(&stranger), &format!("/payouts/{}", mine.id)).await;
    assert_eq!(refusal(theirs.map(|payout| payout.id)).1, 404);
}

#[tokio::test]
async fn a_key_stands_for_one_payout_of_one_account_and_for_its_refusal() {
    let desk = Desk::open().await;
    let (one, other) = (rich(&desk).await, rich(&desk).await);
    let with_key = |account| As { account: Some(account), key: Some("payout-1") };
    let first = pay_out(&desk, with_key(&one), 1000).await.unwrap();
    assert_eq!(pay_out(&desk, with_key(&one), 1000).await.unwrap().id, first.id);
    let others = pay_out(&desk, with_key(&other), 1000).await.unwrap();
    assert_ne!(others.id, first.id, "another account's key is another key");
    assert!(refusal(pay_out(&desk, with_key(&one), 1100).await.map(|payout| payout.id)).1 == 400);
    assert_eq!((desk.holds(&one).await, desk.holds(&other).await), ((2780, 0), (2780, 0)));

    let again = As { account: Some(&one), key: Some("payout-2") };
    assert_eq!(reason(pay_out(&desk, again, 3000).await), Some(ApiErrorsCode::BalanceInsufficient));
    desk.sell(&one).await;
    assert_eq!(reason(pay_out(&desk, again, 3000).await), Some(ApiErrorsCode::BalanceInsufficient));
    pay_out(&desk, As { key: Some("payout-3"), ..again }, 3000).await.unwrap();
    // The platform may use it too.
    desk.pay_once("payout-1", "pm_card_visa").await.unwrap();
}

#[tokio::test]
async fn a_payout_that_the_bank_returns_is_the_accounts_again() {
    let desk = Desk::open().await;
    let account = rich(&desk).await;
    desk.switch(json!({"payoutFail": 1})).await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    let known = endpoint.kinds(3).await.len();
    let made = payout(&desk, &account, 3000).await.unwrap();
    let told = endpoint.heard(known + 2).await;
    let EventObject::PayoutFailed(failed) = &told[known + 1].data.object else {
        panic!("a payout that failed was expected");
    };
    assert_eq!((&failed.id, failed.failure_code.as_deref()), (&made.id, Some("account_closed")));
    assert!(failed.failure_balance_transaction.is_some());
    assert_eq!(desk.holds(&account).await, (3780, 0));
    let books = desk.books(acting(&account)).await;
    assert_eq!(books.last().unwrap(), &("payout_failure".to_owned(), 3000, 0));
    // The next one is paid, and a bank may return it even so; once.
    let next = payout(&desk, &account, 3000).await.unwrap();
    assert_eq!(endpoint.kinds(known + 4).await.last().unwrap(), "payout.paid");
    let fail = format!("/sandbox/payouts/{}/fail", next.id);
    assert_eq!((desk.post(&fail, "").await, desk.post(&fail, "").await), (303, 409));
    assert_eq!(endpoint.kinds(known + 5).await.last().unwrap(), "payout.failed");
    assert_eq!(desk.holds(&account).await, (3780, 0));
}

#[tokio::test]
async fn payouts_that_are_held_wait_for_somebody_to_decide() {
    let desk = Desk::open().await;
    desk.switch(json!({"payoutHold": true})).await;
    let account = rich(&desk).await;
    let (paid, failed) =
        (payout(&desk, &account, 1000).await.unwrap(), payout(&desk, &account, 1000).await.unwrap());
    let cancelled = payout(&desk, &account, 1000).await.unwrap();
    for (payout, decision) in [(&paid, "pay"), (&failed, "fail")] {
        assert_eq!(desk.post(&format!("/sandbox/payouts/{}/{decision}", payout.id), "").await, 303);
    }
    assert_eq!(desk.post("/sandbox/payouts/po_nobody/pay", "").await, 404);
    let cancel = format!("/payouts/{}/cancel", cancelled.id);
    desk.ask::<Payout>(acting(&account), &cancel, "").await.unwrap();
    assert!(desk.ask::<Payout>(acting(&account), &cancel, "").await.is_err(), "once");
    for (payout, status) in [(&paid, "paid"), (&failed, "failed"), (&cancelled, "canceled")] {
        assert_eq!(seen(&desk, payout, &account).await.status, status);
    }
    assert_eq!(desk.holds(&account).await, (2780, 0));
}

#[tokio::test]
async fn money_that_is_pending_is_not_paid_out_yet() {
    let desk = Desk::open().await;
    desk.switch(json!({"fundsPendingMs": 600_000})).await;
    let account = rich(&desk).await;
    assert_eq!(desk.holds(&account).await, (0, 3780));
    assert_eq!(reason(payout(&desk, &account, 100).await), Some(ApiErrorsCode::BalanceInsufficient));
    desk.switch(json!({"fundsPendingMs": 0})).await;
    desk.sell(&account).await;
    assert_eq!(desk.holds(&account).await, (3780, 3780));
    payout(&desk, &account, 3780).await.unwrap();
}

#[tokio::test]
async fn an_account_that_may_not_be_paid_out_is_not() {
    let desk = Desk::open().await;
    let account = rich(&desk).await;
    for (judgement, allowed) in [("pause-payouts", false), ("restrict", false), ("lift", true)] {
        desk.judge(&account, judgement).await;
        let answer = payout(&desk, &account, 100).await;
        if allowed {
            answer.unwrap();
        } else {
            assert_eq!(reason(answer), Some(ApiErrorsCode::PayoutsNotAllowed), "{judgement}");
        }
    }
}

#[tokio::test]
async fn a_call_that_never_answers_has_paid_out_and_its_key_says_so() {
    let desk = Desk::open().await;
    let account = rich(&desk).await;
    desk.switch(json!({"apiTimeOut": 1})).await;
    let url = format!("{}/v1/payouts", desk.sandbox.stripe_url());
    let ask = desk.http.post(url).bearer_auth("sk_test_sandbox").header("stripe-account", &account);
    let ask = ask.header("idempotency-key", "payout-1").timeout(std::time::Duration::from_millis(500));
    let ask = ask.header("content-type", "application/x-www-form-urlencoded");
    assert!(ask.body("amount=1000&currency=eur&metadata[payout_id]=p1").send().await.is_err());
    pay_out(&desk, As { account: Some(&account), key: Some("payout-1") }, 1000).await.unwrap();
    assert_eq!(desk.holds(&account).await, (2780, 0));
}

#[tokio::test]
async fn accounts_and_what_is_on_its_way_survive_a_restart_and_no_reset() {
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk::open_in(folder.path()).await;
    desk.switch(json!({"payoutHold": true})).await;
    let account = rich(&desk).await;
    payout(&desk, &account, 1000).await.unwrap();
    let before = desk.json("/sandbox/accounts.json").await;
    assert_eq!(before[0]["payouts"][0]["status"], "pending");
    desk.sandbox.stop().await;

    let desk = Desk::open_in(folder.path()).await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    let kinds = endpoint.kinds(5).await;
    assert!(kinds.contains(&"payout.paid".to_owned()), "a restart takes the switch away: {kinds:?}");
    let mut after = desk.json("/sandbox/accounts.json").await;
    after[0]["payouts"][0]["status"] = json!("pending");
    assert_eq!(before, after);
    desk.sandbox.reset().unwrap();
    assert_eq!(desk.json("/sandbox/accounts.json").await, json!([]));
    let gone = payout(&desk, &account, 100).await;
    assert_eq!(refusal(gone.map(|payout| payout.id)).1, 403);
}
