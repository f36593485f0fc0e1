//! A mail that is out of date is taken back, also while it is being sent.

use contracts::{payments::PaymentDeclined, purchase::SendConfirmation};
use kernel::{PaymentId, UserId};
use sea_orm::{ConnectionTrait, Statement};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::kit::{Kit, Mailbox, at, event_changed, order, ticket, to_pay};

/// An order whose payment was declined first; the mail about that is queued.
async fn declined(kit: &Kit, buyer: UserId, email: &str) -> SendConfirmation {
    let order = order(buyer, vec![ticket("Ada", email, "104")]);
    let (order_id, event_id) = (order.order_id, order.event.event_id);
    kit.hears(&event_changed(event_id, 1, "Die Zauberflöte")).await;
    kit.hears(&to_pay(order_id, event_id, buyer, order.total)).await;
    kit.hears(&PaymentDeclined {
        payment_id: PaymentId::new(),
        order_id,
        event_id,
        buyer_id: buyer,
        attempt: 1,
        decline_code: "insufficient_funds".to_owned(),
        at: at("2027-01-01T00:00:00Z"),
    })
    .await;
    order
}

/// Starts to send what is queued, up to where the mail server has to speak.
async fn being_sent(kit: &Kit, server: &TcpListener) -> (JoinHandle<kernel::Result<bool>>, TcpStream) {
    let notifications = kit.notifications.clone();
    let sending = tokio::spawn(async move { notifications.send_mails().await });
    (sending, server.accept().await.unwrap().0)
}

/// Its status, and whether it was sent and was taken back.
async fn became(kit: &Kit) -> (String, bool, bool) {
    let reads = &kit.database.reads;
    let query = "SELECT status, COALESCE(sent_at, 0) AS sent, COALESCE(withdrawn_at, 0) AS withdrawn FROM notifications \
                 WHERE kind = 'PAYMENT_DECLINED' AND channel = 'EMAIL'";
    let row = reads.query_one_raw(Statement::from_string(reads.get_database_backend(), query)).await;
    let row = row.unwrap().unwrap();
    let is_set = |name| row.try_get::<i64>("", name).unwrap() > 0;
    (row.try_get("", "status").unwrap(), is_set("sent"), is_set("withdrawn"))
}

fn subjects(mails: &[serde_json::Value]) -> Vec<&str> {
    mails.iter().map(|mail| mail["subject"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_mail_that_is_taken_back_while_it_is_being_sent_is_not_tried_again() {
    let (server, mailbox) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), Mailbox::open().await);
    let kit = Kit::new(server.local_addr().unwrap().port()).await;
    let replica = kit.replica(chrono::Duration::zero(), mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let order = declined(&kit, ada, &email).await;
    let (sending, connection) = being_sent(&kit, &server).await;
    // It was paid after all.
    kit.hears(&order).await;
    drop(connection);
    sending.await.unwrap().unwrap();
    while replica.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails(&email, 1).await;
    assert_eq!(subjects(&mails), ["Your ticket for Die Zauberflöte (order ODY-7F3K2M)"]);
    assert_eq!(became(&kit).await, ("FAILED".to_owned(), false, true));
}

#[tokio::test]
async fn a_mail_that_went_out_while_it_was_taken_back_is_noted_as_sent() {
    let (server, mailbox) = (TcpListener::bind("127.0.0.1:0").await.unwrap(), Mailbox::open().await);
    let kit = Kit::new(server.local_addr().unwrap().port()).await;
    let (ada, email) = kit.account("Ada").await;
    let order = declined(&kit, ada, &email).await;
    let (sending, mut connection) = being_sent(&kit, &server).await;
    kit.hears(&order).await;
    let mut smtp = TcpStream::connect(("127.0.0.1", mailbox.sandbox.smtp_port())).await.unwrap();
    let line = tokio::spawn(async move { copy_bidirectional(&mut connection, &mut smtp).await });
    sending.await.unwrap().unwrap();
    let mails = mailbox.mails(&email, 1).await;
    assert_eq!(subjects(&mails), ["Your card was declined: Die Zauberflöte (order ODY-7F3K2M)"]);
    let (status, sent, _) = became(&kit).await;
    assert_eq!((status.as_str(), sent), ("SENT", true));
    line.abort();
}
