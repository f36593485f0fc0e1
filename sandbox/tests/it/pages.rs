use std::collections::HashMap;

use lettre::{AsyncTransport, Message};

use crate::desk::{Desk, intent};
use crate::mails::{letter, mailer};

async fn page(desk: &Desk, path: &str) -> String {
    let answer = desk.http.get(format!("{}{path}", desk.sandbox.http_url())).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

#[tokio::test]
async fn the_page_lists_what_came_and_links_only_below_its_own_path() {
    let desk = Desk::open().await;
    mailer(&desk).send(letter("Your tickets")).await.unwrap();
    let paid = desk.pay("pm_card_visa").await.unwrap();
    let mail = desk.json("/sandbox/mails.json").await[0]["id"].as_str().unwrap().to_owned();
    let all = page(&desk, "/sandbox").await;
    for part in ["Your tickets", "€42.00", paid.id.as_str(), "payment_intent.succeeded", "Karte Ü1.pdf"] {
        assert!(all.contains(part), "{part} is missing");
    }
    for path in [
        "/sandbox".to_owned(),
        format!("/sandbox/mails/{mail}"),
        format!("/sandbox/payments/{}", paid.id),
        format!("/sandbox/authenticate/{}", paid.id),
    ] {
        let html = page(&desk, &path).await;
        for attribute in ["href=\"", "src=\"", "action=\""] {
            for link in html.split(attribute).skip(1) {
                assert!(link.starts_with("/sandbox") || link.starts_with("data:,"), "{path}: {link:.60}");
            }
        }
    }
}

#[tokio::test]
async fn what_strangers_write_is_shown_and_never_run() {
    let desk = Desk::open().await;
    let evil = "<script>alert(1)</script>";
    let hostile = Message::builder()
        .from("a@odysseus.test".parse().unwrap())
        .to("b@odysseus.test".parse().unwrap())
        .subject(evil)
        .body(format!("{evil}\r\n"))
        .unwrap();
    mailer(&desk).send(hostile).await.unwrap();
    let notes = HashMap::from([(evil.to_owned(), evil.to_owned())]);
    let made = intent().description(evil).metadata(notes).send(&desk.stripe).await.unwrap();
    let mail = desk.json("/sandbox/mails.json").await[0]["id"].as_str().unwrap().to_owned();
    for path in
        ["/sandbox".to_owned(), format!("/sandbox/mails/{mail}"), format!("/sandbox/payments/{}", made.id)]
    {
        let html = page(&desk, &path).await;
        assert!(html.contains("&lt;script&gt;alert(1)"), "{path}");
        assert!(!html.contains(evil), "{path}");
    }
}

#[tokio::test]
async fn another_site_cannot_use_its_visitors_to_move_switches() {
    let desk = Desk::open().await;
    let url = format!("{}/sandbox/reset", desk.sandbox.http_url());
    let forged = desk.http.post(&url).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(forged.status(), 403);
    let own = desk.http.post(&url).header("sec-fetch-site", "same-origin").send().await.unwrap();
    assert_eq!(own.status(), 204);
}

#[tokio::test]
async fn a_mistyped_switch_is_named() {
    let desk = Desk::open().await;
    let url = format!("{}/sandbox/switches", desk.sandbox.http_url());
    let answer = desk.http.put(url).json(&serde_json::json!({"smtpRefuze": 1})).send().await.unwrap();
    assert_eq!(answer.status(), 400);
    assert!(answer.text().await.unwrap().contains("smtpRefuze"));
}

#[tokio::test]
async fn people_give_back_in_the_dashboard_and_banks_decide_disputes() {
    let desk = Desk::open().await;
    let paid = desk.pay("pm_card_visa").await.unwrap();
    assert_eq!(desk.post(&format!("/sandbox/payments/{}/refund", paid.id), "amount=1000").await, 303);
    assert_eq!(desk.post(&format!("/sandbox/payments/{}/refund", paid.id), "amount=99999").await, 409);
    assert_eq!(desk.post(&format!("/sandbox/payments/{}/dispute", paid.id), "").await, 303);
    let payment = &desk.json("/sandbox/payments.json").await[0];
    assert_eq!((&payment["amountRefunded"], &payment["disputes"][0]["amount"]), (&1000.into(), &3200.into()));
    // What the bank has cannot be given back.
    assert_eq!(desk.post(&format!("/sandbox/payments/{}/refund", paid.id), "").await, 409);
    let dispute = payment["disputes"][0]["id"].as_str().unwrap().to_owned();
    assert!(page(&desk, &format!("/sandbox/payments/{}", paid.id)).await.contains(&dispute));
    assert_eq!(desk.post(&format!("/sandbox/disputes/{dispute}/won"), "").await, 303);
    assert_eq!(desk.post(&format!("/sandbox/disputes/{dispute}/lost"), "").await, 409);
    assert_eq!(desk.post("/sandbox/payments/pi_nobody/dispute", "").await, 404);
    assert_eq!(desk.post(&format!("/sandbox/payments/{}/refund", paid.id), "").await, 303);
    // Banks return refunds as well, each once.
    let returned =
        desk.json("/sandbox/payments.json").await[0]["refunds"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(desk.post(&format!("/sandbox/refunds/{returned}/fail"), "").await, 303);
    assert_eq!(desk.post(&format!("/sandbox/refunds/{returned}/fail"), "").await, 409);
    assert_eq!(desk.post("/sandbox/refunds/re_nobody/fail", "").await, 404);
    let kinds: Vec<_> = desk
        .json("/sandbox/webhooks.json")
        .await
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .filter_map(|event| event["type"].as_str().filter(|kind| kind.contains("dispute")).map(str::to_owned))
        .collect();
    assert_eq!(
        kinds,
        [
            "charge.dispute.created",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.funds_reinstated",
            "charge.dispute.closed",
        ]
    );
}
