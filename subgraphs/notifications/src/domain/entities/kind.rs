//! What there is to tell, and how it may reach people.

macro_rules! named {
    ($type:ident { $($name:ident => $text:literal),* $(,)? }) => {
        impl $type {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// As columns keep it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text),*
                }
            }

            /// What a column says.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }
    };
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The order is complete, and here are its tickets.
    OrderConfirmed,
    /// Somebody bought a ticket for you.
    TicketsReceived,
    /// The card was declined; another may be tried.
    PaymentDeclined,
    /// Time ran out before payment.
    OrderExpired,
    /// Money goes back: it was paid too late, the event was called off, or some or all of it was returned with tickets or
    /// without.
    OrderRefunded,
    /// The event was called off.
    EventCancelled,
    /// The event was moved to another time.
    EventRescheduled,
    /// Is this your address?
    AddressVerification,
    /// An organization wants you as a member.
    Invitation,
    /// Somebody tries passwords on your account.
    PasswordGuessing,
    /// Somebody tried to register with your address, which has an account.
    AddressTaken,
    /// The bank of a buyer of your organization wants a payment back, or has decided about it.
    PaymentDisputed,
    /// A ticket was given to you, or by you to somebody else.
    TicketTransferred,
    /// Something for which you have tickets begins soon.
    EventReminder,
    /// Places that you waited for are set aside for you, or there will be none.
    WaitlistOffer,
    /// Mail to your address does not arrive.
    AddressUnreachable,
    /// A link to choose a new password.
    PasswordReset,
    /// The password of your account was changed.
    PasswordChanged,
    /// Your account shall have another address, or has one.
    AddressChange,
    /// How you log in was changed.
    SecondFactorChanged,
    /// Your account is deleted.
    AccountDeleted,
}

named!(Kind {
    OrderConfirmed => "ORDER_CONFIRMED",
    TicketsReceived => "TICKETS_RECEIVED",
    PaymentDeclined => "PAYMENT_DECLINED",
    OrderExpired => "ORDER_EXPIRED",
    OrderRefunded => "ORDER_REFUNDED",
    EventCancelled => "EVENT_CANCELLED",
    EventRescheduled => "EVENT_RESCHEDULED",
    AddressVerification => "ADDRESS_VERIFICATION",
    Invitation => "INVITATION",
    PasswordGuessing => "PASSWORD_GUESSING",
    AddressTaken => "ADDRESS_TAKEN",
    PaymentDisputed => "PAYMENT_DISPUTED",
    TicketTransferred => "TICKET_TRANSFERRED",
    EventReminder => "EVENT_REMINDER",
    WaitlistOffer => "WAITLIST_OFFER",
    AddressUnreachable => "ADDRESS_UNREACHABLE",
    PasswordReset => "PASSWORD_RESET",
    PasswordChanged => "PASSWORD_CHANGED",
    AddressChange => "ADDRESS_CHANGE",
    SecondFactorChanged => "SECOND_FACTOR_CHANGED",
    AccountDeleted => "ACCOUNT_DELETED",
});

/// A way to reach a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// In the list of messages of the account.
    InApp,
    /// By mail.
    Email,
    /// By SMS.
    Sms,
}

named!(Channel { InApp => "IN_APP", Email => "EMAIL", Sms => "SMS" });

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryStatus {
    /// It waits to be sent, for the first time or again.
    Queued,
    /// The mail server, or who sends SMS, has taken it over.
    Sent,
    /// It is in the person's list.
    Delivered,
    /// It could not be sent, and is not tried any more.
    Failed,
    /// It was taken back: by the time it was to be sent it was not true any more.
    Withdrawn,
}

named!(DeliveryStatus {
    Queued => "QUEUED",
    Sent => "SENT",
    Delivered => "DELIVERED",
    Failed => "FAILED",
    Withdrawn => "WITHDRAWN",
});

/// What a person may choose for a kind and a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It is always sent: tickets and money are not optional.
    Always,
    /// Theirs; on until they say otherwise.
    On,
    /// Theirs; off until they say otherwise.
    Off,
}

impl Kind {
    /// What may be chosen for this kind by this channel; none where it never goes that way.
    pub fn choice(self, channel: Channel) -> Option<Choice> {
        use Kind::{
            AccountDeleted, AddressChange, AddressTaken, AddressUnreachable, AddressVerification,
            EventCancelled, EventReminder, EventRescheduled, Invitation, OrderConfirmed, OrderExpired,
            OrderRefunded, PasswordReset, PaymentDeclined, PaymentDisputed, TicketsReceived, WaitlistOffer,
        };
        match channel {
            Channel::Email => match self {
                // A dispute is mailed to the organization, at the address that it has given for that, and to no person. What
                // does not arrive is not mailed either.
                OrderExpired | PaymentDisputed | AddressUnreachable => None,
                PaymentDeclined | EventReminder | WaitlistOffer => Some(Choice::On),
                _ => Some(Choice::Always),
            },
            Channel::Sms => matches!(
                self,
                OrderConfirmed | OrderRefunded | EventCancelled | EventRescheduled | EventReminder
            )
            .then_some(Choice::Off),
            Channel::InApp => match self {
                // These go to an address, which may have no account, and so no list.
                TicketsReceived | AddressVerification | Invitation | AddressTaken | PasswordReset
                | AddressChange | AccountDeleted => None,
                _ => Some(Choice::On),
            },
        }
    }

    /// True for mails that their reader can do without: whoever wants no more of them says so with one click.
    pub fn is_optional(self) -> bool {
        self.choice(Channel::Email).is_some_and(|choice| choice != Choice::Always)
    }
}
