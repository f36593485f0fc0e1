use std::process::ExitCode;

use anyhow::bail;

use super::beside_the_service;
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
    let users = users::use_cases(&config, database, &beside_the_service()?)?;
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
