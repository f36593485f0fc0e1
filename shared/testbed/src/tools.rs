use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Once,
};

/// Where a program of `.tools` is, such as `bin/nats-server`; what is not there yet is installed.
///
/// Panics when it cannot be had.
pub fn tool(path: &str) -> PathBuf {
    static INSTALLED: Once = Once::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    INSTALLED.call_once(|| {
        let installed = Command::new(root.join("tools/servers/install")).status();
        assert!(installed.is_ok_and(|status| status.success()), "tools/servers/install has to work");
    });
    let program = root.join(".tools").join(path);
    assert!(program.exists(), "{} is not there", program.display());
    program
}

/// A URL of a server that somebody else has started.
#[expect(clippy::disallowed_methods, reason = "how a person chooses the servers of the tests")]
pub(crate) fn given(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|url| !url.is_empty())
}

/// The URL of the server where tests' own databases are to be made; none means SQLite. `OWN_DATABASES=sqlite`
/// keeps them there although there is a server.
pub(crate) fn server_for_own_databases() -> Option<String> {
    given("DATABASE_URL").filter(|_| given("OWN_DATABASES").is_none_or(|kind| kind != "sqlite"))
}
