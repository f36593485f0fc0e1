//! Many buyers at once, each on the way to an end of their own, whatever fails meanwhile.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures::{StreamExt as _, stream};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::{Address, Dashboard, Mail, Outcome, Person, Refused, Sandbox, Show, eventually};

/// How long a buyer goes on trying; longer than any fault lasts.
const STUBBORN: Duration = Duration::from_secs(150);
/// How long they wait before the next try.
const PAUSE: Duration = Duration::from_millis(150);

/// What a buyer is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Pays at once.
    Pays,
    /// Is declined, and pays with another card.
    PaysAtLast,
    /// Is declined, and leaves it at that.
    IsDeclined,
    /// Leaves after having chosen.
    LeavesTheHold,
    /// Leaves instead of paying.
    LeavesTheOrder,
    /// Gives the order up.
    GivesUp,
}

/// What was promised to a buyer, by answers.
#[derive(Clone)]
pub struct Purchase {
    /// Who.
    pub buyer: Person,
    /// What they did.
    pub fate: Fate,
    /// The reservation that was acknowledged.
    pub reservation: Option<String>,
    /// The order that was acknowledged.
    pub order: Option<Value>,
    /// True when the organizer gave everything back afterwards.
    pub returned: bool,
    /// True when its event was called off before it ran out.
    pub called_off: bool,
}

/// Buyers, and what they can choose from.
pub struct Crowd {
    people: Vec<Person>,
    event: String,
    standing: String,
    seats: Vec<String>,
    interruptions: Mutex<Vec<Refused>>,
}

impl Fate {
    fn of(chance: u32) -> Self {
        match chance % 10 {
            0..=4 => Self::Pays,
            5 => Self::PaysAtLast,
            6 => Self::IsDeclined,
            7 => Self::LeavesTheHold,
            8 => Self::LeavesTheOrder,
            _ => Self::GivesUp,
        }
    }
}

impl Crowd {
    /// So many people, who register, and find a show.
    pub async fn gathers(address: &Address, show: &Show, named: &str, size: usize) -> Self {
        let registers =
            |number: usize| async move { Person::registers(address, &format!("{named} {number}")).await };
        let people: Vec<_> = stream::iter(0..size).map(registers).buffered(8).collect().await;
        let people: Vec<Person> =
            people.into_iter().map(|person| person.expect("nothing keeps people from registering")).collect();
        // Who sells may be away just now.
        let map =
            eventually("the show is on sale", async || people[0].sees_seat_map(&show.event).await.ok()).await;
        let seats = crate::seat_ids(&map);
        let interruptions = Mutex::default();
        Self { people, event: show.event.clone(), standing: show.floor.clone(), seats, interruptions }
    }

    /// Everybody goes their way, so many at a time; returns once all have. A seed decides who does what.
    pub async fn buys(&self, seed: u64, at_once: usize) -> Vec<Purchase> {
        let ways = self.people.iter().zip(seed..).map(|(buyer, seed)| Box::pin(self.one(buyer, seed)));
        stream::iter(ways).buffer_unordered(at_once).collect().await
    }

    /// Requests that had no answer, or one that said that something is away.
    pub fn interruptions(&self) -> Vec<Refused> {
        self.interruptions.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn minds(&self, refused: &Refused) {
        if refused.is_passing() {
            self.interruptions.lock().unwrap_or_else(PoisonError::into_inner).push(refused.clone());
        }
    }

    async fn one(&self, buyer: &Person, seed: u64) -> Purchase {
        let mut random = StdRng::seed_from_u64(seed);
        let mut purchase = Purchase {
            buyer: buyer.clone(),
            fate: Fate::of(random.random()),
            reservation: None,
            order: None,
            returned: false,
            called_off: false,
        };
        let key = format!("{} {seed}", buyer.name);
        let Some(reservation) = self.chooses(buyer, &key, &mut random).await else { return purchase };
        purchase.reservation = Some(id(&reservation));
        if purchase.fate == Fate::LeavesTheHold {
            return purchase;
        }
        let reservation = id(&reservation);
        let order = self
            .stubbornly("checking out", || buyer.checks_out_with_key(&reservation, &key))
            .await
            .expect(&key);
        let number = id(&order);
        purchase.order = Some(order);
        match purchase.fate {
            Fate::Pays => self.pays_until_it_is_paid(buyer, &number, "pm_card_visa").await,
            Fate::PaysAtLast => {
                self.is_declined(buyer, &number).await;
                self.pays_until_it_is_paid(buyer, &number, "pm_card_mastercard").await;
            }
            Fate::IsDeclined => self.is_declined(buyer, &number).await,
            Fate::GivesUp => {
                self.stubbornly("giving up", || buyer.gives_up(&number)).await.expect(&key);
            }
            Fate::LeavesTheOrder | Fate::LeavesTheHold => {}
        }
        purchase
    }

    /// One seat or a place to stand; another seat when somebody was faster. None when all is gone.
    async fn chooses(&self, buyer: &Person, key: &str, random: &mut StdRng) -> Option<Value> {
        for turn in 0..20 {
            let key = format!("{key} {turn}");
            let held = if random.random_ratio(1, 4) {
                self.stubbornly("holding a place", || {
                    buyer.holds_standing_with_key(&self.event, &self.standing, 1, &key)
                })
                .await
            } else {
                let seat = [self.seats[random.random_range(0..self.seats.len())].clone()];
                self.stubbornly("holding a seat", || buyer.holds_with_key(&self.event, &seat, &key)).await
            };
            match held {
                Ok(reservation) => return Some(reservation),
                Err(refused)
                    if ["SEATS_UNAVAILABLE", "NOT_ENOUGH_AVAILABLE"].contains(&refused.code.as_str()) => {}
                Err(refused) => panic!("{key}: {refused:?}"),
            }
        }
        None
    }
}

impl Purchase {
    /// What of that was not kept, once everything is at rest; `payments` are all that Stripe knows of.
    pub async fn broken_promises(&self, sandbox: &Sandbox, payments: &[Value]) -> Vec<String> {
        let mut broken = Vec::new();
        let Some(order) = &self.order else { return broken };
        let number = order["number"].as_str().unwrap_or_default();
        let seen = self.buyer.looks_at(&id(order)).await.unwrap_or_default();
        let status = seen["status"].as_str().unwrap_or("(none)").to_owned();
        let bought = self.is_bought();
        let expected: &[&str] = match self.fate {
            Fate::Pays | Fate::PaysAtLast if self.returned => &["REFUNDED"],
            Fate::Pays | Fate::PaysAtLast => &["COMPLETED"],
            Fate::IsDeclined | Fate::LeavesTheOrder if self.called_off => &["CANCELLED", "EXPIRED"],
            Fate::IsDeclined => &["PAYMENT_FAILED", "EXPIRED"],
            Fate::GivesUp => &["CANCELLED"],
            Fate::LeavesTheOrder | Fate::LeavesTheHold => &["AWAITING_PAYMENT", "EXPIRED"],
        };
        if !expected.contains(&status.as_str()) {
            broken.push(format!("{self}: {status} instead of {expected:?}: {}", seen["history"]));
        }
        let payments = Dashboard::of_order(payments, number);
        let captured = payments.iter().filter(|payment| payment["status"] == "succeeded").count();
        if captured != usize::from(bought) {
            broken.push(format!("{self}: paid {captured} times at Stripe: {payments:?}"));
        }
        if self.returned && !payments.iter().any(is_given_back_once) {
            broken.push(format!("{self}: not given back once: {payments:?}"));
        }
        let mails = sandbox.mails(&self.buyer.email).await;
        let subjects: Vec<_> = mails.iter().map(Mail::subject).collect();
        let with = |word: &str| subjects.iter().filter(|subject| subject.contains(word)).count();
        let tickets = subjects.iter().filter(|told| told.starts_with("Your ticket") && told.contains(number));
        // Whose tickets went back is told that, that the show is off, or both: each once.
        let (off, back) = (with("Called off: "), with("Your money goes back: "));
        let returned = if self.returned { off.max(back) == 1 } else { off + back == 0 };
        if bought && (tickets.count() != 1 || !returned) {
            broken.push(format!("{self}: got {subjects:?}"));
        }
        broken
    }

    /// True when the buyer did what it takes to have tickets.
    pub fn is_bought(&self) -> bool {
        self.order.is_some() && matches!(self.fate, Fate::Pays | Fate::PaysAtLast)
    }
}

/// A payment all of whose money was given back, at once.
fn is_given_back_once(payment: &Value) -> bool {
    let refunds = payment["refunds"].as_array().map_or(&[][..], Vec::as_slice);
    payment["status"] == "succeeded" && refunds.len() == 1 && refunds[0]["amount"] == payment["amount"]
}

impl fmt::Display for Purchase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let order = self.order.as_ref().map_or("-", |order| order["number"].as_str().unwrap_or("?"));
        write!(f, "{} ({:?}, order {order})", self.buyer.name, self.fate)
    }
}

impl Crowd {
    /// The same call again and again, as long as nobody answers or somebody says that it will pass.
    async fn stubbornly<F: Future<Output = Outcome>>(&self, what: &str, call: impl Fn() -> F) -> Outcome {
        let patience = Instant::now() + STUBBORN;
        loop {
            match call().await {
                Err(refused) if refused.is_worth_another_try() => {
                    self.minds(&refused);
                    assert!(Instant::now() < patience, "{what}: not within {STUBBORN:?}: {refused:?}");
                    sleep(PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Pays as people do: looks what became of it, and tries again as the answer says.
    async fn pays_until_it_is_paid(&self, buyer: &Person, order: &str, card: &str) {
        self.until_it_is_settled(buyer, order, card, |seen| {
            !["AWAITING_PAYMENT", "PAYMENT_FAILED"].contains(&seen["status"].as_str().unwrap_or_default())
        })
        .await;
    }

    async fn is_declined(&self, buyer: &Person, order: &str) {
        let failed = |seen: &Value| seen["status"] == "PAYMENT_FAILED";
        self.until_it_is_settled(buyer, order, "pm_card_chargeDeclined", failed).await;
    }

    async fn until_it_is_settled(
        &self,
        buyer: &Person,
        order: &str,
        card: &str,
        is_settled: impl Fn(&Value) -> bool,
    ) {
        let patience = Instant::now() + STUBBORN;
        let mut attempt = 0;
        loop {
            let answered = buyer.pays_with_key(order, card, &format!("{order} {card} {attempt}")).await;
            match &answered {
                Ok(payment) if ["SUCCEEDED", "FAILED"].iter().any(|end| payment["status"] == *end) => return,
                Err(refused) if refused.code == "PAYMENT_DECLINED" => return,
                Err(refused) if refused.message.contains("new idempotency key") => attempt += 1,
                Err(refused) if !refused.is_passing() && refused.code != "CONFLICT" => panic!("{refused:?}"),
                Err(refused) => self.minds(refused),
                Ok(_) => {} // under way
            }
            let over = ["COMPLETED", "EXPIRED", "CANCELLED", "REFUNDED"];
            let is_over = |seen: &Value| over.iter().any(|status| seen["status"] == *status);
            if buyer.looks_at(order).await.is_ok_and(|seen| is_settled(&seen) || is_over(&seen)) {
                return;
            }
            assert!(Instant::now() < patience, "paying {order}: not within {STUBBORN:?}: {answered:?}");
            sleep(PAUSE).await;
        }
    }
}

fn id(made: &Value) -> String {
    made["id"].as_str().unwrap_or_default().to_owned()
}
