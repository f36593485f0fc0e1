//! State and rules.

mod contact;
mod credit_note;
mod event;
mod house;
mod inventory;
mod invoice;
mod invoice_file;
mod moves;
mod order;
mod places;
mod price;
mod price_tier;
mod promo_code;
mod refund;
mod reservation;
mod sale;
mod seat_id;
mod signed_address;
mod spoken;
mod ticket;
mod ticket_file;
mod ticket_type;
mod token;
mod waitlist;

pub use contact::Contact;
pub use credit_note::{Creditable, GoesBack};
pub use event::{KnownEvent, knows_stock};
pub use house::{Block, House, HouseSeat, HouseSection, PlaceKind};
pub use inventory::{
    Fields, Inventory, InventorySnapshot, Kept, KeptPlaces, Party, Waited, Where, numbers_of,
};
pub use invoice::{InvoiceSeries, MadeOf, Numbered, invoice_of, is_invoiced, legal_name};
pub use invoice_file::InvoiceAddress;
pub use moves::{Move, ToldBefore, known_start};
pub(crate) use order::CALLED_OFF;
pub use order::{
    AcceptedTerms, Attendee, ClaimToken, Claimed, Given, Order, OrderMoney, OrderSnapshot, OrderStatus,
    OrderStep, OrderStepKind, Standing, ToldStep,
};
pub use places::{SeatChangeLog, SeatState, SeatStatus, SectionCount, Wish, Wishes};
pub use price::{DiscountLine, FeeLine, Price, TaxLine};
pub use price_tier::{NewTier, PriceTier};
pub use promo_code::{Change, PromoCode, PromoCodeChange, PromoCodeSnapshot, Redeemed, Redemptions, off};
pub use refund::{Refund, RefundState};
pub use reservation::{Claim, Place, Reservation, ReservationSnapshot, ReservationStatus};
pub use sale::{AvailabilityLevel, SaleStatus, sale_starts_at};
pub use seat_id::SeatId;
pub use ticket::{
    CheckIn, Circumstances, MOST_TRANSFERS, NewHolder, Ticket, TicketSnapshot, TicketStatus, Transfer,
    not_yours,
};
pub use ticket_file::{FileAddress, FileForm};
pub use ticket_type::{SalesStatus, TicketTax, TicketType, TicketTypeSnapshot};
pub use token::{PublicKey, TicketKeys, TicketToken};
pub use waitlist::{
    OfferFate, Queue, WaitlistEntry, WaitlistSnapshot, WaitlistStatus, WaitlistWish, offered_until,
    sold_until,
};
