//! What a ticket looks like on paper and on a screen: QR as SVG and PNG, PDF, times written for people.
//!
//! Everything here is a pure function of its arguments: the same ticket gives the same bytes.

mod lettering;
mod pdf;
mod qr;
mod times;

pub use pdf::{PrintedTicket, ticket_pdf};
pub use qr::{qr_png, qr_svg};
pub use times::WrittenTimes;
