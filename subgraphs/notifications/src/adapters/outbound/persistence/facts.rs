//! What other services told, kept: people's addresses, events' titles, orders' numbers.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use contracts::purchase::PurchaseContact;
use kernel::{EventId, Fault, OrderId, OrganizationId, UserId, from_millis, to_millis};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, QueryResult, Statement,
};
use service::database::{
    fault, for_update,
    lists::{among_ids, ids},
    now_millis,
};

use super::{
    organizations::organizer_of,
    rows::{preference, preferences_of},
};
use crate::domain::{
    entities::{Account, Event, Order, Organizer, Preferences, Reader, Recipient},
    words::Language,
};

/// What is known of a person and what they chose, how the organization of an event presents itself, and who is told of an order
/// instead, in one statement: rows of different kinds.
pub(super) async fn reader(
    connection: &impl ConnectionTrait,
    user: UserId,
    about: Option<(EventId, Option<OrderId>)>,
) -> Result<(Reader, Option<Organizer>), Fault> {
    let mut sql = "SELECT 'account' AS what, email AS a, phone AS b, name AS c, locale AS d, erased AS yes, \
                   email_verified AS too, guest AS three FROM accounts WHERE user_id = $1 UNION ALL \
                   SELECT 'choice', kind, channel, NULL, NULL, enabled, NULL, NULL FROM preferences WHERE user_id = $1"
        .to_owned();
    let mut values = vec![user.uuid().into()];
    if let Some((event, order)) = about {
        sql.push_str(
            " UNION ALL SELECT 'organizer', o.name, o.colour, o.website, o.support_email, NULL, NULL, NULL FROM events e \
             JOIN organizations o ON o.organization_id = e.organization_id WHERE e.event_id = $2",
        );
        values.push(event.uuid().into());
        if let Some(order) = order {
            sql.push_str(
                " UNION ALL SELECT 'told', email, phone, name, locale, NULL, NULL, NULL FROM order_contacts \
                 WHERE order_id = $3",
            );
            values.push(order.uuid().into());
        }
    }
    let query = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    let rows = connection.query_all_raw(query).await.map_err(fault("reading of a person"))?;
    let (mut account, mut organizer, mut chosen, mut contact) = (None, None, Vec::new(), None);
    for row in rows {
        let mut read = || -> Result<(), DbErr> {
            match row.try_get::<String>("", "what")?.as_str() {
                "account" => {
                    account = Some(Account {
                        user_id: user,
                        email: row.try_get("", "a")?,
                        phone: row.try_get("", "b")?,
                        name: row.try_get("", "c")?,
                        language: language_of(row.try_get::<Option<String>>("", "d")?.as_deref()),
                        verified: row.try_get("", "too")?,
                        guest: row.try_get("", "three")?,
                        erased: row.try_get("", "yes")?,
                    });
                }
                "told" => {
                    contact = Some(PurchaseContact {
                        email: row.try_get("", "a")?,
                        phone: row.try_get("", "b")?,
                        name: row.try_get("", "c")?,
                        locale: row.try_get("", "d")?,
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
    let account: Option<Account> = account;
    let account = match contact {
        Some(contact) => account.map(|account| account.told_as(contact)),
        None => account,
    };
    Ok((Reader { user_id: user, account, preferences: preferences_of(chosen) }, organizer))
}

/// The language of a locale that is known, or is not known yet.
pub(super) fn language_of(locale: Option<&str>) -> Language {
    locale.map(Language::of).unwrap_or_default()
}

pub(super) async fn note_account(
    connection: &impl ConnectionTrait,
    account: &Account,
    locale: &str,
    version: i64,
) -> Result<(), Fault> {
    let upsert = Statement::from_sql_and_values(
        connection.get_database_backend(),
        // What an older version of this program has kept has no language, which is filled when it is told again.
        "INSERT INTO accounts (user_id, version, email, phone, name, erased, locale, email_verified, email_key, guest) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (user_id) DO UPDATE SET version = excluded.version, email = excluded.email, \
         phone = excluded.phone, name = excluded.name, erased = excluded.erased, locale = excluded.locale, \
         email_verified = excluded.email_verified, email_key = excluded.email_key, guest = excluded.guest \
         WHERE accounts.version < excluded.version OR (accounts.version = excluded.version AND accounts.locale IS NULL)",
        [
            account.user_id.uuid().into(),
            version.into(),
            account.email.as_str().into(),
            account.phone.clone().into(),
            account.name.as_str().into(),
            account.erased.into(),
            locale.into(),
            account.verified.into(),
            Some(Recipient::Address(account.email.clone()).key()).filter(|key| !key.is_empty()).into(),
            account.guest.into(),
        ],
    );
    connection.execute_raw(upsert).await.map_err(fault("noting an account"))?;
    Ok(())
}

const EVENT: &str = "event_id, title, called_off, organization_id, timezone, starts_at, doors_at, venue_name FROM events WHERE";

fn event_of(row: &QueryResult) -> Result<Event, DbErr> {
    let timezone: Option<String> = row.try_get("", "timezone")?;
    Ok(Event {
        title: row.try_get("", "title")?,
        called_off: row.try_get("", "called_off")?,
        organization: row.try_get::<Option<_>>("", "organization_id")?.map(OrganizationId::from_uuid),
        timezone: timezone.and_then(|name| name.parse().ok()),
        starts_at: row.try_get::<Option<i64>>("", "starts_at")?.map(from_millis),
        doors_at: row.try_get::<Option<i64>>("", "doors_at")?.map(from_millis),
        venue_name: row.try_get("", "venue_name")?,
    })
}

pub(super) async fn event(connection: &impl ConnectionTrait, event: EventId) -> Result<Option<Event>, Fault> {
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        format!("SELECT {EVENT} event_id = $1"),
        [event.uuid().into()],
    );
    let row = connection.query_one_raw(query).await.map_err(fault("reading an event"))?;
    row.as_ref().map(event_of).transpose().map_err(fault("reading an event"))
}

pub(super) async fn events(
    connection: &impl ConnectionTrait,
    events: &[EventId],
) -> Result<HashMap<EventId, Event>, Fault> {
    if events.is_empty() {
        return Ok(HashMap::new());
    }
    let backend = connection.get_database_backend();
    let query = Statement::from_sql_and_values(
        backend,
        format!("SELECT {EVENT} {}", among_ids(backend, "event_id", 1, events)),
        [ids(backend, events)],
    );
    let rows = connection.query_all_raw(query).await.map_err(fault("reading events"))?;
    let read = |row: &QueryResult| Ok((EventId::from_uuid(row.try_get("", "event_id")?), event_of(row)?));
    rows.iter().map(read).collect::<Result<_, _>>().map_err(fault("reading events"))
}

/// When it began, as far as it was known before; none where this was known, or something later.
pub(super) async fn note_event(
    connection: &impl ConnectionTrait,
    event: EventId,
    it: &Event,
    version: i64,
) -> Result<Option<Option<DateTime<Utc>>>, Fault> {
    let doing = "noting an event";
    let backend = connection.get_database_backend();
    let query = Statement::from_sql_and_values(
        backend,
        format!("SELECT starts_at FROM events WHERE event_id = $1{}", for_update(backend)),
        [event.uuid().into()],
    );
    let before = connection.query_one_raw(query).await.map_err(fault(doing))?;
    let before = before.map(|row| row.try_get::<Option<i64>>("", "starts_at")).transpose();
    let before = before.map_err(fault(doing))?.flatten().map(from_millis);
    let upsert = Statement::from_sql_and_values(
        backend,
        // What an older version of this program has kept lacks something, which is filled when it is told again.
        "INSERT INTO events (event_id, version, title, called_off, organization_id, timezone, starts_at, doors_at, venue_name) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (event_id) DO UPDATE SET version = excluded.version, \
         title = excluded.title, called_off = excluded.called_off, organization_id = excluded.organization_id, \
         timezone = excluded.timezone, starts_at = excluded.starts_at, doors_at = excluded.doors_at, \
         venue_name = excluded.venue_name WHERE events.version < excluded.version \
         OR (events.version = excluded.version AND (events.organization_id IS NULL OR events.starts_at IS NULL))",
        [
            event.uuid().into(),
            version.into(),
            it.title.as_str().into(),
            it.called_off.into(),
            it.organization.map(kernel::Id::uuid).into(),
            it.timezone.map(|zone| zone.name().to_owned()).into(),
            it.starts_at.map(to_millis).into(),
            it.doors_at.map(to_millis).into(),
            it.venue_name.clone().into(),
        ],
    );
    let noted = connection.execute_raw(upsert).await.map_err(fault(doing))?;
    Ok((noted.rows_affected() > 0).then_some(before))
}

/// Whose address this is, by its key.
pub(super) async fn accounts_of(
    connection: &impl ConnectionTrait,
    address: &str,
) -> Result<Vec<UserId>, Fault> {
    let doing = "looking for the account of an address";
    let query = Statement::from_sql_and_values(
        connection.get_database_backend(),
        "SELECT user_id FROM accounts WHERE email_key = $1 AND NOT erased LIMIT 5",
        [address.into()],
    );
    let rows = connection.query_all_raw(query).await.map_err(fault(doing))?;
    let users = rows.iter().map(|row| row.try_get("", "user_id").map(UserId::from_uuid));
    users.collect::<Result<_, _>>().map_err(fault(doing))
}

/// What is known of people, in one statement however many they are.
pub(super) async fn accounts(
    connection: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<HashMap<UserId, Account>, Fault> {
    let doing = "reading people";
    let backend = connection.get_database_backend();
    let query = Statement::from_sql_and_values(
        backend,
        format!(
            "SELECT user_id, email, phone, name, locale, email_verified, guest, erased FROM accounts WHERE {}",
            among_ids(backend, "user_id", 1, users)
        ),
        [ids(backend, users)],
    );
    let rows = connection.query_all_raw(query).await.map_err(fault(doing))?;
    let read = |row: &QueryResult| -> Result<_, DbErr> {
        let user_id = UserId::from_uuid(row.try_get("", "user_id")?);
        let account = Account {
            user_id,
            email: row.try_get("", "email")?,
            phone: row.try_get("", "phone")?,
            name: row.try_get("", "name")?,
            language: language_of(row.try_get::<Option<String>>("", "locale")?.as_deref()),
            verified: row.try_get("", "email_verified")?,
            guest: row.try_get("", "guest")?,
            erased: row.try_get("", "erased")?,
        };
        Ok((user_id, account))
    };
    rows.iter().map(read).collect::<Result<_, _>>().map_err(fault(doing))
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

/// What people chose; who is not in it chose nothing.
pub(super) async fn preferences(
    connection: &impl ConnectionTrait,
    users: &[UserId],
) -> Result<HashMap<UserId, Preferences>, Fault> {
    let rows = preference::Entity::find()
        .filter(preference::Column::UserId.is_in(users.iter().map(|user| user.uuid())))
        .all(connection)
        .await
        .map_err(fault("reading preferences"))?;
    let mut chosen = HashMap::<_, Vec<_>>::new();
    for row in rows {
        let choice = (row.kind, row.channel, row.enabled);
        chosen.entry(UserId::from_uuid(row.user_id)).or_default().push(choice);
    }
    Ok(chosen.into_iter().map(|(user, chosen)| (user, preferences_of(chosen))).collect())
}
