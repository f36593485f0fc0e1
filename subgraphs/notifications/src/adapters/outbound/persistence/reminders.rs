//! Who is reminded of which event, and when. A row for each ticket; one that is gone stays as a note of that, so that what is told
//! of it later changes nothing.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use kernel::{EventId, Fault, OrderId, TicketId, UserId, to_millis};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};
use service::database::{Write, fault};
use uuid::Uuid;

use crate::domain::{
    entities::{DueReminder, Holder, Recipient, RemindedTicket},
    words::Language,
};

const TABLE: &str = "reminders (ticket_id, gone, event_id, order_id, recipient, user_id, email, name, locale, due_at, noted_at)";
const FIRST_STANDS: &str = "ON CONFLICT (ticket_id) DO NOTHING";
const GONE_STANDS: &str = "ON CONFLICT (ticket_id) DO UPDATE SET gone = excluded.gone";

/// Keeps who is to be reminded with a ticket, unless something was heard of it before.
pub(super) fn keep(ticket: &RemindedTicket, due: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Write {
    let Holder { recipient, email, name, language } = &ticket.holder;
    let values = vec![
        ticket.ticket_id.uuid().into(),
        false.into(),
        Some(ticket.event_id.uuid()).into(),
        Some(ticket.order_id.uuid()).into(),
        Some(recipient.key()).into(),
        recipient.user().map(kernel::Id::uuid).into(),
        Some(email.clone()).into(),
        Some(name.clone()).into(),
        Some(language.code().to_owned()).into(),
        due.map(to_millis).into(),
        to_millis(now).into(),
    ];
    Write::insert("keeping who is to be reminded", TABLE, FIRST_STANDS, values)
}

/// Keeps that a ticket is gone, whether it was heard of or not.
pub(super) fn end(ticket: TicketId, now: DateTime<Utc>) -> Write {
    let (nothing, no_text) = (None::<Uuid>, None::<String>);
    let values = vec![
        ticket.uuid().into(),
        true.into(),
        nothing.into(),
        nothing.into(),
        no_text.clone().into(),
        nothing.into(),
        no_text.clone().into(),
        no_text.clone().into(),
        no_text.into(),
        None::<i64>.into(),
        to_millis(now).into(),
    ];
    Write::insert("keeping that nobody is reminded", TABLE, GONE_STANDS, values)
}

/// Keeps that all tickets of an order are gone.
pub(super) fn end_order(order: OrderId) -> Write {
    let sql = "UPDATE reminders SET gone = $1 WHERE order_id = $2";
    Write::new("keeping that nobody is reminded", sql, [true.into(), order.uuid().into()])
}

/// Keeps when those of an order are reminded from now on, as far as they were not yet.
pub(super) fn move_order(order: OrderId, due: Option<DateTime<Utc>>) -> Write {
    let sql = "UPDATE reminders SET due_at = $1 WHERE order_id = $2 AND due_at IS NOT NULL";
    let values = [due.map(to_millis).into(), order.uuid().into()];
    Write::new("keeping when somebody is reminded", sql, values)
}

/// Keeps who goes in with a ticket instead.
pub(super) fn hand_over(ticket: TicketId, to: &Holder) -> Write {
    let sql = "UPDATE reminders SET recipient = $1, user_id = $2, email = $3, name = $4 WHERE ticket_id = $5 AND NOT gone";
    let values = [
        to.recipient.key().into(),
        to.recipient.user().map(kernel::Id::uuid).into(),
        to.email.clone().into(),
        to.name.clone().into(),
        ticket.uuid().into(),
    ];
    Write::new("keeping who is reminded instead", sql, values)
}

/// Takes it that somebody is reminded back, until later.
pub(super) fn later(due: &DueReminder, at: DateTime<Utc>) -> Write {
    let sql = "UPDATE reminders SET due_at = $1 WHERE event_id = $2 AND recipient = $3 AND NOT gone";
    let values = [to_millis(at).into(), due.event_id.uuid().into(), due.holder.recipient.key().into()];
    Write::new("keeping when somebody is reminded", sql, values)
}

/// Those of an event are reminded at another time from now on, also those who were reminded of the time before; none where
/// that is past.
pub(super) async fn move_event(
    connection: &impl ConnectionTrait,
    event: EventId,
    due: Option<DateTime<Utc>>,
    is_moved: bool,
) -> Result<(), Fault> {
    let sql = if is_moved {
        "UPDATE reminders SET due_at = $1 WHERE event_id = $2 AND NOT gone"
    } else {
        "UPDATE reminders SET due_at = $1 WHERE event_id = $2 AND NOT gone AND due_at IS NOT NULL"
    };
    let values = [due.map(to_millis).into(), event.uuid().into()];
    let update = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(update).await.map_err(fault("moving reminders with their event"))?;
    Ok(())
}

/// True when it is known that a ticket is gone.
pub(super) async fn is_gone(connection: &impl ConnectionTrait, ticket: TicketId) -> Result<bool, Fault> {
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT gone FROM reminders WHERE ticket_id = $1",
        [ticket.uuid().into()],
    );
    let doing = "reading whether a ticket is gone";
    let row = connection.query_one_raw(query).await.map_err(fault(doing))?;
    row.map_or(Ok(false), |row| row.try_get("", "gone")).map_err(fault(doing))
}

/// Takes those who are due, with all their tickets for the event, so that nobody else does. Whoever comes at the same time waits
/// for this, and finds them taken.
pub(super) async fn take_due(
    connection: &impl ConnectionTrait,
    most: u32,
    now: DateTime<Utc>,
) -> Result<Vec<DueReminder>, Fault> {
    let doing = "taking who is to be reminded";
    let update = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "UPDATE reminders SET due_at = NULL WHERE due_at <= $1 AND NOT gone AND (event_id, recipient) IN \
         (SELECT event_id, recipient FROM reminders WHERE due_at <= $1 AND NOT gone \
         ORDER BY due_at, event_id, recipient LIMIT $2) \
         RETURNING event_id, order_id, recipient, user_id, email, name, locale",
        [to_millis(now).into(), i64::from(most).into()],
    );
    let rows = connection.query_all_raw(update).await.map_err(fault(doing))?;
    let mut due = BTreeMap::<(EventId, String), DueReminder>::new();
    for row in rows {
        let (key, one) = taken(&row).map_err(fault(doing))?;
        due.entry(key).and_modify(|all| all.tickets += 1).or_insert(one);
    }
    Ok(due.into_values().collect())
}

fn taken(row: &QueryResult) -> Result<((EventId, String), DueReminder), DbErr> {
    let event_id = EventId::from_uuid(row.try_get("", "event_id")?);
    let email: String = row.try_get("", "email")?;
    let user: Option<Uuid> = row.try_get("", "user_id")?;
    let recipient = user
        .map_or_else(|| Recipient::Address(email.clone()), |user| Recipient::Person(UserId::from_uuid(user)));
    let holder = Holder {
        recipient,
        email,
        name: row.try_get("", "name")?,
        language: Language::of(&row.try_get::<String>("", "locale")?),
    };
    let order_id = OrderId::from_uuid(row.try_get("", "order_id")?);
    Ok(((event_id, row.try_get("", "recipient")?), DueReminder { event_id, order_id, holder, tickets: 1 }))
}

/// Nothing is kept any more of who was to be reminded; their tickets are gone for reminders.
pub(super) async fn forget(connection: &impl ConnectionTrait, recipient: &str) -> Result<(), Fault> {
    let update = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "UPDATE reminders SET gone = $1, recipient = NULL, user_id = NULL, email = NULL, name = NULL, due_at = NULL \
         WHERE recipient = $2",
        [true.into(), recipient.into()],
    );
    connection.execute_raw(update).await.map_err(fault("forgetting who was to be reminded"))?;
    Ok(())
}
