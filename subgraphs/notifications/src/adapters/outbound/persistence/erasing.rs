//! Forgetting somebody: all that was said to them, and what they wanted to hear.

use kernel::{Fault, UserId};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _,
};
use service::database::fault;
use uuid::Uuid;

use super::{
    reminders,
    rows::{notification, preference},
    stops, told,
};
use crate::domain::entities::{Channel, DeliveryStatus, Kind, Recipient};

/// Whether a mail of this kind to somebody waits to be sent.
pub(super) async fn is_on_its_way(
    connection: &impl ConnectionTrait,
    kind: Kind,
    recipient: &str,
) -> Result<bool, Fault> {
    let waits = notification::Entity::find()
        .select_only()
        .column(notification::Column::Id)
        .filter(notification::Column::Recipient.eq(recipient))
        .filter(notification::Column::Kind.eq(kind.as_str()))
        .filter(notification::Column::Channel.eq(Channel::Email.as_str()))
        .filter(notification::Column::Status.eq(DeliveryStatus::Queued.as_str()))
        .limit(1)
        .into_tuple::<Uuid>()
        .one(connection);
    Ok(waits.await.map_err(fault("looking for mails that wait"))?.is_some())
}

/// Deletes whatever is about somebody, and what went to their address where one is named.
pub(super) async fn forget(
    connection: &impl ConnectionTrait,
    user: UserId,
    address: Option<&str>,
) -> Result<(), Fault> {
    let mut theirs = Condition::any().add(notification::Column::UserId.eq(user.uuid()));
    if let Some(address) = address {
        let key = Recipient::Address(address.to_owned()).key();
        theirs = theirs.add(notification::Column::Recipient.eq(key.as_str()));
        stops::forget(connection, &key).await?;
        reminders::forget(connection, &key).await?;
    }
    reminders::forget(connection, &Recipient::Person(user).key()).await?;
    told::forget(connection, user).await?;
    let messages = notification::Entity::delete_many().filter(theirs).exec(connection);
    messages.await.map_err(fault("deleting messages"))?;
    let wishes = preference::Entity::delete_many().filter(preference::Column::UserId.eq(user.uuid()));
    wishes.exec(connection).await.map_err(fault("deleting preferences"))?;
    Ok(())
}
