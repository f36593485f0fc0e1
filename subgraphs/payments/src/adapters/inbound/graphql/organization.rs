//! The books of an organization.

use async_graphql::{
    Context, Enum, ID, Object, OutputType, Result, SimpleObject,
    connection::{Connection, ConnectionNameType, Edge, EmptyFields},
    dataloader::DataLoader,
};
use chrono::{DateTime, Utc};
use kernel::{OrganizationId, Page, PageAsk};
use service::graphql::{
    CurrencyCode, IntoGraph, Money, TotalCount,
    Who::{Manager, Operator, Owner, Public},
    access, viewer,
};

use super::{
    loaders::{AccountSeen, BalancesSeen, Finder, LedgerSeen},
    objects::OrderObject,
    payout_account::PayoutAccount,
};
use crate::domain::entities::books::{self, Kind, LedgerAsk, Posted};

/// Who sells tickets.
pub(super) struct Organization(pub(super) OrganizationId);

/// Who sells tickets.
#[Object(directive = access::apply([Public].into(), None))]
impl Organization {
    /// The organization's id.
    async fn id(&self) -> ID {
        self.0.public().into()
    }

    /// What it is owed for its sales, one for each currency in which it has sold; for its owners and managers only.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn balances(&self, context: &Context<'_>) -> Result<Option<Vec<Balance>>> {
        let key = BalancesSeen(viewer(context), self.0);
        let seen = context.data::<DataLoader<Finder>>()?.load_one(key).await?;
        Ok(seen.map(|balances| balances.into_iter().map(Balance::from).collect()))
    }

    /// What was booked for it, the latest first; for its owners and managers only. Lines are added and never changed.
    /// `getStatement` and `getStatementTable` of the REST interface have those of a year at most, all at once.
    #[graphql(complexity = "page_cost(first, child_complexity)",
        directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn ledger(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "How many, 1 to 100.", default_with = "Some(20)")] first: Option<i32>,
        #[graphql(desc = "After which: endCursor of the page before.")] after: Option<String>,
        #[graphql(desc = "In this currency only.")] currency: Option<CurrencyCode>,
        #[graphql(desc = "Booked then or later.")] from: Option<DateTime<Utc>>,
        #[graphql(desc = "Booked before.")] until: Option<DateTime<Utc>>,
    ) -> Result<Option<LedgerConnection>> {
        let page = PageAsk::by_time(first, after.as_deref(), 20);
        let currency = currency.map(|currency| currency.read("currency")).transpose();
        let time = LedgerAsk { currency: None, from, until }.checked();
        let (page, currency, time) = kernel::together((page, currency, time)).graph()?;
        let key = LedgerSeen {
            viewer: viewer(context),
            organization: self.0,
            ask: LedgerAsk { currency, ..time },
            first: page.first,
            after: page.after.as_ref().map(|cursor| cursor.key().to_owned()),
            counted: context.look_ahead().field("totalCount").exists(),
        };
        let seen = context.data::<DataLoader<Finder>>()?.load_one(key).await?;
        Ok(seen.map(|found| paged(found, page.after.is_none())))
    }

    /// Its account at the payment provider, to which its sales go and from which it is paid out; for its owners and managers
    /// only. Null too where this platform pays nobody out this way.
    #[graphql(directive = access::apply([Manager, Owner, Operator].into(), None))]
    async fn payout_account(&self, context: &Context<'_>) -> Result<Option<PayoutAccount>> {
        let key = AccountSeen(viewer(context), self.0);
        Ok(context.data::<DataLoader<Finder>>()?.load_one(key).await?.map(PayoutAccount))
    }
}

/// What an organization is owed in a currency.
#[derive(SimpleObject)]
struct Balance {
    /// In which currency.
    currency: CurrencyCode,
    /// From events that are not over, or not as long ago as the organization's payout delay.
    pending: Money,
    /// From all other events: it is to be paid out. Less than nothing when more went back than is left.
    payable: Money,
    /// What was paid out.
    paid_out: Money,
}

impl From<books::Balance> for Balance {
    fn from(is: books::Balance) -> Self {
        Self {
            currency: is.pending.currency.into(),
            pending: is.pending.into(),
            payable: is.payable.into(),
            paid_out: is.paid_out.into(),
        }
    }
}

/// A line of an organization's books.
struct LedgerPosting(Posted);

/// A line of an organization's books.
#[Object]
impl LedgerPosting {
    /// Its id.
    async fn id(&self) -> ID {
        self.0.id.public().into()
    }

    /// When it was booked.
    async fn at(&self) -> DateTime<Utc> {
        self.0.at
    }

    /// What it is about.
    async fn kind(&self) -> LedgerKind {
        self.0.kind.into()
    }

    /// How much more the organization is owed by it; less, where it begins with a minus.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }

    /// Of which order; null for what is no order's.
    async fn order(&self) -> Option<OrderObject> {
        self.0.order.map(|order| OrderObject { id: order.public().into() })
    }
}

/// What a line of an organization's books is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
enum LedgerKind {
    /// Tickets were sold, for so much without taxes.
    Sale,
    /// The platform's fees, whether buyers paid them or the organization bears them. They come back with tickets.
    Fee,
    /// Taxes that buyers paid, or got back. The organization owes them to its tax office.
    Tax,
    /// What the payment provider keeps of a payment.
    ProviderFee,
    /// Money went back to a buyer, so much without taxes.
    Refund,
    /// A buyer's bank took money back, or returned it.
    Dispute,
    /// Money was paid out.
    Payout,
    /// The organization took cash itself.
    Cash,
}

impl From<Kind> for LedgerKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Sale => Self::Sale,
            Kind::Fee => Self::Fee,
            Kind::Tax => Self::Tax,
            Kind::ProviderFee => Self::ProviderFee,
            Kind::Refund => Self::Refund,
            Kind::Dispute => Self::Dispute,
            Kind::Payout => Self::Payout,
            Kind::Cash => Self::Cash,
        }
    }
}

/// Pages of an organization's books.
type LedgerConnection = Connection<String, LedgerPosting, TotalCount, EmptyFields, LedgerName>;

/// `LedgerConnection`.
struct LedgerName;

impl ConnectionNameType for LedgerName {
    fn type_name<T: OutputType>() -> String {
        "LedgerConnection".to_owned()
    }
}

fn paged(page: Page<Posted>, from_start: bool) -> LedgerConnection {
    let total = TotalCount { total_count: page.total };
    let mut paged = LedgerConnection::with_additional_fields(!from_start, page.has_next, total);
    let edge = |(cursor, line): (kernel::Cursor, Posted)| Edge::new(cursor.encode(), LedgerPosting(line));
    paged.edges = page.items.into_iter().map(edge).collect();
    paged
}

/// What a page may cost against the limit: fewer pages of much, more of little.
fn page_cost(first: Option<i32>, child_complexity: usize) -> usize {
    let first = usize::try_from(first.unwrap_or(20)).unwrap_or(0);
    child_complexity.saturating_mul((first / 5).clamp(1, 20))
}
