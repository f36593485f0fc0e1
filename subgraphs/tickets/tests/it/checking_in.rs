//! At the door.

use chrono::TimeDelta;
use contracts::events::{EventChange, EventStatus};
use kernel::{EventId, UserId};
use tickets::{
    Config,
    domain::{
        entities::CheckIn,
        use_cases::{CheckInAnswer, CheckInAsk},
    },
};

use crate::stage::{Payments, STALLS, Stage, code};

async fn with_ticket() -> (Stage, String) {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    let confirmations = stage.carry(Payments::Pay).await;
    let payload = confirmations[0].tickets[0].qr_payload.clone();
    (stage, payload)
}

fn scan(stage: &Stage, code: &str, gate: &str, nonce: Option<&str>) -> CheckInAsk {
    CheckInAsk {
        by: stage.organizer,
        event: stage.event,
        code: code.to_owned(),
        gate: Some(gate.to_owned()),
        nonce: nonce.map(ToOwned::to_owned),
    }
}

async fn outcome(stage: &Stage, ask: CheckInAsk) -> CheckInAnswer {
    stage.tickets.check_in(ask).await.unwrap()
}

#[tokio::test]
async fn a_ticket_admits_once_and_the_second_scan_says_when_and_where() {
    let (stage, payload) = with_ticket().await;
    let first = outcome(&stage, scan(&stage, &payload, "North", None)).await;
    assert_eq!(first.outcome, CheckIn::Admitted);
    let second = outcome(&stage, scan(&stage, &payload, "South", None)).await;
    let at = first.at.unwrap();
    assert_eq!(second.outcome, CheckIn::Already { at, gate: Some("North".to_owned()) });
}

#[tokio::test]
async fn of_two_gates_that_scan_at_the_same_moment_one_admits() {
    let (stage, payload) = with_ticket().await;
    let scans = (0..8).map(|gate| outcome(&stage, scan(&stage, &payload, &format!("Gate {gate}"), None)));
    let answers = futures::future::join_all(scans).await;
    assert_eq!(answers.iter().filter(|answer| answer.outcome == CheckIn::Admitted).count(), 1);
}

#[tokio::test]
async fn the_same_scan_sent_again_is_still_admitted() {
    let (stage, payload) = with_ticket().await;
    for _ in 0..3 {
        let answer = outcome(&stage, scan(&stage, &payload, "North", Some("scan-1"))).await;
        assert_eq!(answer.outcome, CheckIn::Admitted);
    }
    let other = outcome(&stage, scan(&stage, &payload, "North", Some("scan-2"))).await;
    assert!(matches!(other.outcome, CheckIn::Already { .. }));
}

#[tokio::test]
async fn what_we_did_not_sign_is_invalid_and_another_events_ticket_is_told_apart() {
    let (stage, payload) = with_ticket().await;
    let forged = payload.replace(&payload[20..24], "AAAA");
    for text in ["", "ODY1.", "hello", &forged] {
        assert_eq!(
            outcome(&stage, scan(&stage, text, "North", None)).await.outcome,
            CheckIn::Invalid,
            "{text}"
        );
    }
    let (other, foreign) = with_ticket().await;
    assert_eq!(outcome(&stage, scan(&stage, &foreign, "North", None)).await.outcome, CheckIn::Invalid);
    drop(other);
}

#[tokio::test]
async fn the_short_code_and_the_orders_number_admit_where_no_scanner_works() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let order = stage.checks_out(&stage.holds(UserId::new(), &[0, 1]).await.unwrap()).await;
    stage.carry(Payments::Pay).await;
    let tickets = stage.tickets.reads().tickets_of(order.state().id).await.unwrap();
    let said = tickets[0].code.to_lowercase();
    let said = format!("{} {}", &said[..5], &said[5..]);
    let first = outcome(&stage, scan(&stage, &said, "North", None)).await;
    assert_eq!(first.outcome, CheckIn::Admitted);
    assert_eq!(first.ticket.unwrap().id, tickets[0].id);
    let number = &order.state().number;
    let second = outcome(&stage, scan(&stage, number, "North", None)).await;
    assert_eq!(second.outcome, CheckIn::Admitted);
    assert_eq!(second.ticket.unwrap().id, tickets[1].id);
    let third = outcome(&stage, scan(&stage, number, "North", None)).await;
    assert!(matches!(third.outcome, CheckIn::Already { .. }), "everybody of the order is in");
}

#[tokio::test]
async fn nobody_goes_in_where_the_event_was_called_off() {
    let (stage, payload) = with_ticket().await;
    stage.hear(&stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    let answer = outcome(&stage, scan(&stage, &payload, "North", None)).await;
    assert_eq!((answer.outcome.name(), answer.ticket.is_none()), ("VOID", true));
    assert!(answer.message().contains("called off"));
}

#[tokio::test]
async fn only_the_organizations_members_scan() {
    let (stage, payload) = with_ticket().await;
    let mut ask = scan(&stage, &payload, "North", None);
    ask.by = UserId::new();
    assert_eq!(code(stage.tickets.check_in(ask.clone()).await), "FORBIDDEN");
    ask.event = EventId::new();
    assert_eq!(code(stage.tickets.check_in(ask).await), "NOT_FOUND");
}

#[tokio::test]
async fn a_scan_by_the_orders_number_that_is_sent_again_admits_nobody_else() {
    let stage = Stage::new().await;
    stage.sells("Seat", &[STALLS]).await;
    let order = stage.checks_out(&stage.holds(UserId::new(), &[0, 1]).await.unwrap()).await;
    stage.carry(Payments::Pay).await;
    let number = order.state().number.as_str();
    let admitted = async |nonce| {
        let answer = outcome(&stage, scan(&stage, number, "North", Some(nonce))).await;
        assert_eq!(answer.outcome, CheckIn::Admitted);
        answer.ticket.unwrap().id
    };
    let first = admitted("scan-1").await;
    assert_eq!(admitted("scan-1").await, first, "the answer was lost, and is given again");
    assert_ne!(admitted("scan-2").await, first);
    let third = outcome(&stage, scan(&stage, number, "North", Some("scan-3"))).await;
    assert!(matches!(third.outcome, CheckIn::Already { .. }));
}

#[tokio::test]
async fn the_door_reads_times_by_its_own_clock() {
    let stage = Stage::empty(Config::default()).await;
    stage.hear(&stage.layout_defined()).await;
    let mut told = stage.event_changed(1, EventChange::Published, EventStatus::Published);
    told.event.timezone = "Asia/Tokyo".parse().unwrap();
    stage.hear(&told).await;
    stage.sells("Seat", &[STALLS]).await;
    stage.checks_out(&stage.holds(UserId::new(), &[0]).await.unwrap()).await;
    let payload = stage.carry(Payments::Pay).await[0].tickets[0].qr_payload.clone();
    outcome(&stage, scan(&stage, &payload, "North", None)).await;
    let again = outcome(&stage, scan(&stage, &payload, "South", None)).await;
    let (at, message) = (again.at.unwrap() + TimeDelta::hours(9), again.message());
    assert!(message.starts_with("Already checked in at North: "), "{message}");
    assert!(message.ends_with(&at.format("%-d %B %Y, %H:%M JST.").to_string()), "{message}");
}
