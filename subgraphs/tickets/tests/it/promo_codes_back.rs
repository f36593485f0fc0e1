//! A promo code comes back with what ends without tickets, and with nothing else.

use contracts::{
    events::{EventChange, EventStatus},
    purchase::{Outcome, PurchaseReply, PurchaseStep, Way},
};
use kernel::{Refusal, TicketTypeId, UserId};
use sea_orm::ConnectionTrait as _;
use tickets::{
    Config,
    domain::{
        entities::{Order, OrderStatus, PromoCode, Reservation},
        use_cases::CreatePromoCode,
    },
};

use crate::{
    promo_codes::refusal,
    stage::{FLOOR, Payments, Stage},
};

/// One code for one redemption, which somebody has; others try to have it.
struct Last {
    stage: Stage,
    floor: TicketTypeId,
    code: PromoCode,
    reservation: Reservation,
}

impl Last {
    async fn new(config: Config) -> Self {
        let stage = Stage::with(config).await;
        let floor = stage.sells("Standing", &[FLOOR]).await;
        let code = stage.gives(CreatePromoCode { max_redemptions: Some(1), ..stage.half_off("LAST") }).await;
        let mut last = Self { reservation: Self::hold(&stage, floor).await, stage, floor, code };
        last.reservation = last.stage.applies(&last.reservation, "LAST").await.unwrap();
        last.is_taken().await;
        last
    }

    async fn hold(stage: &Stage, floor: TicketTypeId) -> Reservation {
        stage.tickets.hold_seats(stage.standing(UserId::new(), floor, 1)).await.unwrap()
    }

    async fn somebody_tries(&self) -> kernel::Result<Reservation> {
        self.stage.applies(&Self::hold(&self.stage, self.floor).await, "LAST").await
    }

    async fn is_taken(&self) -> Refusal {
        assert_eq!(self.stage.redemptions(&self.code).await, 1);
        let refusal = refusal(self.somebody_tries().await);
        assert_eq!(refusal.reason, "PROMO_CODE_USED_UP");
        refusal
    }

    async fn is_free(&self) {
        assert_eq!(self.stage.redemptions(&self.code).await, 0);
        self.somebody_tries().await.unwrap();
    }

    /// The time of the reservation is over.
    async fn lapses(&self) {
        let lapse = "UPDATE reservations SET expires_at = 1 WHERE promo_code_id IS NOT NULL";
        self.stage.database.writes.execute_unprepared(lapse).await.unwrap();
    }

    async fn checks_out(&self) -> Order {
        let order = self.stage.checks_out(&self.reservation).await;
        self.stage.carry(Payments::Wait).await;
        self.is_taken().await;
        order
    }
}

#[tokio::test]
async fn a_code_comes_back_with_a_reservation_that_is_released() {
    let last = Last::new(Config::default()).await;
    let (id, buyer) = (last.reservation.state().id, last.reservation.state().buyer);
    last.stage.tickets.release_reservation(id, buyer).await.unwrap();
    last.is_free().await;
}

#[tokio::test]
async fn a_code_comes_back_when_the_time_is_over_tidied_up_or_not() {
    for sweeps in [false, true] {
        let last = Last::new(Config::default()).await;
        last.lapses().await;
        if sweeps {
            last.stage.tickets.tidy_up().await.unwrap();
        }
        last.is_free().await;
        last.stage.assert_invariants().await;
    }
}

#[tokio::test]
async fn a_code_comes_back_with_an_order_that_is_cancelled_and_not_before() {
    let last = Last::new(Config::default()).await;
    let order = last.checks_out().await;
    last.stage.tickets.cancel_order(order.state().id, order.state().buyer).await.unwrap();
    last.is_taken().await; // its payment may have come
    last.stage.carry(Payments::Wait).await;
    assert_eq!(last.stage.status(&order).await, OrderStatus::Cancelled);
    last.is_free().await;
}

#[tokio::test]
async fn an_order_that_may_still_be_paid_keeps_its_code_after_its_places_have_run_out() {
    let last = Last::new(Config::default()).await;
    let order = last.checks_out().await;
    last.lapses().await;
    last.stage.tickets.tidy_up().await.unwrap();
    let refusal = last.is_taken().await;
    assert!(!refusal.details.contains_key("retryAfterSeconds"), "nobody knows when: {refusal:?}");
    let (order_id, outcome) = (order.state().id, Outcome::Done);
    let paid = PurchaseReply { order_id, step: PurchaseStep::TakePayment, way: Way::Do, outcome };
    last.stage.hear(&paid).await;
    last.stage.carry(Payments::Pay).await;
    assert_eq!(last.stage.status(&order).await, OrderStatus::Completed);
    last.is_taken().await;
}

#[tokio::test]
async fn a_code_comes_back_with_an_order_that_is_refunded_because_it_gets_no_tickets() {
    let last = Last::new(Config::default()).await;
    let order = last.checks_out().await;
    last.stage.hear(&last.stage.event_changed(2, EventChange::Cancelled, EventStatus::Cancelled)).await;
    let (order_id, outcome) = (order.state().id, Outcome::Done);
    let paid = PurchaseReply { order_id, step: PurchaseStep::TakePayment, way: Way::Do, outcome };
    last.stage.hear(&paid).await;
    last.stage.carry(Payments::Pay).await;
    assert_eq!(last.stage.status(&order).await, OrderStatus::Refunded);
    assert_eq!(last.stage.redemptions(&last.code).await, 0);
}

#[tokio::test]
async fn a_code_stays_with_an_order_whose_tickets_go_back_later() {
    let last = Last::new(Config::default()).await;
    let order = last.checks_out().await;
    let (order_id, outcome) = (order.state().id, Outcome::Done);
    let paid = PurchaseReply { order_id, step: PurchaseStep::TakePayment, way: Way::Do, outcome };
    last.stage.hear(&paid).await;
    last.stage.carry(Payments::Pay).await;
    last.stage.database.writes.execute_unprepared("UPDATE orders SET status = 'REFUNDED'").await.unwrap();
    last.is_taken().await;
}
