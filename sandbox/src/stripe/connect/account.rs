//! A connected account: somebody for whom the platform takes money, and how far Stripe trusts them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What Stripe asks of an account that has told nothing yet.
const ASKED_AT_FIRST: &[&str] = &[
    "business_profile.url",
    "business_type",
    "external_account",
    "representative.first_name",
    "representative.last_name",
    "tos_acceptance.date",
    "tos_acceptance.ip",
];
/// What it asks of one that is restricted.
const ASKED_AGAIN: &[&str] = &["individual.verification.document"];
/// What it asks of one whose bank cannot be paid.
const BANK: &[&str] = &["external_account"];

/// An account below the platform's.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) kind: String,
    /// Who bears what, by Stripe's names: `fees[payer]` and so on.
    pub(crate) controller: BTreeMap<String, String>,
    pub(crate) country: String,
    pub(crate) default_currency: String,
    pub(crate) email: Option<String>,
    pub(crate) business_type: Option<String>,
    pub(crate) business_profile: BTreeMap<String, String>,
    pub(crate) metadata: BTreeMap<String, String>,
    /// The capabilities that were asked for.
    pub(crate) requested: BTreeSet<String>,
    /// How often Stripe would pay out by itself.
    pub(crate) interval: String,
    pub(crate) created_at: i64,
    pub(crate) standing: Standing,
}

/// What an account may do.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Standing {
    /// Its owner has not told all yet.
    New,
    /// Everything.
    Active,
    /// Money comes in, and none goes out.
    PayoutsPaused,
    /// Nothing.
    Restricted,
}

impl Standing {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::New => "not_onboarded",
            Self::Active => "active",
            Self::PayoutsPaused => "payouts_paused",
            Self::Restricted => "restricted",
        }
    }
}

impl Account {
    pub(crate) fn details_submitted(&self) -> bool {
        self.standing != Standing::New
    }

    /// Whether a capability was asked for and is given.
    pub(crate) fn can(&self, capability: &str) -> bool {
        self.may_take() && self.requested.contains(capability)
    }

    pub(crate) fn charges_enabled(&self) -> bool {
        self.may_take() && !self.requested.is_empty()
    }

    pub(crate) fn payouts_enabled(&self) -> bool {
        self.standing == Standing::Active
    }

    /// Why it may do nothing, if that is so.
    pub(crate) fn disabled_reason(&self) -> Option<&'static str> {
        (!self.may_take()).then_some("requirements.past_due")
    }

    /// The bank account to which it is paid out.
    pub(crate) fn bank(&self) -> String {
        self.id.replacen("acct_", "ba_", 1)
    }

    fn may_take(&self) -> bool {
        matches!(self.standing, Standing::Active | Standing::PayoutsPaused)
    }

    /// The account as Stripe shows it.
    pub(crate) fn to_json(&self) -> Value {
        let capability = |name: &&String| (*name).clone();
        let capabilities: serde_json::Map<_, _> = self
            .requested
            .iter()
            .map(|name| (capability(&name), json!(if self.can(name) { "active" } else { "inactive" })))
            .collect();
        let profile = |name: &str| self.business_profile.get(name);
        json!({
            "id": self.id, "object": "account",
            "business_profile": {
                "annual_revenue": null, "estimated_worker_count": null, "mcc": profile("mcc"), "name": profile("name"),
                "product_description": profile("product_description"), "support_address": null,
                "support_email": profile("support_email"), "support_phone": null, "support_url": null,
                "url": profile("url"),
            },
            "business_type": self.business_type, "capabilities": capabilities,
            "charges_enabled": self.charges_enabled(), "controller": self.controller_json(), "country": self.country,
            "created": self.created_at / 1000, "default_currency": self.default_currency,
            "details_submitted": self.details_submitted(), "email": self.email,
            "external_accounts": {
                "object": "list", "data": [], "has_more": false, "total_count": 0,
                "url": format!("/v1/accounts/{}/external_accounts", self.id),
            },
            "future_requirements": requirements(&[], None), "metadata": self.metadata,
            "payouts_enabled": self.payouts_enabled(),
            "requirements": requirements(self.asked(), self.disabled_reason()), "settings": self.settings(),
            "tos_acceptance": {"date": self.details_submitted().then_some(self.created_at / 1000)},
            "type": self.kind,
        })
    }

    /// What its owner still has to tell.
    pub(crate) fn asked(&self) -> &'static [&'static str] {
        match self.standing {
            Standing::New => ASKED_AT_FIRST,
            Standing::Active => &[],
            Standing::PayoutsPaused => BANK,
            Standing::Restricted => ASKED_AGAIN,
        }
    }

    fn controller_json(&self) -> Value {
        if self.kind == "standard" {
            return json!({"type": "account"});
        }
        let given = |name: &str, usual: &'static str| {
            self.controller.get(name).map_or(Value::from(usual), |word| Value::from(word.as_str()))
        };
        json!({
            "type": "application", "is_controller": true,
            "fees": {"payer": given("fees][payer", "application_express")},
            "losses": {"payments": given("losses][payments", "application")},
            "requirement_collection": given("requirement_collection", "stripe"),
            "stripe_dashboard": {"type": given("stripe_dashboard][type", "express")},
        })
    }

    fn settings(&self) -> Value {
        json!({
            "branding": {"icon": null, "logo": null, "primary_color": null, "secondary_color": null},
            "card_payments": {
                "decline_on": {"avs_failure": false, "cvc_failure": false}, "statement_descriptor_prefix": null,
                "statement_descriptor_prefix_kana": null, "statement_descriptor_prefix_kanji": null,
            },
            "dashboard": {"display_name": self.business_profile.get("name"), "timezone": "Etc/UTC"},
            "payments": {
                "statement_descriptor": null, "statement_descriptor_kana": null, "statement_descriptor_kanji": null,
            },
            "payouts": {
                "debit_negative_balances": true, "schedule": {"delay_days": 2, "interval": self.interval},
                "statement_descriptor": null,
            },
        })
    }
}

fn requirements(due: &[&str], disabled_reason: Option<&str>) -> Value {
    let past_due = if disabled_reason.is_some() { due } else { &[] };
    json!({
        "alternatives": [], "current_deadline": null, "currently_due": due, "disabled_reason": disabled_reason,
        "errors": [], "eventually_due": due, "past_due": past_due, "pending_verification": [],
    })
}
