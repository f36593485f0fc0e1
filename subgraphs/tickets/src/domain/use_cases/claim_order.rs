use kernel::{EmailAddress, Refusal, Result, UserId};

use super::Tickets;
use crate::domain::{
    entities::{ClaimToken, Claimed},
    ports::OrderView,
    reasons,
};

/// What somebody shows who wants to have an order in their account.
#[derive(Clone, Debug)]
pub struct ClaimOrder {
    /// Into whose account.
    pub by: UserId,
    /// The order's number, as people say it.
    pub number: String,
    /// The address at which its buyer was told of the purchase.
    pub address: EmailAddress,
    /// What stood in the mail to that address.
    pub token: ClaimToken,
}

impl Tickets {
    /// Takes what a guest bought into an account: the order, and those of its tickets that were not passed on. Whoever has the
    /// token reads the mail to the guest's address, and nobody else does. Codes of tickets stay as they are. Doing it twice is
    /// once. Whatever is wrong with what is shown, the refusal is the same.
    #[tracing::instrument(skip_all)]
    pub async fn claim_order(&self, ask: ClaimOrder) -> Result<OrderView> {
        self.pace.tries_claim(ask.by)?;
        let found = self.reads.order_numbered(&ask.number).await?;
        let id = found.filter(|id| ask.token.is_of(*id, &self.keys)).ok_or_else(no_such_claim)?;
        let contact = self.reads.contact_of(id).await?;
        if !contact.is_some_and(|contact| contact.is_reached_at(&ask.address)) {
            return Err(no_such_claim().into());
        }
        self.pace.knew_claim(ask.by);
        let mut tx = self.store.begin().await?;
        let mut order = tx.order(id).await?.ok_or_else(no_such_claim)?;
        let buyer_is_guest = tx.is_guest(order.state().buyer).await?;
        if order.state().buyer != ask.by && tx.is_guest(ask.by).await? {
            let message =
                "You are a guest, and have no account yet. Register or sign in, and open the link again.";
            return Err(Refusal::new(reasons::NO_ACCOUNT_YET, message).into());
        }
        if let Claimed::Now(from) = order.claim(ask.by, buyer_is_guest, tx.now())? {
            tx.hand_over(order.state(), from).await?;
            tx.save_order(&mut order).await?;
            tx.commit().await?;
        }
        let view = self.reads.order(id).await?;
        Ok(view.ok_or_else(no_such_claim)?)
    }
}

fn no_such_claim() -> Refusal {
    let message = "There is no order of this number, address and token. Open the link of your confirmation mail as it is.";
    Refusal { message: message.to_owned(), ..Refusal::not_found("order") }
}
