use contracts::payments::PaymentDeclined;
use kernel::Result;
use uuid::Uuid;

use super::Notifications;
use crate::domain::{
    entities::{Kind, Told},
    letter::titled,
};

impl Notifications {
    /// Tells the buyer that the card was declined, and what to do.
    #[tracing::instrument(skip_all)]
    pub async fn tell_of_decline(&self, message: Uuid, declined: &PaymentDeclined) -> Result<()> {
        let Some(mut tx) = self.store.begin_handling(message).await? else { return Ok(()) };
        let event = tx.event(declined.event_id).await?;
        let title = event.map_or_else(|| "your order".to_owned(), |event| titled(&event.title));
        let told = Told {
            kind: Kind::PaymentDeclined,
            cause: format!("payment:{}:{}", declined.payment_id, declined.attempt),
            subject: format!("Your card was declined: {title}"),
            body: format!(
                "The payment for {title} did not go through: {}. Nothing was charged, and your seats are \
                 still yours until your order runs out: try another card.",
                reason(&declined.decline_code)
            ),
        };
        let reader = tx.reader(declined.buyer_id).await?;
        self.list(tx.as_mut(), &reader, told).await?;
        tx.commit().await
    }
}

/// The provider's reason in words. What may help a thief is not told apart.
fn reason(code: &str) -> &'static str {
    match code {
        "insufficient_funds" => "there is not enough money on the account",
        "expired_card" => "the card has expired",
        "incorrect_cvc" | "invalid_cvc" => "the card's security code is wrong",
        "authentication_required" => "your bank wants you to confirm the payment",
        "processing_error" => "something went wrong at the bank; the same card may work in a moment",
        _ => "your bank declined it",
    }
}
