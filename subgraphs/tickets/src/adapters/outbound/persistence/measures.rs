//! What an operator wants to know about purchases.

use kernel::Fault;
use metrics::gauge;
use service::database::now_millis;

use super::{
    reads::SeaReads,
    sql::{Row, all},
};
use crate::domain::purchase_saga::Progress;

/// The step of purchases of which cannot be read where they stand.
const UNREADABLE: &str = "UNREADABLE";
/// Where a purchase can stand.
const STEPS: [&str; 7] = [
    "SECURE_SEATS",
    "TAKE_PAYMENT",
    "ISSUE_TICKETS",
    "SEND_CONFIRMATION",
    "RELEASE_SEATS",
    "RETURN_PAYMENT",
    UNREADABLE,
];

impl SeaReads {
    /// Tells how many purchases stand where, and how old the oldest of them are. Every replica tells the same. Those of
    /// which that cannot be read are counted as a step of their own.
    pub(crate) async fn measure_purchases(&self) -> Result<(), Fault> {
        let now = now_millis(self.database.reads.get_database_backend());
        let sql = format!(
            "SELECT progress, CAST(COUNT(*) AS BIGINT) AS n, CAST({now} - MIN(created_at) AS BIGINT) AS age \
             FROM orders WHERE deadline IS NOT NULL GROUP BY progress"
        );
        let read = |row: &Row| {
            let step = row.json::<Progress>("progress").map_or_else(
                |fault| {
                    tracing::error!(error = fault.chain(), "where a purchase stands cannot be read");
                    Some(UNREADABLE)
                },
                step_of,
            );
            Ok((step, row.sum("n")?, row.get::<i64>("age")?))
        };
        let standing = all(&self.database.reads, "measuring purchases", sql, [], read).await?;
        for step in STEPS {
            let at_it = || standing.iter().filter(|(stands, ..)| *stands == Some(step));
            let count: u64 = at_it().map(|(_, count, _)| count).sum();
            let oldest = at_it().map(|(.., age)| *age).max().unwrap_or(0).max(0);
            #[expect(clippy::cast_precision_loss, reason = "counts and milliseconds stay far below 2^52")]
            let (count, oldest) = (count as f64, oldest as f64 / 1000.0);
            gauge!("purchases_unfinished", "step" => step).set(count);
            gauge!("purchase_oldest_seconds", "step" => step).set(oldest);
        }
        Ok(())
    }
}

fn step_of(progress: Progress) -> Option<&'static str> {
    use contracts::purchase::PurchaseStep::{IssueTickets, SecureSeats, SendConfirmation, TakePayment};
    Some(match progress {
        Progress::Forward { step: SecureSeats } => "SECURE_SEATS",
        Progress::Forward { step: TakePayment } => "TAKE_PAYMENT",
        Progress::Forward { step: IssueTickets } | Progress::Backward { step: IssueTickets, .. } => {
            "ISSUE_TICKETS"
        }
        Progress::Forward { step: SendConfirmation } | Progress::Backward { step: SendConfirmation, .. } => {
            "SEND_CONFIRMATION"
        }
        Progress::Backward { step: SecureSeats, .. } => "RELEASE_SEATS",
        Progress::Backward { step: TakePayment, .. } => "RETURN_PAYMENT",
        Progress::Bought | Progress::Undone { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use tickets_migration::Migrator;

    use super::*;
    use crate::adapters::outbound::persistence::Houses;

    #[tokio::test]
    async fn an_order_that_cannot_be_read_is_counted_and_hides_no_other() {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let shown = recorder.handle();
        let own = testbed::own_database::<Migrator>("measures").await;
        let waits = r#"{"state":"FORWARD","step":"TAKE_PAYMENT"}"#;
        for (number, progress) in (1..).zip(["nonsense", waits, waits]) {
            let id = format!("00000000-0000-0000-0000-00000000000{number}");
            let event = kernel::EventId::new();
            for sql in [
                format!(
                    "INSERT INTO reservations (id, event_id, buyer_id, status, holding, expires_at, created_at, claims) \
                     VALUES ($1, '{event}', '{event}', 'CHECKED_OUT', TRUE, 1, 1, '[]')"
                ),
                format!(
                    "INSERT INTO orders (id, number, reservation_id, event_id, buyer_id, status, total, currency, quantity, \
                     attendees, created_at, expires_at, progress, deadline, version) VALUES ($1, 'ODY-{number}', $1, \
                     '{event}', '{event}', 'AWAITING_PAYMENT', 1000, 'EUR', 1, '[]', 1, 1, '{progress}', 1, 1)"
                ),
            ] {
                let id: uuid::Uuid = id.parse().expect("it is an id");
                let made =
                    super::super::sql::execute(&own.database.writes, "setting up", sql, [id.into()]).await;
                assert_eq!(made.expect("it is kept"), 1);
            }
        }
        let reads = SeaReads::new(own.database.clone(), Houses::default());
        let metrics = metrics::set_default_local_recorder(&recorder);
        reads.measure_purchases().await.expect("the others are measured");
        drop(metrics);
        let shown = shown.render();
        assert!(shown.contains(r#"purchases_unfinished{step="TAKE_PAYMENT"} 2"#), "{shown}");
        assert!(shown.contains(r#"purchases_unfinished{step="UNREADABLE"} 1"#), "{shown}");
    }
}
