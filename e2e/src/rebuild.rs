//! What services keep of what others told them, and the same made anew from everything that was ever told.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use kernel::{SystemClock, from_millis};
use messaging::{InProcessBus, Message};
use sea_orm::QueryResult;
use service::{Assembled, Database, Foundation, TokenVerifier};
use uuid::Uuid;

use crate::{Store, Stores, store::whole};

/// A copy: whose, in which table, and which columns of it.
struct Copied {
    service: &'static str,
    table: &'static str,
    columns: &'static str,
}

const COPIES: [Copied; 18] = [
    Copied { service: "events", table: "memberships", columns: "*" },
    Copied { service: "tickets", table: "memberships", columns: "*" },
    Copied { service: "tickets", table: "layouts", columns: "*" },
    Copied {
        service: "tickets",
        table: "events",
        columns: "id, version, organization_id, layout_id, status, ends_at, facts",
    },
    Copied { service: "notifications", table: "accounts", columns: "*" },
    Copied { service: "notifications", table: "events", columns: "*" },
    Copied { service: "notifications", table: "organizations", columns: "*" },
    Copied { service: "notifications", table: "memberships", columns: "*" },
    Copied { service: "analytics", table: "memberships", columns: "*" },
    Copied { service: "analytics", table: "check_ins", columns: "*" },
    Copied { service: "analytics", table: "events", columns: "*" },
    Copied { service: "analytics", table: "reservations", columns: "*" },
    Copied { service: "analytics", table: "orders", columns: "*" },
    Copied { service: "analytics", table: "order_lines", columns: "*" },
    Copied { service: "analytics", table: "refunds", columns: "*" },
    Copied { service: "analytics", table: "event_sales", columns: "*" },
    Copied { service: "analytics", table: "ticket_type_sales", columns: "*" },
    Copied { service: "analytics", table: "quarter_sales", columns: "*" },
];

/// They count changes, and those depend on the order in which things are told, and on what was told together.
const OF_NO_MEANING: [&str; 2] = ["revision", "heard_again"];

/// Where what is kept differs from what everything that was told amounts to.
pub async fn differences(stores: &Stores) -> anyhow::Result<Vec<String>> {
    let told = everything_told(stores).await?;
    let mut different = Vec::new();
    for service in ["events", "tickets", "notifications", "analytics"] {
        let fresh = Fresh::new(service).await?;
        fresh.hears(&told).await?;
        for copy in COPIES.iter().filter(|copy| copy.service == service) {
            let kept = contents(stores.of(service), copy).await?;
            let rebuilt = contents(&fresh.store, copy).await?;
            for (row, kept) in &kept {
                let rebuilt = rebuilt.get(row).copied().unwrap_or_default();
                if *kept != rebuilt {
                    different.push(format!(
                        "{service}.{} has {kept} times, rebuilt {rebuilt} times: {row}",
                        copy.table
                    ));
                }
            }
            for (row, _) in rebuilt.iter().filter(|(row, _)| !kept.contains_key(*row)) {
                different.push(format!("{service}.{} lacks {row}", copy.table));
            }
        }
    }
    Ok(different)
}

/// Every message of every outbox; none is swept out within a test.
async fn everything_told(stores: &Stores) -> anyhow::Result<Vec<Message>> {
    let mut told = Vec::new();
    for (_, store) in stores.all() {
        for row in store.rows("SELECT * FROM outbox ORDER BY seq").await? {
            told.push(Message {
                id: row.try_get("", "id")?,
                subject: row.try_get("", "subject")?,
                about: row.try_get("", "about")?,
                version: row.try_get("", "version")?,
                occurred_at: from_millis(row.try_get("", "occurred_at")?),
                headers: BTreeMap::new(),
                payload: serde_json::from_str(&row.try_get::<String>("", "payload")?)?,
            });
        }
    }
    Ok(told)
}

/// A service that knows nothing yet.
struct Fresh {
    assembled: Assembled,
    store: Store,
}

impl Fresh {
    async fn new(service: &str) -> anyhow::Result<Self> {
        let clock = Arc::new(SystemClock);
        let tokens = TokenVerifier::with_keys(serde_json::from_str(r#"{"keys":[]}"#)?, clock.clone());
        let foundation = Foundation { bus: Arc::new(InProcessBus::new()), clock, tokens };
        let (assembled, database) = match service {
            "events" => {
                let database = Database::in_memory::<events::Migrator>().await?;
                (events::assemble(events::Config::default(), database.clone(), &foundation).await?, database)
            }
            "tickets" => {
                let database = Database::in_memory::<tickets::Migrator>().await?;
                (
                    tickets::assemble(tickets::Config::default(), database.clone(), &foundation).await?,
                    database,
                )
            }
            "notifications" => {
                let database = Database::in_memory::<notifications::Migrator>().await?;
                let config = notifications::Config::default();
                (notifications::assemble(config, database.clone(), &foundation).await?, database)
            }
            _ => {
                let database = Database::in_memory::<analytics::Migrator>().await?;
                let config = analytics::Config::default();
                (analytics::assemble(config, database.clone(), &foundation).await?, database)
            }
        };
        Ok(Self { assembled, store: Store::over(database.reads) })
    }

    /// Facts that it reads; what others ask of it would make it act.
    async fn hears(&self, told: &[Message]) -> anyhow::Result<()> {
        let handler = self.assembled.handler.clone().context("it hears something")?;
        let acts = ["odysseus.ask.", "odysseus.reply."];
        let copies_only = self.assembled.name != "analytics";
        let makes_copies = ["odysseus.users.", "odysseus.events."];
        for message in told {
            let subject = &message.subject;
            let is_read = self.assembled.subjects.contains(&subject.as_str());
            let is_fact = !acts.iter().any(|start| subject.starts_with(start));
            let is_meant = !copies_only || makes_copies.iter().any(|start| subject.starts_with(start));
            if is_read && is_fact && is_meant {
                let heard = handler.handle(message).await;
                heard.map_err(|error| anyhow::anyhow!("{subject} was not understood: {error:?}"))?;
            }
        }
        Ok(())
    }
}

/// Rows as text, with how often there is the like.
async fn contents(store: &Store, copy: &Copied) -> anyhow::Result<BTreeMap<String, u32>> {
    let mut contents = BTreeMap::new();
    for row in store.rows(&format!("SELECT {} FROM {}", copy.columns, copy.table)).await? {
        let columns = row.column_names().into_iter().filter(|name| !OF_NO_MEANING.contains(&name.as_str()));
        let mut cells: Vec<_> = columns.map(|column| format!("{column}={}", cell(&row, &column))).collect();
        cells.sort();
        *contents.entry(cells.join(" ")).or_default() += 1;
    }
    Ok(contents)
}

/// A value in the same words whichever database it comes from.
fn cell(row: &QueryResult, column: &str) -> String {
    // Text first: in SQLite, sixteen letters could be an id.
    if let Ok(text) = row.try_get::<Option<String>>("", column) {
        return text.unwrap_or_else(|| "-".to_owned());
    }
    if let Ok(id) = row.try_get::<Option<Uuid>>("", column) {
        return id.map_or_else(|| "-".to_owned(), |id| id.to_string());
    }
    if let Ok(number) = whole(row, column) {
        return number.to_string();
    }
    let yes = row.try_get::<Option<bool>>("", column).ok().flatten();
    yes.map_or_else(|| "-".to_owned(), |yes| i64::from(yes).to_string())
}
