//! What an owner sends to change an organization.

use async_graphql::{ID, InputObject, MaybeUndefined};
use contracts::settings::{RefundPolicyAsk, TaxAsk};
use kernel::{OrganizationId, Problems, Refusal, UserId, together};
use service::graphql::{
    Decimal, MoneyInput, Url, change,
    terms::{RefundPolicyInput, SalesTermsInput, TaxInput},
    unless_null,
};

use super::FeeBearer;
use crate::domain::{
    entities::{BrandingAsk, FeeAsk, MoneyAsk, OrganizationAsk, OrganizationChange, SellerAsk, TermsAsk},
    use_cases::UpdateOrganization,
};

/// What is to change of an organization. What is left out stays.
#[derive(InputObject)]
pub struct UpdateOrganizationInput {
    /// Which.
    pub organization_id: ID,
    /// Another name, at most 100 characters. Its name in addresses stays.
    pub name: MaybeUndefined<String>,
    /// What is asked for the service: all fees, at most 20, in the order buyers are to read them.
    pub service_fees: MaybeUndefined<Vec<ServiceFeeInput>>,
    /// How tickets are taxed, with the fees on them, where neither a ticket type nor an event has a tax of its own. Null for not
    /// at all any more.
    pub tax: MaybeUndefined<TaxInput>,
    /// What buyers get back who return a ticket themselves, where an event has no policy of its own. It holds for what is bought
    /// from then on.
    pub refund_policy: MaybeUndefined<RefundPolicyInput>,
    /// How many days after an event's end what it took is paid out, 0 to 90.
    pub payout_delay_days: MaybeUndefined<i32>,
    /// Who sells, as invoices name them.
    pub seller: MaybeUndefined<SellerInput>,
    /// How mails and pages look.
    pub branding: MaybeUndefined<BrandingInput>,
    /// What whoever buys has to accept from then on. Null for nothing any more.
    pub terms: MaybeUndefined<SalesTermsInput>,
}

/// Something that is asked for the service. Exactly one of percent, perTicket and perOrder is given.
#[derive(InputObject)]
pub struct ServiceFeeInput {
    /// As buyers read it, at most 60 characters in one line. Fees of one name are one to them.
    pub name: String,
    /// So many percent of each ticket's price, after a discount, 0 to 100.
    pub percent: Option<Decimal>,
    /// As much for each ticket, where tickets are sold in this currency.
    pub per_ticket: Option<MoneyInput>,
    /// As much for an order, however many tickets it has, where it is in this currency.
    pub per_order: Option<MoneyInput>,
    /// Who bears it.
    pub borne_by: FeeBearer,
}

/// Who sells, as invoices name them. What is left out stays; null takes it away.
#[derive(Default, InputObject)]
pub struct SellerInput {
    /// The legal name, at most 200 characters, where it is another than the organization's.
    pub legal_name: MaybeUndefined<String>,
    /// The postal address, at most 500 characters in at most 8 lines.
    pub address: MaybeUndefined<String>,
    /// The number under which taxes are paid, at most 50 characters.
    pub tax_number: MaybeUndefined<String>,
}

/// How mails and pages of an organization look, and where its buyers turn to. What is left out stays; null takes it away.
#[derive(Default, InputObject)]
pub struct BrandingInput {
    /// The accent colour, such as #1a2b3c.
    pub colour: MaybeUndefined<String>,
    /// The organization's own website: https or http, at most 2,000 characters.
    pub website: MaybeUndefined<Url>,
    /// Where buyers write to.
    pub support_email: MaybeUndefined<String>,
}

impl UpdateOrganizationInput {
    pub(super) fn by(self, by: UserId) -> Result<UpdateOrganization, Refusal> {
        let mut nulls = Problems::default();
        let ask = OrganizationAsk {
            name: unless_null_of(&mut nulls, "name", self.name),
            fees: unless_null_of(&mut nulls, "serviceFees", self.service_fees)
                .map(|fees| fees.into_iter().map(FeeAsk::from).collect()),
            tax: change(self.tax.map_value(TaxAsk::from)),
            refund_policy: unless_null_of(&mut nulls, "refundPolicy", self.refund_policy)
                .map(RefundPolicyAsk::from),
            payout_delay_days: unless_null_of(&mut nulls, "payoutDelayDays", self.payout_delay_days),
            seller: unless_null_of(&mut nulls, "seller", self.seller).unwrap_or_default().into(),
            branding: unless_null_of(&mut nulls, "branding", self.branding).unwrap_or_default().into(),
            terms: change(self.terms.map_value(TermsAsk::from)),
        };
        let (organization, (), change) = together((
            OrganizationId::parse("organizationId", &self.organization_id),
            nulls.refuse(),
            OrganizationChange::read(ask),
        ))?;
        Ok(UpdateOrganization { by, organization, change })
    }
}

/// What was sent of what is always there; null is noted, to be told with all else that is wrong.
fn unless_null_of<T>(nulls: &mut Problems, field: &str, sent: MaybeUndefined<T>) -> Option<T> {
    nulls.note(unless_null(field, sent)).flatten()
}

impl From<ServiceFeeInput> for FeeAsk {
    fn from(input: ServiceFeeInput) -> Self {
        Self {
            name: input.name,
            percent: input.percent.map(|percent| percent.0),
            per_ticket: input.per_ticket.map(money),
            per_order: input.per_order.map(money),
            borne_by: input.borne_by.into(),
        }
    }
}

fn money(input: MoneyInput) -> MoneyAsk {
    MoneyAsk { amount: input.amount.0, currency: input.currency.0 }
}

impl From<SalesTermsInput> for TermsAsk {
    fn from(input: SalesTermsInput) -> Self {
        Self { url: input.url.0, version: input.version }
    }
}

impl From<SellerInput> for SellerAsk {
    fn from(input: SellerInput) -> Self {
        Self {
            legal_name: change(input.legal_name),
            address: change(input.address),
            tax_number: change(input.tax_number),
        }
    }
}

impl From<BrandingInput> for BrandingAsk {
    fn from(input: BrandingInput) -> Self {
        Self {
            colour: change(input.colour),
            website: change(input.website.map_value(|url| url.0)),
            support_email: change(input.support_email),
        }
    }
}
