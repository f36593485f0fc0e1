//! While this version is rolled out, replicas of the version before go on with purchases: they know `orders.progress` and
//! `orders.deadline`, and no table of sagas.

use contracts::purchase::{Outcome, PurchaseReply, PurchaseStep, Way};
use kernel::{OrderId, UserId};
use sea_orm::{ConnectionTrait as _, Statement};
use tickets::domain::entities::{Order, OrderStatus};

use crate::stage::{Payments, STALLS, Stage};

const FORWARD: &str = r#"{"state":"FORWARD","step":"TAKE_PAYMENT"}"#;

impl Stage {
    async fn waits_for_money(&self) -> Order {
        self.sells("Seat", &[STALLS]).await;
        let order = self.checks_out(&self.holds(UserId::new(), &[0]).await.unwrap()).await;
        self.carry(Payments::Wait).await;
        order
    }

    /// What the version before reads of a purchase.
    async fn read_by_the_version_before(&self, order: OrderId) -> (String, bool) {
        let statement = Statement::from_sql_and_values(
            self.database.reads.get_database_backend(),
            "SELECT progress, deadline FROM orders WHERE id = $1",
            [order.uuid().into()],
        );
        let row = self.database.reads.query_one_raw(statement).await.unwrap().unwrap();
        let deadline: Option<i64> = row.try_get("", "deadline").unwrap();
        (row.try_get("", "progress").unwrap(), deadline.is_some())
    }

    /// What the version before writes when a purchase has moved on.
    async fn written_by_the_version_before(
        &self,
        order: OrderId,
        progress: &str,
        deadline: Option<i64>,
        status: &str,
    ) {
        let statement = Statement::from_sql_and_values(
            self.database.writes.get_database_backend(),
            "UPDATE orders SET progress = $1, deadline = $2, status = $3, version = version + 1 WHERE id = $4",
            [progress.into(), deadline.into(), status.into(), order.uuid().into()],
        );
        assert_eq!(self.database.writes.execute_raw(statement).await.unwrap().rows_affected(), 1);
    }
}

#[tokio::test]
async fn the_version_before_reads_each_step_that_this_one_makes() {
    let stage = Stage::new().await;
    let order = stage.waits_for_money().await.state().id;
    assert_eq!(stage.read_by_the_version_before(order).await, (FORWARD.to_owned(), true));
    let paid = Outcome::Done;
    stage
        .hear(&PurchaseReply {
            order_id: order,
            step: PurchaseStep::TakePayment,
            way: Way::Do,
            outcome: paid,
        })
        .await;
    stage.carry(Payments::Pay).await;
    assert_eq!(stage.read_by_the_version_before(order).await, (r#"{"state":"BOUGHT"}"#.to_owned(), false));
}

#[tokio::test]
async fn this_version_goes_on_where_the_version_before_has_come_to() {
    let stage = Stage::new().await;
    let order = stage.waits_for_money().await;
    let id = order.state().id;
    // The version before has given the order up, and died before anybody answered.
    let back = r#"{"state":"BACKWARD","step":"TAKE_PAYMENT","why":"CANCELLED"}"#;
    stage.written_by_the_version_before(id, back, Some(1), "AWAITING_PAYMENT").await;
    stage.ticks().await;
    stage.carry(Payments::Wait).await;
    assert_eq!(stage.status(&order).await, OrderStatus::Cancelled);
    assert_eq!(
        stage.read_by_the_version_before(id).await,
        (r#"{"state":"UNDONE","why":"CANCELLED"}"#.to_owned(), false)
    );
    stage.assert_invariants().await;
}

#[tokio::test]
async fn what_the_version_before_has_ended_is_over_here_too() {
    let stage = Stage::new().await;
    let order = stage.waits_for_money().await.state().id;
    let undone = r#"{"state":"UNDONE","why":"SEATS_GONE"}"#;
    stage.written_by_the_version_before(order, undone, None, "REFUNDED").await;
    let until = stage.ticks().await;
    assert_eq!(until, std::time::Duration::MAX, "nothing of it is due");
    let late = Outcome::Done;
    stage
        .hear(&PurchaseReply {
            order_id: order,
            step: PurchaseStep::TakePayment,
            way: Way::Do,
            outcome: late,
        })
        .await;
    assert_eq!(stage.read_by_the_version_before(order).await, (undone.to_owned(), false));
}

#[tokio::test]
async fn an_order_that_the_version_before_places_is_a_saga_here() {
    let stage = Stage::new().await;
    let order = stage.waits_for_money().await.state().id;
    // Placed by the version before: the same row without what only this version writes.
    for statement in [
        "CREATE TABLE placed AS SELECT * FROM orders",
        "DELETE FROM order_steps",
        "DELETE FROM orders",
        "DELETE FROM sagas",
        "INSERT INTO orders (id, number, reservation_id, event_id, buyer_id, status, total, currency, quantity, attendees, \
         created_at, expires_at, progress, deadline, version, traceparent) SELECT id, number, reservation_id, event_id, \
         buyer_id, status, total, currency, quantity, attendees, created_at, expires_at, progress, deadline, version, \
         traceparent FROM placed",
    ] {
        stage.database.writes.execute_unprepared(statement).await.unwrap();
    }
    let paid = Outcome::Done;
    stage
        .hear(&PurchaseReply {
            order_id: order,
            step: PurchaseStep::TakePayment,
            way: Way::Do,
            outcome: paid,
        })
        .await;
    assert_eq!(stage.carry(Payments::Pay).await.len(), 1, "its confirmation is asked for");
    let view = stage.tickets.reads().order(order).await.unwrap().unwrap();
    assert_eq!(view.order.status, OrderStatus::Completed);
}
