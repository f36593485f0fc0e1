use std::time::{Duration, Instant};

use e2e::{
    Click, Crowd, Dashboard, Person, Production, Purchase, SERVICES, Settings, Shape, Show, amphitheatre,
    chance::given_number, eventually,
};
use rand::{RngExt as _, rngs::StdRng, seq::IndexedRandom as _};
use serde_json::{Value, json};

use crate::{
    Stage,
    stage::{AT_ONCE, BUYERS, a_moment, tell},
};

/// What `payments` asks of the provider.
const CALLS: [&str; 9] =
    ["open", "confirm", "look", "cancel", "refund", "refunds", "offer", "close", "look at page"];
/// How long people stay logged in, at least.
const TOKENS_LAST: Duration = Duration::from_mins(10);
/// How many orders have tickets before their show is called off, where `ORDERS` says nothing else.
const ORDERS: usize = 100;

/// `payments` dies before a call is sent, and when it is answered and nothing of that is written down: at each kind of call,
/// while people buy by card and on the provider's page, and while what others have bought is
/// given back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_killed_at_each_line_to_the_provider_takes_and_returns_money_once() {
    let mut stage = Stage::set(Shape::default()).await;
    let mut random = stage.random();
    let (mut purchases, mut died) = (Vec::<Purchase>::new(), Vec::new());
    let leaver = stage.person("Lena").await;
    let mut paid = Vec::new();
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
            let sandbox = stage.platform.dashboard();
            let on_the_page = pays_on_the_page(&leaver, &stage.show, &sandbox, &point, false);
            let by_card = pays_on_the_page(&leaver, &stage.show, &sandbox, &point, true);
            let mends = falls_and_is_mended(&mut stage.platform);
            let (bought, (), (), one, other, fell) =
                tokio::join!(buys, gives_up, returns, on_the_page, by_card, mends);
            paid.extend([one, other]);
            tell(&format!("{point}: {}", if fell { "died" } else { "never came there" }));
            died.extend(fell.then_some(point));
            purchases.extend(bought);
        }
    }
    gives_back(&stage.organizer, &mut purchases).await;
    for call in ["open", "confirm", "cancel", "refund", "offer", "close"] {
        assert!(died.iter().any(|point| point.contains(&format!("-{call}-"))), "at {call} it died: {died:?}");
    }
    stage.is_right(&purchases).await;
    let payments = stage.platform.dashboard().payments().await;
    for number in paid {
        let of_order = Dashboard::of_order(&payments, &number);
        let captured = of_order.iter().filter(|payment| payment["status"] == "succeeded").count();
        assert_eq!(captured, 1, "{number}: {of_order:?}");
    }
}

/// A house is sold, some give their tickets back, and the show is called off, while services are killed at random. `ORDERS`
/// says how many orders there are to be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_show_that_is_called_off_gives_everybody_their_money_back_whatever_is_killed() {
    let wanted = given_number("ORDERS").and_then(|orders| usize::try_from(orders).ok()).unwrap_or(ORDERS);
    // For each order some four mails, and as many to people who get no order.
    let keeps = Settings::nothing().with("SANDBOX__KEEPS", &(10 * wanted).max(5_000));
    let mut stage = Stage::set_with(Shape::default(), keeps).await;
    let mut logged_in = Instant::now();
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
    log_in_again(&mut stage.organizer, &mut purchases, &mut logged_in).await;
    let tenth = purchases.len() / 10;
    let (some, rest) = purchases.split_at_mut(tenth);
    let returns = gives_back(&stage.organizer, some);
    tokio::join!(returns, kills_some(&mut stage.platform, &mut random));
    let show =
        json!({ "eventId": stage.show.event, "reason": "The river is too high.", "idempotencyKey": "off" });
    let cancel = "mutation($input: CancelEventInput!) { cancelEvent(input: $input) { status } }";
    stubbornly(&stage.organizer, "cancelEvent", cancel, json!({ "input": show })).await;
    for purchase in some.iter_mut().chain(rest.iter_mut()) {
        purchase.called_off = true;
    }
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
    // With many, mails are sent for longer than anybody stays logged in.
    stage.comes_to_rest(&purchases).await;
    log_in_again(&mut stage.organizer, &mut purchases, &mut logged_in).await;
    stage.is_right(&purchases).await;
}

/// Where many take long, they have to log in anew.
async fn log_in_again(organizer: &mut Person, purchases: &mut [Purchase], logged_in: &mut Instant) {
    if logged_in.elapsed() < TOKENS_LAST {
        return;
    }
    *logged_in = Instant::now();
    organizer.logs_in().await.unwrap();
    for purchase in purchases {
        purchase.buyer.logs_in().await.unwrap();
    }
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

/// A place to stand is paid on the provider's page, or by card though that page is open. The order's number, once it has
/// its ticket.
async fn pays_on_the_page(
    buyer: &Person,
    show: &Show,
    sandbox: &Dashboard,
    point: &str,
    by_card: bool,
) -> String {
    let key = format!("{point} {by_card}");
    let held = eventually("a place is set aside", async || {
        buyer.holds_standing_with_key(&show.event, &show.floor, 1, &key).await.ok()
    })
    .await;
    let reservation = held["id"].as_str().unwrap();
    let order =
        eventually("it is ordered", async || buyer.checks_out_with_key(reservation, &key).await.ok()).await;
    let id = order["id"].as_str().unwrap();
    let offer =
        "mutation($input: CreateCheckoutSessionInput!) { createCheckoutSession(input: $input) { url } }";
    let address = "https://shop.example.test";
    let input = json!({ "orderId": id, "successUrl": address, "cancelUrl": address, "idempotencyKey": key });
    let offered = eventually("a page is offered", async || {
        buyer.does("createCheckoutSession", offer, json!({ "input": input })).await.ok()
    })
    .await;
    if !by_card {
        let click = sandbox.clicks(&format!("{}/pay", offered["url"].as_str().unwrap()), "").await;
        assert!(matches!(click, Click::Done(_)), "the page takes the money: {click:?}");
    }
    let mut attempt = 0;
    eventually("it is paid", async || {
        if by_card {
            let tried = buyer.pays_with_key(id, "pm_card_visa", &format!("{key} {attempt}")).await;
            let is_over = |refused: e2e::Refused| refused.message.contains("new idempotency key");
            attempt += u32::from(tried.is_err_and(is_over));
        }
        buyer.looks_at(id).await.ok().filter(|seen| seen["status"] == "COMPLETED")
    })
    .await;
    order["number"].as_str().unwrap().to_owned()
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
