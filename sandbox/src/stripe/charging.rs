//! One attempt to pay with a card, and the record of everything a call changes.

use serde_json::{Value, json};

use super::Call;
use super::balance::{BalanceTransaction, Entry};
use super::cards::Card;
use super::charge::Charge;
use super::connect::account::Account;
use super::connect::fee::ApplicationFee;
use super::connect::forwarding;
use super::connect::link::Link;
use super::connect::payout::Payout;
use super::connect::transfer::Transfer;
use super::dispute::Dispute;
use super::intent::{Intent, Status};
use super::refund::Refund;
use super::refused::Refused;
use super::session::Session;
use super::tokens::Token;
use crate::state::Change;
use crate::webhooks::Event;
use axum::http::StatusCode;

/// Whether the bank has asked the person yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    NotYet,
    Agreed,
}

/// Charges the card, or asks the person first if the card wants that.
pub(crate) fn attempt(
    intent: &mut Intent,
    card: &Card,
    asked: Asked,
    changes: &mut Changes<'_>,
) -> Result<(), Refused> {
    let url = changes.call.public_url;
    if card.asks && asked == Asked::NotYet {
        intent.status = Status::RequiresAction;
        changes.intent(intent);
        changes.event("payment_intent.requires_action", &intent.id, &intent.to_json(url));
        return Ok(());
    }
    if let Err(refused) = intent.forwarding.check(changes.call, None) {
        intent.fail(None, refused.error().clone());
        changes.intent(intent);
        changes.event("payment_intent.payment_failed", &intent.id, &intent.to_json(url));
        return Err(refused);
    }
    let charge = Charge::new(intent, card, card.decline.as_ref(), changes.call.now);
    let Some(why) = &card.decline else {
        let charge = forwarding::take(charge, changes);
        intent.succeed(&charge.id);
        changes.intent(intent);
        changes.event("payment_intent.succeeded", &intent.id, &intent.to_json(url));
        return Ok(());
    };
    changes.charge(&charge);
    let error = json!({
        "type": "card_error", "code": why.code, "decline_code": why.reason, "message": why.message,
        "charge": charge.id, "payment_method": card.to_json(changes.call.now), "doc_url": format!("https://docs.stripe.com/error-codes/{}", why.code.replace('_', "-")),
    });
    intent.fail(Some(&charge.id), error);
    changes.intent(intent);
    changes.event("payment_intent.payment_failed", &intent.id, &intent.to_json(url));
    Err(Refused::new(StatusCode::PAYMENT_REQUIRED, "card_error", why.message)
        .code(why.code)
        .with("decline_code", why.reason)
        .with("charge", charge.id.as_str())
        .with("payment_method", card.to_json(changes.call.now))
        .with("payment_intent", intent.to_json(url)))
}

/// The person failed to prove that the card is theirs.
pub(crate) fn fail_authentication(intent: &mut Intent, card: &Card, changes: &mut Changes<'_>) {
    let error = json!({
        "payment_method": card.to_json(changes.call.now),
        "type": "card_error", "code": "payment_intent_authentication_failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a \
                    new PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "doc_url": "https://docs.stripe.com/error-codes/payment-intent-authentication-failure",
    });
    intent.fail(None, error);
    changes.intent(intent);
    let json = intent.to_json(changes.call.public_url);
    changes.event("payment_intent.payment_failed", &intent.id, &json);
}

/// What a call has changed so far.
pub(crate) struct Changes<'a> {
    call: &'a Call<'a>,
    pub(crate) made: Vec<Change>,
}

impl<'a> Changes<'a> {
    pub(crate) fn new(call: &'a Call<'a>) -> Self {
        Self { call, made: Vec::new() }
    }

    /// Those that were made by another part of the same call.
    pub(crate) fn of(call: &'a Call<'a>, made: Vec<Change>) -> Self {
        Self { call, made }
    }

    pub(crate) fn intent(&mut self, intent: &Intent) {
        self.made.push(Change::Intent(intent.clone()));
    }

    pub(crate) fn charge(&mut self, charge: &Charge) {
        let brings = BalanceTransaction::of_charge(self.call.state, charge);
        self.balance(brings.map(|brings| brings.later_by(self.call.pending_ms)));
        self.made.push(Change::Charge(charge.clone()));
    }

    pub(crate) fn session(&mut self, session: &Session) {
        self.made.push(Change::Session(session.clone()));
    }

    pub(crate) fn token(&mut self, token: &Token) {
        self.made.push(Change::Token(token.clone()));
    }

    pub(crate) fn refund(&mut self, refund: &Refund) {
        self.balance(BalanceTransaction::of_refund(self.call.state, refund, self.call.now));
        self.made.push(Change::Refund(refund.clone()));
    }

    pub(crate) fn dispute(&mut self, dispute: &Dispute) {
        self.balance(BalanceTransaction::of_dispute(self.call.state, dispute, self.call.now));
        self.made.push(Change::Dispute(dispute.clone()));
    }

    pub(crate) fn account(&mut self, account: &Account) {
        self.made.push(Change::Account(account.clone()));
    }

    pub(crate) fn link(&mut self, link: &Link) {
        self.made.push(Change::Link(link.clone()));
    }

    pub(crate) fn transfer(&mut self, transfer: &Transfer) {
        self.made.push(Change::Transfer(transfer.clone()));
    }

    pub(crate) fn fee(&mut self, fee: &ApplicationFee) {
        self.made.push(Change::Fee(fee.clone()));
    }

    pub(crate) fn payout(&mut self, payout: &Payout) {
        self.made.push(Change::Payout(payout.clone()));
    }

    /// Writes into the balance of an account, or the platform's; the transaction's name.
    pub(crate) fn book(&mut self, account: Option<&str>, entry: &Entry<'_>) -> String {
        let booked = BalanceTransaction::new(account, entry, self.call.now);
        let id = booked.id.clone();
        self.balance(Some(booked));
        id
    }

    /// The same of a charge's money, which takes its time.
    pub(crate) fn book_later(&mut self, account: Option<&str>, entry: &Entry<'_>) {
        let booked = BalanceTransaction::new(account, entry, self.call.now);
        self.balance(Some(booked.later_by(self.call.pending_ms)));
    }

    pub(crate) fn now(&self) -> i64 {
        self.call.now
    }

    fn balance(&mut self, transaction: Option<BalanceTransaction>) {
        self.made.extend(transaction.map(Change::Balance));
    }

    /// Tells the world, by a webhook, what has become of an object.
    pub(crate) fn event(&mut self, kind: &str, about: &str, object: &Value) {
        let event = Event::new(kind, about, object, self.call.origin, self.call.now);
        self.made.push(Change::Event(event));
    }

    /// The same of what has happened in an account, which the event names.
    pub(crate) fn event_of(&mut self, account: &str, kind: &str, about: &str, object: &Value) {
        let event = Event::new(kind, about, object, self.call.origin, self.call.now);
        self.made.push(Change::Event(event.of_account(account)));
    }

    /// A charge made by this very call.
    pub(crate) fn charge_made(&self, id: &str) -> Option<&Charge> {
        self.made.iter().find_map(|change| match change {
            Change::Charge(charge) if charge.id == id => Some(charge),
            _ => None,
        })
    }
}
