//! Settings of organizations, as the graph shows them.

use async_graphql::{Enum, SimpleObject};
use contracts::settings::{self, BorneBy, FeeAmount};
use service::graphql::{
    Decimal, Money, Url,
    terms::{RefundPolicySettings, SalesTerms, Tax},
};

/// Who bears a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "BorneBy")]
pub enum FeeBearer {
    /// It is taken from what the organizer gets, at most all of it. Buyers see nothing of it.
    Organizer,
    /// It is passed on: the buyer pays it on top of the ticket's price.
    Buyer,
}

/// On which terms an organization sells, and how it presents itself.
#[derive(Clone, Debug, SimpleObject)]
pub struct OrganizationSettings {
    /// What is asked for the service, in the order buyers read it.
    pub service_fees: Vec<ServiceFee>,
    /// How tickets are taxed, with the fees on them, where neither a ticket type nor an event has a tax of its own. Null for not
    /// at all.
    pub tax: Option<Tax>,
    /// What buyers get back who return a ticket themselves, where an event has no policy of its own. It holds for what is bought
    /// from now on.
    pub refund_policy: RefundPolicySettings,
    /// How many days after an event's end what it took is paid out.
    pub payout_delay_days: u16,
    /// Who sells, as invoices name them.
    pub seller: Seller,
    /// How mails and pages look.
    pub branding: Branding,
    /// What whoever buys has to accept: checkout wants this version's name. Null where there is nothing to accept.
    pub terms: Option<SalesTerms>,
}

/// Something that is asked for the service. One of its amounts is there. Free tickets and free orders have no fees.
#[derive(Clone, Debug, SimpleObject)]
pub struct ServiceFee {
    /// As buyers read it. Fees of one name are one to them.
    pub name: String,
    /// So many percent of each ticket's price, after a discount.
    pub percent: Option<Decimal>,
    /// As much for each ticket, where tickets are sold in this currency.
    pub per_ticket: Option<Money>,
    /// As much for an order, however many tickets it has, where it is in this currency.
    pub per_order: Option<Money>,
    /// Who bears it.
    pub borne_by: FeeBearer,
}

/// Who sells, as invoices name them.
#[derive(Clone, Debug, SimpleObject)]
pub struct Seller {
    /// The legal name, where it is another than the organization's.
    pub legal_name: Option<String>,
    /// The postal address, in lines.
    pub address: Option<String>,
    /// The number under which taxes are paid.
    pub tax_number: Option<String>,
}

/// How mails and pages of an organization look, and where its buyers turn to.
#[derive(Clone, Debug, SimpleObject)]
pub struct Branding {
    /// The accent colour, such as #1a2b3c.
    pub colour: Option<String>,
    /// The organization's own website.
    pub website: Option<Url>,
    /// Where buyers write to.
    pub support_email: Option<String>,
}

impl From<settings::OrganizationSettings> for OrganizationSettings {
    fn from(settings: settings::OrganizationSettings) -> Self {
        Self {
            service_fees: settings.fees.into_iter().map(ServiceFee::from).collect(),
            tax: settings.tax.map(Tax::from),
            refund_policy: settings.refund_policy.into(),
            payout_delay_days: settings.payout_delay_days,
            seller: settings.seller.into(),
            branding: settings.branding.into(),
            terms: settings.terms.map(SalesTerms::from),
        }
    }
}

impl From<settings::ServiceFee> for ServiceFee {
    fn from(fee: settings::ServiceFee) -> Self {
        let (percent, per_ticket, per_order) = match fee.amount {
            FeeAmount::Percent(rate) => (Some(Decimal(rate.to_string())), None, None),
            FeeAmount::PerTicket(money) => (None, Some(money.into()), None),
            FeeAmount::PerOrder(money) => (None, None, Some(money.into())),
        };
        Self { name: fee.name, percent, per_ticket, per_order, borne_by: fee.borne_by.into() }
    }
}

impl From<settings::Seller> for Seller {
    fn from(seller: settings::Seller) -> Self {
        let settings::Seller { legal_name, address, tax_number } = seller;
        Self { legal_name, address, tax_number }
    }
}

impl From<settings::Branding> for Branding {
    fn from(branding: settings::Branding) -> Self {
        let settings::Branding { colour, website, support_email } = branding;
        Self { colour, website: website.map(Url), support_email }
    }
}
