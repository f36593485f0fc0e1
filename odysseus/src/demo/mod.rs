//! The demonstration: what is loaded once into an empty store, so that there is something to see.

pub mod accounts;
mod load;
mod posters;
pub mod programme;
mod sales;
pub mod venues;

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use events::Events;
use kernel::Clock;
use payments::Payments;
use service::{Database, Foundation};
use tickets::domain::use_cases::Tickets;
use users::Users;

use crate::subgraphs::{Settings, Subgraph};

pub(crate) use load::load;

/// What the load is made with: the services' own use cases.
pub(crate) struct UseCases {
    users: Users,
    events: Events,
    tickets: Tickets,
    payments: Payments,
    clock: Arc<dyn Clock>,
}

impl UseCases {
    /// Over the databases of services that run.
    pub(crate) async fn new(
        settings: &[(Subgraph, Settings)],
        databases: &BTreeMap<Subgraph, Database>,
        foundation: &Foundation,
    ) -> anyhow::Result<Self> {
        let database = |subgraph| databases.get(&subgraph).cloned().context("every service has a database");
        let (mut found_users, mut found_events, mut found_tickets, mut found_payments) =
            (None, None, None, None);
        for (subgraph, settings) in settings {
            let database = database(*subgraph)?;
            match settings {
                Settings::Users(config) => {
                    found_users = Some(users::use_cases(config, database, foundation)?);
                }
                Settings::Events(config) => {
                    // All pictures are sent at once, more than one organization may.
                    let pictures = service::clients::Quota::new(1_000, std::time::Duration::from_secs(1));
                    let config = events::Config { pictures, ..config.clone() };
                    found_events = Some(events::use_cases(&config, database, foundation));
                }
                Settings::Tickets(config) => {
                    found_tickets = Some(tickets::use_cases(config, &database, foundation).await?.0);
                }
                Settings::Payments(config) => {
                    found_payments = Some(payments::use_cases(config, database, foundation)?);
                }
                Settings::Notifications(_) | Settings::Analytics(_) => {}
            }
        }
        let missing = "every service has settings";
        Ok(Self {
            users: found_users.context(missing)?,
            events: found_events.context(missing)?,
            tickets: found_tickets.context(missing)?,
            payments: found_payments.context(missing)?,
            clock: foundation.clock.clone(),
        })
    }
}
