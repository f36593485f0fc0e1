use lettre::AsyncTransport;
use stripe_core::refund::CreateRefund;

use crate::desk::{Desk, Endpoint};
use crate::mails::{letter, mailer};

#[tokio::test]
async fn everything_is_there_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::listen_quietly(&[]).await;
    let desk = Desk::open_in(folder.path()).await;
    let paid = desk.pay_once("order-1", "pm_card_visa").await.unwrap();
    CreateRefund::new().payment_intent(paid.id.as_str()).amount(200).send(&desk.stripe).await.unwrap();
    mailer(&desk).send(letter("Kept")).await.unwrap();
    let before = [
        desk.json("/sandbox/payments.json").await,
        desk.json("/sandbox/mails.json").await,
        desk.json("/sandbox/webhooks.json").await,
    ];
    desk.sandbox.stop().await;

    let desk = Desk::open_in(folder.path()).await;
    let after = [
        desk.json("/sandbox/payments.json").await,
        desk.json("/sandbox/mails.json").await,
        desk.json("/sandbox/webhooks.json").await,
    ];
    assert_eq!(before, after);
    assert_eq!(desk.pay_once("order-1", "pm_card_visa").await.unwrap().id, paid.id);
    let url = after[1][0]["attachments"][0]["url"].as_str().unwrap();
    let answer = desk.http.get(format!("{}{url}", desk.sandbox.http_url())).send().await.unwrap();
    assert_eq!(answer.status(), 200);

    desk.sandbox.set_webhook_endpoint(endpoint.address()).unwrap();
    assert_eq!(endpoint.kinds(4).await.len(), 4);
    desk.sandbox.stop().await;
    let desk = Desk::open_in(folder.path()).await;
    desk.pay("pm_card_visa").await.unwrap();
    assert_eq!(endpoint.kinds(6).await[5], "payment_intent.succeeded");
}

#[tokio::test]
async fn what_a_killed_process_leaves_behind_is_everything_it_answered_for() {
    let folder = tempfile::tempdir().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let desk = Desk::open_in(folder.path()).await;
    let paid = desk.pay("pm_card_visa").await.unwrap();
    mailer(&desk).send(letter("Kept")).await.unwrap();
    // What another process would find now, had this one been killed without a word.
    std::fs::copy(folder.path().join("journal.jsonl"), copy.path().join("journal.jsonl")).unwrap();
    std::fs::create_dir(copy.path().join("mails")).unwrap();
    for entry in std::fs::read_dir(folder.path().join("mails")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join("mails").join(entry.file_name())).unwrap();
    }
    let heir = Desk::open_in(copy.path()).await;
    assert_eq!(heir.json("/sandbox/payments.json").await[0]["id"], paid.id.as_str());
    assert_eq!(heir.json("/sandbox/mails.json").await[0]["subject"], "Kept");
}

#[tokio::test]
async fn a_reset_forgets_everything_but_the_endpoint_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let endpoint = Endpoint::listen_quietly(&[]).await;
    let desk = Desk::open_in(folder.path()).await;
    desk.sandbox.set_webhook_endpoint(endpoint.address()).unwrap();
    mailer(&desk).send(letter("Forgotten")).await.unwrap();
    desk.pay("pm_card_visa").await.unwrap();
    desk.switch(serde_json::json!({"smsFail": "always"})).await;
    let url = format!("{}/sandbox/reset", desk.sandbox.http_url());
    assert_eq!(desk.http.post(url).send().await.unwrap().status(), 204);
    assert_eq!(desk.sandbox.switches(), sandbox::Switches::default());
    desk.sandbox.stop().await;

    let desk = Desk::open_in(folder.path()).await;
    assert_eq!(desk.json("/sandbox/mails.json").await, serde_json::json!([]));
    assert_eq!(desk.json("/sandbox/payments.json").await, serde_json::json!([]));
    assert_eq!(std::fs::read_dir(folder.path().join("mails")).unwrap().count(), 0);
    assert_eq!(desk.json("/sandbox/webhook-endpoint").await["url"], endpoint.address().url);
}
