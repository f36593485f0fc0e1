use std::collections::BTreeMap;

use kernel::{OrderId, Result};

use super::{Notifications, Occasion, of_order};
use crate::domain::{
    entities::{Account, Kind},
    letter::Letter,
    ports::Tx,
};

/// A letter, and to whom.
pub(super) struct ToHolder {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) letter: Letter,
}

impl Notifications {
    /// Mails something about an order to others who have tickets of it, by the keys of their addresses. Who was sent a ticket is
    /// told in any case; others only as long as the buyer may have mails sent to others.
    pub(super) async fn mail_holders<T>(
        &self,
        tx: &mut dyn Tx,
        (buyer, order): (&Account, OrderId),
        on: &Occasion<'_>,
        others: BTreeMap<String, Vec<T>>,
        letter: impl Fn(Vec<T>) -> ToHolder + Send,
    ) -> Result<()>
    where
        T: Send,
    {
        let keys: Vec<String> = others.keys().cloned().collect();
        let have_tickets = tx.mailed(Kind::TicketsReceived, &of_order(order), &keys).await?;
        let unmailed = keys.len() - have_tickets.len();
        let mut left = self.mails_left(tx, buyer.user_id, unmailed).await?;
        for (key, theirs) in others {
            let has_ticket = have_tickets.contains(&key);
            if !has_ticket {
                let Some(fewer) = left.checked_sub(1) else { continue };
                left = fewer;
            }
            let ToHolder { email, name, letter } = letter(theirs);
            let mail = self.mail_to_address(&email, &name, letter, on);
            tx.add(&if has_ticket { mail } else { mail.on_behalf_of(buyer.user_id) }).await?;
        }
        Ok(())
    }
}
