//! What organizations are owed is what their postings sum to, whatever happens.

use std::collections::BTreeMap;

use contracts::{
    payments::{DisputeState, PaymentDisputed, PaymentRefunded, RefundReturned},
    tickets::{OrderRefunded, TicketsIssued},
};
use kernel::{Clock, Currency, EventId, Money, OrderId, PaymentId, RefundId, SystemClock, UserId};
use payments::{Books, domain::ports::OrderOf};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use uuid::Uuid;

use crate::{
    organizer::{BOOKS, Organizer, eur},
    stage::Stage,
};

/// Something that is told of an order.
#[derive(Clone)]
enum Tells {
    Sold(TicketsIssued),
    TookBack(Box<OrderRefunded>),
    GivenBack(PaymentRefunded),
    CameBack(RefundReturned),
    Disputed(PaymentDisputed),
    Charged(OrderOf, String, i64),
}

fn message() -> Uuid {
    OrderId::new().uuid()
}

async fn hear(books: &Books, told: &Tells) {
    match told {
        Tells::Sold(told) => books.sold(message(), told).await,
        Tells::TookBack(told) => books.took_back(message(), told).await,
        Tells::GivenBack(told) => books.given_back(message(), told).await,
        Tells::CameBack(told) => books.came_back(message(), told).await,
        Tells::Disputed(told) => books.disputed(message(), told).await,
        Tells::Charged(of, movement, minor) => books.charged(*of, movement, *minor).await,
    }
    .unwrap();
}

/// What may be told of an order of this event.
fn history(organizer: &Organizer, event: EventId, currency: Currency, random: &mut StdRng) -> Vec<Tells> {
    let order = OrderId::new();
    let money = |minor| Money::new(minor, currency);
    let total = random.random_range(1_000..100_000_i64);
    let sale = TicketsIssued {
        event_id: event,
        total: money(total),
        fees: money(total / 20),
        tax: Some(money(total / 6)),
        absorbed: Some(money(total / 50)),
        ..organizer.sale(order)
    };
    let mut told = vec![Tells::Sold(sale)];
    for _ in 0..random.random_range(0..3) {
        let part = total / random.random_range(5..20_i64);
        if random.random_bool(0.5) {
            told.push(Tells::TookBack(Box::new(OrderRefunded {
                event_id: event,
                amount: money(part),
                fees: money(part / 20),
                tax: Some(money(part / 6)),
                absorbed: None,
                ..organizer.refund(order)
            })));
            continue;
        }
        let refund_id = RefundId::new();
        told.push(Tells::GivenBack(given_back(order, event, refund_id, money(part))));
        if random.random_bool(0.5) {
            let returned = RefundReturned {
                refund_id,
                order_id: order,
                event_id: event,
                amount: money(part),
                at: SystemClock.now(),
            };
            told.push(Tells::CameBack(returned));
        }
    }
    let states: &[DisputeState] = match random.random_range(0..4) {
        0 => &[],
        1 => &[DisputeState::Open],
        2 => &[DisputeState::Open, DisputeState::Won],
        _ => &[DisputeState::Open, DisputeState::Lost],
    };
    for (version, state) in (1..).zip(states) {
        told.push(Tells::Disputed(disputed(order, event, version, *state, money(total / 2))));
    }
    if random.random_bool(0.7) {
        let of = OrderOf { order, event, organization: None, currency };
        told.push(Tells::Charged(of, format!("txn_{order}"), 25 + total / 70));
    }
    told
}

fn given_back(order_id: OrderId, event_id: EventId, refund_id: RefundId, amount: Money) -> PaymentRefunded {
    PaymentRefunded {
        payment_id: PaymentId::new(),
        refund_id,
        order_id,
        event_id,
        buyer_id: UserId::new(),
        amount,
        refunded_in_all: amount,
        whole: false,
        made_at_provider: true,
        asked_for: false,
        reason: String::new(),
        at: SystemClock.now(),
    }
}

fn disputed(
    order_id: OrderId,
    event_id: EventId,
    version: i64,
    state: DisputeState,
    amount: Money,
) -> PaymentDisputed {
    PaymentDisputed {
        payment_id: PaymentId::new(),
        dispute: format!("dp_{order_id}"),
        order_id,
        event_id,
        buyer_id: UserId::new(),
        amount,
        whole: false,
        state,
        withheld: state != DisputeState::Won,
        version,
        reason: "fraudulent".to_owned(),
        at: SystemClock.now(),
    }
}

/// By organization, currency and event: what is owed, and what was paid out.
type Sums = BTreeMap<(Uuid, String, Uuid), (i64, i64)>;

async fn sums(stage: &Stage, query: &str) -> Sums {
    let rows = stage.rows(query).await;
    let sum = |row: &sea_orm::QueryResult| {
        let id = |column| row.try_get::<Option<Uuid>>("", column).unwrap().unwrap_or_default();
        let number = |column| row.try_get::<i64>("", column).unwrap();
        let currency = row.try_get::<String>("", "currency").unwrap();
        ((id("organization_id"), currency, id("event_id")), (number("owed_minor"), number("paid_out_minor")))
    };
    rows.iter().map(sum).collect()
}

const KEPT: &str = "SELECT organization_id, currency, event_id, owed_minor, paid_out_minor FROM balances";
const SUMMED: &str = "SELECT organization_id, currency, event_id, CAST(SUM(amount_minor) AS BIGINT) AS owed_minor, \
    CAST(SUM(CASE WHEN kind = 'PAYOUT' THEN -amount_minor ELSE 0 END) AS BIGINT) AS paid_out_minor FROM postings \
    WHERE account IN ('ORGANIZATION', 'TAX') GROUP BY organization_id, currency, event_id";

/// So much is paid out, or comes back where it is less than nothing.
async fn pay_out(stage: &Stage, organizer: &Organizer, currency: Currency, minor: i64) {
    let (payout, organization) = (OrderId::new(), organizer.organization.uuid());
    for (account, minor) in [("ORGANIZATION", -minor), ("PAYOUTS", minor)] {
        let columns = "id, organization_id, currency, kind, account, amount_minor, cause, at";
        let values = [
            OrderId::new().uuid().into(),
            organization.into(),
            currency.code().into(),
            "PAYOUT".into(),
            account.into(),
            minor.into(),
            format!("payout:{payout}").into(),
            SystemClock.now().timestamp_millis().into(),
        ];
        stage.insert("postings", columns, values).await;
    }
}

#[tokio::test]
async fn balances_are_what_postings_sum_to_after_any_history() {
    let stage = Stage::new().await;
    let seed = rand::random();
    let mut random = StdRng::seed_from_u64(seed);
    let (usd, jpy) = (Currency::USD, Currency::JPY);
    let mut told = Vec::new();
    let mut organizers = Vec::new();
    for _ in 0..3 {
        let organizer = Organizer::of(&stage).await;
        let events = [organizer.event, organizer.another_event(&stage).await];
        for currency in [Currency::EUR, usd, jpy] {
            for event in events {
                for _ in 0..4 {
                    told.extend(history(&organizer, event, currency, &mut random));
                }
            }
        }
        organizers.push(organizer);
    }
    // Many a thing is told twice, and in no order.
    told.extend(told.clone().into_iter().filter(|_| random.random_bool(0.3)));
    told.shuffle(&mut random);
    let books = payments::books(&stage.database);
    for some in told.chunks(8) {
        futures::future::join_all(some.iter().map(|told| hear(&books, told))).await;
    }
    for organizer in &organizers {
        pay_out(&stage, organizer, usd, random.random_range(1..5_000)).await;
        pay_out(&stage, organizer, usd, -random.random_range(1..500)).await;
    }
    let kept = sums(&stage, KEPT).await;
    assert!(kept.len() >= 3 * (3 * 2 + 1), "{seed}: {kept:?}");
    assert_eq!(kept, sums(&stage, SUMMED).await, "{seed}");
    // And all that is anybody's comes to nothing, in each currency of each organization.
    let rest = "SELECT organization_id, currency FROM postings GROUP BY organization_id, currency HAVING SUM(amount_minor) <> 0";
    assert!(stage.rows(rest).await.is_empty(), "{seed}");
    for organizer in &organizers {
        let read = organizer.asked(&stage, organizer.owner, BOOKS).await;
        for balance in read["balances"].as_array().unwrap() {
            let of = kept.iter().filter(|((organization, currency, _), _)| {
                *organization == organizer.organization.uuid() && balance["currency"] == **currency
            });
            let (owed, paid_out) = of.fold((0, 0), |all, (_, one)| (all.0 + one.0, all.1 + one.1));
            let minor = |name: &str| -> i64 {
                balance[name]["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
            };
            assert_eq!(minor("pending") + minor("payable"), owed, "{seed}: {read}");
            assert_eq!(minor("paidOut"), paid_out, "{seed}: {read}");
        }
    }
}

#[tokio::test]
async fn balances_are_read_without_the_postings_they_are_made_of() {
    let stage = Stage::new().await;
    let organizer = Organizer::of(&stage).await;
    stage.ask(&organizer.sale(OrderId::new())).await;
    organizer.comes_to(&stage, "53.00", "0.00").await;
    stage.change("DELETE FROM postings").await;
    assert_eq!(organizer.balance(&stage).await, (eur(5_300).decimal(), "0.00".to_owned()));
}
