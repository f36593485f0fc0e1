//! What the provider tells of a payment: how it was paid, and what the buyer's bank disputes.

use chrono::{DateTime, Utc};
use contracts::payments::DisputeState;
use serde::Serialize;
use service::rest::Money;
use utoipa::ToSchema;

use crate::domain::entities::{self, MethodKind, PaidBy};

/// With what a buyer paid.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PaymentMethod {
    /// Of what kind it is.
    kind: PaymentMethodKind,
    /// The card's brand as the provider names it; null for what is no card.
    #[schema(example = "visa")]
    brand: Option<String>,
    /// The last four digits of the card's number; null for what is no card.
    #[schema(example = "4242")]
    last4: Option<String>,
}

/// Of what kind a payment method is. `CARD`: a card. `WALLET`: a wallet, also one that has a card in it. `BANK_TRANSFER`:
/// from a bank account. `CASH`: cash, at a shop. `OTHER`: something else.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum PaymentMethodKind {
    Card,
    Wallet,
    BankTransfer,
    Cash,
    Other,
}

/// Money that the buyer's bank wants back.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Dispute {
    /// Its id at the payment provider.
    #[schema(example = "dp_1MtJUT2eZvKYlo2CNaw2HvEv")]
    id: String,
    /// How far it is.
    status: DisputeStatus,
    /// How much is disputed.
    amount: Money,
    /// Why, as the payment provider names it.
    #[schema(example = "fraudulent")]
    reason: Option<String>,
    /// Until when the seller may answer the bank; null when the bank takes no answer, or has not said so.
    #[serde(serialize_with = "service::rest::instant_or_null")]
    respond_by: Option<DateTime<Utc>>,
}

/// How far a dispute is. `OPEN`: the bank has the money for now. `WON`: the money stays with the seller. `LOST`: it stays with
/// the buyer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum DisputeStatus {
    Open,
    Won,
    Lost,
}

impl From<&PaidBy> for PaymentMethod {
    fn from(paid_by: &PaidBy) -> Self {
        Self {
            kind: match paid_by.kind {
                MethodKind::Card => PaymentMethodKind::Card,
                MethodKind::Wallet => PaymentMethodKind::Wallet,
                MethodKind::BankTransfer => PaymentMethodKind::BankTransfer,
                MethodKind::Cash => PaymentMethodKind::Cash,
                MethodKind::Other => PaymentMethodKind::Other,
            },
            brand: paid_by.brand.clone(),
            last4: paid_by.last4.clone(),
        }
    }
}

impl From<&entities::Dispute> for Dispute {
    fn from(dispute: &entities::Dispute) -> Self {
        Self {
            id: dispute.id.clone(),
            status: match dispute.state {
                DisputeState::Open => DisputeStatus::Open,
                DisputeState::Won => DisputeStatus::Won,
                DisputeState::Lost => DisputeStatus::Lost,
            },
            amount: dispute.amount.into(),
            reason: Some(dispute.reason.clone()).filter(|reason| !reason.is_empty()),
            respond_by: dispute.respond_by,
        }
    }
}
