//! What an operator wants to know about purchases.

use kernel::Fault;
use metrics::gauge;
use service::database::now_millis;

use super::{
    reads::SeaReads,
    sql::{Row, all},
};
use crate::domain::purchase_saga::Progress;

/// Where a purchase can stand.
const STEPS: [&str; 6] =
    ["SECURE_SEATS", "TAKE_PAYMENT", "ISSUE_TICKETS", "SEND_CONFIRMATION", "RELEASE_SEATS", "RETURN_PAYMENT"];

impl SeaReads {
    /// Tells how many purchases stand where, and how old the oldest of them are. Every replica tells the same.
    pub(crate) async fn measure_purchases(&self) -> Result<(), Fault> {
        let now = now_millis(self.database.reads.get_database_backend());
        let sql = format!(
            "SELECT progress, CAST(COUNT(*) AS BIGINT) AS n, CAST({now} - MIN(created_at) AS BIGINT) AS age \
             FROM orders WHERE deadline IS NOT NULL GROUP BY progress"
        );
        let read = |row: &Row| Ok((row.json::<Progress>("progress")?, row.sum("n")?, row.get::<i64>("age")?));
        let standing = all(&self.database.reads, "measuring purchases", sql, [], read).await?;
        for step in STEPS {
            let at_it = || standing.iter().filter(|(progress, ..)| step_of(*progress) == Some(step));
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
