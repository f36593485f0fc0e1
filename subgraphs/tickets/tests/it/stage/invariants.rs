//! What holds whatever was done.

use sea_orm::{ConnectionTrait, Statement};

use super::Stage;

impl Stage {
    /// No seat has two owners, and every counter says what the rows say.
    pub(crate) async fn assert_invariants(&self) {
        let broken = [
            (
                "a seat with two tickets",
                "SELECT COUNT(*) FROM (SELECT seat FROM tickets WHERE seat IS NOT NULL AND status IN ('VALID', 'CHECKED_IN') GROUP BY event_id, seat HAVING COUNT(*) > 1) AS twice",
            ),
            (
                "a counter of held seats that lies",
                "SELECT COUNT(*) FROM sections s WHERE key = 'STALLS' AND held <> (SELECT COUNT(*) FROM seats WHERE event_id = s.event_id AND status = 1)",
            ),
            (
                "a counter of sold seats that lies",
                "SELECT COUNT(*) FROM sections s WHERE key = 'STALLS' AND sold <> (SELECT COUNT(*) FROM seats WHERE event_id = s.event_id AND status = 2)",
            ),
            (
                "sold places without tickets",
                "SELECT COUNT(*) FROM sections s WHERE sold <> (SELECT COUNT(*) FROM tickets t WHERE t.event_id = s.event_id AND t.section = s.key AND NOT (t.status = 'REFUNDED' AND t.refund_id IS NOT NULL))",
            ),
            (
                "types that lie about their sections",
                "SELECT COUNT(*) FROM events e WHERE (SELECT COALESCE(SUM(held + sold), 0) FROM ticket_types WHERE event_id = e.id) <> (SELECT COALESCE(SUM(held + sold), 0) FROM sections WHERE event_id = e.id)",
            ),
            (
                "tiers that lie about their types",
                "SELECT COUNT(*) FROM ticket_types t WHERE held + sold <> (SELECT SUM(taken) FROM price_tiers WHERE ticket_type_id = t.id)",
            ),
            (
                "a ticket that was passed on and is still there",
                "SELECT COUNT(*) FROM tickets t JOIN ticket_transfers p ON p.replaced_id = t.id",
            ),
            (
                "a transfer that nobody remembers",
                "SELECT COUNT(*) FROM tickets t WHERE t.transfers <> (SELECT COUNT(*) FROM ticket_transfers p WHERE p.order_id = t.order_id AND p.position = t.position)",
            ),
            (
                "a ticket that is nobody's",
                "SELECT COUNT(*) FROM tickets WHERE (owner_id IS NULL) = (owner_address IS NULL)",
            ),
            (
                "a held seat without reservation",
                "SELECT COUNT(*) FROM seats s WHERE status = 1 AND NOT EXISTS (SELECT 1 FROM reservations r WHERE r.id = s.holder AND r.holding)",
            ),
        ];
        let backend = self.database.writes.get_database_backend();
        for (what, sql) in broken {
            let sql = sql.replacen("SELECT COUNT(*)", "SELECT CAST(COUNT(*) AS BIGINT) AS n", 1);
            let row = self
                .database
                .writes
                .query_one_raw(Statement::from_string(backend, sql))
                .await
                .unwrap()
                .unwrap();
            assert_eq!(row.try_get::<i64>("", "n").unwrap(), 0, "{what}");
        }
    }
}
