//! Whatever happens to sales, processes and answers of the provider: no more is paid out than was payable, nothing twice, and in
//! the end all of it.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Clock, Currency, EventId, Fault, Money, OrderId, OrganizationId, PaymentId, SystemClock};
use payments::{
    Books, Payouts,
    adapters::outbound::persistence::{SeaLedger, SeaPayouts},
    domain::{
        entities::payout::{AccountSeen, AddressKey, PayoutId},
        ports::{
            Moved, NewPayout, OrderOf, PayoutGateway, PayoutStore as _, ProviderPayout, ProviderPayoutStatus,
            ProviderTransfer,
        },
        use_cases::PayoutTerms,
    },
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sea_orm::{ConnectionTrait as _, Statement};
use service::Memberships;

use crate::{
    organizer::{Organizer, until},
    stage::Stage,
};

/// What comes to an account by a sale, and what the provider takes from the platform for it now and then.
const NET: i64 = 5_300;
const FEE: i64 = 50;

/// A provider with one account, which does what it wants with its answers.
struct Bank(Mutex<Held>);

struct Held {
    random: StdRng,
    is_reliable: bool,
    account: i64,
    platform: i64,
    refused: HashSet<String>,
    payouts: Vec<(PayoutId, i64, ProviderPayoutStatus)>,
    transfers: Vec<i64>,
    moved: HashMap<PayoutId, String>,
}

impl Held {
    fn told(&self, place: usize) -> ProviderPayout {
        let (payout, _, status) = self.payouts[place];
        ProviderPayout { id: format!("po_{place}"), payout: Some(payout), status, failure: None }
    }

    fn chance(&mut self, percent: u32) -> bool {
        !self.is_reliable && self.random.random_ratio(percent, 100)
    }

    /// An answer on its way back, where it may get lost.
    fn answers<T>(&mut self, answer: T) -> Result<T, Fault> {
        if self.chance(25) { Err(Fault::passing("answering", "it got lost")) } else { Ok(answer) }
    }

    fn refuses<T>(&mut self, ask: &NewPayout) -> Result<Moved<T>, Fault> {
        self.refused.insert(ask.key.clone());
        self.answers(Moved::TooLittle { message: "there is too little".to_owned() })
    }
}

impl Bank {
    fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Held {
            random: StdRng::seed_from_u64(seed),
            is_reliable: false,
            account: 0,
            platform: 0,
            refused: HashSet::new(),
            payouts: Vec::new(),
            transfers: Vec::new(),
            moved: HashMap::new(),
        })))
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap()
    }

    /// A call that gets there, or not.
    fn heard(&self) -> Result<MutexGuard<'_, Held>, Fault> {
        let mut held = self.held();
        if held.chance(15) { Err(Fault::passing("asking", "nobody heard it")) } else { Ok(held) }
    }

    /// What is in the bank, or on its way there.
    fn paid(&self) -> i64 {
        let held = self.held();
        let there = held.payouts.iter().filter(|(.., status)| *status != ProviderPayoutStatus::Failed);
        there.map(|(_, amount, _)| amount).sum()
    }
}

#[async_trait]
impl PayoutGateway for Bank {
    fn rests(&self) -> bool {
        false
    }
    async fn make_account(&self, _: OrganizationId) -> Result<AccountSeen, Fault> {
        Ok(active())
    }
    async fn account(&self, _: &str) -> Result<Option<AccountSeen>, Fault> {
        Ok(Some(active()))
    }
    async fn onboarding(&self, _: &str, done: &str, _: &str) -> Result<String, Fault> {
        Ok(done.to_owned())
    }
    async fn pay_out(&self, ask: &NewPayout) -> Result<Moved<ProviderPayout>, Fault> {
        let mut held = self.heard()?;
        let known = held.payouts.iter().position(|(payout, ..)| *payout == ask.payout);
        if let Some(known) = known {
            let told = held.told(known);
            return held.answers(Moved::Answer(told));
        }
        if held.refused.contains(&ask.key) || held.account < ask.amount.units || held.chance(15) {
            return held.refuses(ask);
        }
        held.account -= ask.amount.units;
        held.payouts.push((ask.payout, ask.amount.units, ProviderPayoutStatus::OnItsWay));
        let told = held.told(held.payouts.len() - 1);
        held.answers(Moved::Answer(told))
    }
    async fn payout(&self, _: &str, payout: &str) -> Result<Option<ProviderPayout>, Fault> {
        let mut held = self.heard()?;
        let place: usize = payout.strip_prefix("po_").unwrap().parse().unwrap();
        if held.payouts[place].2 == ProviderPayoutStatus::OnItsWay {
            let fails = held.chance(40);
            held.payouts[place].2 =
                if fails { ProviderPayoutStatus::Failed } else { ProviderPayoutStatus::Paid };
            held.account += if fails { held.payouts[place].1 } else { 0 };
        }
        let told = held.told(place);
        held.answers(Some(told))
    }
    async fn payouts_since(&self, _: &str, _: DateTime<Utc>) -> Result<Vec<ProviderPayout>, Fault> {
        let mut held = self.heard()?;
        let all = (0..held.payouts.len()).map(|place| held.told(place)).collect();
        held.answers(all)
    }
    async fn top_up(&self, ask: &NewPayout) -> Result<Moved<String>, Fault> {
        let mut held = self.heard()?;
        if let Some(known) = held.moved.get(&ask.payout).cloned() {
            return held.answers(Moved::Answer(known));
        }
        if held.refused.contains(&ask.key) || held.platform < ask.amount.units || held.chance(15) {
            return held.refuses(ask);
        }
        held.platform -= ask.amount.units;
        held.account += ask.amount.units;
        held.transfers.push(ask.amount.units);
        let name = format!("tr_{}", held.transfers.len() - 1);
        held.moved.insert(ask.payout, name.clone());
        held.answers(Moved::Answer(name))
    }
    async fn take_back(&self, transfer: &str, ask: &NewPayout) -> Result<Moved<String>, Fault> {
        let mut held = self.heard()?;
        if let Some(known) = held.moved.get(&ask.payout).cloned() {
            return held.answers(Moved::Answer(known));
        }
        let place: usize = transfer.strip_prefix("tr_").unwrap().parse().unwrap();
        if held.refused.contains(&ask.key) || held.transfers[place] < ask.amount.units {
            return held.refuses(ask);
        }
        held.transfers[place] -= ask.amount.units;
        held.account -= ask.amount.units;
        held.platform += ask.amount.units;
        let name = format!("trr_{}", ask.payout);
        held.moved.insert(ask.payout, name.clone());
        held.answers(Moved::Answer(name))
    }
    async fn transfers(&self, _: &str) -> Result<Vec<ProviderTransfer>, Fault> {
        let mut held = self.heard()?;
        let left = |(place, left): (usize, &i64)| ProviderTransfer {
            id: format!("tr_{place}"),
            left: Money::new(*left, Currency::EUR),
        };
        let all = held.transfers.iter().enumerate().map(left).collect();
        held.answers(all)
    }
    async fn moved_as(&self, ask: &NewPayout, _: Option<&str>) -> Result<Option<String>, Fault> {
        let mut held = self.heard()?;
        let known = held.moved.get(&ask.payout).cloned();
        held.answers(known)
    }
}

fn active() -> AccountSeen {
    AccountSeen {
        id: "acct_1".to_owned(),
        details_submitted: true,
        charges_enabled: true,
        payouts_enabled: true,
        disabled_reason: None,
    }
}

/// An organization that sells, a provider, and processes that pay it out.
struct History {
    stage: Stage,
    books: Books,
    bank: Arc<Bank>,
    processes: Vec<Payouts>,
    shows: Vec<Organizer>,
    sold: Vec<(OrderId, EventId)>,
    owed: i64,
}

impl History {
    async fn begins(seed: u64) -> Self {
        let stage = Stage::new().await;
        let (bank, first) = (Bank::new(seed), Organizer::of(&stage).await);
        let mut shows = vec![first];
        for _ in 0..2 {
            let Organizer { organization, owner, .. } = shows[0];
            let show = Organizer { organization, event: EventId::new(), owner };
            let before = stage.count("events").await;
            show.ends(&stage, 1, SystemClock.now() + TimeDelta::days(1)).await;
            until(async || stage.count("events").await > before).await;
            shows.push(show);
        }
        let store = SeaPayouts::new(stage.database.clone());
        store.keep_account(shows[0].organization, &active(), SystemClock.now()).await.unwrap();
        let process = |_| {
            Payouts::new(
                Arc::new(SeaPayouts::new(stage.database.clone())),
                bank.clone(),
                Arc::new(Memberships::new(stage.database.clone())),
                Arc::new(SeaLedger::new(stage.database.clone())),
                Arc::new(SystemClock),
                PayoutTerms {
                    key: AddressKey::of("sk_test_1"),
                    public_url: String::new(),
                    return_url: String::new(),
                    look: Duration::from_millis(100),
                },
            )
        };
        let processes = (0..2).map(process).collect();
        let books = payments::books(&stage.database);
        Self { stage, books, bank, processes, shows, sold: Vec::new(), owed: 0 }
    }

    /// A sale, whose money came to the account or to the platform.
    async fn sells(&mut self, show: usize, comes_to_account: bool) {
        let (show, order) = (&self.shows[show], OrderId::new());
        if comes_to_account {
            let keep = "INSERT INTO account_movements (payment_id, cause, order_id, organization_id, currency, amount_minor, \
                        at, counted) VALUES ($1, 'sale', $2, $3, 'EUR', $4, $5, FALSE)";
            let values = [
                PaymentId::new().uuid().into(),
                order.uuid().into(),
                show.organization.uuid().into(),
                NET.into(),
                SystemClock.now().timestamp_millis().into(),
            ];
            let writes = &self.stage.database.writes;
            let keep = Statement::from_sql_and_values(writes.get_database_backend(), keep, values);
            writes.execute_raw(keep).await.unwrap();
            let mut held = self.bank.held();
            held.account += NET;
            held.transfers.push(NET + 650);
        } else {
            self.bank.held().platform += NET;
        }
        self.books.sold(OrderId::new().uuid(), &show.sale(order)).await.unwrap();
        self.sold.push((order, show.event));
        self.owed += NET;
    }

    /// The provider keeps a fee, which it takes from the platform.
    async fn is_charged(&mut self, which: usize) {
        let Some((order, event)) = self.sold.get(which % self.sold.len().max(1)).copied() else { return };
        let of =
            OrderOf { order, event, organization: Some(self.shows[0].organization), currency: Currency::EUR };
        self.books.charged(of, &format!("txn_{}", OrderId::new()), FEE).await.unwrap();
        self.bank.held().platform -= FEE;
        self.owed -= FEE;
    }

    async fn is_over(&self, show: usize, version: i64) {
        let over = SystemClock.now() - TimeDelta::days(30);
        self.shows[show].ends(&self.stage, version, over).await;
        let millis = over.timestamp_millis();
        let ended = format!("SELECT COUNT(*) AS n FROM events WHERE ends_at = {millis}");
        until(async || self.stage.number(&ended).await > 0).await;
    }

    /// One or both of the processes look, and all that was put off is due.
    async fn settles(&self, both: bool) {
        self.stage.change("UPDATE payouts SET due_at = 0 WHERE due_at IS NOT NULL").await;
        self.stage.change("UPDATE payout_accounts SET look_at = 0, refusals = 0").await;
        let (one, other) = (self.processes[0].settle_due(), self.processes[1].settle_due());
        if both {
            let (one, other) = tokio::join!(one, other);
            one.unwrap();
            other.unwrap();
        } else {
            one.await.unwrap();
        }
    }

    /// Payable, and paid out, by the books.
    async fn balance(&self) -> (i64, i64) {
        let own = |what: &str| {
            format!(
                "SELECT CAST(COALESCE(SUM({what}), 0) AS BIGINT) AS n FROM balances AS b LEFT JOIN events AS e ON e.event_id = b.event_id"
            )
        };
        let over = (SystemClock.now() - TimeDelta::days(7)).timestamp_millis();
        let payable =
            own(&format!("CASE WHEN e.event_id IS NULL OR e.ends_at <= {over} THEN b.owed_minor ELSE 0 END"));
        (self.stage.number(&payable).await, self.stage.number(&own("b.paid_out_minor")).await)
    }

    async fn is_right(&self) {
        let sum = "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) AS n FROM postings";
        assert_eq!(self.stage.number(sum).await, 0, "lines sum to zero");
        let (_, paid_out) = self.balance().await;
        assert!(self.bank.paid() <= paid_out, "{} was paid out, and {paid_out} is booked", self.bank.paid());
        assert!(self.bank.held().account >= 0, "the account is not overdrawn");
    }
}

#[tokio::test]
async fn whatever_happens_no_more_is_paid_out_than_was_payable_and_in_the_end_all_of_it() {
    for seed in 0..5_u64 {
        let mut random = StdRng::seed_from_u64(seed);
        let mut history = History::begins(seed).await;
        let mut over = [false; 3];
        for step in 0..40_i64 {
            let show = random.random_range(0..3_usize);
            match random.random_range(0..10_u32) {
                0..3 => history.sells(show, random.random()).await,
                3 => history.is_charged(random.random_range(0..100)).await,
                4 if !over[show] => {
                    history.is_over(show, step + 2).await;
                    over[show] = true;
                }
                _ => {
                    let before = history.balance().await;
                    history.settles(random.random()).await;
                    let after = history.balance().await;
                    assert!(
                        after.1 <= before.1.max(before.0 + before.1),
                        "seed {seed}: {before:?} {after:?}"
                    );
                }
            }
            history.is_right().await;
        }
        for (show, is_over) in over.into_iter().enumerate() {
            if !is_over {
                history.is_over(show, 100).await;
            }
        }
        {
            let mut held = history.bank.held();
            held.is_reliable = true;
            // What the provider's fees have cost the platform, it has from its own.
            held.platform = held.platform.max(0) + 1_000_000;
        }
        for _ in 0..12 {
            history.settles(true).await;
        }
        history.is_right().await;
        let (payable, paid_out) = history.balance().await;
        assert!((..100).contains(&payable), "seed {seed}: {payable} is left");
        assert_eq!((history.bank.paid(), paid_out + payable), (paid_out, history.owed), "seed {seed}");
    }
}
