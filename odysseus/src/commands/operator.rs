use std::{process::ExitCode, sync::Arc};

use anyhow::bail;
use kernel::SystemClock;
use messaging::InProcessBus;
use service::{Foundation, TokenVerifier};

use crate::{
    cli::{Operator, OperatorAction},
    out,
    subgraphs::{Settings, Subgraph, settings},
};

pub(super) async fn operator(ask: Operator) -> anyhow::Result<ExitCode> {
    let database = settings::existing_database(Subgraph::Users, &ask.folder.data).await?;
    let Settings::Users(config) = settings::stored(Subgraph::Users, &ask.folder.data)? else {
        bail!("users has the settings of another service");
    };
    // Nobody else is told, and nobody's token is read.
    let clock = Arc::new(SystemClock);
    let tokens = TokenVerifier::from_url("http://127.0.0.1:9".to_owned(), clock.clone())?;
    let foundation = Foundation { bus: Arc::new(InProcessBus::new()), clock, tokens };
    let users = users::use_cases(&config, database, &foundation)?;
    let email = &ask.email;
    let done = match ask.action {
        OperatorAction::Grant if users.grant_operator(email).await? => {
            "is an operator from the next access token on"
        }
        OperatorAction::Grant => "is an operator already",
        OperatorAction::Revoke if users.revoke_operator(email).await? => {
            "is no operator any more, at the latest when the last access token ends"
        }
        OperatorAction::Revoke => "is no operator",
    };
    out::line(format!("{email} {done}"));
    Ok(ExitCode::SUCCESS)
}
