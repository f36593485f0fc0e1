//! What the provider has said to this process: its webhook is about to say the same, and is often faster.

use std::time::Duration;

use kernel::PaymentId;
use moka::sync::Cache;
use tokio::sync::watch;

use crate::domain::ports::Intent;

/// How many payments are remembered, and for how long.
const REMEMBERED: (u64, Duration) = (10_000, Duration::from_mins(1));
/// How long a webhook waits for the answer to our own call.
const PATIENCE: Duration = Duration::from_millis(300);

/// By whose payment's card was tried here: the payment as the provider answered that its money is there, once it has.
#[derive(Clone, Debug)]
pub(super) struct Said(Cache<PaymentId, watch::Sender<Option<Intent>>>);

/// A card is being tried; when this is dropped without an answer, nobody waits for one any more.
pub(super) struct Asking {
    said: Said,
    payment: PaymentId,
    answered: bool,
}

impl Default for Said {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED.0).time_to_live(REMEMBERED.1).build())
    }
}

impl Said {
    /// The provider is about to be asked to take the money of this payment.
    pub(super) fn asking(&self, payment: PaymentId) -> Asking {
        self.0.insert(payment, watch::Sender::new(None));
        Asking { said: self.clone(), payment, answered: false }
    }

    /// What the provider said of this payment, which it knows by this name; none if it was not asked here, or said
    /// something else. While it is being asked, the answer is waited for, for a moment.
    pub(super) async fn of(&self, payment: PaymentId, name: &str) -> Option<Intent> {
        let mut said = self.0.get(&payment)?.subscribe();
        let said = tokio::time::timeout(PATIENCE, said.wait_for(Option::is_some)).await.ok()?.ok()?.clone();
        said.filter(|intent| intent.id == name)
    }
}

impl Asking {
    /// The provider answers that the money is there.
    pub(super) fn answered(mut self, intent: &Intent) {
        self.answered = true;
        if let Some(said) = self.said.0.get(&self.payment) {
            said.send_replace(Some(intent.clone()));
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if !self.answered {
            self.said.0.invalidate(&self.payment);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;
    use crate::domain::ports::IntentStatus;

    fn intent(id: &str) -> Intent {
        Intent {
            id: id.to_owned(),
            client_secret: None,
            status: IntentStatus::Succeeded,
            received: None,
            payment_id: None,
            order_id: None,
        }
    }

    #[tokio::test]
    async fn an_answer_is_waited_for_while_it_is_on_its_way_and_no_longer() {
        let (said, payment) = (Said::default(), PaymentId::new());
        assert_eq!(said.of(payment, "pi_1").now_or_never(), Some(None), "nobody has asked");

        let asking = said.asking(payment);
        let mut waiting = Box::pin(said.of(payment, "pi_1"));
        assert!(waiting.as_mut().now_or_never().is_none());
        asking.answered(&intent("pi_1"));
        assert_eq!(waiting.await.map(|intent| intent.id).as_deref(), Some("pi_1"));
        assert_eq!(said.of(payment, "pi_2").await, None, "it was said of another");

        let asking = said.asking(payment);
        let mut waiting = Box::pin(said.of(payment, "pi_1"));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(asking);
        assert_eq!(waiting.await, None, "there was no answer");
    }
}
