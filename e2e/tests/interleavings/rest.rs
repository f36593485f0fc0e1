//! What is kept once everything is at rest: by us in two ledgers, and by the provider.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use anyhow::Context as _;
use e2e::{Dashboard, Stores};
use serde_json::Value;
use uuid::Uuid;

/// What is kept.
#[derive(Clone)]
pub(crate) struct Rest {
    /// The provider's payments.
    pub(crate) payments: Vec<Value>,
    /// What each charge, refund and dispute has changed of the balance at the provider.
    balance: HashMap<String, i64>,
    /// What the cash book has of each order: captured, and given back.
    pub(crate) cash: BTreeMap<Uuid, (i64, i64)>,
    /// What the books have of each order, by account.
    pub(crate) books: BTreeMap<(Uuid, String), i64>,
    /// How many mails were sent to each address.
    pub(crate) mails: BTreeMap<String, i64>,
}

impl Rest {
    pub(crate) async fn read(stores: &Stores, dashboard: &Dashboard, sandbox: &Path) -> anyhow::Result<Self> {
        let ledger = "SELECT order_id, \
            CAST(-SUM(CASE WHEN account = 'CAPTURED' THEN amount_minor ELSE 0 END) AS BIGINT) AS captured, \
            CAST(SUM(CASE WHEN account = 'REFUNDED' THEN amount_minor ELSE 0 END) AS BIGINT) AS refunded \
            FROM ledger_entries GROUP BY order_id";
        let mut cash = BTreeMap::new();
        for row in stores.of("payments").rows(ledger).await? {
            cash.insert(
                row.try_get("", "order_id")?,
                (row.try_get("", "captured")?, row.try_get("", "refunded")?),
            );
        }
        let postings = "SELECT order_id, account, CAST(SUM(amount_minor) AS BIGINT) AS amount FROM postings \
            WHERE order_id IS NOT NULL GROUP BY order_id, account";
        let mut books = BTreeMap::new();
        for row in stores.of("payments").rows(postings).await? {
            books.insert(
                (row.try_get("", "order_id")?, row.try_get("", "account")?),
                row.try_get("", "amount")?,
            );
        }
        let sent = "SELECT address, CAST(COUNT(*) AS BIGINT) AS mails FROM notifications \
            WHERE channel = 'EMAIL' AND status = 'SENT' AND address IS NOT NULL GROUP BY address";
        let mut mails = BTreeMap::new();
        for row in stores.of("notifications").rows(sent).await? {
            mails.insert(row.try_get("", "address")?, row.try_get("", "mails")?);
        }
        let payments = dashboard.payments().await;
        let balance = balance(&sandbox.join("journal.jsonl"))?;
        Ok(Self { payments, balance, cash, books, mails })
    }

    /// What the provider has of a payment by its own balance, in its units, but for what a bank has while it decides.
    pub(crate) fn held_of(&self, payment: &Value) -> i64 {
        let of = |source: &Value| {
            self.balance.get(source.as_str().unwrap_or_default()).copied().unwrap_or_default()
        };
        let each = |list: &str| payment[list].as_array().map_or(&[][..], Vec::as_slice).to_vec();
        let refunds: i64 = each("refunds").iter().map(|refund| of(&refund["id"])).sum();
        let disputes = each("disputes");
        let open = disputes.iter().filter(|dispute| dispute["status"] == "needs_response");
        let open: i64 = open.filter_map(|dispute| dispute["amount"].as_i64()).sum();
        let disputes: i64 = disputes.iter().map(|dispute| of(&dispute["id"])).sum();
        of(&payment["latestCharge"]) + refunds + disputes + open
    }

    /// What the cash book has of an order: captured, and given back.
    pub(crate) fn cash_of(&self, order: &str) -> (i64, i64) {
        uuid(order).and_then(|order| self.cash.get(&order)).copied().unwrap_or_default()
    }

    /// What an account of the books has of an order.
    pub(crate) fn books_of(&self, order: &str, account: &str) -> i64 {
        uuid(order)
            .and_then(|order| self.books.get(&(order, account.to_owned())))
            .copied()
            .unwrap_or_default()
    }

    /// How many mails were sent to an address.
    pub(crate) fn mails_to(&self, address: &str) -> i64 {
        self.mails.get(address).copied().unwrap_or_default()
    }
}

/// Rows have the UUID alone.
fn uuid(id: &str) -> Option<Uuid> {
    id.rsplit('_').next()?.parse().ok()
}

/// The balance transactions of the sandbox's Stripe, as its journal has them: its API is not to be reached from outside on
/// the embedded stack.
fn balance(journal: &Path) -> anyhow::Result<HashMap<String, i64>> {
    let text = std::fs::read_to_string(journal).with_context(|| journal.display().to_string())?;
    let mut transactions = HashMap::new();
    for line in text.lines() {
        // The last line may be half written.
        let Ok(Value::Array(changes)) = serde_json::from_str(line) else { continue };
        for made in changes.iter().filter_map(|change| change.get("balance")) {
            transactions.insert(made["id"].to_string(), made.clone());
        }
    }
    let mut balance = HashMap::new();
    // The platform's own, and none of an account below it.
    for made in transactions.values().filter(|made| made["account"].is_null()) {
        let source = made["source"].as_str().context("a balance transaction has a source")?;
        *balance.entry(source.to_owned()).or_default() += made["amount"].as_i64().context("and an amount")?;
    }
    Ok(balance)
}
