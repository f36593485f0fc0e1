//! Which payments are being settled in this process: a webhook is often faster than the answer to our own call, and says
//! the same.

use std::time::Duration;

use kernel::PaymentId;
use moka::sync::Cache;
use tokio::sync::watch;

/// How many payments are remembered, and for how long.
const REMEMBERED: (u64, Duration) = (10_000, Duration::from_mins(1));
/// How long a webhook waits until what it says is noted by whoever asked the provider.
const PATIENCE: Duration = Duration::from_secs(1);

/// By whose payment is being settled here: what the provider calls it, once it is noted that its money is there.
#[derive(Clone, Debug)]
pub(super) struct Said(Cache<PaymentId, watch::Sender<Option<String>>>);

/// The provider is being asked; when this is dropped without money, nobody waits for it any more.
pub(super) struct Asking {
    said: Said,
    payment: PaymentId,
    noted: bool,
}

impl Default for Said {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(REMEMBERED.0).time_to_live(REMEMBERED.1).build())
    }
}

impl Said {
    /// The provider is about to be asked about this payment.
    pub(super) fn asking(&self, payment: PaymentId) -> Asking {
        self.0.insert(payment, watch::Sender::new(None));
        Asking { said: self.clone(), payment, noted: false }
    }

    /// True when it was noted here that the money of this payment, which the provider knows by this name, is there. While
    /// the provider is being asked, that is waited for, for a moment.
    pub(super) async fn is_noted(&self, payment: PaymentId, name: &str) -> bool {
        let Some(mut said) = self.0.get(&payment).map(|said| said.subscribe()) else { return false };
        match tokio::time::timeout(PATIENCE, said.wait_for(Option::is_some)).await {
            Ok(Ok(noted)) => noted.as_deref() == Some(name),
            _ => false,
        }
    }
}

impl Asking {
    /// It is noted, and lasts, that the money of what the provider calls so is there.
    pub(super) fn noted(mut self, name: &str) {
        self.noted = true;
        if let Some(said) = self.said.0.get(&self.payment) {
            said.send_replace(Some(name.to_owned()));
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        if !self.noted {
            self.said.0.invalidate(&self.payment);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn what_is_being_noted_is_waited_for_and_no_longer() {
        let (said, payment) = (Said::default(), PaymentId::new());
        assert_eq!(said.is_noted(payment, "pi_1").now_or_never(), Some(false), "nobody has asked");

        let asking = said.asking(payment);
        let mut waiting = Box::pin(said.is_noted(payment, "pi_1"));
        assert!(waiting.as_mut().now_or_never().is_none());
        asking.noted("pi_1");
        assert!(waiting.await);
        assert!(!said.is_noted(payment, "pi_2").await, "it was said of another");

        let asking = said.asking(payment);
        let mut waiting = Box::pin(said.is_noted(payment, "pi_1"));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(asking);
        assert!(!waiting.await, "there was no money");
    }
}
