//! Everything the sandbox knows, and the changes that make it. The same `apply` serves a running sandbox and one that
//! reads its journal.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::mail::Mail;
use crate::shelf::Shelf;
use crate::sms::Sms;
use crate::stripe::balance::BalanceTransaction;
use crate::stripe::books::Books;
use crate::stripe::charge::Charge;
use crate::stripe::connect::account::Account;
use crate::stripe::connect::fee::ApplicationFee;
use crate::stripe::connect::link::Link;
use crate::stripe::connect::payout::{Payout, PayoutStatus};
use crate::stripe::connect::transfer::Transfer;
use crate::stripe::dispute::Dispute;
use crate::stripe::idempotency::Answer;
use crate::stripe::intent::Intent;
use crate::stripe::refund::Refund;
use crate::stripe::session::{Session, SessionStatus};
use crate::stripe::tokens::Token;
use crate::webhooks::{Attempt, Event, EventState, WebhookEndpoint};

/// How much room each mail that is kept may take on average: enough for one with its tickets.
const MAIL_BYTES: u64 = 50 * 1024;

/// One thing that happened.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Change {
    Intent(Intent),
    Charge(Charge),
    Refund(Refund),
    Dispute(Dispute),
    Balance(BalanceTransaction),
    Session(Session),
    Token(Token),
    Account(Account),
    Link(Link),
    Transfer(Transfer),
    Fee(ApplicationFee),
    Payout(Payout),
    /// What a balance had of transactions that are forgotten.
    BalanceBefore {
        account: Option<String>,
        currency: String,
        net: i64,
    },
    Answer(Answer),
    Event(Event),
    Delivery {
        event: String,
        attempt: Attempt,
        then: EventState,
        /// For which wish to have it delivered.
        #[serde(default)]
        wish: u32,
    },
    DeliverAgain {
        event: String,
        at: i64,
    },
    Mail(Mail),
    Sms(Sms),
    Endpoint(WebhookEndpoint),
    /// What signs the events of connected accounts, if something else does.
    ConnectSecret(Option<String>),
    Reset,
}

/// What the sandbox knows.
pub(crate) struct State {
    pub(crate) intents: Shelf<Intent>,
    pub(crate) charges: Shelf<Charge>,
    pub(crate) refunds: Shelf<Refund>,
    pub(crate) disputes: Shelf<Dispute>,
    pub(crate) balance: Books,
    pub(crate) sessions: Shelf<Session>,
    pub(crate) tokens: Shelf<Token>,
    pub(crate) accounts: Shelf<Account>,
    pub(crate) links: Shelf<Link>,
    pub(crate) transfers: Shelf<Transfer>,
    pub(crate) fees: Shelf<ApplicationFee>,
    pub(crate) payouts: Shelf<Payout>,
    pub(crate) answers: Shelf<Answer>,
    pub(crate) events: Shelf<Event>,
    pub(crate) mails: Shelf<Mail>,
    pub(crate) sms: Shelf<Sms>,
    pub(crate) endpoint: Option<WebhookEndpoint>,
    pub(crate) connect_secret: Option<String>,
    /// Places of the events still to be delivered.
    pub(crate) undelivered: BTreeSet<u64>,
    /// Refunds whose end is still to come.
    pub(crate) unsettled: BTreeSet<String>,
    /// Checkout sessions on which somebody can pay.
    pub(crate) open_sessions: BTreeSet<String>,
    /// Payouts on which the bank has not decided.
    pub(crate) pending_payouts: BTreeSet<String>,
    mail_bytes: u64,
    /// How many entries of each kind are kept, twice as many of some.
    kept: usize,
    forgotten_mails: Vec<String>,
}

impl State {
    /// Nothing yet. The newest `kept` entries of each kind will be kept, and older ones forgotten.
    pub(crate) fn keeping(kept: usize) -> Self {
        Self {
            intents: Shelf::new(kept),
            charges: Shelf::new(2 * kept),
            refunds: Shelf::new(kept),
            disputes: Shelf::new(kept),
            balance: Books::new(4 * kept),
            sessions: Shelf::new(kept),
            tokens: Shelf::new(kept),
            accounts: Shelf::new(kept),
            links: Shelf::new(kept),
            transfers: Shelf::new(kept),
            fees: Shelf::new(kept),
            payouts: Shelf::new(kept),
            answers: Shelf::new(2 * kept),
            events: Shelf::new(2 * kept),
            mails: Shelf::new(kept),
            sms: Shelf::new(kept),
            endpoint: None,
            connect_secret: None,
            undelivered: BTreeSet::new(),
            unsettled: BTreeSet::new(),
            open_sessions: BTreeSet::new(),
            pending_payouts: BTreeSet::new(),
            mail_bytes: 0,
            kept,
            forgotten_mails: Vec::new(),
        }
    }

    /// Makes a change. It cannot fail: whether it may happen was decided before.
    pub(crate) fn apply(&mut self, made: Change) {
        match made {
            Change::Intent(intent) => {
                self.intents.keep(&intent.id.clone(), intent, |kept| &kept.id);
            }
            Change::Charge(charge) => {
                self.charges.keep(&charge.id.clone(), charge, |kept| &kept.id);
            }
            Change::Refund(refund) => self.put_refund(refund),
            Change::Dispute(dispute) => {
                self.disputes.keep(&dispute.id.clone(), dispute, |kept| &kept.id);
            }
            Change::Balance(made) => self.balance.put(made),
            Change::BalanceBefore { account, currency, net } => {
                self.balance.put_before(account, currency, net);
            }
            Change::Session(session) => self.put_session(session),
            Change::Token(token) => self.tokens.keep(&token.id.clone(), token, |kept| &kept.id),
            Change::Account(account) => self.put_account(account),
            Change::Link(link) => self.links.keep(&link.token.clone(), link, |kept| &kept.token),
            Change::Transfer(made) => self.transfers.keep(&made.id.clone(), made, |kept| &kept.id),
            Change::Fee(fee) => self.fees.keep(&fee.id.clone(), fee, |kept| &kept.id),
            Change::Payout(payout) => self.put_payout(payout),
            Change::Answer(answer) => {
                self.answers.keep(&answer.key.clone(), answer, |kept| &kept.key);
            }
            Change::Event(event) => self.put_event(event),
            Change::Delivery { event, attempt, then, wish } => {
                if let Some(known) = self.events.get_mut(&event) {
                    known.record(attempt, then, wish);
                    self.schedule(&event);
                }
            }
            Change::DeliverAgain { event, at } => {
                if let Some(known) = self.events.get_mut(&event) {
                    known.deliver_again(at);
                    self.schedule(&event);
                }
            }
            Change::Mail(mail) => self.put_mail(mail),
            Change::Sms(sms) => self.sms.keep(&sms.sid.clone(), sms, |kept| &kept.sid),
            Change::Endpoint(endpoint) => self.endpoint = Some(endpoint),
            Change::ConnectSecret(secret) => self.connect_secret = secret,
            Change::Reset => self.reset(),
        }
    }

    /// The changes that lead from nothing to here.
    pub(crate) fn retell(&self) -> impl Iterator<Item = Change> {
        let endpoint = self.endpoint.iter().cloned().map(Change::Endpoint);
        let secret = self.connect_secret.iter().cloned().map(|secret| Change::ConnectSecret(Some(secret)));
        endpoint
            .chain(secret)
            .chain(self.intents.oldest_first().cloned().map(Change::Intent))
            .chain(self.charges.oldest_first().cloned().map(Change::Charge))
            .chain(self.refunds.oldest_first().cloned().map(Change::Refund))
            .chain(self.disputes.oldest_first().cloned().map(Change::Dispute))
            .chain(self.balance.retell())
            .chain(self.sessions.oldest_first().cloned().map(Change::Session))
            .chain(self.tokens.oldest_first().cloned().map(Change::Token))
            .chain(self.accounts.oldest_first().cloned().map(Change::Account))
            .chain(self.links.oldest_first().cloned().map(Change::Link))
            .chain(self.transfers.oldest_first().cloned().map(Change::Transfer))
            .chain(self.fees.oldest_first().cloned().map(Change::Fee))
            .chain(self.payouts.oldest_first().cloned().map(Change::Payout))
            .chain(self.answers.oldest_first().cloned().map(Change::Answer))
            .chain(self.events.oldest_first().cloned().map(Change::Event))
            .chain(self.mails.oldest_first().cloned().map(Change::Mail))
            .chain(self.sms.oldest_first().cloned().map(Change::Sms))
    }

    /// The mails forgotten since the last call, whose files may go.
    pub(crate) fn take_forgotten_mails(&mut self) -> Vec<String> {
        std::mem::take(&mut self.forgotten_mails)
    }

    fn put_refund(&mut self, refund: Refund) {
        if refund.settles.is_some() {
            self.unsettled.insert(refund.id.clone());
        } else {
            self.unsettled.remove(&refund.id);
        }
        self.refunds.keep(&refund.id.clone(), refund, |kept| &kept.id);
    }

    fn put_session(&mut self, session: Session) {
        if session.status == SessionStatus::Open {
            self.open_sessions.insert(session.id.clone());
        } else {
            self.open_sessions.remove(&session.id);
        }
        self.sessions.keep(&session.id.clone(), session, |kept| &kept.id);
        let sessions = &self.sessions;
        self.open_sessions.retain(|id| sessions.get(id).is_some());
    }

    fn put_account(&mut self, account: Account) {
        for _ in 0..self.accounts.put(&account.id.clone(), account) {
            if let Some(oldest) = self.accounts.forget_oldest(|kept| &kept.id) {
                self.balance.leave(oldest.id);
            }
        }
    }

    fn put_payout(&mut self, payout: Payout) {
        if payout.status == PayoutStatus::Pending {
            self.pending_payouts.insert(payout.id.clone());
        } else {
            self.pending_payouts.remove(&payout.id);
        }
        self.payouts.keep(&payout.id.clone(), payout, |kept| &kept.id);
        let payouts = &self.payouts;
        self.pending_payouts.retain(|id| payouts.get(id).is_some());
    }

    fn put_event(&mut self, event: Event) {
        let id = event.id.clone();
        self.events.keep(&id, event, |kept| &kept.id);
        self.schedule(&id);
        while self.undelivered.first().is_some_and(|place| self.events.at(*place).is_none()) {
            self.undelivered.pop_first();
        }
    }

    fn schedule(&mut self, event: &str) {
        let (Some(place), Some(known)) = (self.events.place(event), self.events.get(event)) else {
            return;
        };
        if matches!(known.state, EventState::Waiting { .. }) {
            self.undelivered.insert(place);
        } else {
            self.undelivered.remove(&place);
        }
    }

    fn put_mail(&mut self, mail: Mail) {
        self.mail_bytes += mail.size;
        let mut too_many = self.mails.put(&mail.id.clone(), mail);
        while too_many > 0 || (self.mail_bytes > MAIL_BYTES * self.kept as u64 && self.mails.len() > 1) {
            let Some(oldest) = self.mails.forget_oldest(|kept| &kept.id) else { break };
            self.mail_bytes = self.mail_bytes.saturating_sub(oldest.size);
            self.forgotten_mails.push(oldest.id);
            too_many = too_many.saturating_sub(1);
        }
    }

    /// Forgets everything but where webhooks go.
    fn reset(&mut self) {
        let mut empty = Self::keeping(self.kept);
        empty.endpoint = self.endpoint.take();
        empty.connect_secret = self.connect_secret.take();
        empty.forgotten_mails = self.mails.oldest_first().map(|mail| mail.id.clone()).collect();
        *self = empty;
    }
}
