//! What is left of a person beside the account, and goes with it.

use kernel::{Fault, UserId};
use sea_orm::{ConnectionTrait, Statement};
use service::database::fault;

use crate::domain::entities::Profile;

/// Rows that belong to an account alone.
const OF_ACCOUNT: [&str; 7] = [
    "known_clients",
    "warnings",
    "address_proofs",
    "address_changes",
    "ceremonies",
    "second_factors",
    "foreign_accounts",
];

/// By what somebody gets into an account besides its password.
const OTHER_WAYS_IN: [&str; 3] = ["ceremonies", "second_factors", "foreign_accounts"];

/// Takes away by what else than the password somebody gets in.
pub(super) async fn close_other_ways_in(
    connection: &impl ConnectionTrait,
    account: UserId,
) -> Result<(), Fault> {
    for table in OTHER_WAYS_IN {
        let statement = Statement::from_sql_and_values(
            connection.get_database_backend(),
            format!("DELETE FROM {table} WHERE account_id = $1"),
            [account.uuid().into()],
        );
        connection.execute_raw(statement).await.map_err(fault("closing other ways into an account"))?;
    }
    Ok(())
}

pub(super) async fn forget(connection: &impl ConnectionTrait, person: &Profile) -> Result<(), Fault> {
    let backend = connection.get_database_backend();
    let run = async |sql: String, value: sea_orm::Value| {
        let statement = Statement::from_sql_and_values(backend, sql, [value]);
        connection.execute_raw(statement).await.map(drop).map_err(fault("forgetting a person"))
    };
    for table in OF_ACCOUNT {
        run(format!("DELETE FROM {table} WHERE account_id = $1"), person.id.uuid().into()).await?;
    }
    // They stay until their time is over, so that their tokens go on being refused.
    run("UPDATE sessions SET device = NULL WHERE account_id = $1".to_owned(), person.id.uuid().into())
        .await?;
    let invited = "DELETE FROM invitations WHERE email_normalised = $1";
    run(invited.to_owned(), person.email.normalised().into()).await
}
