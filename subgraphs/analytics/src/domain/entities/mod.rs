//! What was heard of orders and reservations, and what it adds up to.

mod event;
mod fact;
mod heard;
mod order;
mod period;
mod report;
mod reservation;
mod sales;

pub use event::EventCopy;
pub use fact::Fact;
pub use heard::{Heard, Known, TypeName};
pub use order::{Issue, Line, Order, OrderFacts, Refund};
pub use period::{Interval, MAX_POINTS, Period};
pub use report::{Report, SalesPoint, TicketTypeReport};
pub use reservation::{Reservation, ReservationFacts};
pub use sales::{Figures, QUARTER, QuarterSales, Sales, TicketTypeSales, quarter_of};
