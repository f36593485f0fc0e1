//! Delivers events, many at a time, as Stripe does: those of one payment in the order they happened, each again with growing
//! pauses until it is answered with 2xx. An event that fails does not hold up those behind it. After [`MOST_ATTEMPTS`], some
//! 50 minutes, it is given up; the page can send it again. Without an endpoint events wait for one.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt;
use tokio::task::JoinSet;

use super::signature::sign;
use super::{Attempt, Event, EventState, WebhookEndpoint};
use crate::clock;
use crate::state::{Change, State};
use crate::switches::Switches;
use crate::world::World;

const MOST_ATTEMPTS: u32 = 60;
const FIRST_PAUSE_MS: i64 = 200;
const LONGEST_PAUSE_MS: i64 = 60_000;
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How many are under way at once.
const AT_ONCE: usize = 32;
/// How long events gather before they are delivered in another order.
const GATHER_MS: i64 = 300;
const LONGEST_OUTCOME: usize = 300;

/// What to do now.
enum Step {
    Deliver(Box<Event>, WebhookEndpoint),
    Wait(Duration),
}

/// Delivers until the sandbox stops.
pub(crate) async fn deliver(world: Arc<World>, client: reqwest::Client) {
    let mut revisions = world.store.revisions();
    let mut moves = world.board.moves();
    let (mut under_way, mut busy) = (JoinSet::new(), HashSet::new());
    while !world.stop.is_cancelled() {
        revisions.mark_unchanged();
        moves.mark_unchanged();
        let switches = world.board.now();
        let step = world.store.read(|state| next(state, &switches, clock::now_ms(), &busy));
        match step {
            Step::Deliver(event, endpoint) => {
                busy.insert(event.payment.clone());
                let (world, client) = (Arc::clone(&world), client.clone());
                under_way.spawn(async move {
                    deliver_one(&world, &client, &event, &endpoint, &switches).await;
                    event.payment
                });
            }
            Step::Wait(wait) => tokio::select! {
                () = world.stop.cancelled() => break,
                () = tokio::time::sleep(wait) => (),
                Some(done) = under_way.join_next() => match done {
                    Ok(payment) => drop(busy.remove(&payment)),
                    // Whose it was is not known; nothing of it is under way any more.
                    Err(_) => busy.retain(|_| !under_way.is_empty()),
                },
                _ = revisions.changed() => (),
                _ = moves.changed() => (),
            },
        }
    }
    // Not cut short by a stop: what was heard is to be known as heard.
    while under_way.join_next().await.is_some() {}
}

/// What to do while events of these payments are under way.
fn next(state: &State, switches: &Switches, now: i64, busy: &HashSet<String>) -> Step {
    let forever = Step::Wait(Duration::from_hours(1));
    let Some(endpoint) = &state.endpoint else { return forever };
    let at_once = if switches.webhook_reorder { 1 } else { AT_ONCE };
    if busy.len() >= at_once {
        return forever;
    }
    let waiting = || {
        let waiting = state.undelivered.iter().filter_map(|place| state.events.at(*place));
        waiting.filter(|event| !busy.contains(&event.payment))
    };
    let Some(first) = waiting().min_by_key(|event| due(event, switches)) else { return forever };
    let wait = due(first, switches) - now;
    if wait > 0 {
        return Step::Wait(Duration::from_millis(wait.unsigned_abs()));
    }
    let chosen = if switches.webhook_reorder {
        waiting().rev().find(|event| is_ready(event, now)).unwrap_or(first)
    } else {
        first
    };
    let mut endpoint = endpoint.clone();
    if let (Some(secret), Some(_)) = (&state.connect_secret, &chosen.account) {
        endpoint.secret.clone_from(secret);
    }
    Step::Deliver(Box::new(chosen.clone()), endpoint)
}

/// When an event may be delivered.
fn due(event: &Event, switches: &Switches) -> i64 {
    let EventState::Waiting { not_before } = event.state else { return i64::MAX };
    let mut delay = i64::try_from(switches.webhook_delay_ms).unwrap_or(i64::MAX / 2);
    if switches.webhook_reorder {
        delay += GATHER_MS;
    }
    if event.tried == 0 { not_before.saturating_add(delay) } else { not_before }
}

/// Whether an event is not pausing after a failure.
fn is_ready(event: &Event, now: i64) -> bool {
    matches!(event.state, EventState::Waiting { not_before } if not_before <= now)
}

async fn deliver_one(
    world: &World,
    client: &reqwest::Client,
    event: &Event,
    endpoint: &WebhookEndpoint,
    switches: &Switches,
) {
    if event.tried == 0 && world.board.strikes(|switches| &mut switches.webhook_lose) {
        let outcome = "lost for good, as the switch says".to_owned();
        let lost = Attempt { at: clock::now_ms(), status: None, outcome };
        return keep(world, event, lost, EventState::GivenUp).await;
    }
    let attempt = if switches.webhook_drop_first && event.tried == 0 {
        Attempt {
            at: clock::now_ms(),
            status: None,
            outcome: "lost on the way, as the switch says".to_owned(),
        }
    } else {
        send(client, event, endpoint).await
    };
    let heard = attempt.status.is_some_and(|status| (200..300).contains(&status));
    let then = match event.tried + 1 {
        _ if heard => EventState::Delivered,
        MOST_ATTEMPTS.. => EventState::GivenUp,
        tried => EventState::Waiting { not_before: clock::now_ms() + pause(tried) },
    };
    keep(world, event, attempt, then).await;
    if heard {
        for _ in 0..switches.webhook_duplicates {
            let copy = send(client, event, endpoint).await;
            keep(world, event, copy, EventState::Delivered).await;
        }
    }
}

async fn send(client: &reqwest::Client, event: &Event, endpoint: &WebhookEndpoint) -> Attempt {
    let at = clock::now_ms();
    let request = client
        .post(&endpoint.url)
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("stripe-signature", sign(&event.body, &endpoint.secret, at / 1000))
        .timeout(ANSWER_WITHIN)
        .body(event.body.clone());
    match request.send().await {
        Ok(answer) => {
            let status = answer.status();
            Attempt { at, status: Some(status.as_u16()), outcome: status.to_string() }
        }
        Err(broken) => Attempt {
            at,
            status: None,
            outcome: anyhow::Error::from(broken.without_url())
                .chain()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(": ")
                .chars()
                .take(LONGEST_OUTCOME)
                .collect(),
        },
    }
}

async fn keep(world: &World, event: &Event, attempt: Attempt, then: EventState) {
    let change = Change::Delivery { event: event.id.clone(), attempt, then, wish: event.wish };
    if let Err(broken) = world.store.change(change) {
        tracing::error!(%broken, event = event.id, "the outcome of a webhook could not be kept");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Doubles from 200 ms to a minute, by a fifth more or less.
fn pause(tried: u32) -> i64 {
    let doubled = FIRST_PAUSE_MS << tried.saturating_sub(1).min(16);
    let pause = doubled.min(LONGEST_PAUSE_MS);
    rand::rng().random_range(pause * 4 / 5..=pause * 6 / 5)
}
