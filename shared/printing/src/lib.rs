//! What a ticket looks like on paper and on a screen: QR as SVG and PNG, PDF, times written for
//! people and for calendars.
//!
//! Everything here is a pure function of its arguments: the same ticket gives the same bytes.

mod address;
mod calendar;
mod entry;
mod lettering;
mod pdf;
mod qr;
mod times;

pub use address::{address_lines, country_name};
pub use calendar::{calendar_time, calendar_zone};
pub use entry::{CalendarEntry, CalendarStatus};
pub use pdf::{PrintedTicket, ticket_pdf};
pub use qr::{qr_png, qr_svg};
pub use times::{WrittenTimes, written_instant};
