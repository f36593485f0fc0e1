//! What other services told, kept: people's addresses, events' titles, orders' numbers.

use kernel::{EventId, Fault, OrderId, OrganizationId, UserId, from_millis, to_millis};
use sea_orm::{ConnectionTrait, DbErr, Statement};
use service::database::{fault, now_millis};

use super::{organizations::organizer_of, rows::preferences_of};
use crate::domain::entities::{Account, Event, Order, Organizer, Reader};

/// What is known of a person and what they chose, and how the organization of an event presents itself, in one statement: rows
/// of different kinds.
pub(super) async fn reader(
    connection: &impl ConnectionTrait,
    user: UserId,
    about: Option<EventId>,
) -> Result<(Reader, Option<Organizer>), Fault> {
    let mut sql = "SELECT 'account' AS what, email AS a, phone AS b, name AS c, NULL AS d, erased AS yes FROM accounts \
                   WHERE user_id = $1 UNION ALL \
                   SELECT 'choice', kind, channel, NULL, NULL, enabled FROM preferences WHERE user_id = $1"
        .to_owned();
    let mut values = vec![user.uuid().into()];
    if let Some(event) = about {
        sql.push_str(
            " UNION ALL SELECT 'organizer', o.name, o.colour, o.website, o.support_email, NULL FROM events e \
             JOIN organizations o ON o.organization_id = e.organization_id WHERE e.event_id = $2",
        );
        values.push(event.uuid().into());
    }
    let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(query).await.map_err(fault("reading of a person"))?;
    let (mut account, mut organizer, mut chosen) = (None, None, Vec::new());
    for row in rows {
        let mut read = || -> Result<(), DbErr> {
            match row.try_get::<String>("", "what")?.as_str() {
                "account" => {
                    account = Some(Account {
                        user_id: user,
                        email: row.try_get("", "a")?,
                        phone: row.try_get("", "b")?,
                        name: row.try_get("", "c")?,
                        erased: row.try_get("", "yes")?,
                    });
                }
                "choice" => {
                    chosen.push((row.try_get("", "a")?, row.try_get("", "b")?, row.try_get("", "yes")?));
                }
                _ => organizer = organizer_of(&row, ["a", "b", "c", "d"])?,
            }
            Ok(())
        };
        read().map_err(fault("reading of a person"))?;
    }
    Ok((Reader { user_id: user, account, preferences: preferences_of(chosen) }, organizer))
}

pub(super) async fn note_account(
    connection: &impl ConnectionTrait,
    account: &Account,
    version: i64,
) -> Result<(), Fault> {
    let upsert = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "INSERT INTO accounts (user_id, version, email, phone, name, erased) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (user_id) DO UPDATE SET version = excluded.version, email = excluded.email, \
         phone = excluded.phone, name = excluded.name, erased = excluded.erased WHERE accounts.version < excluded.version",
        [
            account.user_id.uuid().into(),
            version.into(),
            account.email.as_str().into(),
            account.phone.clone().into(),
            account.name.as_str().into(),
            account.erased.into(),
        ],
    );
    connection.execute_raw(upsert).await.map_err(fault("noting an account"))?;
    Ok(())
}

pub(super) async fn event(connection: &impl ConnectionTrait, event: EventId) -> Result<Option<Event>, Fault> {
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT title, called_off, organization_id, timezone FROM events WHERE event_id = $1",
        [event.uuid().into()],
    );
    let row = connection.query_one_raw(query).await.map_err(fault("reading an event"))?;
    let Some(row) = row else { return Ok(None) };
    let read = || -> Result<_, DbErr> {
        let timezone: Option<String> = row.try_get("", "timezone")?;
        Ok(Event {
            title: row.try_get("", "title")?,
            called_off: row.try_get("", "called_off")?,
            organization: row.try_get::<Option<_>>("", "organization_id")?.map(OrganizationId::from_uuid),
            timezone: timezone.and_then(|name| name.parse().ok()),
        })
    };
    read().map(Some).map_err(fault("reading an event"))
}

pub(super) async fn note_event(
    connection: &impl ConnectionTrait,
    event: EventId,
    it: &Event,
    version: i64,
) -> Result<(), Fault> {
    let upsert = Statement::from_sql_and_values(
        connection.get_database_backend(),
        // What an older version of this program has kept lacks something, which is filled when it is told again.
        "INSERT INTO events (event_id, version, title, called_off, organization_id, timezone) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (event_id) DO UPDATE SET version = excluded.version, \
         title = excluded.title, called_off = excluded.called_off, organization_id = excluded.organization_id, \
         timezone = excluded.timezone WHERE events.version < excluded.version \
         OR (events.version = excluded.version AND events.organization_id IS NULL)",
        [
            event.uuid().into(),
            version.into(),
            it.title.as_str().into(),
            it.called_off.into(),
            it.organization.map(kernel::Id::uuid).into(),
            it.timezone.map(|zone| zone.name().to_owned()).into(),
        ],
    );
    connection.execute_raw(upsert).await.map_err(fault("noting an event"))?;
    Ok(())
}

pub(super) async fn order(connection: &impl ConnectionTrait, order: OrderId) -> Result<Option<Order>, Fault> {
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT number, total, payable_until FROM orders WHERE order_id = $1",
        [order.uuid().into()],
    );
    let row = connection.query_one_raw(query).await.map_err(fault("reading an order"))?;
    let Some(row) = row else { return Ok(None) };
    let total: String = row.try_get("", "total").map_err(fault("reading an order"))?;
    let payable_until: Option<i64> = row.try_get("", "payable_until").map_err(fault("reading an order"))?;
    Ok(Some(Order {
        number: row.try_get("", "number").map_err(fault("reading an order"))?,
        payable_until: payable_until.map(from_millis),
        total: serde_json::from_str(&total).map_err(|cause| Fault::new("reading an order", cause))?,
    }))
}

pub(super) async fn note_order(
    connection: &impl ConnectionTrait,
    order: OrderId,
    it: &Order,
) -> Result<(), Fault> {
    let total = serde_json::to_string(&it.total).map_err(|cause| Fault::new("noting an order", cause))?;
    let backend = connection.get_database_backend();
    let insert = Statement::from_sql_and_values(
        backend,
        format!(
            "INSERT INTO orders (order_id, number, total, noted_at, payable_until) VALUES ($1, $2, $3, {}, $4) \
             ON CONFLICT DO NOTHING",
            now_millis(backend)
        ),
        [
            order.uuid().into(),
            it.number.as_str().into(),
            total.into(),
            it.payable_until.map(to_millis).into(),
        ],
    );
    connection.execute_raw(insert).await.map_err(fault("noting an order"))?;
    Ok(())
}

/// Of which move of its event whoever has tickets of an order was told last, locked; and whether no more is to be told.
async fn moves(connection: &impl ConnectionTrait, order: OrderId) -> Result<(i64, bool), Fault> {
    let backend = connection.get_database_backend();
    let doing = "reading how often an order was moved";
    // It changes nothing of a row that is there, and so it waits for whoever does, and reads what they have written.
    let upsert = Statement::from_sql_and_values(
        backend,
        format!(
            "INSERT INTO order_moves (order_id, sequence, done, noted_at) VALUES ($1, 0, $2, {}) ON CONFLICT (order_id) \
             DO UPDATE SET order_id = excluded.order_id RETURNING sequence, done",
            now_millis(backend)
        ),
        [order.uuid().into(), false.into()],
    );
    let row = connection.query_one_raw(upsert).await.map_err(fault(doing))?;
    let row = row.ok_or_else(|| Fault::broken_rule("a row was neither written nor there"))?;
    let read = || Ok((row.try_get("", "sequence")?, row.try_get("", "done")?));
    read().map_err(fault(doing))
}

async fn keep_moves(
    connection: &impl ConnectionTrait,
    order: OrderId,
    sequence: i64,
    done: bool,
) -> Result<(), Fault> {
    let update = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "UPDATE order_moves SET sequence = $2, done = $3 WHERE order_id = $1",
        [order.uuid().into(), sequence.into(), done.into()],
    );
    connection.execute_raw(update).await.map_err(fault("noting of which move was told"))?;
    Ok(())
}

pub(super) async fn note_move(
    connection: &impl ConnectionTrait,
    order: OrderId,
    sequence: i64,
) -> Result<Option<i64>, Fault> {
    let (before, done) = moves(connection, order).await?;
    if done || before >= sequence {
        return Ok(None);
    }
    keep_moves(connection, order, sequence, false).await?;
    Ok(Some(before))
}

pub(super) async fn end_moves(connection: &impl ConnectionTrait, order: OrderId) -> Result<i64, Fault> {
    let (before, _) = moves(connection, order).await?;
    keep_moves(connection, order, before, true).await?;
    Ok(before)
}
