//! Who waits for places is told when there are some, and when there will be none.

use chrono::TimeDelta;
use contracts::tickets::{OfferedPlaces, WaitlistEnd, WaitlistEnded, WaitlistOffered};
use kernel::{Clock as _, ReservationId, SystemClock, UserId, WaitlistEntryId};

use crate::kit::{Kit, Mailbox, at, order};

pub(crate) fn offered(buyer_id: UserId) -> WaitlistOffered {
    let event = order(buyer_id, Vec::new()).event;
    let place = |seat: &str| OfferedPlaces {
        ticket_type: "Stalls, full price".to_owned(),
        section: Some("Stalls left".to_owned()),
        row: Some("12".to_owned()),
        seat: Some(seat.to_owned()),
        quantity: 1,
    };
    WaitlistOffered {
        entry_id: WaitlistEntryId::new(),
        event_id: event.event_id,
        reservation_id: ReservationId::new(),
        buyer_id,
        total: kernel::Money::new(9900, event.currency),
        event,
        places: vec![place("104"), place("105")],
        quantity: 2,
        expires_at: SystemClock.now() + TimeDelta::hours(12),
        at: at("2027-01-01T00:00:00Z"),
    }
}

pub(crate) fn ended(of: &WaitlistOffered, how: WaitlistEnd) -> WaitlistEnded {
    WaitlistEnded {
        entry_id: of.entry_id,
        event_id: of.event_id,
        buyer_id: of.buyer_id,
        event: of.event.clone(),
        quantity: of.quantity,
        ticket_types: vec!["Stalls, full price".to_owned()],
        how,
        at: at("2027-01-01T00:00:00Z"),
    }
}

async fn subjects(kit: &Kit, mailbox: &Mailbox, to: &str, at_least: usize) -> Vec<String> {
    while kit.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails(to, at_least).await;
    mails.iter().map(|mail| mail["subject"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_offer_says_which_places_until_when_for_how_much_and_where_to_take_them() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    let offer = offered(ada);
    kit.hears(&offer).await;
    while kit.notifications.send_mails().await.unwrap() {}
    let mails = mailbox.mails(&email, 1).await;
    assert_eq!(mailbox.count().await, 1);
    let text = mails[0]["text"].as_str().unwrap();
    let link = format!("http://127.0.0.1:4000/events/{}", offer.event_id.public());
    for part in
        ["2 places for Die Zauberflöte", "row 12, seat 104", "for 99.00 EUR", "They are yours until", &link]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
    let mut late = offered(ada);
    late.expires_at = SystemClock.now() - TimeDelta::seconds(1);
    kit.hears(&late).await;
    assert_eq!(subjects(&kit, &mailbox, &email, 1).await.len(), 1, "an offer that is over is none");
}

#[tokio::test]
async fn who_waits_in_vain_is_told_and_who_ended_it_is_not() {
    let mailbox = Mailbox::open().await;
    let kit = Kit::new(mailbox.sandbox.smtp_port()).await;
    let (ada, email) = kit.account("Ada").await;
    for how in [WaitlistEnd::Bought, WaitlistEnd::Declined, WaitlistEnd::Left] {
        let offer = offered(ada);
        kit.hears(&offer).await;
        kit.hears(&ended(&offer, how)).await;
    }
    kit.hears(&ended(&offered(ada), WaitlistEnd::OfferExpired)).await;
    kit.hears(&ended(&offered(ada), WaitlistEnd::EventCancelled)).await;
    let mut told = subjects(&kit, &mailbox, &email, 2).await;
    told.sort();
    assert_eq!(
        told,
        [
            "The waiting list is closed: Die Zauberflöte",
            "Your time to take the places is over: Die Zauberflöte"
        ],
        "offers that were over before they were sent are taken back"
    );
}
