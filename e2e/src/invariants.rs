//! What must hold of what a platform keeps, once it is at rest.

use std::{collections::BTreeMap, time::Duration};

use sea_orm::QueryResult;
use serde_json::Value;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use crate::{Store, Stores, store::whole};

/// How long the platform may take to come to rest.
const REST: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(100);

/// A section of an event: its event, and its key.
type Section = (Uuid, String);

/// Which tickets have their places: those that admit, and those whose money went another way than by a refund of theirs.
const HAS_A_PLACE: &str =
    "(t.status IN ('VALID', 'CHECKED_IN') OR (t.status IN ('VOID', 'REFUNDED') AND t.refund_id IS NULL))";

/// Everything that is wrong with what a platform keeps. What may only be late is waited for.
pub async fn wrong(stores: &Stores) -> anyhow::Result<Vec<String>> {
    wrong_after(stores, REST).await
}

/// The same, with another patience.
pub async fn wrong_after(stores: &Stores, rest: Duration) -> anyhow::Result<Vec<String>> {
    let patience = Instant::now() + rest;
    loop {
        let mut wrong = Vec::new();
        for (service, store) in stores.all() {
            messages(service, store, &mut wrong).await?;
        }
        if let Some(streams) = &stores.streams {
            wrong.extend(Box::pin(streams.unheard()).await?);
        }
        let tickets = stores.of("tickets");
        sagas(tickets, &mut wrong).await?;
        sagas(stores.of("users"), &mut wrong).await?;
        orders(tickets, &mut wrong).await?;
        seats(tickets, &mut wrong).await?;
        hands(tickets, &mut wrong).await?;
        counters(tickets, &mut wrong).await?;
        money(tickets, stores.of("payments"), &mut wrong).await?;
        mails(stores.of("notifications"), &mut wrong).await?;
        if wrong.is_empty() || Instant::now() >= patience {
            return Ok(wrong);
        }
        sleep(LOOK).await;
    }
}

/// Everything that was said has been heard, and understood.
async fn messages(service: &str, store: &Store, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let unsent = store.count("outbox WHERE sent_at IS NULL").await?;
    if unsent > 0 {
        wrong.push(format!("{service} has {unsent} messages that were not sent"));
    }
    let missing = store.count("gaps WHERE open <> '[]'").await?;
    if missing > 0 {
        wrong.push(format!("{service} has not got yet what {missing} streams have forgotten"));
    }
    for letter in store.rows("SELECT consumer, subject, error FROM dead_letters").await? {
        let text = |column| letter.try_get::<String>("", column);
        wrong.push(format!(
            "{service} buried a message for {}: {} ({})",
            text("consumer")?,
            text("subject")?,
            text("error")?
        ));
    }
    Ok(())
}

/// Whoever is to be told of something is told of it by one message, and no mail waits to be sent.
async fn mails(notifications: &Store, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let waiting = notifications.count("notifications WHERE status = 'QUEUED'").await?;
    if waiting > 0 {
        wrong.push(format!("{waiting} mails wait to be sent"));
    }
    let doubled = "SELECT recipient, kind, cause, channel FROM notifications \
        GROUP BY recipient, kind, cause, channel HAVING COUNT(*) > 1";
    for message in notifications.rows(doubled).await? {
        let text = |column| message.try_get::<String>("", column);
        wrong.push(format!("{} is told twice: {} {}", text("recipient")?, text("kind")?, text("cause")?));
    }
    Ok(())
}

/// Every saga is at an end, or is a purchase that waits for its buyer to pay.
async fn sagas(store: &Store, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    for saga in store.rows("SELECT id, kind, progress FROM sagas WHERE ended_at IS NULL").await? {
        let (id, kind): (Uuid, String) = (saga.try_get("", "id")?, saga.try_get("", "kind")?);
        let progress: Value = serde_json::from_str(&saga.try_get::<String>("", "progress")?)?;
        let waits =
            kind == "purchase" && progress["state"] == "FORWARD" && progress["step"] == "TAKE_PAYMENT";
        if !waits {
            wrong.push(format!("the {kind} {id} is still on its way: {progress}"));
        }
    }
    Ok(())
}

/// Every order is at an end, or something moves it on.
async fn orders(tickets: &Store, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let lost = "orders o WHERE o.status IN ('AWAITING_PAYMENT', 'PAYMENT_FAILED', 'PAID') \
        AND NOT EXISTS (SELECT 1 FROM sagas s WHERE s.id = o.id AND s.ended_at IS NULL)";
    let lost = tickets.count(lost).await?;
    if lost > 0 {
        wrong.push(format!("{lost} orders are not at an end, and nothing moves them on"));
    }
    Ok(())
}

/// A sold seat has one ticket, and each ticket that has its place a sold seat.
async fn seats(tickets: &Store, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    // Counted once for all: houses are large.
    let wrong_ones = format!(
        "SELECT s.number, s.status, COALESCE(t.owners, 0) AS owners FROM seats s LEFT JOIN \
            (SELECT t.event_id, t.seat, COUNT(*) AS owners FROM tickets t WHERE {HAS_A_PLACE} GROUP BY t.event_id, t.seat) t \
            ON t.event_id = s.event_id AND t.seat = s.number \
         WHERE COALESCE(t.owners, 0) <> (CASE WHEN s.status = 2 THEN 1 ELSE 0 END)"
    );
    for seat in tickets.rows(&wrong_ones).await? {
        let (number, status) = (whole(&seat, "number")?, whole(&seat, "status")?);
        let owners = whole(&seat, "owners")?;
        wrong.push(format!("{owners} tickets have the seat {number} with status {status}"));
    }
    Ok(())
}

/// A ticket is somebody's, or waits for somebody at an address; its history is whole, and what was passed on is not there any more.
async fn hands(tickets: &Store, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let broken = [
        ("tickets are nobody's", "tickets WHERE (owner_id IS NULL) = (owner_address IS NULL)"),
        ("tickets were passed on and are there", "tickets t JOIN ticket_transfers p ON p.replaced_id = t.id"),
        (
            "tickets lack a part of their history",
            "tickets t WHERE t.transfers <> (SELECT COUNT(*) FROM ticket_transfers p \
             WHERE p.order_id = t.order_id AND p.position = t.position)",
        ),
    ];
    for (what, of) in broken {
        let count = tickets.count(of).await?;
        if count > 0 {
            wrong.push(format!("{count} {what}"));
        }
    }
    Ok(())
}

/// What is counted is what there is.
async fn counters(tickets: &Store, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let mut there: BTreeMap<Section, [i64; 3]> = BTreeMap::new();
    let kept = tickets.rows("SELECT event_id, key, held, sold, blocked FROM sections").await?;
    for section in &kept {
        there.insert((section.try_get("", "event_id")?, section.try_get("", "key")?), [0; 3]);
    }
    count_seats(tickets, &mut there).await?;
    count_standing(tickets, &mut there).await?;
    for section in &kept {
        let counted: [i64; 3] =
            [whole(section, "held")?, whole(section, "sold")?, whole(section, "blocked")?];
        let key: Section = (section.try_get("", "event_id")?, section.try_get("", "key")?);
        let found = there.get(&key).copied().unwrap_or_default();
        if counted != found {
            wrong.push(format!(
                "section {} counts {counted:?} places held, sold and blocked, and there are {found:?}",
                key.1
            ));
        }
    }
    Ok(())
}

async fn count_seats(tickets: &Store, there: &mut BTreeMap<Section, [i64; 3]>) -> anyhow::Result<()> {
    let plans = "SELECT e.id, l.plan FROM events e JOIN layouts l ON l.id = e.layout_id WHERE e.opened";
    for event in tickets.rows(plans).await? {
        let id: Uuid = event.try_get("", "id")?;
        let plan: Value = serde_json::from_str(&event.try_get::<String>("", "plan")?)?;
        let sections: Vec<String> =
            plan.as_array().into_iter().flatten().flat_map(section_of_each_seat).collect();
        let taken = format!(
            "SELECT number, status FROM seats WHERE status <> 0 AND event_id = {}",
            tickets.quoted(id)
        );
        for seat in tickets.rows(&taken).await? {
            let (number, status) = (whole(&seat, "number")?, whole(&seat, "status")?);
            let section = sections.get(usize::try_from(number)?).cloned().unwrap_or_default();
            there.entry((id, section)).or_default()[usize::try_from(status - 1)?] += 1;
        }
    }
    Ok(())
}

fn section_of_each_seat(section: &Value) -> Vec<String> {
    let key = section["key"].as_str().unwrap_or_default();
    let rows = section["places"]["rows"].as_array().into_iter().flatten();
    let seats = rows.map(|row| row["seats"].as_array().map_or(0, Vec::len)).sum();
    vec![key.to_owned(); seats]
}

async fn count_standing(tickets: &Store, there: &mut BTreeMap<Section, [i64; 3]>) -> anyhow::Result<()> {
    for reservation in tickets.rows("SELECT event_id, claims FROM reservations WHERE holding").await? {
        let event: Uuid = reservation.try_get("", "event_id")?;
        let claims: Value = serde_json::from_str(&reservation.try_get::<String>("", "claims")?)?;
        for claim in claims.as_array().into_iter().flatten() {
            if let ("standing", Some(section)) =
                (claim["place"].as_str().unwrap_or_default(), claim["section"].as_str())
            {
                let quantity = claim["quantity"].as_i64().unwrap_or_default();
                there.entry((event, section.to_owned())).or_default()[0] += quantity;
            }
        }
    }
    let sold = format!(
        "SELECT t.event_id, t.section, COUNT(*) AS sold FROM tickets t WHERE t.seat IS NULL AND {HAS_A_PLACE} \
        GROUP BY t.event_id, t.section"
    );
    for section in tickets.rows(&sold).await? {
        let key = (section.try_get("", "event_id")?, section.try_get("", "section")?);
        there.entry(key).or_default()[1] += whole(&section, "sold")?;
    }
    Ok(())
}

/// For each order: the ledger sums to zero, and what was captured is ticketed, refunded, or kept of tickets that their buyer
/// gave back; but for what moved at the provider without the platform.
async fn money(tickets: &Store, payments: &Store, wrong: &mut Vec<String>) -> anyhow::Result<()> {
    let ledger = "SELECT order_id, CAST(SUM(amount_minor) AS BIGINT) AS rest, \
        CAST(-SUM(CASE WHEN account = 'CAPTURED' THEN amount_minor ELSE 0 END) AS BIGINT) AS captured, \
        CAST(SUM(CASE WHEN account = 'REFUNDED' THEN amount_minor ELSE 0 END) AS BIGINT) AS refunded \
        FROM ledger_entries GROUP BY order_id";
    let mut booked: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
    for order in payments.rows(ledger).await? {
        let rest: i64 = order.try_get("", "rest")?;
        let id: Uuid = order.try_get("", "order_id")?;
        if rest != 0 {
            wrong.push(format!("the ledger of the order {id} sums to {rest}"));
        }
        booked.insert(id, (order.try_get("", "captured")?, order.try_get("", "refunded")?));
    }
    let all = booked.clone();
    let elsewhere = elsewhere(payments).await?;
    let sold = "SELECT o.id, o.number, o.status, o.total, \
        (SELECT COUNT(*) FROM tickets t WHERE t.order_id = o.id) AS tickets, o.quantity, \
        (SELECT CAST(COALESCE(SUM(t.price), 0) AS BIGINT) FROM tickets t WHERE t.order_id = o.id \
            AND t.status IN ('VALID', 'CHECKED_IN')) AS ticketed, \
        (SELECT CAST(COALESCE(SUM(t.price), 0) AS BIGINT) FROM tickets t WHERE t.order_id = o.id \
            AND t.status = 'VOID' AND t.refund_id IS NULL) AS withheld, \
        (SELECT CAST(COALESCE(SUM(t.price), 0) AS BIGINT) FROM tickets t JOIN refunds r ON r.id = t.refund_id \
            WHERE t.order_id = o.id AND r.state = 'DONE') \
        - (SELECT CAST(COALESCE(SUM(r.amount), 0) AS BIGINT) FROM refunds r \
            WHERE r.order_id = o.id AND r.state = 'DONE') AS kept FROM orders o";
    for order in tickets.rows(sold).await? {
        let id: Uuid = order.try_get("", "id")?;
        let (captured, refunded) = booked.remove(&id).unwrap_or_default();
        balance(&order, (captured, refunded), elsewhere.get(&id).copied().unwrap_or_default(), wrong)?;
    }
    wrong.extend(booked.keys().map(|order| format!("money moved for {order}, which is no order")));
    books(payments, &all, wrong).await
}

/// The books of organizations: what was booked of an order sums to nothing, and what its buyer has paid there is what the
/// provider has of it.
async fn books(
    payments: &Store,
    booked: &BTreeMap<Uuid, (i64, i64)>,
    wrong: &mut Vec<String>,
) -> anyhow::Result<()> {
    let postings = "SELECT order_id, CAST(SUM(amount_minor) AS BIGINT) AS rest, \
        CAST(-SUM(CASE WHEN account = 'BUYERS' THEN amount_minor ELSE 0 END) AS BIGINT) AS paid \
        FROM postings WHERE order_id IS NOT NULL GROUP BY order_id";
    for order in payments.rows(postings).await? {
        let id: Uuid = order.try_get("", "order_id")?;
        let (rest, paid): (i64, i64) = (order.try_get("", "rest")?, order.try_get("", "paid")?);
        let (captured, refunded) = booked.get(&id).copied().unwrap_or_default();
        if rest != 0 || paid != captured - refunded {
            wrong.push(format!(
                "the books of the order {id} sum to {rest}, and its buyer has paid {paid}: captured {captured}, refunded {refunded}"
            ));
        }
    }
    Ok(())
}

/// What moved at the provider without anybody having asked for it here, of one order.
#[derive(Clone, Copy, Default)]
struct Elsewhere {
    /// Given back in the dashboard, of which nobody knows the tickets; or lost in a dispute; or given back again after the
    /// bank had sent it back.
    gone: i64,
    /// Given back there, and sent back by the bank.
    returned: i64,
    /// True while a bank decides: tickets wait for it.
    disputed: bool,
}

async fn elsewhere(payments: &Store) -> anyhow::Result<BTreeMap<Uuid, Elsewhere>> {
    let mut orders: BTreeMap<Uuid, Elsewhere> = BTreeMap::new();
    let refunds = "SELECT p.order_id, r.state, r.amount_minor FROM refunds r JOIN payments p ON p.id = r.payment_id \
        WHERE r.reason = 'made at the payment provider'";
    for refund in payments.rows(refunds).await? {
        let of = orders.entry(refund.try_get("", "order_id")?).or_default();
        let amount: i64 = refund.try_get("", "amount_minor")?;
        match refund.try_get::<String>("", "state")?.as_str() {
            "FAILED" => of.returned += amount,
            _ => of.gone += amount,
        }
    }
    let again = "SELECT p.order_id, CAST(SUM(r.amount_minor) AS BIGINT) AS amount FROM refunds r \
        JOIN payments p ON p.id = r.payment_id WHERE r.reason <> 'made at the payment provider' AND r.asked IS NULL \
        AND r.state NOT IN ('FAILED', 'COVERED') GROUP BY p.order_id";
    for refund in payments.rows(again).await? {
        let of = orders.entry(refund.try_get("", "order_id")?).or_default();
        of.gone += of.returned.min(refund.try_get("", "amount")?);
    }
    let disputes =
        "SELECT p.order_id, d.state, d.amount_minor FROM disputes d JOIN payments p ON p.id = d.payment_id";
    for dispute in payments.rows(disputes).await? {
        let of = orders.entry(dispute.try_get("", "order_id")?).or_default();
        match dispute.try_get::<String>("", "state")?.as_str() {
            "LOST" => of.gone += dispute.try_get::<i64>("", "amount_minor")?,
            "OPEN" => of.disputed = true,
            _ => {}
        }
    }
    Ok(orders)
}

fn balance(
    order: &QueryResult,
    (captured, refunded): (i64, i64),
    elsewhere: Elsewhere,
    wrong: &mut Vec<String>,
) -> anyhow::Result<()> {
    let (number, status): (String, String) = (order.try_get("", "number")?, order.try_get("", "status")?);
    let (ticketed, kept): (i64, i64) = (order.try_get("", "ticketed")?, order.try_get("", "kept")?);
    let (tickets, quantity): (i64, i64) = (whole(order, "tickets")?, whole(order, "quantity")?);
    let withheld: i64 = if elsewhere.disputed { order.try_get("", "withheld")? } else { 0 };
    let (held, worth) = (captured - refunded, ticketed + kept + withheld);
    if !(worth - elsewhere.gone..=worth + elsewhere.returned).contains(&held) || kept < 0 {
        wrong.push(format!(
            "the order {number} ({status}): captured {captured}, ticketed {ticketed}, withheld {withheld}, refunded {refunded}, \
             kept {kept}, without us {} gone and {} returned",
            elsewhere.gone, elsewhere.returned
        ));
    }
    // What is refunded was either bought before, or paid when its places were gone.
    let is_right = match status.as_str() {
        "COMPLETED" | "PARTIALLY_REFUNDED" => tickets == quantity,
        "REFUNDED" => tickets == quantity || tickets == 0,
        _ => tickets == 0,
    };
    if !is_right {
        wrong.push(format!("the order {number} ({status}) of {quantity} places has {tickets} tickets"));
    }
    Ok(())
}
