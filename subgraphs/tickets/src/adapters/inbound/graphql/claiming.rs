//! What guests bought comes into accounts.

use async_graphql::{Context, InputObject, Object, Result};
use kernel::{EmailAddress, Refusal, UserId, line, together};
use service::graphql::{IntoGraph, Who, access, require_user};

use super::{mutation::count, order::Order};
use crate::domain::{
    entities::ClaimToken,
    use_cases::{ClaimOrder, Tickets},
};

/// What shows that an order is one's own: the link of its confirmation mail has all of it.
#[derive(InputObject)]
pub(crate) struct ClaimOrderInput {
    /// The order's number, as people say it: ODY-7K3MQ2ZT.
    number: String,
    /// The address to which its confirmation was mailed.
    email: String,
    /// The token of that mail.
    token: String,
}

impl ClaimOrderInput {
    fn read(&self, by: UserId) -> Result<ClaimOrder, Refusal> {
        let (number, address, token) = together((
            line("number", &self.number, 40),
            EmailAddress::parse("email", &self.email),
            line("token", &self.token, 200),
        ))?;
        Ok(ClaimOrder { by, number: number.to_ascii_uppercase(), address, token: ClaimToken(token) })
    }
}

/// What guests bought comes into accounts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Claiming;

/// What guests bought comes into accounts.
#[Object]
impl Claiming {
    /// Takes an order that a guest placed into the caller's account, with its tickets, apart from those that were passed on:
    /// codes and files of tickets stay as they are. The confirmation mail of a guest's order has what it takes. Doing it twice is
    /// once. An order that is in an account already stays there.
    #[graphql(directive = access::apply([Who::User].into(), None))]
    async fn claim_order(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What shows that it is one's own.")] input: ClaimOrderInput,
    ) -> Result<Option<Order>> {
        let by = require_user(context)?;
        let outcome = context.data::<Tickets>()?.claim_order(input.read(by).graph()?).await;
        count("claim", &outcome);
        Ok(Some(Order(outcome.graph()?)))
    }
}
