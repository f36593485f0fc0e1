use contracts::settings::{BorneBy, FeeAmount, ServiceFee};
use kernel::{Currency, Money, Problems, ProviderAmount, Rate, Refusal, line, reasons, together};

/// The most fees of an organization.
const MOST: usize = 20;
/// The most characters of a fee's name.
const LONGEST_NAME: usize = 60;

/// A fee, as it was typed. One of its amounts is given.
#[derive(Clone, Debug)]
pub struct FeeAsk {
    /// As buyers read it.
    pub name: String,
    /// So many percent of each ticket's price.
    pub percent: Option<String>,
    /// So much for each ticket.
    pub per_ticket: Option<MoneyAsk>,
    /// So much for each order.
    pub per_order: Option<MoneyAsk>,
    /// Who bears it.
    pub borne_by: BorneBy,
}

/// An amount, as it was typed.
#[derive(Clone, Debug)]
pub struct MoneyAsk {
    /// In whole units: `49.50`.
    pub amount: String,
    /// The three letters of its currency.
    pub currency: String,
}

/// Reads all fees of an organization: at most 20, none of them twice.
pub(super) fn read(fees: &[FeeAsk]) -> Result<Vec<ServiceFee>, Refusal> {
    if fees.len() > MOST {
        let refusal = Refusal::bad_input("serviceFees", format!("must have at most {MOST} items"));
        return Err(refusal.because(reasons::WRONG_COUNT));
    }
    let (mut problems, mut read) = (Problems::default(), Vec::<ServiceFee>::new());
    for (at, fee) in fees.iter().enumerate() {
        match fee.read(&format!("serviceFees[{at}]")) {
            Err(refusal) => problems.add(refusal),
            Ok(fee) if read.iter().any(|other| are_one(other, &fee)) => problems.add(twice(at)),
            Ok(fee) => read.push(fee),
        }
    }
    problems.refuse().map(|()| read)
}

impl FeeAsk {
    fn read(&self, place: &str) -> Result<ServiceFee, Refusal> {
        let name = line("name", &self.name, LONGEST_NAME).map_err(|refusal| refusal.within(place));
        let (name, amount) = together((name, self.amount(place)))?;
        Ok(ServiceFee { name, amount, borne_by: self.borne_by })
    }

    fn amount(&self, place: &str) -> Result<FeeAmount, Refusal> {
        let read = match (&self.percent, &self.per_ticket, &self.per_order) {
            (Some(percent), None, None) => Rate::parse("percent", percent).map(FeeAmount::Percent),
            (None, Some(money), None) => money.read("perTicket").map(FeeAmount::PerTicket),
            (None, None, Some(money)) => money.read("perOrder").map(FeeAmount::PerOrder),
            _ => {
                let refusal =
                    Refusal::bad_input("serviceFees", "give exactly one of percent, perTicket and perOrder");
                return Err(refusal.because(reasons::INCONSISTENT).standing_at(place));
            }
        };
        read.map_err(|refusal| refusal.within(place))
    }
}

impl MoneyAsk {
    /// An amount of which the payment provider can charge exactly as much. A fee is a part of what is charged: it may be
    /// less than what is charged at least.
    fn read(&self, field: &str) -> Result<Money, Refusal> {
        let money = Money::parse(field, &self.amount, Currency::parse(field, &self.currency)?)?;
        ProviderAmount::of(money)
            .map_err(|why| Refusal::bad_input(field, why).because(reasons::OUT_OF_RANGE))?;
        Ok(money)
    }
}

/// True when they are asked for the same, of the same: the second is a slip.
fn are_one(one: &ServiceFee, other: &ServiceFee) -> bool {
    let same_kind = match (one.amount, other.amount) {
        (FeeAmount::Percent(_), FeeAmount::Percent(_)) => true,
        (FeeAmount::PerTicket(one), FeeAmount::PerTicket(other))
        | (FeeAmount::PerOrder(one), FeeAmount::PerOrder(other)) => one.currency == other.currency,
        _ => false,
    };
    same_kind && one.name == other.name && one.borne_by == other.borne_by
}

fn twice(at: usize) -> Refusal {
    let message =
        "is there twice: a fee of this name, of this kind and in this currency, borne by the same side";
    let refusal = Refusal::bad_input("serviceFees", message).because(reasons::DUPLICATE);
    refusal.standing_at(&format!("serviceFees[{at}]"))
}
