//! What a ticket looks like on paper and on a screen: QR as SVG and PNG, PDF, times written for
//! people and for calendars; and its invoice as a PDF. And the languages in which people are written to.
//!
//! The same ticket or invoice gives the same bytes, on machines with the same fonts.

mod address;
mod calendar;
mod entry;
mod fonts;
mod invoice;
mod language;
mod lettering;
mod messages;
mod missing;
mod pdf;
mod qr;
mod sheet;
mod times;
mod words;

pub use address::{address_lines, country_name, is_country};
pub use calendar::{calendar_time, calendar_zone};
pub use entry::{CalendarEntry, CalendarStatus};
pub use fonts::look_for_fonts_in;
pub use invoice::invoice_pdf;
pub use language::Language;
pub use messages::{Messages, said_otherwise};
pub use pdf::{PrintedTicket, ticket_pdf};
pub use qr::{qr_png, qr_svg};
pub use times::{WrittenTimes, written_instant};
