//! Whom buyers named to be told of their orders, and orders that are another person's than before.

use contracts::purchase::PurchaseContact;
use kernel::{Fault, OrderId, UserId};
use sea_orm::{ConnectionTrait, Statement, Value};
use service::database::{fault, now_millis};

use crate::domain::entities::Recipient;

async fn execute(
    connection: &impl ConnectionTrait,
    doing: &'static str,
    sql: String,
    values: impl IntoIterator<Item = Value>,
) -> Result<(), Fault> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await.map(drop).map_err(fault(doing))
}

/// Keeps who is told of an order, once; nothing of who was erased.
pub(super) async fn note(
    connection: &impl ConnectionTrait,
    order: OrderId,
    buyer: UserId,
    contact: &PurchaseContact,
) -> Result<(), Fault> {
    let sql = format!(
        "INSERT INTO order_contacts (order_id, user_id, email, name, phone, locale, noted_at) \
         SELECT $1, $2, $3, $4, $5, $6, {} WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE user_id = $2 AND erased) \
         ON CONFLICT (order_id) DO NOTHING",
        now_millis(connection.get_database_backend())
    );
    let values: [Value; 6] = [
        order.uuid().into(),
        buyer.uuid().into(),
        contact.email.clone().into(),
        contact.name.clone().into(),
        contact.phone.clone().into(),
        contact.locale.clone().into(),
    ];
    execute(connection, "noting who is told of an order", sql, values).await
}

/// Forgets whom a person named.
pub(super) async fn forget(connection: &impl ConnectionTrait, user: UserId) -> Result<(), Fault> {
    let sql = "DELETE FROM order_contacts WHERE user_id = $1".to_owned();
    execute(connection, "forgetting who is told of orders", sql, [user.uuid().into()]).await
}

/// An order is another person's from now on. What they were told themselves of the same stays as it is.
pub(super) async fn hand_over(
    connection: &impl ConnectionTrait,
    order: OrderId,
    from: UserId,
    to: UserId,
) -> Result<(), Fault> {
    let doing = "handing an order over";
    let key = |user: UserId| Recipient::Person(user).key();
    let (order, from_key, to_key): (Value, Value, Value) =
        (order.uuid().into(), key(from).into(), key(to).into());
    let to: Value = to.uuid().into();
    let sql = "UPDATE order_contacts SET user_id = $2 WHERE order_id = $1".to_owned();
    execute(connection, doing, sql, [order.clone(), to.clone()]).await?;
    let sql = "UPDATE reminders SET recipient = $3, user_id = $4 WHERE order_id = $1 AND recipient = $2 AND NOT gone";
    let values = [order.clone(), from_key.clone(), to_key.clone(), to.clone()];
    execute(connection, doing, sql.to_owned(), values).await?;
    let sql = "UPDATE notifications SET recipient = $3, user_id = $4 WHERE order_id = $1 AND recipient = $2 \
               AND NOT EXISTS (SELECT 1 FROM notifications o WHERE o.recipient = $3 AND o.kind = notifications.kind \
               AND o.channel = notifications.channel AND o.cause = notifications.cause)";
    execute(connection, doing, sql.to_owned(), [order, from_key, to_key, to]).await
}
