//! State and rules.

mod contact;
mod event;
mod house;
mod inventory;
mod order;
mod places;
mod price;
mod price_tier;
mod refund;
mod reservation;
mod sale;
mod seat_id;
mod spoken;
mod ticket;
mod ticket_file;
mod ticket_type;
mod token;

pub use contact::Contact;
pub use event::{KnownEvent, knows_stock};
pub use house::{House, HouseSeat, HouseSection, PlaceKind};
pub use inventory::{Inventory, InventorySnapshot};
pub use order::{
    Attendee, Order, OrderMoney, OrderSnapshot, OrderStatus, OrderStep, OrderStepKind, Standing, ToldStep,
};
pub use places::{SeatChangeLog, SeatState, SeatStatus, SectionCount, Wish, Wishes};
pub use price::{DiscountLine, FeeLine, Price, TaxLine};
pub use price_tier::{NewTier, PriceTier};
pub use refund::{Refund, RefundState};
pub use reservation::{Claim, Place, Reservation, ReservationSnapshot, ReservationStatus};
pub use sale::{AvailabilityLevel, SaleStatus, sale_starts_at};
pub use seat_id::SeatId;
pub use ticket::{CheckIn, Ticket, TicketSnapshot, TicketStatus};
pub use ticket_file::{FileAddress, FileForm};
pub use ticket_type::{SalesStatus, TicketType, TicketTypeSnapshot};
pub use token::{PublicKey, TicketKeys, TicketToken};
