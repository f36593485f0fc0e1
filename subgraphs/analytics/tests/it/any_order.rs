//! Whatever the order in which messages come, and however often: the report is the same.

use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

use analytics::domain::{
    entities::{Figures, Interval, Report, SalesPoint, TicketTypeSales},
    use_cases::ReadTimeline,
};
use chrono::Duration;
use contracts::tickets::OrderEnd;
use messaging::Message;
use proptest::prelude::*;

use crate::world::{CAPACITY, EUR, Purchase, Show, World, at};

/// What becomes of a buyer.
#[derive(Clone, Debug)]
enum Story {
    GivesUp,
    LosesTheHold,
    NeverPays { declines: u32 },
    Cancels,
    PaysTooLate { total: i64 },
    Buys { declines: u32, fees: i64, lines: Vec<(usize, u32, i64)>, back: Back, entered: usize },
}

/// What is given back of an order.
#[derive(Clone, Copy, Debug)]
enum Back {
    Nothing,
    APart,
    AllInTwoParts,
    /// By the organizer.
    ATicket,
    /// By the organizer, all at once.
    AllTickets,
    /// A ticket by the organizer, and what is left at the payment provider.
    ATicketAndThenTheRest,
    /// Some at the payment provider, and what is left by the organizer with one ticket.
    APartAndThenATicketWithTheRest,
}

fn story() -> impl Strategy<Value = Story> {
    let line = (0..2_usize, 1..4_u32, 0..5000_i64);
    let back = prop_oneof![
        Just(Back::Nothing),
        Just(Back::APart),
        Just(Back::AllInTwoParts),
        Just(Back::ATicket),
        Just(Back::AllTickets),
        Just(Back::ATicketAndThenTheRest),
        Just(Back::APartAndThenATicketWithTheRest),
    ];
    prop_oneof![
        1 => Just(Story::GivesUp),
        1 => Just(Story::LosesTheHold),
        1 => (0..3_u32).prop_map(|declines| Story::NeverPays { declines }),
        1 => Just(Story::Cancels),
        1 => (1..5000_i64).prop_map(|total| Story::PaysTooLate { total }),
        4 => (0..3_u32, 0..500_i64, prop::collection::vec(line, 1..4), back, 0..3_usize).prop_map(
            |(declines, fees, lines, back, entered)| Story::Buys { declines, fees, lines, back, entered }
        ),
    ]
}

/// What is told of the buyers, and what must come of it, worked out without the code under test.
fn told(show: &Show, stories: &[Story]) -> (Vec<Message>, Figures, [TicketTypeSales; 2]) {
    let (mut told, mut sum, mut types) =
        (show.prologue(), Figures::default(), [TicketTypeSales::default(); 2]);
    for (index, story) in stories.iter().enumerate() {
        let begun = at("2026-11-01T10:00:00Z") + Duration::minutes(37 * i64::try_from(index).unwrap());
        let purchase = show.purchase(begun, EUR);
        sum.holds += 1;
        match story {
            Story::GivesUp => told.extend(show.given_up(false)),
            Story::LosesTheHold => {
                told.extend(show.given_up(true));
                sum.expired += 1;
            }
            Story::NeverPays { declines } => {
                told.extend(purchase.placed(1000));
                told.extend((1..=*declines).map(|attempt| purchase.declined(attempt)));
                told.push(purchase.ended(OrderEnd::Expired));
                sum.checkouts += 1;
                sum.expired += 1;
                sum.declined += i64::from(*declines > 0);
            }
            Story::Cancels => {
                told.extend(purchase.placed(1000));
                told.push(purchase.ended(OrderEnd::Cancelled));
                sum.checkouts += 1;
            }
            Story::PaysTooLate { total } => {
                told.extend(purchase.placed(*total));
                told.push(purchase.paid(*total));
                told.push(purchase.refunded(*total, *total));
                told.push(purchase.ended(OrderEnd::Refunded));
                sum.checkouts += 1;
                sum.paid += 1;
            }
            Story::Buys { declines, fees, lines, back, entered } => {
                let total = fees + lines.iter().map(|(_, _, amount)| amount).sum::<i64>();
                let tickets: i64 = lines.iter().map(|(_, quantity, _)| i64::from(*quantity)).sum();
                told.extend(purchase.placed(total));
                told.extend((1..=*declines).map(|attempt| purchase.declined(attempt)));
                if total > 0 {
                    told.push(purchase.paid(total));
                }
                told.push(purchase.issued(total, *fees, lines));
                sum.checkouts += 1;
                sum.paid += 1;
                sum.declined += i64::from(*declines > 0);
                sum.gross += total;
                sum.fees += fees;
                sum.tickets_sold += tickets;
                for (kind, quantity, amount) in lines {
                    types[*kind].sold += i64::from(*quantity);
                    types[*kind].revenue += amount;
                }
                let (messages, money, void) = given_back(&purchase, *back, *fees, lines);
                told.extend(messages);
                sum.refunded += money;
                for (kind, quantity) in void {
                    sum.tickets_refunded += quantity;
                    types[kind].refunded += quantity;
                }
                for _ in 0..*entered {
                    told.push(purchase.checked_in(lines[0].0));
                    sum.checked_in += 1;
                    types[lines[0].0].checked_in += 1;
                }
            }
        }
    }
    (told, sum, types)
}

/// What is told of what goes back of an order, how much money that is, and which tickets are void then: their types, and
/// how many.
fn given_back(
    purchase: &Purchase<'_>,
    back: Back,
    fees: i64,
    lines: &[(usize, u32, i64)],
) -> (Vec<Message>, i64, Vec<(usize, i64)>) {
    let total = fees + lines.iter().map(|(_, _, amount)| amount).sum::<i64>();
    let (kind, price) = (lines[0].0, lines[0].2 / i64::from(lines[0].1));
    let a_ticket = vec![(kind, 1)];
    let all_tickets = lines.iter().map(|(kind, quantity, _)| (*kind, i64::from(*quantity))).collect();
    match back {
        Back::APart if total > 1 => (vec![purchase.refunded(1, 1)], 1, Vec::new()),
        Back::AllInTwoParts if total > 1 => {
            let told = vec![purchase.refunded(1, 1), purchase.refunded(total - 1, total)];
            (told, total, all_tickets)
        }
        Back::ATicket => (purchase.took_back(price, &[(kind, 1, price)]), price, a_ticket),
        Back::AllTickets => (purchase.took_back(total - fees, lines), total - fees, all_tickets),
        Back::ATicketAndThenTheRest if total > price => {
            let mut told = purchase.took_back(price, &[(kind, 1, price)]);
            told.push(purchase.refunded(total - price, total));
            (told, total, all_tickets)
        }
        Back::APartAndThenATicketWithTheRest if total > 1 => {
            let mut told = purchase.took_back(total, &[(kind, 1, total - 1)]);
            told.push(purchase.refunded(1, 1));
            (told, total, a_ticket)
        }
        _ => (Vec::new(), 0, Vec::new()),
    }
}

/// The messages in another order, some of them twice.
fn disturbed(told: &[Message], seed: u64) -> Vec<Message> {
    let chance = |index: usize, copy: u64| {
        BuildHasherDefault::<DefaultHasher>::default().hash_one((seed, index, copy))
    };
    let mut all: Vec<(u64, &Message)> = Vec::new();
    for (index, message) in told.iter().enumerate() {
        all.push((chance(index, 0), message));
        if chance(index, 1) % 3 == 0 {
            all.push((chance(index, 2), message));
        }
    }
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, message)| message.clone()).collect()
}

/// The report and its days, after a service has heard these messages from nothing.
async fn heard(show: &Show, messages: &[Message]) -> (Report, Vec<SalesPoint>) {
    let world = World::new().await;
    world.hear_all(messages).await;
    let mut report = world.analytics.read_sales(show.event, show.organizer).await.unwrap();
    let ask = ReadTimeline { interval: Interval::Day, from: None, until: None };
    let days = world.analytics.read_timelines(&[(report.event, ask)]).await.unwrap().remove(0).unwrap();
    report.revision = 0; // counts changes, not sales
    (report, days)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_repetition_give_the_same_report(
        stories in prop::collection::vec(story(), 0..8),
        seed in any::<u64>(),
    ) {
        let show = Show::new();
        let (told, figures, types) = told(&show, &stories);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (straight, disturbed) = runtime.block_on(async {
            (heard(&show, &told).await, heard(&show, &disturbed(&told, seed)).await)
        });
        prop_assert_eq!(&straight, &disturbed);
        let (report, days) = straight;
        prop_assert_eq!(report.figures, figures);
        prop_assert_eq!(report.capacity, i64::from(CAPACITY));
        prop_assert_eq!(report.event.timezone.name(), "Europe/Vienna");
        let by_type: Vec<_> = report.by_type.iter().map(|of| (of.name.as_str(), of.sales)).collect();
        prop_assert_eq!(by_type, [("Stalls", types[0]), ("Dress circle", types[1])]);
        prop_assert_eq!(days.iter().map(|day| day.tickets).sum::<i64>(), figures.tickets_sold);
        prop_assert_eq!(days.iter().map(|day| day.revenue.minor).sum::<i64>(), figures.gross);
    }
}
