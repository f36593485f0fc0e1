//! Rows, and what they mean.

use chrono::{DateTime, Utc};
use kernel::{EventId, Fault, NotificationId, OrderId, TicketId, UserId, from_millis, to_millis};
use sea_orm::ActiveValue::{NotSet, Set};
use serde::{Deserialize, Serialize};

use crate::domain::{
    entities::{
        About, Channel, Delivery, DeliveryStatus, Kind, Notification, NotificationSnapshot, Organizer,
        Outgoing, Preferences, Recipient, Told,
    },
    letter::Letter,
    ports::NotificationView,
    words::Language,
};

pub(super) mod notification {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "notifications")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub user_id: Option<Uuid>,
        pub recipient: String,
        pub kind: String,
        pub channel: String,
        pub cause: String,
        pub subject: String,
        pub body: String,
        pub created_at: i64,
        pub read_at: Option<i64>,
        pub status: String,
        pub address: Option<String>,
        pub name: String,
        pub letter: Option<String>,
        pub attempts: i32,
        pub due_at: i64,
        pub claimed_until: i64,
        pub sent_at: Option<i64>,
        pub last_error: Option<String>,
        /// The trace in which it was queued, in W3C's form.
        pub traceparent: Option<String>,
        /// When an SMS is to be tried next. Its `due_at` never comes: a replica of before there were SMS takes
        /// whatever is due for a mail.
        pub sms_due_at: Option<i64>,
        /// Who brought a mail to somebody else about.
        pub on_behalf_of: Option<Uuid>,
        /// Of which order it tells its buyer.
        pub order_id: Option<Uuid>,
        /// Of which event.
        pub event_id: Option<Uuid>,
        /// Of which ticket it tells its holder.
        pub ticket_id: Option<Uuid>,
        /// When it was taken back. Its status is then that of one that failed, as versions before know it.
        pub withdrawn_at: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(super) mod preference {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, DeriveEntityModel)]
    #[sea_orm(table_name = "preferences")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub channel: String,
        pub enabled: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// What somebody chose, of kinds, channels and whether. A kind or channel of a newer version of this program is none of
/// this one's business.
pub(super) fn preferences_of(chosen: impl IntoIterator<Item = (String, String, bool)>) -> Preferences {
    Preferences::restore(chosen.into_iter().filter_map(|(kind, channel, enabled)| {
        Some((Kind::from_name(&kind)?, Channel::from_name(&channel)?, enabled))
    }))
}

/// The row of a message; a claim on it is over.
pub(super) fn row_of(notification: &Notification) -> Result<notification::ActiveModel, Fault> {
    let told = notification.told();
    let mut row = notification::ActiveModel {
        id: Set(notification.id().uuid()),
        user_id: Set(notification.recipient().user().map(kernel::Id::uuid)),
        recipient: Set(notification.recipient().key()),
        kind: Set(told.kind.as_str().to_owned()),
        channel: Set(notification.channel().as_str().to_owned()),
        cause: Set(told.cause.clone()),
        subject: Set(told.subject.clone()),
        body: Set(told.body.clone()),
        created_at: Set(to_millis(notification.created_at())),
        read_at: Set(notification.read_at().map(to_millis)),
        status: Set(kept(notification.status()).to_owned()),
        address: Set(None),
        name: Set(String::new()),
        letter: Set(None),
        attempts: Set(0),
        due_at: Set(0),
        claimed_until: Set(0),
        sent_at: Set(None),
        last_error: Set(None),
        traceparent: NotSet, // it stays as it was when it was added
        sms_due_at: Set(None),
        on_behalf_of: Set(notification.brought_about_by().map(kernel::Id::uuid)),
        order_id: Set(told.about.order.map(kernel::Id::uuid)),
        event_id: Set(told.about.event.map(kernel::Id::uuid)),
        ticket_id: Set(told.about.ticket.map(kernel::Id::uuid)),
        withdrawn_at: Set(None),
    };
    if let Some(mail) = notification.delivery().outgoing() {
        row.letter = Set(letter_of(mail)?);
        row.address = Set(Some(mail.address.clone()));
        row.name = Set(mail.name.clone());
        tried(&mut row, notification.channel(), mail);
    }
    Ok(row)
}

/// A status as columns keep it: what was taken back is one that failed, and its instant tells it apart.
fn kept(status: DeliveryStatus) -> &'static str {
    if status == DeliveryStatus::Withdrawn { DeliveryStatus::Failed } else { status }.as_str()
}

/// What a mail says, in which language and in whose name. A version that knows of no organizers reads the letter alone.
#[derive(Serialize, Deserialize)]
struct Letterhead<L> {
    #[serde(flatten)]
    letter: L,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organizer: Option<Organizer>,
    /// What was queued before there were several is in English.
    #[serde(default)]
    language: Language,
}

fn letter_of(mail: &Outgoing) -> Result<Option<String>, Fault> {
    let (organizer, language) = (mail.organizer.clone(), mail.language);
    let head = mail.letter.as_ref().map(|letter| Letterhead { letter, organizer, language });
    let written = head.map(|head| serde_json::to_string(&head));
    written.transpose().map_err(|cause| Fault::new("keeping a mail", cause))
}

/// What of a row changes when it says something else.
pub(super) fn said_by(notification: &Notification) -> Result<notification::ActiveModel, Fault> {
    let letter = notification.delivery().outgoing().map(letter_of).transpose()?;
    Ok(notification::ActiveModel {
        subject: Set(notification.told().subject.clone()),
        body: Set(notification.told().body.clone()),
        letter: Set(letter.flatten()),
        ..Default::default()
    })
}

/// What of a row changes with a try to send it; a claim on it is over.
pub(super) fn became_of(notification: &Notification) -> notification::ActiveModel {
    let mut row = notification::ActiveModel {
        status: Set(kept(notification.status()).to_owned()),
        claimed_until: Set(0),
        ..Default::default()
    };
    if let Some(mail) = notification.delivery().outgoing() {
        if mail.letter.is_none() {
            row.letter = Set(None);
        }
        tried(&mut row, notification.channel(), mail);
    }
    row
}

fn tried(row: &mut notification::ActiveModel, channel: Channel, mail: &Outgoing) {
    row.attempts = Set(i32::try_from(mail.attempts).unwrap_or(i32::MAX));
    (row.due_at, row.sms_due_at) = match channel {
        Channel::Sms => (Set(i64::MAX), Set(Some(to_millis(mail.due_at)))),
        _ => (Set(to_millis(mail.due_at)), Set(None)),
    };
    row.sent_at = Set(mail.sent_at.map(to_millis));
    row.last_error = Set(mail.last_error.clone());
}

/// The message of a row.
pub(super) fn notification_of(row: notification::Model) -> Result<Notification, Fault> {
    let view = view_of(&row)?;
    let recipient = match (row.user_id, &row.address) {
        (Some(user), _) => Recipient::Person(UserId::from_uuid(user)),
        (None, Some(address)) => Recipient::Address(address.clone()),
        (None, None) => return Err(Fault::broken_rule(format!("notification {} is to nobody", row.id))),
    };
    let delivery = match (view.channel, row.address) {
        (channel @ (Channel::Email | Channel::Sms), Some(address)) => {
            let letter = row.letter.as_deref().map(serde_json::from_str::<Letterhead<Letter>>).transpose();
            let letter = letter.map_err(|cause| Fault::new("reading a mail", cause))?;
            let language = letter.as_ref().map(|it| it.language).unwrap_or_default();
            let (letter, organizer) = letter.map(|it| (it.letter, it.organizer)).unzip();
            let outgoing = Box::new(Outgoing {
                address,
                name: row.name,
                letter,
                language,
                organizer: organizer.flatten(),
                attempts: u32::try_from(row.attempts).unwrap_or(0),
                due_at: from_millis(row.sms_due_at.unwrap_or(row.due_at)),
                sent_at: instant(row.sent_at),
                failed: view.status == DeliveryStatus::Failed,
                withdrawn: view.status == DeliveryStatus::Withdrawn,
                last_error: row.last_error,
            });
            if channel == Channel::Sms { Delivery::Sms(outgoing) } else { Delivery::Mail(outgoing) }
        }
        _ => Delivery::InApp,
    };
    Ok(Notification::restore(NotificationSnapshot {
        id: view.id,
        recipient,
        told: Told {
            kind: view.kind,
            cause: row.cause,
            subject: view.subject,
            body: view.body,
            about: view.about,
        },
        created_at: view.created_at,
        read_at: view.read_at,
        delivery,
        on_behalf_of: row.on_behalf_of.map(UserId::from_uuid),
    }))
}

/// The row as its reader sees it.
pub(super) fn view_of(row: &notification::Model) -> Result<NotificationView, Fault> {
    let unknown =
        |column: &str| Fault::broken_rule(format!("notification {} has an unknown {column}", row.id));
    let status = DeliveryStatus::from_name(&row.status).ok_or_else(|| unknown("status"))?;
    let is_withdrawn = row.withdrawn_at.is_some() && row.sent_at.is_none();
    Ok(NotificationView {
        id: NotificationId::from_uuid(row.id),
        kind: Kind::from_name(&row.kind).ok_or_else(|| unknown("kind"))?,
        channel: Channel::from_name(&row.channel).ok_or_else(|| unknown("channel"))?,
        subject: row.subject.clone(),
        body: row.body.clone(),
        created_at: from_millis(row.created_at),
        read_at: instant(row.read_at),
        status: if is_withdrawn { DeliveryStatus::Withdrawn } else { status },
        about: About {
            order: row.order_id.map(OrderId::from_uuid),
            event: row.event_id.map(EventId::from_uuid),
            ticket: row.ticket_id.map(TicketId::from_uuid),
        },
    })
}

fn instant(millis: Option<i64>) -> Option<DateTime<Utc>> {
    millis.map(from_millis)
}
