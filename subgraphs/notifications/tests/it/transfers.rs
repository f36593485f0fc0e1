//! A ticket that changes hands goes to who has it now, and who had it hears that it is gone.

use contracts::tickets::TicketRenamed;

use crate::{
    kit::{Kit, Mailbox, at, order, ticket},
    samples::transferred,
};

async fn sends(kit: &Kit) {
    while kit.notifications.send_mails().await.unwrap() {}
}

#[tokio::test]
async fn the_new_holder_gets_the_ticket_and_the_old_one_hears_that_it_is_gone_once_each() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let bought = order(ada, vec![ticket("Ada", &email, "104")]);
    let mut given = transferred(&bought, &bought.tickets[0], "Carol", "carol@example.com");
    given.from.user_id = Some(ada);
    kit.hears(&given).await;
    kit.handle(&given).await.unwrap();
    sends(&kit).await;
    let to_carol = mailbox.mails("carol@example.com", 1).await;
    let to_ada = mailbox.mails(&email, 1).await;
    assert_eq!(mailbox.count().await, 2, "one for each");
    assert_eq!(to_carol[0]["subject"], "Your ticket for Die Zauberflöte");
    let text = to_carol[0]["text"].as_str().unwrap();
    assert!(text.contains("Ada has given you a ticket") && text.contains("NEW-K7PM-104"), "{text}");
    assert!(!text.contains("ODY-7F3K2M"), "the order is the buyer's: {text}");
    let names: Vec<_> =
        to_carol[0]["attachments"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["tickets.pdf", "event.ics"]);
    let text = to_ada[0]["text"].as_str().unwrap();
    assert!(
        text.contains("belongs to Carol now") && !text.contains("NEW-"),
        "no code for who had it: {text}"
    );
    assert!(to_ada[0]["attachments"].as_array().unwrap().is_empty());
    let list = kit.graph(Some(ada), "{ me: notifications(channel: IN_APP) { nodes { kind } } }").await;
    assert_eq!(list["data"]["me"]["nodes"][0]["kind"], "TICKET_TRANSFERRED", "{list}");
}

#[tokio::test]
async fn who_has_passed_a_ticket_on_is_not_sent_it_any_more_in_whatever_order_it_is_heard() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let bought = order(ada, vec![ticket("Ada", &email, "104"), ticket("Ada", &email, "105")]);
    for (number, later_first) in [(0, false), (1, true)] {
        let first = transferred(&bought, &bought.tickets[number], "Bob", "bob@example.net");
        let mut second = transferred(&bought, &first.ticket, "Carol", "carol@example.com");
        second.sequence = 2;
        if later_first {
            kit.hears(&second).await;
            kit.hears(&first).await;
        } else {
            kit.hears(&first).await;
            kit.hears(&second).await;
        }
    }
    sends(&kit).await;
    let to_bob = mailbox.mails("bob@example.net", 2).await;
    assert!(
        to_bob
            .iter()
            .all(|mail| mail["subject"].as_str().unwrap().starts_with("Your ticket has a new holder")),
        "{to_bob:?}"
    );
    assert_eq!(mailbox.mails("carol@example.com", 2).await.len(), 2);
}

#[tokio::test]
async fn a_ticket_that_goes_to_another_address_is_sent_there_and_another_name_alone_is_no_mail() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let bought = order(ada, vec![ticket("Bobby", "bob@example.net", "104")]);
    let renamed = TicketRenamed {
        ticket_id: bought.tickets[0].ticket_id,
        order_id: bought.order_id,
        number: bought.number.clone(),
        owner_id: Some(ada),
        ticket: bought.tickets[0].clone(),
        event: bought.event.clone(),
        previous_name: "Bob".to_owned(),
        previous_email: "BOB@example.net".to_owned(),
        by: ada,
        at: at("2027-01-01T00:00:00Z"),
    };
    kit.hears(&renamed).await;
    let elsewhere = TicketRenamed { previous_email: email, at: at("2027-01-02T00:00:00Z"), ..renamed };
    kit.hears(&elsewhere).await;
    sends(&kit).await;
    assert_eq!(mailbox.mails("bob@example.net", 1).await.len(), 1);
    assert_eq!(mailbox.count().await, 1);
}
