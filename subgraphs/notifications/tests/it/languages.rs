//! People are written to in their language.

use kernel::UserId;

use crate::{
    kit::{Kit, Mailbox, order, refund, ticket},
    samples::rescheduled,
};

async fn german(kit: &Kit, locale: &str) -> (UserId, String) {
    let user = UserId::new();
    let email = format!("ada-{user}@example.org");
    let mut change = Kit::change_of(user, 1);
    (change.email, change.name, change.locale) = (email.clone(), "Ada".to_owned(), locale.to_owned());
    kit.hears(&change).await;
    (user, email)
}

#[tokio::test]
async fn who_reads_german_is_written_to_in_german_by_mail_and_in_the_list() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = german(&kit, "de-AT").await;
    let bought = order(ada, vec![ticket("Ada", &email, "104"), ticket("Bob", "bob@example.net", "105")]);
    kit.hears(&bought).await;
    kit.hears(&rescheduled(&bought)).await;
    kit.hears(&refund(&bought, &bought.tickets)).await;
    while kit.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails(&email, 3).await;
    let mut subjects: Vec<_> = mails.iter().map(|mail| mail["subject"].as_str().unwrap()).collect();
    subjects.sort_unstable();
    assert_eq!(
        subjects,
        [
            "Ihre Tickets für Die Zauberflöte (Bestellung ODY-7F3K2M)",
            "Neuer Termin: Die Zauberflöte",
            "Sie bekommen Ihr Geld zurück: Die Zauberflöte (Bestellung ODY-7F3K2M)"
        ]
    );
    let all: String = mails.iter().map(|mail| mail["text"].as_str().unwrap()).collect();
    for part in [
        "Guten Tag Ada,",
        "Einlass 19:00 · Beginn 20:00 MEZ · Ende 23:00",
        "- Stalls left, Reihe 12, Platz 104 · Stalls, full price · Ada · 49,50 EUR · Code K7PM-104",
        "Bezahlt: 99,00 EUR",
        "Bisher: Samstag, 13. März 2027, 20:00 MEZ",
        "gehen 99,00 EUR auf demselben Weg an Sie zurück",
    ] {
        assert!(all.contains(part), "{part:?} is missing in:\n{all}");
    }
    let to_bob = mailbox.mails("bob@example.net", 1).await;
    assert!(
        to_bob
            .iter()
            .any(|mail| mail["text"].as_str().unwrap().contains("Ada hat ein Ticket für Sie gekauft.")),
        "who was bought a ticket reads the buyer's language: {to_bob:?}"
    );
    let list = kit.graph(Some(ada), "{ notifications(channel: IN_APP) { nodes { subject body } } }").await;
    let list = list["data"]["notifications"]["nodes"].to_string();
    assert!(
        list.contains("Ihre Tickets für Die Zauberflöte sind da") && list.contains("Von Ihrer Bestellung"),
        "{list}"
    );
}

#[tokio::test]
async fn who_reads_what_we_do_not_write_reads_english() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = german(&kit, "ja-JP").await;
    kit.hears(&order(ada, vec![ticket("Ada", &email, "104")])).await;
    while kit.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails(&email, 1).await;
    assert_eq!(mails[0]["subject"], "Your ticket for Die Zauberflöte (order ODY-7F3K2M)");
}
