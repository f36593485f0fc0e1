//! What every service speaks: ids, money, time, pages, text and errors. Nothing here does I/O.

mod change;
mod clock;
mod email;
mod error;
mod fingerprint;
mod id;
mod left_alone;
mod locale;
mod money;
mod mutations;
mod page;
mod phone;
mod problems;
mod provider_amount;
mod rate;
mod reason;
mod refusal;
mod text;
mod viewer;

pub use change::Change;
pub use clock::{Clock, StoppedClock, SystemClock, from_millis, rfc3339, to_millis};
pub use email::EmailAddress;
pub use error::{Error, ErrorCode, Fault, Result};
pub use fingerprint::fingerprint;
pub use id::{
    EventId, ForeignAccountId, Id, ImageId, InvitationId, InvoiceId, Kind, LayoutId, LineItemId,
    NotificationId, OrderId, OrganizationId, PaymentId, PromoCodeId, Public, RefundId, ReservationId, SagaId,
    SecondFactorId, SessionId, TicketId, TicketTypeId, TierId, UserId, VenueId, WaitlistEntryId, WrongId,
    kinds,
};
pub use left_alone::LeftAlone;
pub use locale::Locale;
pub use money::{Currency, Money};
pub use mutations::{COSTLY_MUTATIONS, MOST_COSTLY_MUTATIONS, MOST_MUTATIONS};
pub use page::{Cursor, MAX_PAGE, Page, PageAsk};
pub use phone::PhoneNumber;
pub use problems::{Parts, Problems, each, together};
pub use provider_amount::ProviderAmount;
pub use rate::Rate;
pub use reason::{Reason, reasons};
pub use refusal::{InputProblem, Refusal};
pub use text::{
    TimeZone, idempotency_key, line, optional_line, paragraph, spoken_word, typed_code, with_plain_breaks,
};
pub use viewer::Viewer;
