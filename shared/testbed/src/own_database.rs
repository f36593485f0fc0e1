use std::{sync::Arc, thread};

use kernel::Fault;
use sea_orm_migration::MigratorTrait;
use service::{Database, Limits};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    Postgres,
    tools::{given, server_for_own_databases},
};

/// How many connections a test may have to its database.
const CONNECTIONS: u32 = 8;
/// How long it waits for a connection, for a lock and for a statement, in milliseconds.
const PATIENCE: u64 = 30_000;

/// A database that is one test's own, with its schema: on PostgreSQL when `DATABASE_URL` names a server,
/// in a SQLite file otherwise.
#[derive(Clone)]
pub struct OwnDatabase {
    /// It.
    pub database: Database,
    /// Where it is: to be kept as long as the database is used.
    pub place: Place,
}

/// Where a test's own database is; gone with the last of these.
#[derive(Clone)]
pub struct Place {
    url: String,
    _kept: Arc<Kept>,
}

enum Kept {
    File { _folder: TempDir },
    Server { name: String },
    WithItsServer,
}

/// Makes a database with `M`'s schema. In a server that goes with its tests, as `DATABASE_TEMPLATES` says, the first test of a
/// service migrates, and all others copy.
pub async fn own_database<M: MigratorTrait>(service: &str) -> OwnDatabase {
    let place = if server_for_own_databases().is_none() {
        let folder = tempfile::tempdir().expect("a folder for a database can be made");
        let url = format!("sqlite:{}/{service}.db", folder.path().display());
        Place { url, _kept: Arc::new(Kept::File { _folder: folder }) }
    } else {
        let (server, name) = (Postgres::any().await, new_name(service));
        let made = match given("DATABASE_TEMPLATES") {
            Some(_) => server.copy_of_schema::<M>(service, &name).await,
            None => server.create_database(&name).await,
        };
        in_server(&server, name, made)
    };
    let database = place.connect().await;
    database.migrate::<M>().await.expect("its schema can be made");
    OwnDatabase { database, place }
}

/// Makes an empty database in a server.
pub async fn empty_database(server: &Postgres, service: &str) -> Place {
    let name = new_name(service);
    let made = server.create_database(&name).await;
    in_server(server, name, made)
}

fn new_name(service: &str) -> String {
    format!("{service}_{}", Uuid::new_v4().simple())
}

fn in_server(server: &Postgres, name: String, made: Result<String, Fault>) -> Place {
    let url = made.expect("the server of the tests can be used");
    let kept = if server.is_given() { Kept::Server { name } } else { Kept::WithItsServer };
    Place { url, _kept: Arc::new(kept) }
}

impl Place {
    /// How to connect to it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Connects to what is there, as another process would.
    pub async fn connect(&self) -> Database {
        Database::open("odysseus", &self.url, CONNECTIONS, &patient())
            .await
            .expect("a database that was made is there")
    }
}

/// A crowd of one test, on a machine that is busy with others, waits for longer than people would.
fn patient() -> Limits {
    Limits {
        connection_millis: PATIENCE,
        lock_millis: PATIENCE,
        statement_millis: PATIENCE,
        ..Limits::default()
    }
}

impl Drop for Kept {
    /// Somebody else's server is left as it was.
    fn drop(&mut self) {
        if let Self::Server { name } = self {
            let name = std::mem::take(name);
            // A thread of its own: this one may belong to a runtime, which must not be waited in.
            let dropped = thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(async { Postgres::any().await.drop_database(&name).await.ok() });
                std::io::Result::Ok(())
            });
            dropped.join().ok();
        }
    }
}
