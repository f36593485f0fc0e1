//! Who is told of an order: whom its buyer named, and, once a guest's order is in an account, whose it is.

use contracts::{purchase::PurchaseContact, tickets::OrderClaimed, users::AccountChanged};
use kernel::UserId;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::Value;

use crate::kit::{Kit, Mailbox, at, order, refund, ticket, to_pay};

async fn sends(kit: &Kit) {
    while kit.notifications.send_mails().await.unwrap() {}
}

fn grace() -> PurchaseContact {
    PurchaseContact {
        name: "Grace".to_owned(),
        email: "grace@office.example".to_owned(),
        phone: None,
        locale: Some("de-AT".to_owned()),
    }
}

/// Somebody who buys without an account.
async fn guest(kit: &Kit) -> UserId {
    let user_id = UserId::new();
    let (email, name) = ("guest@example.org".to_owned(), "Guest".to_owned());
    kit.hears(&AccountChanged { email, name, guest: true, ..Kit::change_of(user_id, 1) }).await;
    user_id
}

async fn list(kit: &Kit, user: UserId) -> Vec<Value> {
    let list = "{ notifications(channel: IN_APP) { nodes { kind } } }";
    kit.graph(Some(user), list).await["data"]["notifications"]["nodes"].as_array().unwrap().clone()
}

async fn count(kit: &Kit, sql: &str, values: impl IntoIterator<Item = sea_orm::Value>) -> i64 {
    let reads = &kit.database.reads;
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS n FROM {sql}");
    let query = Statement::from_sql_and_values(reads.get_database_backend(), sql, values);
    reads.query_one_raw(query).await.unwrap().unwrap().try_get("", "n").unwrap()
}

async fn reminders(kit: &Kit, user: UserId) -> i64 {
    count(kit, "reminders WHERE user_id = $1", [user.uuid().into()]).await
}

#[tokio::test]
async fn mails_about_an_order_go_to_whom_its_buyer_named_in_their_language() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let mut bought = order(ada, vec![ticket("Grace", "grace@office.example", "104")]);
    bought.contact = Some(Box::new(grace()));
    kit.hears(&bought).await;
    sends(&kit).await;
    let mails = mailbox.mails("grace@office.example", 1).await;
    let text = mails[0]["text"].as_str().unwrap();
    assert!(
        text.contains("Grace") && mails[0]["subject"].as_str().unwrap().contains("Ticket für"),
        "{mails:?}"
    );
    assert_eq!(mailbox.count().await, 1, "the tickets go to one person, once");
    assert_eq!(list(&kit, ada).await.len(), 1, "the list is the account's");
    kit.hears(&refund(&bought, &bought.tickets)).await;
    sends(&kit).await;
    mailbox.mails("grace@office.example", 2).await;
    assert!(mailbox.mails(&email, 0).await.is_empty());
}

#[tokio::test]
async fn whom_a_buyer_named_is_known_from_when_the_order_is_to_be_paid_and_forgotten_with_the_buyer() {
    let kit = Kit::new(9).await;
    let (ada, _) = kit.account("Ada").await;
    let bought = order(ada, vec![]);
    let mut ask = to_pay(bought.order_id, bought.event.event_id, ada, bought.total);
    ask.contact = Some(Box::new(grace()));
    kit.hears(&ask).await;
    let kept = async || count(&kit, "order_contacts", []).await;
    assert_eq!(kept().await, 1);
    kit.hears(&AccountChanged { erased: true, ..Kit::change_of(ada, 2) }).await;
    assert_eq!(kept().await, 0);
    kit.hears(&ask).await;
    assert_eq!(kept().await, 0, "what comes late brings nothing back");
}

#[tokio::test]
async fn a_guests_confirmation_has_the_link_that_takes_the_order_into_an_account_and_no_others_has() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    for buyer in [guest(&kit).await, ada] {
        let mut bought = order(buyer, vec![ticket("Ada", "", "104")]);
        bought.claim_token = Some("to-ken_1".to_owned());
        kit.hears(&bought).await;
    }
    sends(&kit).await;
    let link = "/claim?number=ODY-7F3K2M&email=guest%40example.org&token=to-ken_1";
    let mail = mailbox.mails("guest@example.org", 1).await.remove(0);
    let (text, html) = (mail["text"].as_str().unwrap(), mail["html"].as_str().unwrap_or_default());
    assert!(text.contains(link), "{text}");
    assert!(html.is_empty() || html.contains(&link.replace('&', "&amp;")), "{html}");
    let others = mailbox.mails(&email, 1).await.remove(0);
    assert!(!others["text"].as_str().unwrap().contains("claim"), "{others}");
}

#[tokio::test]
async fn messages_about_a_claimed_order_are_in_the_list_of_whose_it_is() {
    let kit = Kit::new(9).await;
    let (from, (to, _)) = (guest(&kit).await, kit.account("Ada").await);
    let bought = order(from, vec![ticket("Guest", "guest@example.org", "104")]);
    let other = order(from, vec![ticket("Guest", "guest@example.org", "105")]);
    kit.hears(&bought).await;
    kit.hears(&other).await;
    let claimed = OrderClaimed {
        order_id: bought.order_id,
        number: bought.number.clone(),
        event_id: bought.event.event_id,
        from,
        to,
        at: at("2027-01-01T00:00:00Z"),
    };
    kit.hears(&claimed).await;
    assert_eq!((list(&kit, from).await.len(), list(&kit, to).await.len()), (1, 1), "of that order alone");
    assert_eq!((reminders(&kit, from).await, reminders(&kit, to).await), (1, 1));
}
