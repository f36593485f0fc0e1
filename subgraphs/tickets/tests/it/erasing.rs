//! People whose accounts are erased are forgotten once nothing of theirs is under way; who goes in is known until it is over.

use chrono::{DateTime, TimeDelta, Utc};
use contracts::{
    Contract,
    erasure::{ErasureReply, ForgetBuyer},
    payments::RefundPayment,
    saga::{Asked, Outcome, Way},
};
use kernel::{Id, SagaId, UserId};
use sea_orm::ConnectionTrait as _;
use tickets::domain::{
    entities::{OrderStatus, ReservationStatus, WaitlistStatus},
    use_cases::RefundOrder,
};

use crate::{
    contacts::erased,
    handing_on::{Bought, account, heard},
    stage::{Payments, STALLS, Stage, now},
};

fn forget(buyer: UserId, version: i64) -> ForgetBuyer {
    let (kind, step) = ("erasure".to_owned(), "FORGET_BUYER".to_owned());
    let asked = Asked { saga_id: SagaId::from_uuid(buyer.uuid()), kind, step, way: Way::Do };
    ForgetBuyer { asked, account: erased(buyer, version) }
}

/// Asks, as users do; how often that was answered.
async fn asks(stage: &Stage, buyer: UserId) -> usize {
    stage.waiting().await;
    stage.hear(&forget(buyer, 3)).await;
    let replies: Vec<ErasureReply> = heard(&stage.waiting().await);
    assert!(replies.iter().all(|reply| reply.0 == forget(buyer, 3).asked.answer(Outcome::Done)));
    replies.len()
}

impl Bought {
    /// How many tickets of the buyer name somebody.
    async fn named(&self) -> i64 {
        self.counts("tickets WHERE holder_name <> '' OR holder_email <> ''").await
    }

    async fn changes(&self, sql: &str) {
        self.stage.database.writes.execute_unprepared(sql).await.unwrap();
    }

    async fn event_ends(&self, at: DateTime<Utc>) {
        self.changes(&format!("UPDATE events SET ends_at = {}", at.timestamp_millis())).await;
    }

    async fn forgets_names(&self) {
        while self.stage.tickets.forget_who_went_in().await.unwrap() {}
    }
}

#[tokio::test]
async fn who_bought_is_forgotten_and_answered_once_however_often_it_is_asked() {
    let bought = Bought::new().await;
    bought.stage.hear(&account(bought.buyer, 1, "ada@example.org", true)).await;
    assert_eq!(asks(&bought.stage, bought.buyer).await, 1, "delivered twice, answered once");
    assert_eq!(asks(&bought.stage, bought.buyer).await, 1, "asked again, answered again");
    for kept in [
        "orders WHERE contact IS NOT NULL OR attendees <> '[]'",
        "contacts WHERE contact IS NOT NULL",
        "addresses",
    ] {
        assert_eq!(bought.counts(kept).await, 0, "{kept}");
    }
    assert_eq!(bought.stage.status(&bought.order).await, OrderStatus::Completed, "what was sold is sold");
}

#[tokio::test]
async fn an_ask_that_comes_before_the_account_was_heard_of_forgets_what_comes_later() {
    let bought = Bought::new().await;
    assert_eq!(asks(&bought.stage, bought.buyer).await, 1);
    bought.stage.hear(&account(bought.buyer, 1, "ada@example.org", true)).await;
    bought.stage.hear(&account(bought.buyer, 2, "ada@example.org", true)).await;
    assert_eq!(bought.counts("contacts WHERE contact IS NOT NULL").await, 0);
    assert_eq!(bought.counts("orders WHERE contact IS NOT NULL").await, 0);
    assert_eq!(bought.counts("addresses").await, 0);
}

#[tokio::test]
async fn nothing_is_answered_while_an_order_is_being_paid_and_its_buyer_can_be_reached() {
    let bought = Bought::new().await;
    let (stage, buyer) = (&bought.stage, bought.buyer);
    stage.hear(&account(buyer, 1, "ada@example.org", true)).await;
    let open = stage.checks_out(&stage.holds(buyer, &[4]).await.unwrap()).await;
    let waiting = stage.waiting().await;
    stage.hear(&forget(buyer, 3)).await;
    assert!(heard::<ErasureReply>(&stage.waiting().await).is_empty());
    assert_eq!(bought.counts("orders WHERE contact IS NOT NULL").await, 2);
    for message in waiting {
        stage.deliver(&message).await.unwrap();
        stage.answers(&message, Payments::Pay).await;
    }
    stage.carry(Payments::Pay).await;
    assert_eq!(stage.status(&open).await, OrderStatus::Completed, "it is paid, and its tickets are mailed");
    assert_eq!(asks(stage, buyer).await, 1);
    assert_eq!(bought.counts("orders WHERE contact IS NOT NULL").await, 0);
}

#[tokio::test]
async fn nothing_is_answered_while_money_goes_back() {
    let bought = Bought::new().await;
    let (stage, buyer) = (&bought.stage, bought.buyer);
    let ask = RefundOrder {
        by: stage.organizer,
        order: bought.order.state().id,
        tickets: None,
        reason: None,
        keep_places_back: false,
        idempotency_key: Id::<()>::new().to_string(),
    };
    stage.tickets.refund_order(ask).await.unwrap();
    let asked: Vec<RefundPayment> = heard(&stage.waiting().await);
    assert_eq!(asks(stage, buyer).await, 0);
    stage.hear(&asked[0].asked.answer(Outcome::Done)).await;
    assert_eq!(asks(stage, buyer).await, 1);
    assert_eq!(stage.status(&bought.order).await, OrderStatus::Refunded);
    assert_eq!(bought.named().await, 0, "tickets that went back admit nobody");
}

#[tokio::test]
async fn what_was_set_aside_is_let_go_and_nobody_waits_for_anything() {
    let stage = Stage::new().await;
    let seat = stage.sells("Seat", &[STALLS]).await;
    let buyer = UserId::new();
    let mine = stage.holds(buyer, &[0, 1]).await.unwrap();
    for seat in 2..crate::stage::SEATS {
        stage.holds(UserId::new(), &[seat]).await.unwrap();
    }
    let entry = stage.tickets.join_waitlist(stage.joins(buyer, &[seat], 1)).await.unwrap();
    assert_eq!(asks(&stage, buyer).await, 1);
    let found = stage.tickets.reads().reservations(&[mine.state().id]).await.unwrap().remove(0);
    assert_eq!(found.state().status, ReservationStatus::Released);
    assert_eq!(stage.stands(&entry).await, WaitlistStatus::Left);
    assert_eq!(stage.free().await.0, 2, "they can be had at once");
    stage.assert_invariants().await;
}

#[tokio::test]
async fn who_goes_in_is_known_until_the_event_is_over_also_when_it_is_moved() {
    let bought = Bought::new().await;
    assert_eq!(asks(&bought.stage, bought.buyer).await, 1);
    bought.forgets_names().await;
    assert_eq!(bought.named().await, 2, "the door reads them");
    let code = bought.tickets().await[1].code.clone();
    assert_eq!(bought.scans(&code, "North").await.outcome.name(), "ADMITTED");

    bought.event_ends(now() + TimeDelta::hours(1)).await;
    bought.stage.hear(&erased(bought.buyer, 3)).await;
    assert_eq!(bought.named().await, 1, "a ticket that is used up is no longer read");
    // It was to be over by now when it was noted, and is not.
    let is_due = "UPDATE names_to_forget SET look_at = 1";
    bought.changes(is_due).await;
    bought.forgets_names().await;
    assert_eq!((bought.named().await, bought.counts("names_to_forget WHERE look_at > 1").await), (1, 1));

    bought.event_ends(now() - TimeDelta::hours(1)).await;
    bought.changes(is_due).await;
    bought.forgets_names().await;
    assert_eq!((bought.named().await, bought.counts("names_to_forget").await), (0, 0));
}

#[tokio::test]
async fn of_an_event_that_is_over_no_names_are_left_at_once_and_others_keep_theirs() {
    let bought = Bought::new().await;
    bought.stage.checks_out(&bought.stage.holds(UserId::new(), &[5]).await.unwrap()).await;
    bought.stage.carry(Payments::Pay).await;
    bought.event_ends(now() - TimeDelta::hours(1)).await;
    assert_eq!(asks(&bought.stage, bought.buyer).await, 1);
    assert_eq!((bought.named().await, bought.counts("names_to_forget").await), (1, 0));
    assert_eq!(bought.counts("orders WHERE attendees = '[]'").await, 1);
}

#[tokio::test]
async fn what_a_version_before_tells_of_an_erased_account_still_counts() {
    let bought = Bought::new().await;
    bought.stage.hear(&account(bought.buyer, 1, "ada@example.org", true)).await;
    bought.stage.hear(&erased(bought.buyer, 2)).await;
    assert_eq!(bought.counts("orders WHERE contact IS NOT NULL OR attendees <> '[]'").await, 0);
    assert_eq!(bought.counts("names_to_forget").await, 1);
    assert_eq!(ForgetBuyer::SUBJECT, "odysseus.ask.tickets.forget_buyer.v1");
}
