//! Whoever read messages is forgotten with them, once the last mail has left.

use contracts::{
    account_mail::{AccountMail, SendAccountMail},
    erasure::ForgetReader,
    saga::{Asked, Outcome, Way},
};
use kernel::{SagaId, UserId};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::kit::{Kit, Mailbox, message, order, ticket};

const REPLY: &str = "odysseus.reply.users.saga.v1";

fn forget(reader: UserId, address: &str) -> ForgetReader {
    let (kind, step) = ("erasure".to_owned(), "FORGET_READER".to_owned());
    let asked = Asked { saga_id: SagaId::from_uuid(reader.uuid()), kind, step, way: Way::Do };
    let mut account = Kit::change_of(reader, 3);
    (account.email, account.name, account.erased) = (String::new(), String::new(), true);
    ForgetReader { asked, account, address: address.to_owned() }
}

fn farewell(address: &str) -> SendAccountMail {
    SendAccountMail {
        id: Uuid::from_u128(9),
        user_id: None,
        to_email: address.to_owned(),
        to_name: Some("Ada".to_owned()),
        locale: "en".to_owned(),
        timezone: "Europe/Vienna".to_owned(),
        kind: AccountMail::AccountDeleted,
    }
}

async fn counts(kit: &Kit, table: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM {table}");
    let reads = &kit.database.reads;
    let statement = Statement::from_string(reads.get_database_backend(), sql);
    reads.query_one_raw(statement).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn sends(kit: &Kit) {
    while kit.notifications.send_mails().await.unwrap() {}
}

async fn has_read_and_chosen(kit: &Kit, reader: UserId, email: &str) {
    kit.hears(&order(reader, vec![ticket("Ada", email, "104")])).await;
    let choose = "mutation { setNotificationPreferences(input: { entries: [{ kind: EVENT_REMINDER, channel: EMAIL, enabled: false }] }) { entries { kind } } }";
    let chosen = kit.graph(Some(reader), choose).await;
    assert!(chosen.get("errors").is_none(), "{chosen}");
    sends(kit).await;
}

#[tokio::test]
async fn who_read_messages_is_forgotten_with_them_and_the_answer_is_given_once() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let (bob, _) = kit.account("Bob").await;
    has_read_and_chosen(&kit, ada, &email).await;
    kit.hears(&farewell(&email)).await;
    sends(&kit).await;
    let before = counts(&kit, "notifications").await;
    assert!(before > 2);
    kit.hears(&forget(ada, &email)).await;
    let told = kit.told(REPLY).await;
    assert_eq!(told, [json!(forget(ada, &email).asked.answer(Outcome::Done))]);
    for table in ["notifications", "preferences", "reminders WHERE email IS NOT NULL"] {
        assert_eq!(counts(&kit, table).await, 0, "{table}");
    }
    assert_eq!(counts(&kit, "accounts WHERE email <> '' OR name <> ''").await, 1, "{bob} is another");
    let mails = mailbox.mails(&email, 2).await;
    assert!(mails.iter().any(|mail| mail["subject"].as_str().unwrap().contains("deleted")), "{mails:?}");
}

#[tokio::test]
async fn the_last_mail_is_waited_for() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    kit.hears(&farewell(&email)).await;
    let ask = message(&forget(ada, &email));
    kit.handler.handle(&ask).await.unwrap();
    assert!(kit.told(REPLY).await.is_empty());
    assert_eq!(counts(&kit, "accounts WHERE email <> ''").await, 1);
    sends(&kit).await;
    assert_eq!(mailbox.mails(&email, 1).await.len(), 1);
    kit.handler.handle(&ask).await.unwrap();
    assert_eq!(kit.told(REPLY).await.len(), 1, "the same message is heard, since it was not answered");
    assert_eq!(counts(&kit, "notifications").await, 0);
}

#[tokio::test]
async fn an_ask_that_comes_before_the_account_was_heard_of_forgets_its_address_too() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = (UserId::new(), "ada@example.org");
    kit.hears(&farewell(email)).await;
    sends(&kit).await;
    kit.hears(&forget(ada, "Ada@Example.org")).await;
    assert_eq!(counts(&kit, "notifications").await, 0);
    let mut late = Kit::change_of(ada, 2);
    email.clone_into(&mut late.email);
    kit.hears(&late).await;
    assert_eq!(counts(&kit, "accounts WHERE email <> '' OR name <> ''").await, 0);
}

#[tokio::test]
async fn who_has_the_address_by_now_keeps_their_mails() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let mut again = Kit::change_of(UserId::new(), 1);
    again.email.clone_from(&email);
    kit.hears(&again).await;
    let link = "https://odysseus.test/account/verify#token=s3cret".to_owned();
    let expires_at = crate::kit::at("2027-03-13T19:00:00Z");
    let kind = AccountMail::VerifyAddress { link, expires_at };
    kit.hears(&SendAccountMail { user_id: Some(again.user_id), kind, ..farewell(&email) }).await;
    kit.hears(&forget(ada, &email)).await;
    sends(&kit).await;
    let mails: Vec<Value> = mailbox.mails(&email, 1).await;
    assert_eq!(mails[0]["subject"], "Is this your address?");
    assert_eq!(kit.told(REPLY).await.len(), 1);
}
