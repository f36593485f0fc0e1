//! Mails about an event look as its organization presents itself, and lead to where it answers.

use contracts::{
    settings::{Branding, OrganizationSettings, OrganizationSettingsChanged},
    tickets::OrderCalledOff,
    users::OrganizationChanged,
};
use kernel::{OrganizationId, UserId};
use serde_json::Value;

use crate::{
    kit::{Kit, Mailbox, at, event_changed, order, refund, ticket},
    samples::rescheduled,
};

const RED: &str = "#c8102e";

fn named(organization_id: OrganizationId, version: i64, name: &str) -> OrganizationChanged {
    OrganizationChanged { organization_id, version, slug: "bruecke".to_owned(), name: name.to_owned() }
}

fn branded(
    organization_id: OrganizationId,
    version: i64,
    colour: Option<&str>,
) -> OrganizationSettingsChanged {
    let branding = Branding {
        colour: colour.map(str::to_owned),
        website: Some("https://bruecke.example/?a=1&b=2".to_owned()),
        support_email: Some("help@bruecke.example".to_owned()),
    };
    let settings = OrganizationSettings { branding, ..OrganizationSettings::default() };
    OrganizationSettingsChanged { organization_id, version, settings }
}

fn header<'a>(mail: &'a Value, name: &str) -> Option<&'a str> {
    let headers = mail["headers"].as_array().unwrap();
    let found = headers.iter().find(|header| header[0].as_str().unwrap().eq_ignore_ascii_case(name))?;
    found[1].as_str()
}

fn text_of(mail: &Value) -> String {
    mail["text"].as_str().unwrap().replace("\r\n", "\n")
}

/// An order of Ada's, with a ticket for Bob, of an event of this organization.
async fn sold(
    kit: &Kit,
    (buyer, email): (UserId, &str),
    organization: OrganizationId,
) -> contracts::purchase::SendConfirmation {
    let order = order(buyer, vec![ticket("Ada", email, "104"), ticket("Bob", "bob@example.net", "105")]);
    let mut event = event_changed(order.event.event_id, 1, &order.event.title);
    event.event.organization_id = organization;
    kit.hears(&event).await;
    order
}

#[tokio::test]
async fn every_mail_about_an_event_has_the_colour_the_name_and_the_addresses_of_its_organization() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let organization = OrganizationId::new();
    kit.hears(&branded(organization, 2, Some(RED))).await;
    kit.hears(&branded(organization, 1, Some("#00ff00"))).await;
    kit.hears(&named(organization, 7, "Theater an der Brücke")).await;
    kit.hears(&named(organization, 6, "Old name")).await;
    let order = sold(&kit, (buyer, &email), organization).await;
    kit.hears(&order).await;
    kit.hears(&rescheduled(&order)).await;
    kit.hears(&refund(&order, &order.tickets[1..])).await;
    kit.hears(&OrderCalledOff {
        order_id: order.order_id,
        number: order.number.clone(),
        buyer_id: buyer,
        total: order.total,
        event: order.event.clone(),
        reason: None,
        holders: Vec::new(),
        at: at("2027-01-01T00:00:00Z"),
    })
    .await;
    while kit.notifications.send_mails().await.unwrap() {}
    let mut mails = mailbox.mails(&email, 4).await;
    mails.extend(mailbox.mails("bob@example.net", 3).await);
    for mail in mails {
        let (subject, html, text) = (&mail["subject"], mail["html"].as_str().unwrap(), text_of(&mail));
        assert!(html.contains(&format!("background-color:{RED}")), "{subject}: {html}");
        assert!(!html.contains("#b3341f") && !html.contains("#00ff00"), "{subject}: {html}");
        for part in [
            "Theater an der Brücke",
            "href=\"https://bruecke.example/?a=1&amp;b=2\"",
            "href=\"mailto:help@bruecke.example\"",
            "Sent by Odysseus",
        ] {
            assert!(html.contains(part), "{subject}: {part:?} is missing in {html}");
        }
        let signed = "\n\nTheater an der Brücke\nhttps://bruecke.example/?a=1&b=2\n\
                      Questions? Write to help@bruecke.example\n\nOdysseus\n";
        assert!(text.contains(signed), "{subject}: {text}");
        let answers = header(&mail, "Reply-To").unwrap();
        assert!(answers.contains("<help@bruecke.example>"), "{subject}: {answers}");
        assert!(header(&mail, "From").unwrap().contains("tickets@odysseus.test"));
    }
}

#[tokio::test]
async fn who_has_set_nothing_has_mails_that_look_as_ever() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let organization = OrganizationId::new();
    kit.hears(&named(organization, 1, "Theater am Fluss")).await;
    let settings = OrganizationSettings { payout_delay_days: 3, ..OrganizationSettings::default() };
    kit.hears(&OrganizationSettingsChanged { organization_id: organization, version: 1, settings }).await;
    kit.hears(&sold(&kit, (buyer, &email), organization).await).await;
    kit.notifications.send_mails().await.unwrap();
    let mail = mailbox.mails(&email, 1).await.remove(0);
    let html = mail["html"].as_str().unwrap();
    assert!(html.contains("background-color:#17202b") && !html.contains("Theater am Fluss"), "{html}");
    assert_eq!(header(&mail, "Reply-To"), None);
    assert!(text_of(&mail).ends_with(&format!("\n\nOdysseus\n{}\n", kit.config.public_url)));
}

#[tokio::test]
async fn a_mail_looks_as_the_organization_did_when_it_was_written_and_forgets_it_when_it_is_sent() {
    use sea_orm::{ConnectionTrait, Statement};
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (buyer, email) = kit.account("Ada").await;
    let organization = OrganizationId::new();
    kit.hears(&branded(organization, 1, Some(RED))).await;
    kit.hears(&sold(&kit, (buyer, &email), organization).await).await;
    kit.hears(&branded(organization, 2, None)).await;
    kit.notifications.send_mails().await.unwrap();
    let mail = mailbox.mails(&email, 1).await.remove(0);
    assert!(mail["html"].as_str().unwrap().contains(RED), "sent again it is the same mail");
    let reads = &kit.database.reads;
    let kept = "SELECT CAST(COUNT(*) AS BIGINT) AS n FROM notifications WHERE letter IS NOT NULL";
    let row = reads.query_one_raw(Statement::from_string(reads.get_database_backend(), kept)).await;
    assert_eq!(row.unwrap().unwrap().try_get::<i64>("", "n").unwrap(), 0);
}

#[tokio::test]
async fn an_event_that_was_kept_before_it_was_known_whose_it_is_learns_it_when_it_is_told_again() {
    use sea_orm::{ConnectionTrait, Statement};
    let kit = Kit::new(9).await;
    let event = event_changed(kernel::EventId::new(), 4, "Die Zauberflöte");
    kit.hears(&event).await;
    let forget = "UPDATE events SET organization_id = NULL, timezone = NULL";
    kit.database.writes.execute_unprepared(forget).await.unwrap();
    kit.hears(&event).await;
    let reads = &kit.database.reads;
    let query = "SELECT timezone FROM events WHERE organization_id IS NOT NULL";
    let row = reads.query_one_raw(Statement::from_string(reads.get_database_backend(), query)).await;
    let zone: String = row.unwrap().expect("whose it is").try_get("", "timezone").unwrap();
    assert_eq!(zone, "Europe/Vienna");
}
