//! What the provider tells of a payment: how it was paid, and what the buyer's bank disputes.

use async_graphql::{Enum, ID, Object};
use chrono::{DateTime, Utc};
use contracts::payments::DisputeState;
use service::graphql::Money;

use crate::domain::entities::{self, MethodKind, PaidBy};

/// With what a buyer paid.
pub(super) struct PaymentMethodObject(pub(super) PaidBy);

/// With what a buyer paid.
#[Object(name = "PaymentMethod")]
impl PaymentMethodObject {
    /// Of what kind it is.
    async fn kind(&self) -> PaymentMethodKind {
        match self.0.kind {
            MethodKind::Card => PaymentMethodKind::Card,
            MethodKind::Wallet => PaymentMethodKind::Wallet,
            MethodKind::BankTransfer => PaymentMethodKind::BankTransfer,
            MethodKind::Cash => PaymentMethodKind::Cash,
            MethodKind::Other => PaymentMethodKind::Other,
        }
    }

    /// The card's brand as the provider names it, such as `visa`; null for what is no card.
    async fn brand(&self) -> Option<&str> {
        self.0.brand.as_deref()
    }

    /// The last four digits of the card's number; null for what is no card.
    async fn last4(&self) -> Option<&str> {
        self.0.last4.as_deref()
    }
}

/// Of what kind a payment method is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(super) enum PaymentMethodKind {
    /// A card.
    Card,
    /// A wallet, also one that has a card in it.
    Wallet,
    /// From a bank account.
    BankTransfer,
    /// Cash, at a shop.
    Cash,
    /// Something else.
    Other,
}

/// Money that the buyer's bank wants back.
pub(super) struct DisputeObject(pub(super) entities::Dispute);

/// Money that the buyer's bank wants back.
#[Object(name = "Dispute")]
impl DisputeObject {
    /// Its id at the payment provider.
    async fn id(&self) -> ID {
        self.0.id.clone().into()
    }

    /// How far it is.
    async fn status(&self) -> DisputeStatus {
        match self.0.state {
            DisputeState::Open => DisputeStatus::Open,
            DisputeState::Won => DisputeStatus::Won,
            DisputeState::Lost => DisputeStatus::Lost,
        }
    }

    /// How much is disputed.
    async fn amount(&self) -> Money {
        self.0.amount.into()
    }

    /// Why, as the payment provider names it, such as `fraudulent`.
    async fn reason(&self) -> Option<&str> {
        Some(self.0.reason.as_str()).filter(|reason| !reason.is_empty())
    }

    /// Until when the seller may answer the bank; null when the bank takes no answer, or has not said so.
    async fn respond_by(&self) -> Option<DateTime<Utc>> {
        self.0.respond_by
    }
}

/// How far a dispute is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(super) enum DisputeStatus {
    /// The bank has the money for now.
    Open,
    /// The money stays with the seller.
    Won,
    /// The money stays with the buyer.
    Lost,
}
