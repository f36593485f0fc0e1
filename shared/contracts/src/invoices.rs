//! Invoices and credit notes, whole and frozen: what is printed in five years is what was issued.

use chrono::{DateTime, Utc};
use kernel::{InvoiceId, Money, OrderId, Rate, TimeZone};
use serde::{Deserialize, Serialize};

/// An invoice, or a credit note that corrects one. Nothing of it is ever changed.
///
/// All amounts are in the currency of `total` and none is negative: a credit note says how much goes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Which.
    pub id: InvoiceId,
    /// Unique among its seller's: `2026-000123`, or `CN-2026-000007`. Each kind counts for itself in each year, without gaps.
    pub number: String,
    /// What it is.
    pub kind: InvoiceKind,
    /// When it was issued. Its number's year is that of this instant in UTC.
    pub issued_at: DateTime<Utc>,
    /// Who sells.
    pub seller: InvoiceSeller,
    /// Who bought.
    pub buyer: InvoiceBuyer,
    /// Of which order.
    pub order_id: OrderId,
    /// As people say it.
    pub order_number: String,
    /// What was sold.
    pub event: InvoicedEvent,
    /// The code with which it was sold for less.
    #[serde(default)]
    pub code: Option<String>,
    /// What was sold, or goes back. They sum to the total.
    pub lines: Vec<InvoiceLine>,
    /// What is paid for the service in all lines, by name.
    #[serde(default)]
    pub fees: Vec<InvoiceFee>,
    /// The taxes in all lines, by name, rate and way.
    #[serde(default)]
    pub taxes: Vec<InvoiceTax>,
    /// What was paid, or goes back.
    pub total: Money,
    /// Of a credit note: the number of the invoice that it corrects.
    #[serde(default)]
    pub corrects: Option<String>,
    /// The language in which it was issued, by a tag such as `de-AT`: that of whoever bought. None where it was not known, and in
    /// what was issued before languages were kept; then it is English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InvoiceKind {
    /// Of what was sold.
    Invoice,
    /// Of what goes back of it.
    CreditNote,
}

impl InvoiceKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Invoice, Self::CreditNote];

    /// As columns and clients have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "INVOICE",
            Self::CreditNote => "CREDIT_NOTE",
        }
    }
}

/// Who sells, as it was when the invoice was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceSeller {
    /// The legal name.
    pub name: String,
    /// In lines, as on an envelope.
    pub address: String,
    /// The number under which taxes are paid.
    #[serde(default)]
    pub tax_number: Option<String>,
}

/// Who bought, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceBuyer {
    /// Their name.
    #[serde(default)]
    pub name: Option<String>,
    /// Their address.
    #[serde(default)]
    pub email: Option<String>,
}

/// What an invoice says of the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoicedEvent {
    /// Its title.
    pub title: String,
    /// When it begins, as it was told then.
    pub starts_at: DateTime<Utc>,
    /// In which zone that is shown.
    pub timezone: TimeZone,
}

/// Tickets alike: `amount - discount + fees + tax on top = total`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// What they are: the ticket type's name.
    pub text: String,
    /// How many.
    pub quantity: u32,
    /// What each was listed for, with everything in it.
    pub unit_price: Money,
    /// What they cost without fees and taxes on top, before anything is taken off. Of a credit note, as much of it as goes back.
    pub amount: Money,
    /// What is taken off.
    pub discount: Money,
    /// What is paid for the service.
    pub fees: Money,
    /// How it is taxed.
    #[serde(default)]
    pub tax: Option<LineTax>,
    /// What was paid for them, or goes back.
    pub total: Money,
}

/// A tax in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineTax {
    /// As receipts call it: `VAT`.
    pub name: String,
    /// How much of the net amount.
    pub rate: Rate,
    /// True when it is inside the line's amount, false when it comes on top.
    pub included: bool,
    /// How much.
    pub amount: Money,
}

/// A fee of one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceFee {
    /// As the buyer reads it.
    pub name: String,
    /// How much.
    pub amount: Money,
}

/// A tax of one name, rate and way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceTax {
    /// As receipts call it: `VAT`.
    pub name: String,
    /// How much of the net amount.
    pub rate: Rate,
    /// True when it is inside the lines' amounts, false when it comes on top.
    pub included: bool,
    /// What it is counted of: all that is taxed so, without the tax.
    pub net: Money,
    /// How much.
    pub amount: Money,
}
