//! The graph of tickets.

mod cancellation;
mod choosing;
mod claiming;
mod contact;
mod event;
mod handing_on;
mod input;
mod invoice;
mod loaders;
mod mutation;
mod order;
mod promo_code;
mod query;
mod refund;
mod reservation;
mod seat_map;
mod subscription;
mod tax;
mod ticket;
mod ticket_type;
mod waitlist;

use async_graphql::{MergedObject, Schema};
use service::{
    graphql::{ConnectionOf, limited, loader},
    news::News,
};

pub use query::Query;
pub(crate) use seat_map::SeatMapChange;
pub use subscription::Subscription;

use self::{
    choosing::Choosing, claiming::Claiming, handing_on::HandingOn, loaders::Loaders, mutation::Selling,
    waitlist::Waiting,
};
use super::seat_feed::SeatFeed;
use crate::{adapters::outbound::google_wallet::GoogleWallet, domain::use_cases::Tickets};

/// What resolvers need besides the use cases.
#[derive(Clone)]
pub struct Surroundings {
    /// Live seat maps.
    pub(crate) feed: SeatFeed,
    /// News of orders.
    pub(crate) news: News,
    /// Where the platform is reached, for links.
    pub(crate) public_url: String,
    /// Who brings tickets into wallets, if somebody does.
    pub(crate) wallet: Option<GoogleWallet>,
}

impl Surroundings {
    /// Around these use cases.
    pub fn new(tickets: &Tickets, bus: std::sync::Arc<dyn messaging::Bus>, public_url: String) -> Self {
        let news = News::new(bus);
        Self { feed: SeatFeed::new(tickets.reads_shared(), news.clone()), news, public_url, wallet: None }
    }

    /// The same, with somebody who brings tickets into wallets.
    #[must_use]
    pub fn with_wallet(self, wallet: Option<GoogleWallet>) -> Self {
        Self { wallet, ..self }
    }
}

/// What can be done. Each of its parts has a file of its own.
#[derive(Clone, Copy, Debug, Default, MergedObject)]
pub struct Mutation(Selling, HandingOn, Claiming, Choosing, Waiting);

/// The schema.
pub type TicketsSchema = Schema<Query, Mutation, Subscription>;

/// The schema over these use cases; without any, for its SDL alone.
pub fn schema(over: Option<(Tickets, Surroundings)>) -> TicketsSchema {
    let builder = limited(Schema::build(Query, Mutation::default(), Subscription))
        .override_output_type_description::<ConnectionOf<order::Order>>("A page of orders.")
        .override_output_type_description::<ConnectionOf<ticket::Ticket>>("A page of tickets.")
        .override_output_type_description::<ConnectionOf<reservation::Reservation>>("A page of reservations.")
        .override_output_type_description::<ConnectionOf<waitlist::WaitlistEntry>>(
            "A page of entries of waiting lists.",
        )
        .override_output_type_description::<ConnectionOf<promo_code::PromoCode>>("A page of promo codes.");
    match over {
        Some((tickets, surroundings)) => {
            builder.data(loader(Loaders(tickets.clone()))).data(tickets).data(surroundings).finish()
        }
        None => builder.finish(),
    }
}
