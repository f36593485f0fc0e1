//! The six services, by name: what the commands do with any of them.

pub(crate) mod settings;

use std::str::FromStr;

use anyhow::Context as _;
use clap::ValueEnum;
use kernel::Fault;
use sea_orm_migration::MigratorTrait;
use service::{Assembled, Database, Foundation};

pub(crate) use settings::{Settings, Surroundings};

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub enum Subgraph {
    /// Accounts, logins, organizations.
    Users,
    /// Venues, layouts, events, search.
    Events,
    /// Ticket types, holds, orders, tickets, check-in.
    Tickets,
    /// Payments and refunds.
    Payments,
    /// Mails and messages.
    Notifications,
    /// Sales reports.
    Analytics,
}

/// Evaluates `$body` with `$migrator` standing for the service's migrations.
macro_rules! with_migrator {
    ($subgraph:expr, $migrator:ident => $body:expr) => {
        match $subgraph {
            Subgraph::Users => {
                use users::Migrator as $migrator;
                $body
            }
            Subgraph::Events => {
                use events::Migrator as $migrator;
                $body
            }
            Subgraph::Tickets => {
                use tickets::Migrator as $migrator;
                $body
            }
            Subgraph::Payments => {
                use payments::Migrator as $migrator;
                $body
            }
            Subgraph::Notifications => {
                use notifications::Migrator as $migrator;
                $body
            }
            Subgraph::Analytics => {
                use analytics::Migrator as $migrator;
                $body
            }
        }
    };
}

impl Subgraph {
    /// All of them, those others need to hear first in front.
    pub const ALL: [Self; 6] =
        [Self::Users, Self::Events, Self::Tickets, Self::Payments, Self::Notifications, Self::Analytics];

    /// Its name, as in the supergraph.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Events => "events",
            Self::Tickets => "tickets",
            Self::Payments => "payments",
            Self::Notifications => "notifications",
            Self::Analytics => "analytics",
        }
    }

    /// What it is for, in a few words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Users => "accounts, logins, organizations",
            Self::Events => "venues, layouts, events, search",
            Self::Tickets => "ticket types, holds, orders, tickets, check-in",
            Self::Payments => "payments and refunds",
            Self::Notifications => "mails and messages",
            Self::Analytics => "sales reports",
        }
    }

    /// Its schema in the federation's SDL.
    pub fn sdl(self) -> String {
        match self {
            Self::Users => users::sdl(),
            Self::Events => events::sdl(),
            Self::Tickets => tickets::sdl(),
            Self::Payments => payments::sdl(),
            Self::Notifications => notifications::sdl(),
            Self::Analytics => analytics::sdl(),
        }
    }

    /// Applies all migrations that are not yet applied.
    pub(crate) async fn migrate(self, database: &Database) -> Result<(), Fault> {
        with_migrator!(self, M => database.migrate::<M>().await)
    }

    /// Takes back the last migration.
    pub(crate) async fn migrate_back(self, database: &Database) -> Result<(), Fault> {
        let undone = {
            let unhurried = database.unhurried().await?;
            with_migrator!(self, M => M::down(&unhurried, Some(1)).await)
        };
        undone.map_err(|cause| Fault::new("taking back a migration", cause))
    }

    /// Each migration's name, and whether it is applied.
    pub(crate) async fn migrations(self, database: &Database) -> Result<Vec<(String, bool)>, Fault> {
        let pending = with_migrator!(self, M => database.pending::<M>().await)?;
        let all = with_migrator!(self, M => M::migrations());
        let names = all.iter().map(|migration| migration.name().to_owned());
        Ok(names.map(|name| (name.clone(), !pending.contains(&name))).collect())
    }

    /// Puts the service together; it does not listen yet.
    pub(crate) async fn assemble(
        self,
        settings: Settings,
        database: Database,
        foundation: &Foundation,
    ) -> anyhow::Result<Assembled> {
        let assembled = match settings {
            Settings::Users(config) => users::assemble(config, database, foundation).await,
            Settings::Events(config) => events::assemble(config, database, foundation).await,
            Settings::Tickets(config) => tickets::assemble(config, database, foundation).await,
            Settings::Payments(config) => payments::assemble(config, database, foundation).await,
            Settings::Notifications(config) => notifications::assemble(config, database, foundation).await,
            Settings::Analytics(config) => analytics::assemble(config, database, foundation).await,
        };
        assembled.with_context(|| format!("{} could not be put together", self.name()))
    }
}

impl FromStr for Subgraph {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        <Self as ValueEnum>::from_str(name, false)
    }
}
