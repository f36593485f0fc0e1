//! Whatever has an id that says what it is, looked up by it alone.

use async_graphql::{Context, ID, Interface, Object, Result};
use kernel::{Kind, Refusal, kinds};
use service::graphql::{IntoGraph, id as read_id};

use super::{Organization, User, query};

/// Something with an id that says what it is.
#[derive(Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "Which."))]
pub enum Node {
    /// A person.
    User(User),
    /// Who sells tickets.
    Organization(Organization),
    /// Something that takes place.
    Event(Event),
    /// A kind of ticket of an event.
    TicketType(TicketType),
    /// Seats and places set aside for a buyer.
    Reservation(Reservation),
    /// What a buyer is buying.
    Order(Order),
    /// A right to enter.
    Ticket(Ticket),
    /// The money of an order.
    Payment(Payment),
}

macro_rules! of_other_services {
    ($($(#[$doc:meta])* $kind:ident;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug)]
            pub struct $kind(ID);

            $(#[$doc])*
            #[Object(unresolvable = "id")]
            impl $kind {
                /// Which.
                async fn id(&self) -> ID {
                    self.0.clone()
                }
            }
        )*

        /// What another service knows by this id, of which nothing is known here; none for an id of another kind.
        fn elsewhere(prefix: &str, id: &ID) -> Result<Option<Node>> {
            $(if prefix == kinds::$kind::PREFIX {
                let id = read_id::<kinds::$kind>("id", id)?.public().into();
                return Ok(Some(Node::$kind($kind(id))));
            })*
            Ok(None)
        }
    };
}

of_other_services! {
    /// Something that takes place.
    Event;
    /// A kind of ticket of an event.
    TicketType;
    /// Seats and places set aside for a buyer.
    Reservation;
    /// What a buyer is buying.
    Order;
    /// A right to enter.
    Ticket;
    /// The money of an order.
    Payment;
}

/// What this id points at, by what it begins with.
pub(super) async fn node(context: &Context<'_>, id: &ID) -> Result<Option<Node>> {
    let prefix = id.split_once('_').map_or("", |(prefix, _)| prefix);
    if prefix == kinds::User::PREFIX {
        let user = read_id("id", id)?;
        return Ok(query::person(context, service::graphql::viewer(context), user).await?.map(Node::User));
    }
    if prefix == kinds::Organization::PREFIX {
        let organization = read_id("id", id)?;
        return Ok(query::organization(context, organization).await?.map(Node::Organization));
    }
    if let Some(node) = elsewhere(prefix, id)? {
        return Ok(Some(node));
    }
    Err(Refusal::bad_input("id", "must say what it is, as that of an event does: evt_…")
        .because(kernel::reasons::WRONG_KIND))
    .graph()
}
