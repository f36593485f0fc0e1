//! The bank's question whether it is really you: the page behind `next_action.redirect_to_url` decides a payment here.

use super::cards;
use super::charging::{self, Asked, Changes};
use super::intent::{Intent, Status};
use super::session::Session;
use super::sessions;
use super::unasked::act;
use crate::world::World;

/// What came of a decision.
pub(crate) enum Decided {
    /// The payment as it stands now, and the page on which it is made, if it is made on one.
    Payment(Box<Intent>, Option<Box<Session>>),
    /// It was not waiting for a decision any more.
    TooLate(Box<Intent>),
    /// There is no such payment.
    Unknown,
}

/// Lets the payment go on, or fail, as the person said.
pub(crate) fn decide(world: &World, id: &str, agreed: bool) -> std::io::Result<Decided> {
    act(world, |call| {
        let (state, mut changes) = (call.state, Changes::new(call));
        let Some(mut intent) = state.intents.get(id).cloned() else {
            return (Decided::Unknown, changes);
        };
        let card = intent.payment_method.as_deref().map(cards::card);
        let (Status::RequiresAction, Some(Ok(card))) = (&intent.status, card) else {
            return (Decided::TooLate(Box::new(intent)), changes);
        };
        if agreed {
            // A decline is told by the intent itself; nobody waits here for an error.
            let _ = charging::attempt(&mut intent, card, Asked::Agreed, &mut changes);
        } else {
            charging::fail_authentication(&mut intent, card, &mut changes);
        }
        let known = || intent.checkout.as_deref().and_then(|id| state.sessions.get(id)).cloned();
        let session = sessions::complete(call, &intent, &mut changes).or_else(known);
        (Decided::Payment(Box::new(intent), session.map(Box::new)), changes)
    })
}
