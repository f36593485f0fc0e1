use async_graphql::SimpleObject;

use crate::domain::use_cases::Payments;

/// With what a browser speaks to the payment provider by itself.
#[derive(SimpleObject)]
pub(super) struct PaymentSettings {
    /// Whose library a browser takes: "stripe".
    provider: &'static str,
    /// The key with which that library says for whom it speaks; it is no secret. Null when browsers do not speak to the
    /// provider here. One that begins with `pk_sandbox_` is that of a stand-in, which takes no money: its payment methods are
    /// named in `PayInput.paymentMethod`.
    publishable_key: Option<String>,
}

impl PaymentSettings {
    pub(super) fn of(payments: &Payments) -> Self {
        Self { provider: "stripe", publishable_key: payments.publishable_key().map(str::to_owned) }
    }
}
