use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use contracts::{
    payments::{PaymentDeclined, PaymentRefunded, PaymentSucceeded, RefundReturned},
    tickets::{OrderEnd, OrderEnded, OrderPlaced, OrderRefunded, TicketsIssued},
};
use kernel::{EventId, Fault, Money, OrderId, RefundId, Result, TicketTypeId};

use super::{Figures, QuarterSales, Sales, TicketTypeSales, quarter_of};

/// What was heard of an order, in whatever order. Facts are only added: none takes another back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderFacts {
    /// When it was placed.
    pub placed_at: Option<DateTime<Utc>>,
    /// How many places it is for.
    pub quantity: Option<u32>,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// When a card was declined.
    pub declined_at: Option<DateTime<Utc>>,
    /// How it ended without tickets.
    pub ended: Option<OrderEnd>,
    /// Its tickets.
    pub issue: Option<Issue>,
    /// Money that went back.
    pub refunds: BTreeMap<RefundId, Refund>,
    /// Of those the ones whose money came back, whether they are known yet or not.
    pub came_back: BTreeSet<RefundId>,
    /// Tickets that went back with it, and how many of each type: told apart from the money, which there may be none of.
    pub taken_back: BTreeMap<RefundId, BTreeMap<TicketTypeId, u32>>,
}

/// Money that went back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refund {
    /// How much.
    pub amount: Money,
    /// When.
    pub at: DateTime<Utc>,
    /// True when it was asked for with tickets, which are told apart.
    pub asked_for: bool,
    /// How much of the order had gone back with it, in smallest units; unknown of those that were kept before this was.
    pub in_all: Option<i64>,
}

/// Tickets that were issued for an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// When.
    pub at: DateTime<Utc>,
    /// What was paid.
    pub total: Money,
    /// Of it, fees.
    pub fees: Money,
    /// What was sold.
    pub lines: BTreeMap<TicketTypeId, Line>,
}

/// Tickets of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// How many.
    pub quantity: u32,
    /// What they cost together.
    pub amount: Money,
}

impl Issue {
    /// Prices of one type may differ within an order: what has one type becomes one line.
    fn of(fact: &TicketsIssued) -> Result<Self, Fault> {
        let mut lines = BTreeMap::<_, Line>::new();
        for sold in &fact.lines {
            let none = Line { quantity: 0, amount: Money::zero(fact.total.currency) };
            let line = lines.entry(sold.ticket_type_id).or_insert(none);
            line.quantity = more(line.quantity, sold.quantity)?;
            line.amount = line.amount.plus(sold.amount)?;
        }
        // Fees are part of the total; adding them tells whether both are of one currency.
        fact.total.plus(fact.fees)?;
        Ok(Self { at: fact.at, total: fact.total, fees: fact.fees, lines })
    }
}

impl OrderFacts {
    /// True when nothing is left of what was paid and tickets were not asked for with the last of it: then all are void.
    ///
    /// Once true it stays so, whatever else is heard: totals only grow.
    fn is_returned(&self, total: Money) -> Result<bool, Fault> {
        let unasked = || self.refunds.values().filter(|refund| !refund.asked_for);
        let told_alone = unasked().filter(|refund| refund.in_all.is_none());
        let together = Money::sum(total.currency, told_alone.map(|refund| refund.amount))?;
        let back = unasked().filter_map(|refund| refund.in_all).fold(together.minor, i64::max);
        Ok(!total.is_zero() && back >= total.minor)
    }

    /// How many tickets of a type went back by themselves.
    fn taken_back_of(&self, id: TicketTypeId) -> i64 {
        self.taken_back.values().filter_map(|by_type| by_type.get(&id)).map(|count| i64::from(*count)).sum()
    }

    /// What the order adds to the sales of its event.
    ///
    /// Money counts once there are tickets: what was paid too late and went back was never a sale.
    fn sales(&self) -> Result<Sales, Fault> {
        let mut figures = Figures {
            checkouts: self.placed_at.is_some().into(),
            paid: (self.paid_at.is_some() || self.issue.is_some()).into(),
            expired: (self.ended == Some(OrderEnd::Expired)).into(),
            declined: self.declined_at.is_some().into(),
            ..Figures::default()
        };
        let Some(issue) = &self.issue else { return Ok(Sales { figures, ..Sales::default() }) };
        let refunded = Money::sum(issue.total.currency, self.refunds.values().map(|refund| refund.amount))?;
        let returned = self.refunds.iter().filter(|(id, _)| self.came_back.contains(id));
        let returned = Money::sum(issue.total.currency, returned.map(|(_, refund)| refund.amount))?;
        let all_back = self.is_returned(issue.total)?;
        let by_type: BTreeMap<_, _> = issue
            .lines
            .iter()
            .map(|(id, line)| {
                let sold = i64::from(line.quantity);
                let refunded = if all_back { sold } else { self.taken_back_of(*id).min(sold) };
                (*id, TicketTypeSales { sold, revenue: line.amount.minor, refunded, checked_in: 0 })
            })
            .collect();
        figures.gross = issue.total.minor;
        figures.fees = issue.fees.minor;
        figures.refunded = refunded.minor;
        figures.returned = returned.minor;
        figures.tickets_sold = by_type.values().map(|sales| sales.sold).sum();
        figures.tickets_refunded = by_type.values().map(|sales| sales.refunded).sum();
        let quarter = QuarterSales { tickets: figures.tickets_sold, revenue: figures.gross };
        Ok(Sales {
            currency: Some(issue.total.currency),
            figures,
            by_type,
            by_quarter: BTreeMap::from([(quarter_of(issue.at), quarter)]),
        })
    }
}

fn more(tickets: u32, others: u32) -> Result<u32, Fault> {
    tickets.checked_add(others).ok_or_else(|| Fault::broken_rule("a number of tickets overflowed"))
}

/// An order, as far as it was heard of.
#[derive(Debug)]
pub struct Order {
    id: OrderId,
    event: EventId,
    facts: OrderFacts,
    kept: OrderFacts,
}

impl Order {
    /// For adapters: an order as it is kept, already counted.
    pub fn restore(id: OrderId, event: EventId, kept: OrderFacts) -> Self {
        Self { id, event, facts: kept.clone(), kept }
    }

    /// Which.
    pub fn id(&self) -> OrderId {
        self.id
    }

    /// For which event.
    pub fn event(&self) -> EventId {
        self.event
    }

    /// What is known of it.
    pub fn facts(&self) -> &OrderFacts {
        &self.facts
    }

    /// For adapters: what was known of it when it was read, and is counted already.
    pub fn kept(&self) -> &OrderFacts {
        &self.kept
    }

    /// A buyer went to the checkout.
    pub fn placed(&mut self, fact: &OrderPlaced) {
        self.facts.placed_at.get_or_insert(fact.at);
        self.facts.quantity.get_or_insert(fact.quantity);
    }

    /// The money is there.
    pub fn paid(&mut self, fact: &PaymentSucceeded) {
        self.facts.paid_at.get_or_insert(fact.at);
    }

    /// A card was declined; another may follow.
    pub fn declined(&mut self, fact: &PaymentDeclined) {
        let first = self.facts.declined_at.get_or_insert(fact.at);
        *first = fact.at.min(*first);
    }

    /// There are tickets.
    pub fn issued(&mut self, fact: &TicketsIssued) -> Result<()> {
        let issue = Issue::of(fact)?;
        self.facts.issue.get_or_insert(issue);
        Ok(())
    }

    /// There will be no tickets.
    pub fn ended(&mut self, fact: &OrderEnded) {
        self.facts.ended.get_or_insert(fact.how);
    }

    /// Money went back.
    pub fn refunded(&mut self, fact: &PaymentRefunded) {
        self.facts.refunds.entry(fact.refund_id).or_insert(Refund {
            amount: fact.amount,
            at: fact.at,
            asked_for: fact.asked_for,
            in_all: Some(fact.refunded_in_all.minor),
        });
    }

    /// What had gone back came back, which may be heard before that it had gone.
    pub fn came_back(&mut self, fact: &RefundReturned) {
        self.facts.came_back.insert(fact.refund_id);
    }

    /// Tickets went back.
    pub fn took_back(&mut self, fact: &OrderRefunded) -> Result<()> {
        let mut by_type = BTreeMap::<_, u32>::new();
        for line in &fact.lines {
            let count = by_type.entry(line.ticket_type_id).or_default();
            *count = more(*count, line.quantity)?;
        }
        self.facts.taken_back.entry(fact.refund_id).or_insert(by_type);
        Ok(())
    }

    /// What else was heard of it: of two facts of a kind the one that was known first stands, as above.
    pub fn hears(&mut self, heard: &OrderFacts) {
        let facts = &mut self.facts;
        facts.placed_at = facts.placed_at.or(heard.placed_at);
        facts.quantity = facts.quantity.or(heard.quantity);
        facts.paid_at = facts.paid_at.or(heard.paid_at);
        facts.declined_at = facts.declined_at.into_iter().chain(heard.declined_at).min();
        facts.ended = facts.ended.or(heard.ended);
        facts.issue = facts.issue.take().or_else(|| heard.issue.clone());
        for (refund, told) in &heard.refunds {
            facts.refunds.entry(*refund).or_insert(*told);
        }
        facts.came_back.extend(&heard.came_back);
        for (refund, told) in &heard.taken_back {
            facts.taken_back.entry(*refund).or_insert_with(|| told.clone());
        }
    }

    /// What it adds to sales beyond what is counted already.
    pub fn news(&self) -> Result<Sales, Fault> {
        self.facts.sales()?.minus(&self.kept.sales()?)
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Currency, PaymentId, UserId};

    use super::*;

    fn order() -> Order {
        Order::restore(OrderId::new(), EventId::new(), OrderFacts::default())
    }

    fn refund(order: &Order, amount: Money) -> PaymentRefunded {
        PaymentRefunded {
            payment_id: PaymentId::new(),
            refund_id: RefundId::new(),
            order_id: order.id,
            event_id: order.event,
            buyer_id: UserId::new(),
            amount,
            refunded_in_all: amount,
            whole: true,
            asked_for: false,
            made_at_provider: false,
            reason: "asked for".to_owned(),
            at: DateTime::UNIX_EPOCH,
        }
    }

    fn asked_for(order: &Order, amount: Money, in_all: Money) -> PaymentRefunded {
        PaymentRefunded { asked_for: true, refunded_in_all: in_all, ..refund(order, amount) }
    }

    /// So many tickets of the one type there is.
    fn taken_back(order: &Order, amount: Money, quantity: u32) -> OrderRefunded {
        let issue = issue(order, amount, Money::zero(amount.currency));
        let line = contracts::tickets::SoldLine { quantity, amount, ..issue.lines[0].clone() };
        OrderRefunded {
            refund_id: RefundId::new(),
            order_id: order.id,
            number: "ODY-7F3K2M".to_owned(),
            event_id: order.event,
            organization_id: None,
            buyer_id: issue.buyer_id,
            amount,
            fees: Money::zero(amount.currency),
            tax: None,
            absorbed: None,
            lines: vec![line],
            tickets: Vec::new(),
            whole: false,
            event: contracts::purchase::EventOnTicket {
                event_id: order.event,
                title: "The Tempest".to_owned(),
                slug: "the-tempest".to_owned(),
                venue_name: "Old Theatre".to_owned(),
                venue_address: "1 Strand".to_owned(),
                starts_at: DateTime::UNIX_EPOCH,
                ends_at: DateTime::UNIX_EPOCH,
                doors_at: None,
                timezone: "Europe/Vienna".parse().unwrap(),
                currency: amount.currency,
            },
            reason: None,
            called_off: false,
            invoice: None,
            at: DateTime::UNIX_EPOCH,
        }
    }

    fn issue(order: &Order, total: Money, fees: Money) -> TicketsIssued {
        let line = |quantity, minor| contracts::tickets::SoldLine {
            ticket_type_id: TicketTypeId::from_uuid(order.id.uuid()),
            name: "Stalls".to_owned(),
            quantity,
            amount: Money::new(minor, total.currency),
        };
        TicketsIssued {
            order_id: order.id,
            event_id: order.event,
            organization_id: None,
            buyer_id: UserId::new(),
            total,
            fees,
            tax: None,
            absorbed: None,
            lines: vec![line(1, 4000), line(2, 6000)],
            at: DateTime::UNIX_EPOCH,
        }
    }

    const EUR: Currency = Currency::EUR;

    #[test]
    fn a_refund_before_its_tickets_counts_when_they_come() {
        let mut order = order();
        order.refunded(&refund(&order, Money::new(10_300, EUR)));
        assert!(order.news().unwrap().is_nothing());
        order.issued(&issue(&order, Money::new(10_300, EUR), Money::new(300, EUR))).unwrap();
        let figures = order.news().unwrap().figures;
        assert_eq!((figures.gross, figures.fees, figures.refunded), (10_300, 300, 10_300));
        assert_eq!((figures.tickets_sold, figures.tickets_refunded), (3, 3));
    }

    #[test]
    fn money_that_came_too_late_and_went_back_was_no_sale() {
        let mut order = order();
        order.paid(&PaymentSucceeded {
            payment_id: PaymentId::new(),
            order_id: order.id,
            event_id: order.event,
            buyer_id: UserId::new(),
            amount: Money::new(500, EUR),
            at: DateTime::UNIX_EPOCH,
        });
        order.refunded(&refund(&order, Money::new(500, EUR)));
        let figures = order.news().unwrap().figures;
        assert_eq!(figures, Figures { paid: 1, ..Figures::default() });
    }

    #[test]
    fn a_part_given_back_leaves_the_tickets_sold() {
        let mut order = order();
        order.issued(&issue(&order, Money::new(10_000, EUR), Money::zero(EUR))).unwrap();
        order.refunded(&refund(&order, Money::new(4000, EUR)));
        let figures = order.news().unwrap().figures;
        assert_eq!((figures.refunded, figures.tickets_refunded), (4000, 0));
    }

    #[test]
    fn tickets_that_an_organizer_gives_back_count_once_whatever_money_goes_with_them() {
        let mut order = order();
        order.issued(&issue(&order, Money::zero(EUR), Money::zero(EUR))).unwrap();
        let back = taken_back(&order, Money::zero(EUR), 2);
        order.took_back(&back).unwrap();
        order.took_back(&back).unwrap();
        assert_eq!(order.news().unwrap().figures.tickets_refunded, 2);
        order.took_back(&taken_back(&order, Money::zero(EUR), 1)).unwrap();
        order.took_back(&taken_back(&order, Money::zero(EUR), 1)).unwrap();
        assert_eq!(order.news().unwrap().figures.tickets_refunded, 3, "there are no more");
    }

    #[test]
    fn the_last_of_the_money_voids_all_tickets_unless_it_was_asked_for_with_some() {
        let total = Money::new(10_000, EUR);
        let part = Money::new(4000, EUR);
        let rest = Money::new(6000, EUR);
        for asked_last in [true, false] {
            let mut order = order();
            order.issued(&issue(&order, total, Money::zero(EUR))).unwrap();
            order.took_back(&taken_back(&order, rest, 1)).unwrap();
            if asked_last {
                order.refunded(&refund(&order, part));
                order.refunded(&asked_for(&order, rest, total));
            } else {
                order.refunded(&PaymentRefunded { refunded_in_all: total, ..refund(&order, part) });
                order.refunded(&asked_for(&order, rest, rest));
            }
            let figures = order.news().unwrap().figures;
            let void = if asked_last { 1 } else { 3 };
            assert_eq!((figures.refunded, figures.tickets_refunded), (10_000, void));
        }
    }

    #[test]
    fn what_the_bank_sent_back_counts_as_given_back_no_more_in_whichever_order_it_is_heard() {
        let part = Money::new(6000, EUR);
        for told_late in [false, true] {
            let mut order = order();
            order.issued(&issue(&order, Money::new(10_000, EUR), Money::zero(EUR))).unwrap();
            let back = refund(&order, part);
            let PaymentRefunded { refund_id, order_id, event_id, amount, at, .. } = back;
            let came = RefundReturned { refund_id, order_id, event_id, amount, at };
            for _ in 0..2 {
                if told_late {
                    order.came_back(&came);
                    let figures = order.news().unwrap().figures;
                    assert_eq!(figures.refunded, figures.returned);
                }
                order.refunded(&back);
                order.came_back(&came);
            }
            let figures = order.news().unwrap().figures;
            assert_eq!((figures.refunded, figures.returned, figures.tickets_refunded), (6000, 6000, 0));
            order.refunded(&PaymentRefunded { refund_id: RefundId::new(), ..back });
            let figures = order.news().unwrap().figures;
            assert_eq!((figures.refunded, figures.returned), (12_000, 6000), "as much again");
            assert_eq!(figures.tickets_refunded, 0, "of which most is still paid");
        }
    }

    #[test]
    fn two_currencies_in_one_order_are_a_fault() {
        let mut order = order();
        assert!(order.issued(&issue(&order, Money::new(1, EUR), Money::zero(Currency::USD))).is_err());
        order.issued(&issue(&order, Money::new(10_000, EUR), Money::zero(EUR))).unwrap();
        order.refunded(&refund(&order, Money::new(1, Currency::USD)));
        assert!(order.news().is_err());
    }
}
