//! What a ticket looks like on paper and on a screen: QR as SVG and PNG, PDF, times written for
//! people and for calendars; and its invoice as a PDF.
//!
//! The same ticket or invoice gives the same bytes, on machines with the same fonts.

mod address;
mod calendar;
mod entry;
mod fonts;
mod invoice;
mod lettering;
mod missing;
mod pdf;
mod qr;
mod sheet;
mod times;

pub use address::{address_lines, country_name};
pub use calendar::{calendar_time, calendar_zone};
pub use entry::{CalendarEntry, CalendarStatus};
pub use fonts::look_for_fonts_in;
pub use invoice::invoice_pdf;
pub use pdf::{PrintedTicket, ticket_pdf};
pub use qr::{qr_png, qr_svg};
pub use times::{DatesInWords, English, WrittenTimes, instant_in_words, written_instant};
