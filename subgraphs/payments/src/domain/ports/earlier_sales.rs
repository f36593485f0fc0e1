//! What was sold before there were books.

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use kernel::{Fault, PaymentId};

use crate::domain::entities::Payment;

/// Finds what was sold before there were books, and knows what of it is still to be booked.
#[async_trait]
pub trait EarlierSales: Send + Sync {
    /// Goes on through the payments that were made before there were books, `at_once` of them, and keeps those to be booked
    /// that took money, and of which no sale was told; true while there are more.
    async fn look_through(&self, at_once: u32) -> Result<bool, Fault>;
    /// Takes some that are to be booked, at most `at_once`; for as long as `pause` nobody takes them again.
    async fn take(&self, at_once: u32, pause: Duration) -> Result<Taken, Fault>;
    /// Nothing is to be booked of these any more.
    async fn done(&self, payments: &[PaymentId]) -> Result<(), Fault>;
}

/// Payments of which a sale is to be booked.
#[derive(Clone, Debug)]
pub struct Taken {
    /// How many were taken.
    pub count: usize,
    /// Of them, those of which is known whose event they are for.
    pub payments: Vec<Payment>,
    /// When.
    pub now: DateTime<Utc>,
}
