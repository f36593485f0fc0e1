//! What failed statements mean.

use kernel::Fault;
use sea_orm::{DbErr, RuntimeErr, sqlx};

/// What a failed statement means: a lost connection or a time-out passes, anything else is a fault of
/// ours.
pub fn fault(doing: &'static str) -> impl Fn(DbErr) -> Fault {
    move |cause| if passes(&cause) { Fault::passing(doing, cause) } else { Fault::new(doing, cause) }
}

/// Serialization failures, deadlocks, locks not had in time, cancelled statements, servers that go down,
/// come up, are full or only read for now, connections ended by the server; SQLite's BUSY and LOCKED.
const PASSING: [&str; 18] = [
    "40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "57P05", "25P03", "25006", "53100",
    "53200", "53300", "08006", "08003", "5", "6", "517",
];

fn passes(cause: &DbErr) -> bool {
    match cause {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => match error
            .as_ref()
        {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => error.code().is_some_and(|code| PASSING.contains(&code.as_ref())),
            _ => false,
        },
        _ => false,
    }
}

/// True for what shows that the server does not answer: no connection to it, or one that is lost. A pool whose
/// connections are all taken shows nothing.
pub(super) fn is_outage(cause: &DbErr) -> bool {
    match cause {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => match error.as_ref() {
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(error) => error
                .code()
                .is_some_and(|code| ["57P", "08", "533"].iter().any(|kind| code.starts_with(kind))),
            _ => false,
        },
        _ => false,
    }
}
