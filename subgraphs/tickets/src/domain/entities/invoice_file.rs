use chrono::{DateTime, Utc};
use kernel::InvoiceId;

use super::{TicketKeys, signed_address};

/// Begins each text that is signed for an address, and nothing else that these keys sign.
const PURPOSE: &str = "odysseus: address of an invoice's file";

/// Where an invoice is found for a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceAddress {
    /// Which invoice.
    pub invoice: InvoiceId,
    /// When it ends, in seconds since 1970.
    pub until: i64,
    /// Shows that it was given out by us.
    pub signature: String,
}

impl InvoiceAddress {
    /// The address of an invoice, from `now` on.
    pub fn give_out(invoice: InvoiceId, keys: &TicketKeys, now: DateTime<Utc>) -> Self {
        let until = signed_address::end(now);
        let signature = signed_address::signature(&signed_text(invoice, until), keys);
        Self { invoice, until, signature }
    }

    /// True when its time is over.
    pub fn has_ended(&self, now: DateTime<Utc>) -> bool {
        signed_address::has_ended(self.until, now)
    }

    /// True when it was given out by us.
    pub fn is_ours(&self, keys: &TicketKeys) -> bool {
        signed_address::is_ours(&self.signature, &signed_text(self.invoice, self.until), keys)
    }
}

fn signed_text(invoice: InvoiceId, until: i64) -> String {
    format!("{PURPOSE}\n{invoice}\n{until}")
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    #[test]
    fn an_address_is_good_for_a_day_for_one_invoice_and_only_if_we_gave_it_out() {
        let (keys, others) =
            (TicketKeys::from_secrets(&[7; 32], &[]), TicketKeys::from_secrets(&[8; 32], &[]));
        let now = DateTime::from_timestamp(1_800_000_000, 0).unwrap();
        let address = InvoiceAddress::give_out(InvoiceId::new(), &keys, now);
        assert!(address.is_ours(&keys) && !address.is_ours(&others));
        assert!(!address.has_ended(now + TimeDelta::hours(24) - TimeDelta::seconds(1)));
        assert!(address.has_ended(now + TimeDelta::hours(24)));
        for changed in [
            InvoiceAddress { invoice: InvoiceId::new(), ..address.clone() },
            InvoiceAddress { until: address.until + 1, ..address.clone() },
            InvoiceAddress { signature: String::new(), ..address.clone() },
            InvoiceAddress { signature: format!("{}A", address.signature), ..address.clone() },
        ] {
            assert!(!changed.is_ours(&keys), "{changed:?}");
        }
    }
}
