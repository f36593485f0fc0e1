use std::time::{Duration, Instant};

use e2e::{Crowd, Person, Production, Purchase, SERVICES, Shape, amphitheatre, eventually};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value, json};

use crate::{
    Stage,
    stage::{AT_ONCE, BUYERS, a_moment, setting, tell},
};

/// What `payments` asks of the provider.
const CALLS: [&str; 6] = ["open", "confirm", "look", "cancel", "refund", "refunds"];
/// How long people stay logged in, at least.
const TOKENS_LAST: Duration = Duration::from_mins(10);
/// How many orders have tickets before their show is called off, where `ORDERS` says nothing else.
const ORDERS: usize = 100;

/// `payments` dies before a call is sent, and when it is answered and nothing of that is written down: at each kind of call,
/// while people buy, and while what others have bought is given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_killed_at_each_line_to_the_provider_takes_and_returns_money_once() {
    let mut stage = Stage::set(Shape::default()).await;
    let mut random = stage.random();
    let (mut purchases, mut died) = (Vec::<Purchase>::new(), Vec::new());
    let leaver = stage.person("Lena").await;
    let mut seats = leaver.sees_free_seats(&stage.show.event, 2 * CALLS.len()).await.unwrap();
    for call in CALLS {
        for moment in ["asks", "answered"] {
            let point = format!("stripe-{call}-{moment}");
            stage.platform.kill("payments").await;
            stage.platform.will_have("payments", "E2E_DIES_AT", &format!("{point}@1"));
            stage.platform.start_these(&["payments"]).await;
            let crowd = Crowd::gathers(&stage.platform.address().clone(), &stage.show, &point, 4).await;
            let seed = random.random();
            let buys = async { crowd.buys(seed, 4).await };
            let seat = seats.pop().unwrap();
            let gives_up = gives_up_after_a_decline(&leaver, &stage.show.event, &seat);
            let returns = gives_back(&stage.organizer, &mut purchases);
            let mends = falls_and_is_mended(&mut stage.platform);
            let (bought, (), (), fell) = tokio::join!(buys, gives_up, returns, mends);
            tell(&format!("{point}: {}", if fell { "died" } else { "never came there" }));
            died.extend(fell.then_some(point));
            purchases.extend(bought);
        }
    }
    gives_back(&stage.organizer, &mut purchases).await;
    for call in ["open", "confirm", "cancel", "refund"] {
        assert!(died.iter().any(|point| point.contains(&format!("-{call}-"))), "at {call} it died: {died:?}");
    }
    stage.is_right(&purchases).await;
}

/// A house is sold, some give their tickets back, and the show is called off, while services are killed at random. `ORDERS`
/// says how many orders there are to be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_show_that_is_called_off_gives_everybody_their_money_back_whatever_is_killed() {
    let wanted = setting("ORDERS").and_then(|orders| orders.parse().ok()).unwrap_or(ORDERS);
    let mut stage = Stage::set(Shape::default()).await;
    let began = Instant::now();
    let house = amphitheatre(u16::try_from(wanted / 50 + 1).unwrap(), u32::try_from(wanted).unwrap());
    stage.show = stage.organizer.puts_on_in("The Ring", house).await.unwrap();
    let mut random = stage.random();
    let mut purchases = Vec::<Purchase>::new();
    let sold = |purchases: &[Purchase]| purchases.iter().filter(|purchase| purchase.is_bought()).count();
    while sold(&purchases) < wanted {
        let crowd = stage.crowd_named(&format!("Guest after {}", purchases.len()), BUYERS).await;
        let seed = stage.seed.wrapping_add(purchases.len() as u64);
        let kills = kills_some(&mut stage.platform, &mut random);
        let (bought, ()) = tokio::join!(crowd.buys(seed, AT_ONCE), kills);
        purchases.extend(bought);
        tell(&format!("{} orders have tickets", sold(&purchases)));
    }
    if began.elapsed() > TOKENS_LAST {
        stage.organizer.logs_in().await.unwrap();
        for purchase in &mut purchases {
            purchase.buyer.logs_in().await.unwrap();
        }
    }
    let tenth = purchases.len() / 10;
    let (some, rest) = purchases.split_at_mut(tenth);
    let returns = gives_back(&stage.organizer, some);
    tokio::join!(returns, kills_some(&mut stage.platform, &mut random));
    let show =
        json!({ "eventId": stage.show.event, "reason": "The river is too high.", "idempotencyKey": "off" });
    let cancel = "mutation($input: CancelEventInput!) { cancelEvent(input: $input) { status } }";
    stubbornly(&stage.organizer, "cancelEvent", cancel, json!({ "input": show })).await;
    for purchase in rest.iter_mut() {
        purchase.returned = purchase.is_bought();
    }
    let expected = sold(rest);
    let progress = loop {
        kills_some(&mut stage.platform, &mut random).await;
        let progress = sees_cancellation(&stage.organizer, &stage.show.event).await;
        tell(&progress.to_string());
        if !progress["finishedAt"].is_null() {
            break progress;
        }
    };
    assert_eq!(
        (&progress["orders"], &progress["refunded"], &progress["failed"]),
        (&json!(expected), &json!(expected), &json!(0))
    );
    stage.is_right(&purchases).await;
}

/// Everything that was bought goes back, and is not there any more to be given back.
async fn gives_back(organizer: &Person, purchases: &mut [Purchase]) {
    let ask = "mutation($input: RefundOrderInput!) { refundOrder(input: $input) { id } }";
    for purchase in purchases.iter_mut().filter(|purchase| purchase.is_bought() && !purchase.returned) {
        let order = purchase.order.as_ref().unwrap()["id"].clone();
        let input = json!({ "orderId": order, "idempotencyKey": order });
        stubbornly(organizer, "refundOrder", ask, json!({ "input": input })).await;
        purchase.returned = true;
    }
}

/// A card is declined, and the order given up. Whoever had that seat before keeps it.
async fn gives_up_after_a_decline(buyer: &Person, event: &str, seat: &str) {
    let seat = [seat.to_owned()];
    let Ok(order) = buyer.orders(event, &seat).await else { return };
    let id = order["id"].as_str().unwrap();
    let settled = async |what: &str| buyer.looks_at(id).await.ok().filter(|seen| seen["status"] == what);
    eventually("a card is declined", async || {
        buyer.pays_with_key(id, "pm_card_chargeDeclined", id).await.ok();
        settled("PAYMENT_FAILED").await
    })
    .await;
    eventually("the order is given up", async || {
        buyer.gives_up(id).await.ok();
        settled("CANCELLED").await
    })
    .await;
}

/// Asks until somebody answers. What cannot be so shows in the end.
async fn stubbornly(organizer: &Person, field: &str, ask: &str, input: Value) {
    eventually(field, async || organizer.does(field, ask, input.clone()).await.ok()).await;
}

/// Waits a little for `payments` to fall, and starts it again without a point to die at. True when it fell.
async fn falls_and_is_mended(platform: &mut Production) -> bool {
    for _ in 0..160 {
        if !platform.fallen().is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    let fell = !platform.fallen().is_empty();
    platform.kill("payments").await;
    platform.will_have("payments", "E2E_DIES_AT", &"nowhere@1");
    platform.start_these(&["payments"]).await;
    fell
}

async fn kills_some(platform: &mut Production, random: &mut StdRng) {
    a_moment(random, 2_000).await;
    let mut victims: Vec<&str> = SERVICES.into_iter().filter(|_| random.random_ratio(1, 3)).collect();
    if victims.is_empty() {
        victims.extend(SERVICES.choose(random));
    }
    tell(&format!("kill -9 of {victims:?}"));
    for name in &victims {
        platform.kill(name).await;
    }
    a_moment(random, 500).await;
    platform.start_these(&victims).await;
}

/// How far the money of an event that was called off is back; null as long as nobody answers.
async fn sees_cancellation(organizer: &Person, event: &str) -> Value {
    let ask = "query($id: ID!) { event(id: $id) { cancellation { finishedAt orders refunded failed } } }";
    let seen = organizer.does("event", ask, json!({ "id": event })).await;
    seen.map(|mut event| event["cancellation"].take()).unwrap_or_default()
}
