//! What every service speaks: ids, money, time, pages, text and errors. Nothing here does I/O.

mod clock;
mod email;
mod error;
mod fingerprint;
mod id;
mod left_alone;
mod money;
mod page;
mod provider_amount;
mod text;

pub use clock::{Clock, StoppedClock, SystemClock, from_millis, to_millis};
pub use email::EmailAddress;
pub use error::{Error, ErrorCode, Fault, Refusal, Result};
pub use fingerprint::fingerprint;
pub use id::{
    EventId, Id, Kind, LayoutId, NotificationId, OrderId, OrganizationId, PaymentId, Public, RefundId,
    ReservationId, SessionId, TicketId, TicketTypeId, TierId, UserId, VenueId, kinds,
};
pub use left_alone::LeftAlone;
pub use money::{Currency, Money};
pub use page::{Cursor, MAX_PAGE, Page, PageAsk};
pub use provider_amount::ProviderAmount;
pub use text::{
    TimeZone, idempotency_key, line, optional_line, paragraph, spoken_word, typed_code, with_plain_breaks,
};
