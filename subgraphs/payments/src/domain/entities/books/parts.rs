use kernel::{Currency, Fault, Money};
use serde::{Deserialize, Serialize};

/// What was paid, or went back, and what that is made of, in minor units of a currency that whoever has it knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parts {
    /// All of it.
    pub paid: i64,
    /// Of it, taxes.
    pub tax: i64,
    /// What is the platform's for the service, whoever bears it.
    pub fees: i64,
}

impl Parts {
    /// What is left when others are taken away.
    pub(super) fn without(self, other: Self) -> Self {
        Self { paid: self.paid - other.paid, tax: self.tax - other.tax, fees: self.fees - other.fees }
    }

    /// As much of each part as `minor` is of the whole; all of it where it is as much or more.
    pub(super) fn share(self, minor: i64, currency: Currency) -> Result<Self, Fault> {
        let taken = minor.clamp(0, self.paid.max(0)).unsigned_abs();
        if taken == 0 {
            return Ok(Self::default());
        }
        let part = |part| Ok(Money::new(part, currency).share(taken, self.paid.unsigned_abs())?.minor);
        Ok(Self { paid: part(self.paid)?, tax: part(self.tax)?, fees: part(self.fees)? })
    }
}
