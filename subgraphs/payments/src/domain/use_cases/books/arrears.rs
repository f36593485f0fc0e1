use std::{sync::Arc, time::Duration};

use kernel::{PaymentId, Result};

use super::Books;
use crate::domain::{
    entities::{
        Payment,
        books::{EarlierSale, Fact, earlier_sale},
    },
    ports::{EarlierSales, OrderOf},
};

/// How many payments are looked through in one step.
const LOOKED_THROUGH: u32 = 500;
/// How many sales are booked in one step.
const BOOKED: u32 = 50;
/// How long a sale waits that cannot be booked yet: because it is too young, or nobody has told whose event it is for.
const PAUSE: Duration = Duration::from_hours(1);
/// How long it is until it is looked again, when there is nothing to do.
const LOOK: Duration = Duration::from_mins(10);

/// Books what was sold before there were books, from what the payments know.
#[derive(Clone)]
pub struct Arrears {
    sales: Arc<dyn EarlierSales>,
    books: Books,
}

impl Arrears {
    /// Over this port, into these books.
    pub fn new(sales: Arc<dyn EarlierSales>, books: Books) -> Self {
        Self { sales, books }
    }

    /// One step: some of it, and how long it is until there is more to do. It may be interrupted and repeated anywhere, and be
    /// done by many at once: nothing is booked twice.
    #[tracing::instrument(skip_all)]
    pub async fn step(&self) -> Result<Duration> {
        let more = self.sales.look_through(LOOKED_THROUGH).await?;
        let pause = chrono::Duration::from_std(PAUSE).unwrap_or(chrono::Duration::MAX);
        let taken = self.sales.take(BOOKED, pause).await?;
        let mut done = Vec::with_capacity(taken.payments.len());
        for payment in &taken.payments {
            let sale = earlier_sale(payment, taken.now);
            match self.book(payment, &sale).await {
                Ok(Some(booked)) => done.push(booked),
                Ok(None) => {}
                // It holds up no other.
                Err(error) => {
                    tracing::error!(payment = %payment.snapshot().id, %error, "an earlier sale could not be booked and will be tried again");
                }
            }
        }
        if !done.is_empty() {
            self.sales.done(&done).await?;
        }
        Ok(if more || taken.count > 0 { Duration::ZERO } else { LOOK })
    }

    /// Books a sale; none while it cannot be told whether it is one.
    async fn book(&self, payment: &Payment, sale: &EarlierSale) -> Result<Option<PaymentId>> {
        let is = payment.snapshot();
        let facts: &[Fact] = match sale {
            EarlierSale::Sold(facts) => facts,
            EarlierSale::NotSold => &[],
            EarlierSale::Undecided => return Ok(None),
        };
        let of = OrderOf {
            order: is.order_id,
            event: is.event_id,
            organization: None,
            currency: is.amount.currency,
        };
        for fact in facts {
            self.books.book(None, of, fact).await?;
        }
        Ok(Some(is.id))
    }
}
