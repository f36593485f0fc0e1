//! Payments whose money goes on to an account, and how it comes back.

use serde_json::{Value, json};
use stripe_shared::{ApiErrorsCode, ApplicationFee, Charge, Transfer, TransferReversal};
use stripe_types::List;

use crate::desk::{Desk, Endpoint, refusal};
use crate::platform::{As, PAID, acting};

fn kinds(books: &[(String, i64, i64)]) -> Vec<(&str, i64, i64)> {
    books.iter().map(|(kind, amount, fee)| (kind.as_str(), *amount, *fee)).collect()
}

const SOLD: [(&str, i64, i64); 3] =
    [("charge", 4200, 83), ("transfer", -4200, 0), ("application_fee", 420, 0)];

#[tokio::test]
async fn the_money_of_a_payment_goes_on_to_the_account_but_for_the_fee() {
    let desk = Desk::open().await;
    let account = desk.account().await;
    let charge = desk.sell(&account).await;
    assert_eq!(charge["transfer_data"]["destination"], account.as_str());
    assert_eq!((&charge["application_fee_amount"], &charge["amount"]), (&json!(420), &json!(4200)));
    let transfer = desk.transfer_of(&charge).await;
    assert_eq!((transfer.amount, transfer.amount_reversed, transfer.reversed), (4200, 0, false));
    assert_eq!(transfer.destination.unwrap().id(), account.as_str());
    assert_eq!(transfer.source_transaction.unwrap().id().as_str(), charge["id"].as_str().unwrap());
    assert!(transfer.transfer_group.unwrap().starts_with("group_pi_"));
    let mine = format!("/transfers?destination={account}&created[lte]={}", transfer.created);
    let mine: List<Transfer> = desk.look(As::default(), &mine).await.unwrap();
    assert_eq!(mine.data[0].id, transfer.id);
    let fee = format!("/application_fees/{}", charge["application_fee"].as_str().unwrap());
    let fee: ApplicationFee = desk.look(As::default(), &fee).await.unwrap();
    assert_eq!((fee.amount, fee.amount_refunded, fee.account.id().as_str()), (420, 0, account.as_str()));
    // What the account sees of it.
    let payment = format!("/charges/{}", transfer.destination_payment.unwrap().id());
    let payment: Charge = desk.look(acting(&account), &payment).await.unwrap();
    assert_eq!((payment.amount, payment.source_transfer.unwrap().id()), (4200, &transfer.id));

    assert_eq!(kinds(&desk.books(As::default()).await), SOLD);
    assert_eq!(kinds(&desk.books(acting(&account)).await), [("payment", 4200, 420)]);
    assert_eq!(desk.holds(&account).await, (3780, 0));
    let told = &desk.json("/sandbox/payments.json").await[0];
    assert_eq!((&told["destination"], &told["applicationFee"]), (&json!(account), &json!(420)));
}

#[tokio::test]
async fn stripes_page_sends_the_money_on_as_well() {
    let desk = Desk::open().await;
    let account = desk.account().await;
    let form = format!(
        "mode=payment&success_url=https://shop.example/done&line_items[0][quantity]=1&line_items[0][price_data][currency]=eur\
         &line_items[0][price_data][unit_amount]=4200&line_items[0][price_data][product_data][name]=Jazz\
         &payment_intent_data[transfer_data][destination]={account}&payment_intent_data[application_fee_amount]=420\
         &payment_intent_data[on_behalf_of]={account}"
    );
    let (status, session) = desk.raw("checkout/sessions", &form).await;
    assert_eq!(status, 200, "{session}");
    let page = format!("/sandbox/checkout/{}", session["id"].as_str().unwrap());
    // While the account may take nothing, nobody can pay; nothing else happens.
    desk.judge(&account, "restrict").await;
    assert_eq!(desk.post(&format!("{page}/pay"), "").await, 409);
    assert_eq!(desk.json("/sandbox/payments.json").await, json!([]));
    desk.judge(&account, "lift").await;
    assert_eq!(desk.post(&format!("{page}/pay"), "").await, 303);
    assert_eq!(kinds(&desk.books(As::default()).await), SOLD);
    assert_eq!(desk.holds(&account).await, (3780, 0));
    assert_eq!(desk.json("/sandbox/payments.json").await[0]["destination"], account.as_str());
}

#[tokio::test]
async fn what_stripe_would_not_send_on_is_refused_and_nothing_is_taken() {
    let desk = Desk::open().await;
    let (account, restricted) = (desk.account().await, desk.account().await);
    desk.judge(&restricted, "restrict").await;
    let destination = format!("transfer_data[destination]={account}");
    for (more, param, code) in [
        (
            "transfer_data[destination]=acct_nobody".to_owned(),
            "transfer_data[destination]",
            "resource_missing",
        ),
        (
            format!("transfer_data[destination]={restricted}"),
            "transfer_data[destination]",
            "insufficient_capabilities_for_transfer",
        ),
        (format!("{destination}&on_behalf_of={restricted}"), "on_behalf_of", ""),
        (format!("{destination}&application_fee_amount=4201"), "application_fee_amount", ""),
        (format!("{destination}&application_fee_amount=0"), "application_fee_amount", ""),
        ("application_fee_amount=420".to_owned(), "application_fee_amount", ""),
        (format!("{destination}&transfer_data[amount]=100"), "transfer_data[amount]", "parameter_unknown"),
    ] {
        let (status, answer) = desk.raw("payment_intents", &format!("{PAID}&{more}")).await;
        let error = &answer["error"];
        assert_eq!((status, error["param"].as_str()), (400, Some(param)), "{more}: {error}");
        assert_eq!(error["code"].as_str().unwrap_or_default(), code, "{more}");
    }
    assert_eq!(desk.json("/sandbox/payments.json").await, json!([]));
    // The whole amount may be the fee.
    desk.take(&format!("{PAID}&{destination}&application_fee_amount=4200")).await;
    assert_eq!(desk.holds(&account).await, (0, 0));
}

#[tokio::test]
async fn an_account_that_is_restricted_meanwhile_gets_nothing_of_a_payment_that_waits() {
    let desk = Desk::open().await;
    let account = desk.account().await;
    let open = |method: &str| {
        format!(
            "amount=4200&currency=eur&allowed_payment_method_types[]=card&transfer_data[destination]={account}{method}"
        )
    };
    let (_, waiting) = desk.raw("payment_intents", &open("")).await;
    let asking = "&payment_method=pm_card_authenticationRequired&confirm=true";
    let (_, asked) = desk.raw("payment_intents", &open(asking)).await;
    desk.judge(&account, "restrict").await;

    let path = format!("payment_intents/{}/confirm", waiting["id"].as_str().unwrap());
    let (status, refused) = desk.raw(&path, "payment_method=pm_card_visa").await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("insufficient_capabilities_for_transfer")));
    // The person has agreed at the bank in vain.
    let id = asked["id"].as_str().unwrap();
    assert_eq!(desk.post(&format!("/sandbox/authenticate/{id}/approve"), "").await, 200);
    let payments = desk.json("/sandbox/payments.json").await;
    let all: Vec<_> = payments.as_array().unwrap().iter().map(|payment| payment["status"].clone()).collect();
    assert_eq!(all, ["requires_payment_method", "requires_payment_method"]);
    assert!(desk.books(As::default()).await.is_empty());

    desk.judge(&account, "lift").await;
    let (status, _) = desk.raw(&path, "payment_method=pm_card_visa").await;
    assert_eq!((status, desk.holds(&account).await), (200, (4200, 0)));
}

#[tokio::test]
async fn refunds_take_back_of_the_account_and_give_it_its_share_of_the_fee() {
    let desk = Desk::open().await;
    let account = desk.account().await;
    let charge = desk.sell(&account).await;
    let first = desk.refund(&charge, 1000).await.unwrap();
    assert!(first.transfer_reversal.unwrap().id().starts_with("trr_"));
    desk.refund(&charge, 1100).await.unwrap();
    assert_eq!(desk.holds(&account).await, (1890, 0));
    desk.refund(&charge, 2100).await.unwrap();
    assert_eq!(refusal(desk.refund(&charge, 1).await).0.code, Some(ApiErrorsCode::ChargeAlreadyRefunded));
    let gone =
        [("payment_refund", -1000, -100), ("payment_refund", -1100, -110), ("payment_refund", -2100, -210)];
    assert_eq!(kinds(&desk.books(acting(&account)).await)[1..], gone);
    assert_eq!(desk.holds(&account).await, (0, 0));
    let platform = desk.books(As::default()).await;
    let of_first = [("refund", -1000, 0), ("transfer_refund", 1000, 0), ("application_fee_refund", -100, 0)];
    assert_eq!(kinds(&platform)[3..6], of_first);
    let kept: i64 = platform.iter().map(|(_, amount, fee)| amount - fee).sum();
    assert_eq!(kept, -83, "the platform bears Stripe's fee");
    let transfer = desk.transfer_of(&charge).await;
    assert_eq!((transfer.amount_reversed, transfer.reversed, transfer.reversals.data.len()), (4200, true, 3));
}

#[tokio::test]
async fn a_refund_that_does_not_ask_takes_of_the_platform_only() {
    let desk = Desk::open().await;
    let account = desk.account().await;
    let charge = desk.sell(&account).await;
    let intent = charge["payment_intent"].as_str().unwrap();
    let refund = format!("/sandbox/payments/{intent}/refund");
    assert_eq!(desk.post(&refund, "amount=1000").await, 303);
    assert_eq!(desk.holds(&account).await, (3780, 0));
    assert_eq!(desk.post(&refund, "amount=1000&from_account=on").await, 303);
    assert_eq!(desk.holds(&account).await, (2880, 0));
    // A charge of the platform's own has no transfer to reverse, and no fee.
    let own = desk.take(PAID).await;
    let own = own["id"].as_str().unwrap();
    for flag in ["reverse_transfer", "refund_application_fee"] {
        let (status, refused) = desk.raw("refunds", &format!("charge={own}&{flag}=true")).await;
        assert_eq!((status, &refused["error"]["param"]), (400, &json!(flag)));
    }
}

#[tokio::test]
async fn a_refund_that_fails_is_back_at_the_platform_and_can_be_transferred_anew() {
    let desk = Desk::open().await;
    let endpoint = Endpoint::listen(&desk, &[]).await;
    let account = desk.account().await;
    let paid = PAID.replace("pm_card_visa", "pm_card_refundFail");
    let charge = desk.take(&format!("{paid}&transfer_data[destination]={account}")).await;
    let refund = format!("charge={}&amount=1000&reverse_transfer=true", charge["id"].as_str().unwrap());
    assert_eq!(desk.raw("refunds", &refund).await.0, 200);
    assert_eq!(endpoint.kinds(7).await.last().unwrap(), "refund.failed");
    assert_eq!(desk.holds(&account).await, (3200, 0));
    assert_eq!(desk.books(As::default()).await.last().unwrap().0, "refund_failure");
    let anew = format!("amount=900&currency=eur&destination={account}");
    let anew: Transfer = desk.ask(As::default(), "/transfers", &anew).await.unwrap();
    assert_eq!((anew.amount, desk.holds(&account).await), (900, (4100, 0)));
    assert_eq!(kinds(&desk.books(acting(&account)).await).last(), Some(&("payment", 900, 0)));
}

#[tokio::test]
async fn a_dispute_takes_of_the_platform_only() {
    let desk = Desk::open().await;
    let account = desk.account().await;
    let charge = desk.sell(&account).await;
    let intent = charge["payment_intent"].as_str().unwrap();
    assert_eq!(desk.post(&format!("/sandbox/payments/{intent}/dispute"), "").await, 303);
    assert_eq!(kinds(&desk.books(As::default()).await).last(), Some(&("adjustment", -4200, 0)));
    assert_eq!(desk.holds(&account).await, (3780, 0));
}

#[tokio::test]
async fn transfers_are_reversed_up_to_what_is_left_of_them() {
    let desk = Desk::open().await;
    let account = desk.account().await;
    let charge = desk.sell(&account).await;
    let path = format!("transfers/{}/reversals", charge["transfer"].as_str().unwrap());
    let reversal: TransferReversal =
        desk.ask(As::default(), &format!("/{path}"), "amount=200&metadata[why]=fees").await.unwrap();
    assert_eq!((reversal.amount, reversal.metadata.unwrap()["why"].as_str()), (200, "fees"));
    assert_eq!(desk.raw(&path, "amount=4001").await.0, 400);
    let (status, refused) = desk.raw(&path, "amount=0").await;
    assert_eq!((status, &refused["error"]["param"]), (400, &json!("amount")));
    // Nor does a refund take back more than that.
    assert_eq!(refusal(desk.refund(&charge, 4001).await).1, 400);
    // What the account has not, it owes.
    let (status, rest) = desk.raw(&path, "refund_application_fee=true").await;
    assert_eq!((status, &rest["amount"]), (200, &json!(4000)), "{rest}");
    assert_eq!(desk.holds(&account).await, (-20, 0));
    assert_eq!(desk.raw(&path, "").await.0, 400, "nothing is left");
    assert!(desk.transfer_of(&charge).await.reversed);
}

#[tokio::test]
async fn reversals_made_at_once_never_exceed_the_transfer() {
    let desk = Desk::open().await;
    let account = desk.account().await;
    let charge = desk.sell(&account).await;
    let path = format!("transfers/{}/reversals", charge["transfer"].as_str().unwrap());
    let reverse = || desk.raw(&path, "amount=1200");
    let (one, two, three, four) = tokio::join!(reverse(), reverse(), reverse(), reverse());
    let mut statuses = [one.0, two.0, three.0, four.0];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 200, 400]);
    assert_eq!(desk.transfer_of(&charge).await.amount_reversed, 3600);
}

#[tokio::test]
async fn what_the_platform_has_not_it_cannot_transfer_and_what_the_account_has_not_it_gives_not_back() {
    let desk = Desk::open().await;
    let account = desk.account().await;
    let transfer = format!("amount=1000&currency=eur&destination={account}");
    let (status, refused) = desk.raw("transfers", &transfer).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("balance_insufficient")));
    desk.take(PAID).await;
    let (status, made) = desk.raw("transfers", &transfer).await;
    assert_eq!(status, 200, "{made}");
    let payout: Result<stripe_shared::Payout, _> =
        desk.ask(acting(&account), "/payouts", "amount=400&currency=eur").await;
    payout.unwrap();
    let path = format!("transfers/{}/reversals", made["id"].as_str().unwrap());
    let (status, refused) = desk.raw(&path, "").await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("balance_insufficient")));
    assert_eq!(desk.raw(&path, "amount=600").await.0, 200);
    assert_eq!(desk.holds(&account).await, (0, 0));
    desk.judge(&account, "restrict").await;
    let (status, refused) = desk.raw("transfers", &transfer).await;
    assert_eq!((status, &refused["error"]["param"]), (400, &json!("destination")));
}

#[tokio::test]
async fn the_pages_show_whose_money_it_is() {
    let desk = Desk::open().await;
    let account = desk.account().await;
    let charge = desk.sell(&account).await;
    let page = async |path: &str| {
        let answer = desk.http.get(format!("{}{path}", desk.sandbox.http_url())).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    };
    let payment = page(&format!("/sandbox/payments/{}", charge["payment_intent"].as_str().unwrap())).await;
    assert!(payment.contains(&account) && payment.contains("€4.20"), "{payment}");
    for (path, parts) in [
        ("/sandbox".to_owned(), vec![account.as_str(), "€37.80", "Connected accounts"]),
        (
            format!("/sandbox/accounts/{account}"),
            vec!["€42.00", "Restrict", "Pause payouts", "jazz@club.example", charge["id"].as_str().unwrap()],
        ),
    ] {
        let html = page(&path).await;
        for part in parts {
            assert!(html.contains(part), "{path}: {part} is missing");
        }
        for link in ["href=\"", "src=\"", "action=\""].iter().flat_map(|kind| html.split(*kind).skip(1)) {
            assert!(link.starts_with("/sandbox") || link.starts_with("data:,"), "{path}: {link:.60}");
        }
    }
    let listed: Value = desk.json("/sandbox/accounts.json").await;
    assert_eq!(listed[0]["metadata"], json!({"organization_id": "o7"}));
    assert_eq!(listed[0]["balances"], json!([{"currency": "eur", "available": 3780, "pending": 0}]));
}
