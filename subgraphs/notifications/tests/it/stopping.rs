//! Mails that can be done without stop at one click and at addresses where none arrives; those with tickets, about money and
//! about an account are always sent.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{
    account_mail::{AccountMail, SendAccountMail},
    payments::PaymentDeclined,
    users::AddressVerifiedAgain,
};
use kernel::{Clock as _, OrderId, PaymentId, SystemClock, UserId};
use notifications::domain::use_cases::Bounce;
use sandbox::Switches;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::kit::{Kit, Mailbox, at, event_changed, order, ticket, to_pay};

async fn declined(kit: &Kit, buyer: UserId) {
    let of = order(buyer, Vec::new());
    kit.hears(&event_changed(of.event.event_id, 1, "Die Zauberflöte")).await;
    let order_id = OrderId::new();
    kit.hears(&to_pay(order_id, of.event.event_id, buyer, of.total)).await;
    kit.hears(&PaymentDeclined {
        payment_id: PaymentId::new(),
        order_id,
        event_id: of.event.event_id,
        buyer_id: buyer,
        attempt: 1,
        decline_code: "insufficient_funds".to_owned(),
        at: at("2027-01-01T00:00:00Z"),
    })
    .await;
    while kit.notifications.send_mails().await.unwrap() {}
}

fn header<'m>(mail: &'m Value, name: &str) -> Option<&'m str> {
    let headers = mail["headers"].as_array()?;
    let found = headers.iter().find(|one| one[0].as_str().is_some_and(|it| it.eq_ignore_ascii_case(name)));
    found?[1].as_str()
}

fn link(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    text.rsplit_once("No more mails of this kind: ").unwrap().1.trim().to_owned()
}

#[tokio::test]
async fn a_mail_that_can_be_done_without_is_stopped_by_one_click_and_no_login() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    declined(&kit, ada).await;
    let mail = mailbox.mails(&email, 1).await[0].clone();
    let link = link(&mail);
    assert_eq!(header(&mail, "List-Unsubscribe"), Some(format!("<{link}>").as_str()), "{mail}");
    assert_eq!(header(&mail, "List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    assert!(mail["html"].as_str().unwrap().contains(&link));
    let token = link.rsplit_once('/').unwrap().1;
    // Who only looks, such as a program that looks at links in mails, stops nothing.
    kit.notifications.stoppable(token).await.unwrap();
    declined(&kit, ada).await;
    assert_eq!(mailbox.mails(&email, 2).await.len(), 2);
    for _ in 0..2 {
        kit.notifications.stop_mails(token).await.unwrap();
    }
    declined(&kit, ada).await;
    kit.hears(&order(ada, vec![ticket("Ada", &email, "104")])).await;
    while kit.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails(&email, 3).await;
    assert_eq!(mails.len(), 3, "tickets are mailed all the same");
    let tickets =
        mails.iter().find(|mail| mail["subject"].as_str().unwrap().starts_with("Your ticket")).unwrap();
    assert_eq!(header(tickets, "List-Unsubscribe"), None, "and cannot be stopped");
    let chosen = kit
        .graph(
            Some(ada),
            &format!(
                "{{ _entities(representations: [{{ __typename: \"User\", id: \"{ada}\" }}]) \
                 {{ ... on User {{ notificationPreferences {{ entries {{ kind channel enabled }} }} }} }} }}"
            ),
        )
        .await;
    let entry = json!({ "kind": "PAYMENT_DECLINED", "channel": "EMAIL", "enabled": false });
    let entries = &chosen["data"]["_entities"][0]["notificationPreferences"]["entries"];
    assert!(entries.as_array().unwrap().contains(&entry), "{entries}");
}

#[tokio::test]
async fn a_link_that_was_not_signed_here_stops_nothing() {
    let kit = Kit::new(9).await;
    for wrong in ["", "abc", &"A".repeat(43)] {
        assert!(kit.notifications.stop_mails(wrong).await.is_err(), "{wrong}");
        assert!(kit.notifications.stoppable(wrong).await.is_err(), "{wrong}");
    }
}

#[tokio::test]
async fn the_page_of_a_link_asks_in_the_readers_language_and_posts_without_logging_in() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    declined(&kit, ada).await;
    let link = link(&mailbox.mails(&email, 1).await[0]);
    let path = link.strip_prefix("http://127.0.0.1:4000").unwrap();
    let running = kit.start().await;
    let url = format!("http://{}{path}", running.address);
    let client = reqwest::Client::new();
    let page = client.get(&url).header("accept-language", "de-AT,de;q=0.9").send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    let page = page.text().await.unwrap();
    assert!(page.contains("lang=\"de\"") && page.contains("fehlgeschlagene Zahlungen"), "{page}");
    assert!(page.contains("method=\"post\""), "{page}");
    let one_click = client.post(&url).body("List-Unsubscribe=One-Click");
    let one_click =
        one_click.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert_eq!(one_click.status(), 200);
    assert!(one_click.text().await.unwrap().contains("payments that did not go through"));
    assert_eq!(client.get(format!("{url}x")).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn an_address_that_takes_no_mail_is_marked_at_once_and_gets_what_it_cannot_do_without() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let refused = Switches { smtp_reject_to: vec![email.to_lowercase()], ..Switches::default() };
    mailbox.sandbox.set_switches(refused);
    declined(&kit, ada).await;
    let list = "{ notifications(channel: IN_APP) { nodes { kind body } } }";
    let list = kit.graph(Some(ada), list).await["data"]["notifications"]["nodes"].clone();
    let told: Vec<_> =
        list.as_array().unwrap().iter().filter(|one| one["kind"] == "ADDRESS_UNREACHABLE").collect();
    assert_eq!(told.len(), 1, "{list}");
    assert!(told[0]["body"].as_str().unwrap().contains(&email), "{list}");
    mailbox.sandbox.set_switches(Switches::default());
    declined(&kit, ada).await;
    kit.hears(&SendAccountMail {
        id: Uuid::from_u128(9),
        user_id: Some(ada),
        to_email: email.clone(),
        to_name: None,
        locale: "en".to_owned(),
        timezone: "Europe/Vienna".to_owned(),
        kind: AccountMail::PasswordReset {
            link: "https://odysseus.test/account/reset#token=abc".to_owned(),
            expires_at: SystemClock.now() + TimeDelta::minutes(30),
        },
    })
    .await;
    while kit.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails(&email, 1).await;
    assert_eq!((mails.len(), &mails[0]["subject"]), (1, &"Choose a new password".into()));
    // Shown anew that it takes mail.
    let mut verified = Kit::change_of(ada, 2);
    (verified.email, verified.name, verified.email_verified) = (email.clone(), "Ada".to_owned(), true);
    kit.hears(&verified).await;
    declined(&kit, ada).await;
    assert_eq!(mailbox.mails(&email, 2).await.len(), 2);
}

#[tokio::test]
async fn an_address_that_was_verified_before_gets_mail_again_once_its_owner_shows_that_it_arrives() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let mut account = Kit::change_of(ada, 2);
    (account.email, account.name, account.email_verified) = (email.clone(), "Ada".to_owned(), true);
    kit.hears(&account).await;
    assert_eq!(unreachable_since(&kit, ada).await, Value::Null);
    let came_back = Bounce { address: email.to_uppercase(), why: "550 no such user".to_owned() };
    assert_eq!(kit.notifications.mark_unreachable(&[came_back]).await.unwrap(), 1);
    declined(&kit, ada).await;
    assert_eq!(mailbox.mails(&email, 0).await.len(), 0);
    let since = unreachable_since(&kit, ada).await.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    // Another name shows nothing, and what was shown before the mail came back is out of date.
    (account.version, account.name) = (3, "Ada Lovelace".to_owned());
    kit.hears(&account).await;
    let proof = |at| AddressVerifiedAgain { user_id: ada, email: email.clone(), at };
    kit.hears(&proof(since - TimeDelta::seconds(1))).await;
    assert_ne!(unreachable_since(&kit, ada).await, Value::Null);
    kit.hears(&proof(since + TimeDelta::minutes(5))).await;
    assert_eq!(unreachable_since(&kit, ada).await, Value::Null);
    declined(&kit, ada).await;
    assert_eq!(mailbox.mails(&email, 1).await.len(), 1);
}

/// What the graph tells somebody about mail that comes back.
async fn unreachable_since(kit: &Kit, user: UserId) -> Value {
    let query = format!(
        "{{ _entities(representations: [{{ __typename: \"User\", id: \"{user}\" }}]) {{ ... on User {{ emailUnreachableSince }} }} }}"
    );
    let answer = kit.graph(Some(user), &query).await;
    assert!(answer["errors"].is_null(), "{answer}");
    answer["data"]["_entities"][0]["emailUnreachableSince"].clone()
}

#[tokio::test]
async fn whether_mail_reaches_somebody_is_their_own_business() {
    let kit = Kit::new(9).await;
    let ((ada, _), (eve, _)) = (kit.account("Ada").await, kit.account("Eve").await);
    let query = format!(
        "{{ _entities(representations: [{{ __typename: \"User\", id: \"{ada}\" }}]) {{ ... on User {{ emailUnreachableSince }} }} }}"
    );
    let answer = kit.graph(Some(eve), &query).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
}

#[tokio::test]
async fn a_mail_provider_that_shows_the_secret_reports_what_did_not_arrive() {
    let mut kit = Kit::new(9).await;
    "a secret of the provider's".clone_into(&mut kit.config.bounce_secret);
    let (ada, email) = kit.account("Ada").await;
    let running = kit.start().await;
    let url = format!("http://{}/api/notifications/v1/bounces", running.address);
    let client = reqwest::Client::new();
    let report = |status: &str| json!({ "bounces": [{ "recipient": email, "status": status }] });
    let told = async |secret: &str, body: Value| {
        let answer = client.post(&url).bearer_auth(secret).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["marked"].clone())
    };
    assert_eq!(told("another secret", report("5.1.1")).await.0, 401);
    assert_eq!(told("", report("5.1.1")).await.0, 401);
    assert_eq!(told(&kit.config.bounce_secret, json!({ "bounces": [] })).await.0, 400);
    assert_eq!(told(&kit.config.bounce_secret, report("4.2.2")).await, (200, json!(0)), "it may pass");
    assert_eq!(told(&kit.config.bounce_secret, report("5.1.1")).await, (200, json!(1)));
    assert_eq!(told(&kit.config.bounce_secret, report("5.1.1")).await, (200, json!(0)), "once");
    let list = kit.graph(Some(ada), "{ notifications(channel: IN_APP) { nodes { kind } } }").await;
    assert_eq!(list["data"]["notifications"]["nodes"], json!([{ "kind": "ADDRESS_UNREACHABLE" }]));
}
