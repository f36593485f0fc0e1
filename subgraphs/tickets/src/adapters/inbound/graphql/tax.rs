//! How a ticket type is taxed on its own.

use async_graphql::{InputObject, SimpleObject};
use kernel::{Rate, Refusal, line, reasons, together};
use service::graphql::{Decimal, terms::TaxRounding};

use crate::domain::{
    entities,
    pricing::{Tax, TaxedOnce},
};

/// The longest name of a tax, in characters.
const LONGEST_NAME: usize = 60;

/// How a ticket type is taxed on its own: with this tax, or not at all.
#[derive(InputObject)]
pub(crate) struct TicketTaxInput {
    /// True: it is not taxed. Leave everything else out then.
    #[graphql(default)]
    untaxed: bool,
    /// As receipts call it, such as VAT, up to 60 characters.
    name: Option<String>,
    /// How many percent, 0 to 100.
    rate: Option<Decimal>,
    /// True when it is inside the price and the fees. False when it comes on top of them.
    included: Option<bool>,
    /// Of what it is counted at once; of each line when left out.
    rounding: Option<TaxRounding>,
}

impl TicketTaxInput {
    pub(super) fn read(&self) -> Result<entities::TicketTax, Refusal> {
        if self.untaxed {
            let given = [
                ("name", self.name.is_some()),
                ("rate", self.rate.is_some()),
                ("included", self.included.is_some()),
                ("rounding", self.rounding.is_some()),
            ];
            let given = given.into_iter().find(|(_, is_given)| *is_given);
            return given.map_or(Ok(entities::TicketTax::Untaxed), |(field, _)| {
                let refusal = Refusal::bad_input(field, "must be left out of what is untaxed");
                Err(refusal.because(reasons::INCONSISTENT))
            });
        }
        let missing = |field| {
            let refusal = Refusal::bad_input(field, "must be given, or untaxed be true");
            refusal.because(reasons::REQUIRED)
        };
        let name = self.name.as_deref().ok_or_else(|| missing("name"));
        let rate = self.rate.as_ref().ok_or_else(|| missing("rate"));
        let (name, rate, included) = together((
            name.and_then(|name| line("name", name, LONGEST_NAME)),
            rate.and_then(|rate| Rate::parse("rate", &rate.0)),
            self.included.ok_or_else(|| missing("included")),
        ))?;
        let once = self.rounding.map_or(TaxedOnce::PerLine, Into::into);
        Ok(entities::TicketTax::Taxed(Tax { name, rate, included, once }))
    }
}

/// How a ticket type is taxed on its own: with this tax, or not at all.
#[derive(SimpleObject)]
pub(crate) struct TicketTax {
    /// True: it is not taxed, and all else is null.
    untaxed: bool,
    /// As receipts call it, such as VAT.
    name: Option<String>,
    /// How many percent.
    rate: Option<Decimal>,
    /// True when it is inside the price and the fees. False when it comes on top of them.
    included: Option<bool>,
    /// Of what it is counted at once.
    rounding: Option<TaxRounding>,
}

impl From<&entities::TicketTax> for TicketTax {
    fn from(is: &entities::TicketTax) -> Self {
        match is {
            entities::TicketTax::Untaxed => {
                Self { untaxed: true, name: None, rate: None, included: None, rounding: None }
            }
            entities::TicketTax::Taxed(tax) => Self {
                untaxed: false,
                name: Some(tax.name.clone()),
                rate: Some(Decimal(tax.rate.to_string())),
                included: Some(tax.included),
                rounding: Some(tax.once.into()),
            },
        }
    }
}
